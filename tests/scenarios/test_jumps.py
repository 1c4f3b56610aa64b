"""A clock on the wall that is set while jobs are under way: nothing is lost, and nothing stands still."""

from datetime import datetime, timedelta

import pytest

from bot.app import App
from bot.jobs.job import JobStatus
from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import (
    COMMAND,
    RERUN,
    Stage,
    asked,
    described,
    has_files,
    moved_on,
    png,
    replied,
)
from tests.scenarios.tables import rows

JUMPS = {
    "two days ahead while it runs": (timedelta(hours=48), False),
    "two hours back while it runs": (timedelta(hours=-2), False),
    "an hour back while it is away": (timedelta(hours=-1), True),
}
UNDER_WAY = [
    JobStatus.ACCEPTED,
    JobStatus.RUNNING,
    JobStatus.DOWNLOADING,
    JobStatus.DELIVERING,
]


async def in_each_trouble(stage: Stage, app: App) -> list[Message]:
    """A job in each status, with trouble that keeps it there."""
    stage.settings["JOBS_PER_MEMBER"] = "9"
    refusal = {"status": 429, "has_via": False, "times": 99, "match": has_files}
    for route in (server.EDIT_BY_TOKEN, server.EDIT):
        stage.discord.fail_next(route, **refusal)
    delivering = await asked(stage)
    await moved_on(stage, app, lambda: "Saving the images" in described(delivering))
    stage.studio.fail_next("download", status=404, times=99)
    downloading = await asked(stage)
    await moved_on(stage, app, lambda: "Saving the images" in described(downloading))
    stage.studio.hold("processing")
    running = await asked(stage)
    await moved_on(stage, app, lambda: "Working" in described(running))
    stage.studio.fail_next("status", status=404, times=99)
    stage.discord.fail_next(server.DOWNLOAD, status=503, times=99)
    waiting = replied(await stage.slash(stage.member("Ana")))
    await moved_on(stage, app, lambda: len(stage.studio.requests) > 9)
    return [waiting, running, downloading, delivering]


@pytest.mark.parametrize(("jump", "is_away"), JUMPS.values(), ids=JUMPS)
async def test_a_clock_that_is_set_loses_and_stalls_no_job(
    stage: Stage, jump: timedelta, *, is_away: bool
) -> None:
    set_by = timedelta()

    def wall() -> datetime:
        return stage.discord.clock.now() + set_by

    def is_followed() -> bool:
        return abs(app.bot.now() - wall()) < timedelta(seconds=2)

    async with stage.bot(now=wall) as app:
        messages = await in_each_trouble(stage, app)
        if not is_away:
            set_by = jump
            await moved_on(stage, app, is_followed, step_s=5)
            await goes_on(stage, app, messages)
    if is_away:
        set_by = jump
        async with stage.bot(now=wall) as app:
            await goes_on(stage, app, messages)


async def goes_on(stage: Stage, app: App, messages: list[Message]) -> None:
    """Each job is tried a few times in its trouble, and ends within a minute once that is over."""
    before = len(stage.studio.requests)
    await moved_on(stage, app, lambda: len(stage.studio.requests) > before + 3)
    assert sorted(job.status for job in await rows(app.bot.store)) == sorted(UNDER_WAY)
    stage.studio.troubles._waiting.clear()
    stage.discord.faults._waiting.clear()
    stage.studio.release()
    began = stage.discord.clock.now()
    messages = [*messages, await asked(stage)]
    await moved_on(stage, app, lambda: all(RERUN in m.reactions for m in messages))
    assert stage.discord.clock.now() - began < timedelta(minutes=10)
    assert all(len(message.attachments) == 2 for message in messages)
    assert len(stage.studio.attempts) == 5


async def test_a_lost_reply_is_found_though_our_clock_is_days_ahead(stage: Stage) -> None:
    def wall() -> datetime:
        return stage.discord.clock.now() + timedelta(hours=48)

    lost = {"is_reset": True, "is_after": True}
    async with stage.bot(now=wall) as app:
        stage.discord.fail_next(server.CALLBACK, **lost)
        await stage.member().slash(COMMAND, image=png())
        (message,) = await replies(stage, 1)
        await moved_on(stage, app, lambda: RERUN in message.reactions)
        stage.discord.fail_next(server.SEND, **lost)
        await stage.member().react(message, RERUN)
        again = (await replies(stage, 2))[-1]
        await moved_on(stage, app, lambda: RERUN in again.reactions)
    assert len(await replies(stage, 2)) == 2
    assert [len(each.attachments) for each in (message, again)] == [2, 2]


async def replies(stage: Stage, count: int) -> list[Message]:
    """The bot's messages, once there are so many."""

    def found() -> list[Message]:
        return [m for m in stage.discord.messages() if m.author is stage.discord.bot_user]

    await stage.discord.until(lambda: len(found()) >= count)
    return found()
