import asyncio
from contextlib import ExitStack

from bot.jobs.rush import MANY, Rush


async def test_whoever_can_wait_waits_for_a_rush_to_be_over_but_not_for_long() -> None:
    rush = Rush()
    await asyncio.wait_for(rush.over(60), 5)
    with ExitStack() as commands:
        for _ in range(MANY - 1):
            commands.enter_context(rush.one())
        await asyncio.wait_for(rush.over(60), 5)  # so few are no rush
        with rush.one():
            waiting = asyncio.create_task(rush.over(60))
            await asyncio.wait_for(rush.over(0.01), 5)
            assert not waiting.done()
        await asyncio.wait_for(waiting, 5)
