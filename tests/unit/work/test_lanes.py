"""Who gets the slots: a pure choice, as tables."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import pytest

from bot.jobs.kinds import Kind, Waiting
from bot.jobs.turns import Turns
from bot.studio.pace import Pace
from bot.work.lanes import Lane, choose, slots


def rows(*members: int, channel: int | None = None, host: str | None = None) -> list[Waiting]:
    return [
        Waiting(f"{member}-{number}", Kind.DOWNLOAD, member, channel, host)
        for number, member in enumerate(members)
    ]


def chosen(waiting: Iterable[Waiting], free: int) -> list[str]:
    found = choose(waiting, free=free, held=Counter(), turns=Turns())
    return [row.id for row in found]


CHOICES = {
    "in order": (rows(1, 2, 3), 8, ["1-0", "2-1", "3-2"]),
    "in turn": (rows(1, 1, 1, 2, 3), 9, ["1-0", "2-3", "3-4", "1-1", "1-2"]),
    "half for one member alone": (rows(*[1] * 20), 8, ["1-0", "1-1", "1-2", "1-3"]),
    "a slot is left though three want all": (
        rows(*[1] * 9, *[2] * 9, *[3] * 9),
        8,
        ["1-0", "2-9", "3-18", "1-1", "2-10", "3-19"],
    ),
    "no room": (rows(1), 0, []),
    "less than none": (rows(1), -3, []),
    "three quarters for one channel": (
        rows(*range(20), channel=7),
        8,
        [f"{n}-{n}" for n in range(6)],
    ),
    "three quarters for one host": (rows(*range(20), host="x"), 8, [f"{n}-{n}" for n in range(6)]),
    "what is elsewhere is not held by it": (
        [*rows(*[1] * 9, host="x"), *rows(2, host="y")],
        4,
        ["1-0", "2-0", "1-1"],
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_free_slots_go_to_members_in_turn_and_never_all_to_one(name: str) -> None:
    waiting, free, expected = CHOICES[name]
    assert chosen(waiting, free) == expected


def test_whoever_had_a_turn_is_behind_whoever_had_none() -> None:
    turns, order = Turns(), list[int]()
    waiting = {1: 5, 2: 2}  # rows of each member
    for _ in range(7):
        offered = rows(*[m for m, left in waiting.items() for _ in range(left)])
        (row,) = choose(offered, free=1, held=Counter(), turns=turns)
        waiting[row.member] -= 1
        order.append(row.member)
    assert order == [1, 2, 1, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("kind", "asking", "sending", "is_shut", "expected"),
    [
        (Kind.ASK, 0, 0, False, 16),
        (Kind.ASK, 100, 50, False, 216),  # so many more may still wait for their turn
        (Kind.ASK, 100, 50, True, 216),
        (Kind.ASK, 5000, 0, False, 616),
        (Kind.BEGIN, 100, 50, False, 116),
        (Kind.BEGIN, 0, 5000, False, 216),
        (Kind.TURN, 0, 50, False, 116),
        (Kind.TURN, 0, 0, True, 0),
        (Kind.BEGIN, 0, 0, True, 0),
        (Kind.BEGIN, 0, 3, True, 3),  # those are on their way already
        (Kind.DOWNLOAD, 100, 100, True, 16),
    ],
)
def test_a_slow_service_is_asked_as_often_as_a_quick_one_and_a_shut_one_gets_nothing(
    kind: Kind, asking: int, sending: int, *, is_shut: bool, expected: int
) -> None:
    pace = Pace(per_second=1)
    pace.asking, pace.sending = asking, sending
    if is_shut:
        pace.shutter.close(60)
    assert slots(kind, pace) == expected


@pytest.mark.parametrize(
    ("per_second", "expected"), [(0.01, (616, 216)), (10, (916, 916)), (1000, (2016, 2016))]
)
def test_the_more_calls_may_be_the_more_wait_for_their_answers_up_to_a_bound(
    per_second: float, expected: tuple[int, int]
) -> None:
    pace = Pace(per_second)
    pace.asking = pace.sending = 5000
    assert (slots(Kind.ASK, pace), slots(Kind.BEGIN, pace)) == expected


async def test_a_lane_that_one_member_holds_has_room_for_the_next() -> None:
    lane = Lane(lambda: 8)
    tasks = {row.id: asyncio.create_task(asyncio.sleep(60)) for row in rows(*[1] * 8)}
    for row in lane.choose(rows(*[1] * 8)):
        lane.enter(tasks[row.id], row)
    assert (len(lane.tasks), lane.free) == (4, 4)
    (one,), (two,) = rows(1), rows(2)
    assert [lane.has_room_for(row) for row in (one, two)] == [False, True]
    lane.leave(next(iter(lane.tasks)))
    assert lane.has_room_for(one)
    for task in tasks.values():
        task.cancel()
