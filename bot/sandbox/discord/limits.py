"""How often a bot may ask: by route, all in all, in the gateway, and how often it may be wrong.

Off unless somebody turns it on. Where Discord's documentation names no number, the one that clients
were seen to get is taken.
https://docs.discord.com/developers/topics/rate-limits
"""

import hashlib
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.discord.refusals import Refusal

Json = Any
SAID = "You are being rate limited."
OLD_EDITS = "Maximum number of edits to messages older than 1 hour reached. Try again later"
OLD = timedelta(hours=1)
INVALID = {401, 403, 429}  # of which 10,000 in 10 minutes are the end
MAX_INVALID, INVALID_WITHIN_S = 10_000, 600
SESSIONS_A_DAY, AT_ONCE = 1000, 1
KEPT = 1000  # counters, before those that are over are dropped
NOT_GLOBAL = ("/webhooks/", "/interactions/", "/attachments/")


@dataclass(frozen=True)
class Rule:
    """So many requests in so many seconds, counted for each of what the path names."""

    bucket: str
    count: int
    per_s: float
    major: tuple[str, ...]
    told_s: float | None = None  # what the headers say, where that is more

    @property
    def hash(self) -> str:
        """How the headers name the bucket."""
        return hashlib.sha256(self.bucket.encode()).hexdigest()[:32]


_MESSAGES = Rule("messages", 5, 5, ("channel_id",))
_REACTIONS = Rule("reactions", 1, 0.25, ("channel_id",), told_s=1)
_TOKEN = Rule("token", 5, 2, ("application_id", "token"))
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_WEBHOOK = "/webhooks/{application_id}/{token}"
RULES: dict[str, Rule] = {
    "POST /channels/{channel_id}/messages": _MESSAGES,
    f"PATCH {_MESSAGE}": _MESSAGES,
    f"PUT {_MESSAGE}/reactions/{{emoji}}/@me": _REACTIONS,
    f"DELETE {_MESSAGE}/reactions/{{emoji}}/@me": _REACTIONS,
    f"POST {_WEBHOOK}": Rule("follow-ups", 5, 2, ("application_id",)),
    **{f"{verb} {_WEBHOOK}/messages/{{message_id}}": _TOKEN for verb in ("GET", "PATCH", "DELETE")},
}
_EVERYTHING = Rule("global", 50, 1, ())
_OLD_EDITS = Rule("old edits", 3, 6, ())
_IDENTIFY = Rule("identify", AT_ONCE, 5, ())
_SAID = Rule("payloads", 120, 60, ())


@dataclass
class _Window:
    ends: datetime
    used: int = 0


class RateLimits:
    """All counters of one application."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.is_on = False
        self._now = now
        self._windows: dict[tuple[str, ...], _Window] = {}
        self._invalid: deque[datetime] = deque(maxlen=MAX_INVALID)
        self._sessions: deque[datetime] = deque(maxlen=SESSIONS_A_DAY)

    def admit(self, route: str, named: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request that may pass; Refusal of one too many."""
        if not self.is_on:
            return {}
        is_global = not route.partition(" ")[2].startswith(NOT_GLOBAL)
        if is_global and (wait_s := self._wait_s(_EVERYTHING)):
            raise limited(wait_s, scope="global")
        rule = RULES.get(route)
        if rule is None:
            return {}
        key = (route.partition(" ")[0], *(named[each] for each in rule.major))
        wait_s = self._wait_s(rule, *key)
        headers = self._headers(rule, *key)
        if wait_s:
            raise limited(wait_s, headers=headers)
        return headers

    def admit_edit(self, channel_id: int, sent_at: datetime) -> None:
        """Nothing, or the Refusal of one edit too many of old messages in a channel."""
        is_old = self._now() - sent_at > OLD
        if self.is_on and is_old and (wait_s := self._wait_s(_OLD_EDITS, str(channel_id))):
            raise limited(wait_s, code=30046, text=OLD_EDITS)

    def note(self, status: int) -> None:
        """Count an answer that says that the bot was wrong."""
        if status in INVALID:
            self._invalid.append(self._now())

    @property
    def is_banned(self) -> bool:
        """Whether it was wrong so often that nothing is answered any more."""
        if not self.is_on or len(self._invalid) < MAX_INVALID:
            return False
        return (self._now() - self._invalid[0]).total_seconds() < INVALID_WITHIN_S

    # -- the gateway

    def start_session(self, shard: int) -> bool:
        """Whether a session may start now; all of a day that do are counted."""
        self._sessions.append(self._now())
        return not (self.is_on and self._wait_s(_IDENTIFY, str(shard % AT_ONCE)))

    def session_starts(self) -> Json:
        """What is left of a day's."""
        day = timedelta(days=1)
        recent = [each for each in self._sessions if self._now() - each < day]
        ends = recent[0] + day if recent else self._now()
        return {
            "total": SESSIONS_A_DAY,
            "remaining": SESSIONS_A_DAY - len(recent),
            "reset_after": int((ends - self._now()).total_seconds() * 1000),
            "max_concurrency": AT_ONCE,
        }

    def hear(self, connection: str) -> bool:
        """Whether a connection may say one thing more."""
        return not (self.is_on and self._wait_s(_SAID, connection))

    # -- inside

    def _wait_s(self, rule: Rule, *key: str) -> float:
        """Count one; how long it is too early, or 0."""
        now = self._now()
        window = self._windows.get((rule.bucket, *key))
        if window is None or window.ends <= now:
            if len(self._windows) > KEPT:
                self._windows = {k: each for k, each in self._windows.items() if each.ends > now}
            window = _Window(now + timedelta(seconds=rule.per_s))
            self._windows[rule.bucket, *key] = window
        if window.used >= rule.count:
            return (window.ends - now).total_seconds()
        window.used += 1
        return 0

    def _headers(self, rule: Rule, *key: str) -> dict[str, str]:
        window = self._windows[rule.bucket, *key]
        more = timedelta(seconds=(rule.told_s or rule.per_s) - rule.per_s)
        ends = window.ends + more
        return {
            "X-RateLimit-Limit": str(rule.count),
            "X-RateLimit-Remaining": str(rule.count - window.used),
            "X-RateLimit-Reset": f"{ends.timestamp():.3f}",
            "X-RateLimit-Reset-After": f"{(ends - self._now()).total_seconds():.3f}",
            "X-RateLimit-Bucket": rule.hash,
        }


def limited(
    wait_s: float,
    *,
    scope: str = "user",
    code: int = 0,
    text: str = SAID,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """429, and when to come again."""
    is_global = scope == "global"
    more = {"retry_after": round(wait_s, 3), "global": is_global}
    refusal = Refusal(429, code, text, **more)
    refusal.headers = {
        **(headers or {}),
        "Retry-After": str(math.ceil(wait_s)),
        "X-RateLimit-Scope": scope,
        **({"X-RateLimit-Global": "true"} if is_global else {}),
    }
    return refusal
