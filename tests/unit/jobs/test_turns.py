import asyncio

from bot.jobs import turns
from bot.jobs.turns import Line, Turns


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
