"""Discord's rate limits: which requests may be made now, as its answers tell.

https://docs.discord.com/developers/topics/rate-limits. discord.py waits inside of a request for as long
as Discord says, before it and even after its answer. Whoever can come again later – a step of a job,
which holds a slot – is told at once by `discord.RateLimited` when to come again; all others wait.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import aiohttp
import discord
from discord.http import HTTPClient, Ratelimit, json_or_text
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.jobs.recent import Latest

LONGEST_S = 60.0  # beyond that whoever waits is told, too
UNLIMITED = 1_000_000
LEAST_S = 0.1
REMEMBERED = 10_000  # buckets: one for each channel and route, and for each token
LONG_AGO = datetime.min.replace(tzinfo=UTC)

_comes_again: ContextVar[bool] = ContextVar("comes_again", default=False)


@dataclass(slots=True)
class Sizes:
    """How many requests may be made in each bucket of a kind: one until an answer tells more."""

    at_first: int = 1


class Bucket(Ratelimit):
    """One of Discord's buckets, in place of discord.py's own."""

    def __init__(
        self,
        now: Callable[[], datetime],
        opens_at: Callable[[], datetime],
        sizes: Sizes,
        named: Callable[[str], None],
    ) -> None:
        super().__init__(LONGEST_S)
        self._now = now
        self._all_open_at = opens_at
        self._sizes = sizes
        self._named = named
        self.limit = self.remaining = sizes.at_first
        self._is_known = False
        self._opens_at: datetime | None = None
        self._window_s = 0.0
        self._sent_away = 0  # who come again once it is open, so many in each window

    async def __aenter__(self) -> Self:
        """Wait for a place, or raise RateLimited."""
        while (wait_s := self.closed_for_s()) > 0:
            if _comes_again.get() or wait_s > LONGEST_S:
                raise discord.RateLimited(self._turn_in_s(wait_s))
            await asyncio.sleep(min(wait_s, 1.0))
        self._last_request = self._loop.time()
        self.remaining -= 1
        self.outgoing += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Note what came of it."""
        self.outgoing -= 1
        if isinstance(error, discord.RateLimited):
            self._close(error.retry_after)
        elif not self._is_known and kind is None:
            self.remaining = self.limit = self._sizes.at_first = UNLIMITED  # nobody tells of any
        elif self._opens_at is None:  # its answer did not come, or told nothing
            self.remaining = self.limit - self.outgoing

    def update(self, response: aiohttp.ClientResponse, *, use_clock: bool = False) -> None:
        """See `hear`."""
        del use_clock
        self.hear(response.headers)

    def hear(self, headers: Mapping[str, str]) -> None:
        """Note what the headers of an answer tell: requests on their way are not in it yet."""
        try:
            self.limit = int(headers["X-RateLimit-Limit"])
            left = int(headers["X-RateLimit-Remaining"]) - max(0, self.outgoing - 1)
            self._window_s = float(headers["X-RateLimit-Reset-After"])
        except (KeyError, ValueError):
            return
        if not self._is_known and self.outgoing <= 1:
            self.remaining = left
        self._sizes.at_first = self.limit
        self.remaining = min(left, self.remaining)
        self._is_known = True
        self._opens_at = self._now() + timedelta(seconds=self._window_s)
        self._named(headers.get("X-RateLimit-Bucket", ""))

    def closed_for_s(self) -> float:
        """How long until the next request may be made; 0 where it may be now."""
        now = self._now()
        if self._opens_at and now >= self._opens_at:
            self._opens_at = None
            self.remaining = self.limit - self.outgoing
            self._sent_away = max(0, self._sent_away - self.limit)
        wait_s = (self._all_open_at() - now).total_seconds()
        if self.remaining <= 0:
            opens_in_s = (self._opens_at - now).total_seconds() if self._opens_at else LEAST_S
            wait_s = max(wait_s, opens_in_s, 0.001)
        return wait_s

    def _turn_in_s(self, wait_s: float) -> float:
        """When whoever is sent away is to come again: not all of them at once."""
        windows = self._sent_away // max(1, self.limit)
        self._sent_away += 1
        return wait_s + windows * self._window_s

    def _close(self, for_s: float) -> None:
        self.remaining, self._is_known = 0, True
        self._opens_at = self._now() + timedelta(seconds=for_s)
        self._window_s = self._window_s or for_s


