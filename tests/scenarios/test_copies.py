"""A table that was put back from a copy, or has lost what was committed: Discord knows better."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs.job import Failure, Job, JobStatus, Posted
from bot.reasons import Reason
from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from bot.sandbox.trouble import Pause
from tests.scenarios.conftest import COMMAND, Stage, asked, described, png, replied
from tests.scenarios.tables import at_rest, copied, put_back

WHY = (
    "the table was put back from a copy, another bot runs with this token, or the database lost"
    " what it had committed"
)
ANOTHERS = Failure(reason=Reason.NOT_OURS)


@pytest.fixture(autouse=True)
def quiet(stage: Stage) -> None:
    """Nothing but the job's own message."""
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0"


PAUSES: dict[str, Callable[[Stage], Pause]] = {
    "before its id is noted": lambda stage: stage.discord.pause(server.CALLBACK, when="after"),
    "accepted": lambda stage: stage.discord.pause(server.DOWNLOAD),
    "submitting": lambda stage: stage.studio.pause("submit", when="after"),
    "running": lambda stage: stage.studio.pause("status", match=is_second(stage)),
    "downloading": lambda stage: stage.studio.pause("download"),
}


def is_second(stage: Stage) -> Callable[[object], bool]:
    return lambda _request: any(job.asked for job in stage.studio.jobs.values())


async def done_and_copied(stage: Stage, moment: str, folder: Path) -> tuple[Message, Path]:
    """A job that is done, and a copy of the table of when it had come this far."""
    stage.studio.hold("processing")
    pause = PAUSES[moment](stage)
    async with stage.bot(lease_s=0.5):
        handle = await stage.member().slash(COMMAND, image=png(), seed=20)
        stage.studio.release() if moment == "downloading" else None
        await pause.reached()
        copy = copied(stage, folder)
        pause.release()
        stage.studio.release()
        message = await stage.ended(replied(await handle.responded()))
    return message, copy


@pytest.mark.parametrize("minutes", [1, 16], ids=["with its token", "without its token"])
@pytest.mark.parametrize("moment", PAUSES)
async def test_a_row_of_a_copy_whose_job_is_done_is_closed_and_its_message_left_alone(
    stage: Stage, tmp_path: Path, errors: Callable[[], list[str]], moment: str, minutes: float
) -> None:
    message, copy = await done_and_copied(stage, moment, tmp_path / "copy")
    put_back(stage, copy)
    before = list(message.revisions)
    stage.discord.advance(minutes=minutes)
    async with stage.bot() as app:
        (row,) = await at_rest(app)
    assert (row.status, row.failure) == (JobStatus.FAILED, ANOTHERS)
    assert errors() == [
        f"job {row.id}: nothing more is done for it, as message {message.id} is done: {WHY}"
    ]
    assert message.revisions == before
    assert stage.seeds() == ["20"]


async def test_what_is_done_stays_though_its_row_is_to_be_drawn_once_more(
    stage: Stage, tmp_path: Path
) -> None:
    message, copy = await done_and_copied(stage, "accepted", tmp_path / "copy")
    put_back(stage, copy)
    before = list(message.revisions)
    async with stage.bot() as app:
        (row,) = await at_rest(app)
        await app.bot.store.redraw(row.id)
        (row,) = await at_rest(app)
    assert row.failure == ANOTHERS
    assert message.revisions == before


async def test_a_job_of_a_copy_that_still_runs_is_gone_on_with(
    stage: Stage, tmp_path: Path, errors: Callable[[], list[str]]
) -> None:
    stage.studio.hold("in_queue")
    async with stage.bot(lease_s=0.5):
        message = await asked(stage)
        await stage.discord.until(lambda: "In the service's queue" in described(message))
        copy = copied(stage, tmp_path / "copy")
        stage.studio.hold("processing")
        await stage.discord.until(lambda: "Working" in described(message))
    put_back(stage, copy)
    async with stage.bot():
        stage.studio.release()
        await stage.ended(message)
    assert (len(message.attachments), len(stage.studio.posts), errors()) == (2, 1, [])


def lost(job: Job, status: JobStatus) -> Job:
    """The row as it was before what was committed last."""
    progress = job.progress if status is JobStatus.RUNNING else None
    posted = Posted(message_ids=job.posted.message_ids)
    return replace(job, status=status, progress=progress, posted=posted, due_at=job.created_at)


@pytest.mark.parametrize("status", [JobStatus.ACCEPTED, JobStatus.SUBMITTING])
async def test_a_running_bot_sends_nothing_again_whose_commit_was_lost(
    stage: Stage, errors: Callable[[], list[str]], status: JobStatus
) -> None:
    stage.studio.hold("processing")
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "Working" in described(message))
        job = await app.bot.service.job_of(message.id)
        assert job
        await app.bot.store.change(job.id, lambda row: lost(row, status))
        (row,) = await at_rest(app)
    assert (row.failure, len(stage.studio.posts)) == (ANOTHERS, 1)
    assert "**Working**" in described(message)
    (line,) = errors()
    assert f"message {message.id} has come further than Accepted" in line
