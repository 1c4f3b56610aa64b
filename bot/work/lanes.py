"""Who may take a step next: so many steps at once of each kind, and nobody so many that others wait.

Whoever is slow – a member with a hundred jobs, a channel, a host that hangs – holds at most so many
slots of a lane as are free in it (a channel or a host, which many share, three times as many). So
there is always room for somebody else.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

from bot.jobs.kinds import Kind, Waiting
from bot.jobs.turns import Turns
from bot.studio.pace import Pace

SLOTS = dict.fromkeys(Kind, 16)  # steps at once
# What waits for an answer takes no slot from others: a service that needs so long for each is called
# as often as any other. Each is a connection, so there are bounds.
ANSWER_S = 45.0
LEAST_ASKING, MOST_ASKING = 300, 1000
LEAST_SENDING, MOST_SENDING = 100, 1000
SHARES = {"member": 1, "channel": 3, "host": 3}  # of the free slots

_Key = tuple[str, int | str]


def slots(kind: Kind, pace: Pace) -> int:
    """How many steps of this kind may be under way now."""
    if kind is Kind.ASK:
        return SLOTS[kind] + 2 * min(pace.asking, _wanted(pace, LEAST_ASKING), MOST_ASKING)
    if kind not in {Kind.BEGIN, Kind.TURN}:
        return SLOTS[kind]
    if (room := pace.shutter.room) is not None:
        return room + pace.sending
    return SLOTS[kind] + 2 * min(pace.sending, _wanted(pace, LEAST_SENDING), MOST_SENDING)


def _wanted(pace: Pace, least: int) -> int:
    """How many calls wait for their answers where each takes `ANSWER_S`."""
    return max(least, int(ANSWER_S * pace.per_second))


class Lane:
    """So many steps at once of one kind."""

    def __init__(self, slots: Callable[[], int]) -> None:
        self._slots = slots
        self._turns = Turns()
        self._held: Counter[_Key] = Counter()
        self.tasks: dict[asyncio.Task[None], Waiting] = {}

    @property
    def free(self) -> int:
        """How many more steps may start."""
        return self._slots() - len(self.tasks)

    def enter(self, task: asyncio.Task[None], row: Waiting) -> None:
        """The task carries out a step of this row from now on."""
        self.tasks[task] = row
        self._held.update(_keys(row))

    def leave(self, task: asyncio.Task[None]) -> None:
        """The task's step has ended."""
        self._held -= Counter(_keys(self.tasks.pop(task)))

    def has_room_for(self, row: Waiting) -> bool:
        """Whether a step of this row may start now."""
        return _fits(row, self.free, self._held)

    def choose(self, rows: Iterable[Waiting]) -> list[Waiting]:
        """Those of the rows, each member's in order, whose steps are to start now."""
        return choose(rows, free=self.free, held=self._held, turns=self._turns)


def choose(
    rows: Iterable[Waiting], *, free: int, held: Counter[_Key], turns: Turns
) -> list[Waiting]:
    """Which rows get the free slots: members in turn, and each as much as is fair."""
    lines: dict[int, deque[Waiting]] = {}
    for row in rows:
        lines.setdefault(row.member, deque()).append(row)
    members = [(turns.last(member), number, member) for number, member in enumerate(lines)]
    heapify(members)
    chosen: list[Waiting] = []
    held = held.copy()
    while members and free > 0:
        _, number, member = heappop(members)
        line = lines[member]
        while line and not _fits(line[0], free, held):
            line.popleft()  # it is looked at again in the next turn
        if not line:
            continue
        row = line.popleft()
        chosen.append(row)
        held.update(_keys(row))
        free -= 1
        turns.take(member)
        heappush(members, (turns.last(member), number, member))
    return chosen


def _fits(row: Waiting, free: int, held: Counter[_Key]) -> bool:
    return free > 0 and all(held[key] < SHARES[key[0]] * free for key in _keys(row))


def _keys(row: Waiting) -> list[_Key]:
    named = {"member": row.member, "channel": row.channel, "host": row.host}
    return [(name, who) for name, who in named.items() if who is not None]