class Pace:
    """All buckets of one client."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._open_at = LONG_AGO  # all buckets that are not a token's
        self._buckets: Latest[str, Bucket] = Latest(REMEMBERED)
        self._sizes: defaultdict[str, Sizes] = defaultdict(Sizes)  # by Discord's name of a bucket
        self._by_token = ByToken(self)

    def set_up(self, http: HTTPClient, trace: aiohttp.TraceConfig) -> None:
        """Let the client keep to it, and hear all answers of its session."""
        http.get_ratelimit = self.bucket  # type: ignore[method-assign]
        trace.on_request_end.append(self._answered)

    def hurry(self) -> None:
        """From here on, in this task, nobody waits: whoever comes too soon can come again."""
        _comes_again.set(True)
        async_context.set(self._by_token)

    def bucket(self, key: str) -> Bucket:
        """The bucket of this name, as discord.py makes it of Discord's name and a channel."""
        kind, _, channel = key.partition(":")
        sizes = self._sizes[kind]

        def named(name: str) -> None:
            """Discord's own name comes with its first answer: it is the same bucket."""
            if name and f"{name}:{channel}" not in self._buckets:
                self._sizes.setdefault(name, sizes)
                self._keep(f"{name}:{channel}", found)

        found = self._buckets.get(key) or Bucket(self._now, lambda: self._open_at, sizes, named)
        return self._keep(key, found)

    def bucket_of_token(self, key: str) -> Bucket:
        """The bucket of an interaction's token: what holds for the bot does not for it."""
        found = self._buckets.get(key) or Bucket(
            self._now, lambda: LONG_AGO, self._sizes["token"], lambda _name: None
        )
        return self._keep(key, found)

    def _keep(self, key: str, bucket: Bucket) -> Bucket:
        self._buckets.put(key, bucket)
        return bucket

    async def _answered(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        response = params.response
        if response.status == 429 and response.headers.get("Via"):
            await self._refused(response)
        elif response.status >= 500 and _comes_again.get():
            # discord.py would try it four times more, for half a minute.
            raise discord.DiscordServerError(response, await json_or_text(response))

    async def _refused(self, response: aiohttp.ClientResponse) -> None:
        found = await json_or_text(response)
        if not isinstance(found, dict):
            return  # of a proxy, which discord.py tells of
        wait_s = float(found.get("retry_after", LEAST_S))
        if found.get("global"):
            self._open_at = self._now() + timedelta(seconds=wait_s)
        if _comes_again.get():
            raise discord.RateLimited(wait_s)


class ByToken(AsyncWebhookAdapter):
    """Requests by an interaction's token that nobody waits for; discord.py's wait for any time."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._pace = pace

    async def request(  # noqa: PLR0913 - discord.py's
        self,
        route: discord.http.Route,
        session: aiohttp.ClientSession,
        *,
        payload: dict[str, Any] | None = None,
        multipart: list[dict[str, Any]] | None = None,
        params: dict[str, Any] | None = None,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        **_given: Any,  # noqa: ANN401 - discord.py's
    ) -> Any:  # noqa: ANN401 - JSON
        """What Discord answers; HTTPException, RateLimited."""
        form = aiohttp.FormData(quote_fields=False)
        for part in multipart or ():
            form.add_field(**part)
        body: dict[str, Any] = {"data": form} if multipart else {"json": payload} if payload else {}
        bucket = self._pace.bucket_of_token(f"{route.webhook_id}/{route.webhook_token}")
        async with (
            bucket,
            session.request(
                route.method, route.url, params=params, proxy=proxy, proxy_auth=proxy_auth, **body
            ) as response,
        ):
            found = await json_or_text(response)
            bucket.update(response)
            if response.status < 300:
                return found
            kinds = {403: discord.Forbidden, 404: discord.NotFound}
            raise kinds.get(response.status, discord.HTTPException)(response, found)
