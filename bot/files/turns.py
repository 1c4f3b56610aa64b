"""Whose picture is looked at next: one at a time, members in turn, and nobody for long.

Who had one that took too long comes behind all others for a while: their next one begins only while
nobody else's waits, and gives way when one does. They do not wait here, so that nothing of theirs
takes up a place that another could have.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from bot.errors import BotError

SLICE_S = 2.0  # so long others wait for a picture; few take a second
SLOW_FOR_S = 600.0
MEMBERS = 1000  # of so many it is known when they had their last turn


class Postponed(BotError):
    """The picture is not looked at now: ask again later."""


@dataclass(eq=False, slots=True, kw_only=True)
class Turn:
    """One picture's; it may begin once `called` is done."""

    member: int
    number: int
    called: asyncio.Future[None] = field(repr=False)
    began_s: float = 0.0


class Turns:
    """Who waits, whose turn it is, and who was slow a moment ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._waiting: list[Turn] = []
        self._current: Turn | None = None
        self._slow_until_s: dict[int, float] = {}
        self._last: dict[int, int] = {}  # the number of a member's last turn

    @asynccontextmanager
    async def of(self, member: int) -> AsyncIterator[Turn]:
        """The member's turn, waited for; Postponed where others go before."""
        self.check(member)
        called = asyncio.get_running_loop().create_future()
        turn = Turn(member=member, number=next(self._numbers), called=called)
        self._waiting.append(turn)
        self._call_next()
        try:
            await called
            yield turn
        finally:
            self._end(turn)

    def check(self, member: int) -> None:
        """Nothing, or Postponed where the member may not even wait."""
        if self.is_slow(member) and (self._current or self._waiting):
            raise Postponed("others' pictures go before")

    def is_slow(self, member: int) -> bool:
        """Whether a picture of theirs took too long a moment ago."""
        return self._slow_until_s.get(member, 0.0) > self._clock()

    def slow(self, member: int) -> None:
        """From now on they come behind all others, those of theirs that wait already, too."""
        now = self._clock()
        known = self._slow_until_s.items()
        self._slow_until_s = {each: until for each, until in known if until > now}
        self._slow_until_s[member] = now + SLOW_FOR_S
        for turn in [each for each in self._waiting if each.member == member]:
            self._waiting.remove(turn)
            if not turn.called.done():
                turn.called.set_exception(Postponed("one before it took too long"))

    def must_give_way(self, turn: Turn) -> bool:
        """Whether somebody waits for whom this one has to end now."""
        has_had_its_time = self._clock() - turn.began_s >= SLICE_S
        return bool(self._waiting) and (has_had_its_time or self.is_slow(turn.member))

    def _call_next(self) -> None:
        self._waiting = [each for each in self._waiting if not each.called.done()]
        if self._current or not self._waiting:
            return
        turn = min(self._waiting, key=lambda each: (self._last.get(each.member, 0), each.number))
        self._waiting.remove(turn)
        self._current = turn
        turn.began_s = self._clock()
        turn.called.set_result(None)

    def _end(self, turn: Turn) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        if turn is not self._current:
            return
        self._current = None
        self._last.pop(turn.member, None)
        self._last[turn.member] = next(self._numbers)
        if len(self._last) > MEMBERS:
            del self._last[next(iter(self._last))]
        self._call_next()
