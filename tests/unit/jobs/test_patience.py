import asyncio

from bot.jobs.patience import ANSWER_S, in_time, one_answer


async def ends() -> float:
    async with in_time() as wait:
        return (wait.when() or 0) - asyncio.get_running_loop().time()


async def test_all_that_is_before_one_answer_has_one_end_and_what_is_after_it_its_own() -> None:
    with one_answer():
        await asyncio.sleep(0.01)
        async with in_time() as first:
            await asyncio.sleep(0.01)
        async with in_time() as second:
            pass
        assert first.when() == second.when()
        assert await asyncio.create_task(ends()) < ANSWER_S - 0.01
    async with in_time() as later:
        pass
    assert (later.when() or 0) > (second.when() or 0)
