"""What a test puts in the way of requests: faults, and pauses."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import web

Match = Callable[[Any], bool]


def anything(_what: object) -> bool:
    """Every request matches."""
    return True


@dataclass(eq=False, kw_only=True)
class Planned:
    """A fault of the next requests that match, so many of them."""

    times: int = 1
    match: Match = anything


F = TypeVar("F", bound=Planned)


class Faults(Generic[F]):
    """What goes wrong with the next requests of each route.

    `policy` is asked about each request that no planned fault is waiting for.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[str, F]] = []
        self.policy: Callable[[str, Any], F | None] = lambda _route, _what: None

    def add(self, route: str, fault: F) -> None:
        """Let the next requests of the route meet this fault."""
        self._waiting.append((route, fault))

    def take(self, route: str, what: object) -> F | None:
        """The fault that this request meets, or None."""
        for entry in self._waiting:
            known, fault = entry
            if known == route and fault.match(what):
                fault.times -= 1
                if not fault.times:
                    self._waiting.remove(entry)
                return fault
        return self.policy(route, what)


class Dropped(Exception):
    """The request's connection is to be broken off where it stands."""


@web.middleware
async def breaking_off(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The handler's answer, or none at all where a pause drops the request."""
    try:
        return await handler(request)
    except Dropped:
        if request.transport:  # None once the other side has gone first
            request.transport.abort()
        return web.Response()
    except ConnectionResetError:
        return web.Response()  # the other side went away: nobody reads this


class Pause:
    """One request that is stopped on its way until the test lets it go."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._released = asyncio.Event()
        self._is_dropped = False

    async def reached(self, within_s: float = 20.0) -> None:
        """Return once a request has come this far."""
        async with asyncio.timeout(within_s):
            await self._reached.wait()

    def release(self) -> None:
        """Let the request go on."""
        self._released.set()

    def drop(self) -> None:
        """Break the request's connection off: it goes no further, and nobody answers it."""
        self._is_dropped = True
        self._released.set()

    async def hold(self) -> None:
        """The server's side: stop here.

        Raises:
            Dropped: the request goes no further.

        """
        self._reached.set()
        await self._released.wait()
        if self._is_dropped:
            raise Dropped


@dataclass(eq=False)
class _Stop:
    route: str
    when: str
    match: Match
    pause: Pause


class Pauses:
    """Where the next requests of each route are stopped, before or after they are carried out."""

    def __init__(self) -> None:
        self._waiting: list[_Stop] = []

    def add(self, route: str, when: str, match: Match = anything) -> Pause:
        """Stop the next request of the route there."""
        pause = Pause()
        self._waiting.append(_Stop(route, when, match, pause))
        return pause

    async def hold(self, route: str, when: str, what: object) -> None:
        """Stop this request where a pause waits for it; Dropped where it goes no further."""
        for stop in self._waiting:
            if (stop.route, stop.when) == (route, when) and stop.match(what):
                self._waiting.remove(stop)
                await stop.pause.hold()
                return

    def drop(self) -> None:
        """Let go of all that nobody has met."""
        for stop in self._waiting:
            stop.pause.drop()
