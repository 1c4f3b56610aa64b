"""Discord's rate limits: buckets that say in headers how full they are, and 429 once they are empty.

https://docs.discord.com/developers/topics/rate-limits. How large each is only live answers tell: these
are as they were seen. They go by the steady time of this machine, as those who wait for them do.
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox.discord.requests import Exchange, answer

GLOBAL = (50, 1.0)  # requests, in so many seconds; not for what interactions do
OLD = (3, 6.0)  # edits of messages that are older than an hour
OPEN = ("/interactions/", "/webhooks/", "/attachments/")
_ROUTES: Mapping[str, tuple[int, float]] = {
    "POST /channels/{channel_id}/messages": (5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": (5, 5.0),
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me": (1, 1.0),
    "PATCH /webhooks/{application_id}/{token}/messages/{message_id}": (5, 2.0),
    "GET /webhooks/{application_id}/{token}/messages/{message_id}": (5, 2.0),
    "POST /webhooks/{application_id}/{token}": (5, 2.0),
}


@dataclass
class Window:
    """One counter: it begins with the first request, and anew once it is over."""

    limit: int
    seconds: float
    used: int = 0
    ends_at: float = 0.0

    def take(self, now: float) -> bool:
        """Whether one more goes."""
        if now >= self.ends_at:
            self.used, self.ends_at = 0, now + self.seconds
        self.used += 1
        return self.used <= self.limit

    def headers(self, bucket: str, now: float) -> dict[str, str]:
        """What an answer says of it."""
        after_s = max(0.0, self.ends_at - now)
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": f"{time.time() + after_s:.3f}",
            "X-RateLimit-Reset-After": f"{after_s:.3f}",
            "X-RateLimit-Bucket": bucket,
        }


@dataclass
class Limits:
    """The limits, while they are on: a test may make one smaller, or slower."""

    is_on: bool = False
    is_old: Callable[[Exchange], bool] = lambda _exchange: False
    sizes: dict[str, tuple[int, float]] = field(default_factory=lambda: dict(_ROUTES))
    _windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=deque)

    def take(self, exchange: Exchange) -> tuple[dict[str, str], web.Response | None]:
        """The headers of the request's answer, and the answer where it is one too many."""
        now, path = time.monotonic(), exchange.route.partition(" ")[2]
        if not self.is_on:
            return {}, None
        if not path.startswith(OPEN) and not self._is_within_all(now):
            return {}, _refused(self._recent[0] + GLOBAL[1] - now, scope="global")
        if exchange.route not in self.sizes:
            return {}, None
        window = self._window(exchange.route, exchange, self.sizes[exchange.route])
        may_go, headers = window.take(now), window.headers(_hash(exchange.route), now)
        if not may_go:
            return headers, _refused(window.ends_at - now, headers=headers)
        if exchange.method == "PATCH" and self.is_old(exchange):
            old = self._window("old", exchange, OLD)
            if not old.take(now):
                return headers, _refused(old.ends_at - now, code=30046, headers=headers)
        return headers, None

    def _window(self, name: str, exchange: Exchange, size: tuple[int, float]) -> Window:
        # Each channel has its own, and each token of an interaction.
        path = exchange.route.partition(" ")[2]
        parts = exchange.path.partition("?")[0].split("/")[-path.count("/") :]
        major = "/".join(parts[1 : 3 if "{token}" in path else 2])
        return self._windows.setdefault((name, major), Window(*size))

    def _is_within_all(self, now: float) -> bool:
        most, seconds = GLOBAL
        while self._recent and now - self._recent[0] >= seconds:
            self._recent.popleft()
        if len(self._recent) >= most:
            return False
        self._recent.append(now)
        return True


def _hash(route: str) -> str:
    # Sending and editing have one name, and count apart.
    name = route.partition(" ")[2].removesuffix("/{message_id}")
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def _refused(
    after_s: float,
    *,
    code: int = 0,
    scope: str = "user",
    headers: Mapping[str, str] = {},
) -> web.Response:
    after_s = max(0.001, after_s)
    body: dict[str, Any] = {
        "message": "You are being rate limited.",
        "retry_after": round(after_s, 3),
        "global": scope == "global",
    }
    if code:
        body["code"] = code
    said = {
        **headers,
        "Retry-After": str(max(1, round(after_s))),
        "X-RateLimit-Scope": scope,
        "Via": "1.1 google",
    }
    if scope == "global":
        said["X-RateLimit-Global"] = "true"
    return answer(body, status=429, headers=said)
