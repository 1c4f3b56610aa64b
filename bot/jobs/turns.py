"""Whose turn it is: whoever has had none, or the last one longest ago, is next."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
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


class Order:
    """The names of what waits, of each member in this order, as turns come to the members.

    `lately`: who has had a turn, the last one last.
    """

    def __init__(self, waiting: Iterable[tuple[str, int]], lately: Iterable[int]) -> None:
        self._last = {member: number for number, member in enumerate(lately, 1)}
        self._lines: dict[int, list[str]] = {}
        for name, member in waiting:
            self._lines.setdefault(member, []).append(name)
        self._members = sorted(self._lines, key=self._last_of)
        self._places = {name: number for number, name in enumerate(self._named(), 1)}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        """Their names, who is next first."""
        return iter(self._places)

    def __contains__(self, name: object) -> bool:
        """Whether it waits."""
        return name in self._places

    def place(self, name: str, member: int) -> int:
        """Which one it is, or would be behind the others of its member."""
        return self._places.get(name) or self._next_of(member)

    def _next_of(self, member: int) -> int:
        turn = len(self._lines.get(member, ()))
        before = sum(min(turn, len(line)) for line in self._lines.values())
        for other in self._members:
            if other == member or self._last_of(other) > self._last_of(member):
                break
            before += len(self._lines[other]) > turn
        return before + 1

    def _named(self) -> Iterator[str]:
        """Of each member one, and so on as long as there are any."""
        lines, turn = [self._lines[member] for member in self._members], 0
        while lines:
            yield from (line[turn] for line in lines)
            turn += 1
            lines = [line for line in lines if len(line) > turn]

    def _last_of(self, member: int) -> int:
        return self._last.get(member, 0)


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
