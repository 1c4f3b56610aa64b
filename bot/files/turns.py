"""Whose picture is looked at next: one at a time, members in turn, and nobody's for long while others wait.

Who had one that took too long comes behind all others for a while, and gives way at once. Each time
the next one may take twice as long, so that what is merely large comes to its end, too; and each
time its member gives way for ten times as long, so that others are rarely held up.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from bot.errors import BotError
from bot.jobs.turns import Turns as Members

SLICE_S = 2.0  # so long others wait for a picture; few take a second
GIVES_WAY = 10  # times as long as it was looked at in vain
SLOW_FOR_S = 600.0
MOST_WAITING = 2  # of a member who was slow: nobody's place is taken by what has to wait
PATIENCE_S = 10.0  # of such a one


class Postponed(BotError):
    """The picture is not looked at now: ask again later."""


@dataclass(eq=False, slots=True, kw_only=True)
class Turn:
    """One picture's; it may begin once `called` is done."""

    member: int
    number: int
    called: asyncio.Future[None] = field(repr=False)
    began_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Slow:
    """A member whose pictures took too long so often, the last time at `at_s`."""

    times: int = 0
    at_s: float = 0.0
    gives_way_until_s: float = 0.0


class Turns:
    """Who waits, whose turn it is, and who was slow a moment ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._members = Members()
        self._waiting: list[Turn] = []
        self._current: Turn | None = None
        self._slow: dict[int, _Slow] = {}

    @asynccontextmanager
    async def of(self, member: int) -> AsyncIterator[Turn]:
        """The member's turn, waited for; Postponed where others go before."""
        self.check(member)
        called = asyncio.get_running_loop().create_future()
        turn = Turn(member=member, number=next(self._numbers), called=called)
        self._waiting.append(turn)
        self._call_next()
        try:
            await self._called(turn)
            yield turn
        finally:
            self._end(turn)

    def check(self, member: int) -> None:
        """Nothing, or Postponed where the member has to wait elsewhere."""
        theirs = [each for each in (self._current, *self._waiting) if each]
        if self.is_slow(member) and sum(each.member == member for each in theirs) >= MOST_WAITING:
            raise Postponed("others' pictures go before")

    def is_slow(self, member: int) -> bool:
        """Whether a picture of theirs took too long a moment ago."""
        return member in self._slow and self._slow[member].at_s + SLOW_FOR_S > self._clock()

    def was_slow(self, turn: Turn) -> None:
        """From now on the member comes behind all others, and with what waits already elsewhere."""
        now_s = self._clock()
        self._slow = {who: slow for who, slow in self._slow.items() if self.is_slow(who)}
        slow = self._slow.setdefault(turn.member, _Slow())
        slow.times += 1
        slow.at_s = now_s
        slow.gives_way_until_s = now_s + GIVES_WAY * (now_s - turn.began_s)
        for each in self._waiting:
            if each.member == turn.member and not each.called.done():
                each.called.set_exception(Postponed("one before it took too long"))

    def must_give_way(self, turn: Turn) -> bool:
        """Whether somebody else waits, and this one has had its time."""
        if all(each.member == turn.member for each in self._waiting):
            return False
        slow = self._slow.get(turn.member)
        return self._has_had_its_time(turn) or bool(slow and slow.gives_way_until_s > self._clock())

    def gave_way(self, turn: Turn) -> None:
        """The turn ends without an outcome; where it had its time, the next one may take more."""
        if self._has_had_its_time(turn):
            self.was_slow(turn)

    def _has_had_its_time(self, turn: Turn) -> bool:
        slow = self._slow.get(turn.member)
        return self._clock() - turn.began_s >= SLICE_S * 2.0 ** (slow.times if slow else 0)

    async def _called(self, turn: Turn) -> None:
        if not self.is_slow(turn.member):
            await turn.called
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turn.called
        except TimeoutError:
            raise Postponed("others' pictures went before") from None

    def _call_next(self) -> None:
        self._waiting = [each for each in self._waiting if not each.called.done()]
        if self._current or not self._waiting:
            return
        turn = min(self._waiting, key=self._rank)
        self._waiting.remove(turn)
        self._current = turn
        turn.began_s = self._clock()
        turn.called.set_result(None)

    def _rank(self, turn: Turn) -> tuple[bool, int, int]:
        return (self.is_slow(turn.member), self._members.last(turn.member), turn.number)

    def _end(self, turn: Turn) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        if turn is self._current:
            self._current = None
            self._members.take(turn.member)
            self._call_next()
