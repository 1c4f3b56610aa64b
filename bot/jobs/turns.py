"""Whose turn it is: whoever has had none, or the last one longest ago, is next."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from heapq import heapify, heappop, heappush
from itertools import count

from bot.jobs.recent import Latest

REMEMBERED = 10_000  # members


class Turns:
    """Remembers when each member had a turn, the last ten thousand of them."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._last: Latest[int, int] = Latest(REMEMBERED)

    def last(self, member: int) -> int:
        """The number of the member's last turn, or 0; the lowest is next."""
        return self._last.get(member, 0)

    def take(self, member: int) -> None:
        """The member has a turn now."""
        self._last.put(member, next(self._numbers))


def in_turn(waiting: Iterable[tuple[str, int]], lately: Iterable[int]) -> Iterator[str]:
    """The names of what waits, of each member in this order, as turns come to the members.

    `lately`: who has had a turn, the last one last.
    """
    turns, lines = Turns(), dict[int, deque[str]]()
    for member in lately:
        turns.take(member)
    for name, member in waiting:
        lines.setdefault(member, deque()).append(name)
    members = [(turns.last(member), number, member) for number, member in enumerate(lines)]
    heapify(members)
    while members:
        _, number, member = heappop(members)
        yield lines[member].popleft()
        turns.take(member)
        if lines[member]:
            heappush(members, (turns.last(member), number, member))


class Line:
    """Where members wait to be let in, one at a time and in turn."""

    def __init__(self) -> None:
        self._turns = Turns()
        self._waiting: dict[asyncio.Future[None], int] = {}  # with the member who waits
        self._is_taken = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @asynccontextmanager
    async def place(self, member: int) -> AsyncIterator[None]:
        """Being in, from the member's turn on until the block ends."""
        if self._is_taken:
            await self._called(member)
        self._is_taken = True
        self._turns.take(member)
        try:
            yield
        finally:
            self._call_next()

    async def _called(self, member: int) -> None:
        call: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[call] = member
        try:
            await call
        except asyncio.CancelledError:
            if self._waiting.pop(call, None) is None:  # called, and gone before it came in
                self._call_next()
            raise

    def _call_next(self) -> None:
        waiting = {call: who for call, who in self._waiting.items() if not call.done()}
        self._is_taken = bool(waiting)
        if waiting:
            call = min(waiting, key=lambda each: self._turns.last(waiting[each]))
            del self._waiting[call]
            call.set_result(None)
