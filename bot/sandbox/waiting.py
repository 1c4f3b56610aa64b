"""Waiting for something to become true, and stopping a request on its way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

T = TypeVar("T")


class Changes:
    """Tells whoever waits that something has changed."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Something has changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, found: Callable[[], T], *, within_s: float = 10.0) -> T:
        """What `found` gives once it is true; TimeoutError names what was waited for."""
        try:
            async with asyncio.timeout(within_s):
                while not (value := found()):
                    changed = self._changed
                    # Time alone may make it true, too.
                    await asyncio.wait({asyncio.ensure_future(changed.wait())}, timeout=0.1)
                return value
        except TimeoutError:
            name = getattr(found, "__qualname__", repr(found))
            raise TimeoutError(f"waited {within_s} s in vain for {name}") from None


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


class Pause:
    """One request that is stopped on its way until the test lets it go."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._released = asyncio.Event()
        self._is_dropped = False

    async def reached(self, within_s: float = 10.0) -> None:
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
