"""When the service may be called, and when it is shut."""

import asyncio
from datetime import timedelta

import pytest

from bot.studio.pace import Pace, Shut, Shutter
from tests.jobs import HandClock


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_after_a_refusal_one_goes_first_and_the_others_once_it_is_taken() -> None:
    clock = HandClock()
    shutter = Shutter(clock)
    assert shutter.room is None
    shutter.close(8)
    with pytest.raises(Shut) as shut:
        shutter.check()
    assert shut.value.wait == seconds(8)
    rooms = [shutter.room]
    clock.now += seconds(8)
    rooms.append(shutter.room)
    with shutter.passed():
        rooms.append(shutter.room)
        with pytest.raises(Shut), shutter.passed():
            pass
        shutter.open()
    assert [*rooms, shutter.room] == [0, 1, 0, None]


def test_one_that_nobody_answered_leaves_the_next_to_try() -> None:
    clock = HandClock()
    shutter = Shutter(clock)
    shutter.close(8)
    clock.now += seconds(9)
    with shutter.passed():
        pass
    assert shutter.room == 1


def test_refusals_in_a_row_are_counted_and_those_of_what_was_sent_together_once() -> None:
    clock = HandClock()
    shutter, seen = Shutter(clock), list[int]()
    for _refused_together in range(5):
        seen.append(shutter.refusals)
        shutter.close(2)
    clock.now += seconds(3)
    with shutter.passed():
        seen.append(shutter.refusals)
        shutter.close(4)
    assert (seen, shutter.closed_for_s) == ([0, 0, 0, 0, 0, 1], 4.0)
    shutter.open()
    assert (shutter.refusals, shutter.closed_for_s) == (0, None)


async def test_whoever_waits_for_a_turn_is_sent_away_once_the_service_is_shut() -> None:
    pace, gone = Pace(per_second=1000), list[str]()

    async def submit(number: int) -> None:
        try:
            async with pace.submit(member=number):
                gone.append("sent")
                pace.shutter.close(60)
        except Shut:
            gone.append("shut")

    await asyncio.gather(*(submit(number) for number in range(4)))
    assert gone == ["sent", "shut", "shut", "shut"]
    assert (pace.sending, pace.asking) == (0, 0)
