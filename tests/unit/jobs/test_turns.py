import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs import turns
from bot.jobs.turns import Line, Order, Turns


async def passed(line: Line, order: list[int], member: int) -> None:
    async with line.place(member):
        order.append(member)
        await asyncio.sleep(0)


async def test_whoever_waits_alone_is_second_beside_a_hundred_of_another() -> None:
    line, order = Line(), list[int]()
    members = [*[1] * 100, 2, 3, 2]
    await asyncio.gather(*(passed(line, order, member) for member in members))
    assert order[:6] == [1, 2, 3, 1, 2, 1]
    assert len(order) == len(members)


async def test_whoever_goes_away_holds_nobody_up() -> None:
    line, order = Line(), list[int]()
    async with line.place(1):
        waiting = [asyncio.create_task(passed(line, order, member)) for member in (2, 3, 4)]
        await asyncio.sleep(0)
        waiting[1].cancel()
    waiting[0].cancel()  # its turn has come, and it is not in yet
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == [4]
    await asyncio.wait_for(passed(line, order, 5), 5)


def test_of_ten_thousand_members_the_last_turns_are_remembered() -> None:
    found = Turns()
    for member in range(turns.REMEMBERED + 1):
        found.take(member)
    assert [found.last(0), found.last(1), found.last(turns.REMEMBERED)] == [0, 2, 10_001]


@pytest.mark.parametrize(
    ("waiting", "lately", "order"),
    [
        ("aaab", "", "a1 b1 a2 a3"),
        ("aaab", "a", "b1 a1 a2 a3"),  # one of a's twenty is there, and b's is second
        ("aaabb", "ba", "b1 a1 b2 a2 a3"),
        ("abc", "cab", "c1 a1 b1"),
        ("abc", "b", "a1 c1 b1"),
        ("", "a", ""),
    ],
)
def test_turns_come_to_members_and_first_to_whose_last_is_longest_ago(
    waiting: str, lately: str, order: str
) -> None:
    names = [f"{each}{waiting[: number + 1].count(each)}" for number, each in enumerate(waiting)]
    pairs = [*zip(names, map(ord, waiting), strict=True)]
    assert " ".join(Order(pairs, map(ord, lately))) == order


@given(st.lists(st.integers(1, 5), max_size=20), st.permutations(range(1, 7)), st.integers(1, 6))
def test_whoever_comes_has_the_place_that_they_have_once_they_are_in_line(
    members: list[int], lately: list[int], member: int
) -> None:
    waiting = [(f"{number}", each) for number, each in enumerate(members)]
    had = lately[:3]
    found = Order(waiting, had)
    assert [found.place(name, 0) for name in found] == list(range(1, len(waiting) + 1))
    assert found.place("new", member) == Order([*waiting, ("new", member)], had).place("new", 0)
