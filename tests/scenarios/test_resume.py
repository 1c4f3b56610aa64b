"""Jobs that are paid for, held back or given up, and taken up again: never sent twice."""

from collections.abc import Callable

import pytest

from bot.errors import Refused
from bot.files import arrivals
from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from bot.settings import Settings
from bot.shell.resume import resume
from bot.work.receipts import Receipts
from tests.scenarios.conftest import (
    RERUN,
    Stage,
    asked,
    custom_ids,
    described,
    has_files,
    moved_on,
)

HOUR_S = 3600.0


def id_of(message: Message) -> str:
    return next(each.split(":")[1][:12] for each in custom_ids(message))


async def taken_up(stage: Stage, name: str) -> None:
    assert await resume(Settings.from_env(stage.environment()), name) == 0


async def refused(stage: Stage, name: str) -> str:
    with pytest.raises(Refused) as caught:
        await taken_up(stage, name)
    return caught.value.user_message


def is_first(request: object) -> bool:
    return str(getattr(request, "path", "")).endswith("/1")


async def test_what_was_given_up_is_asked_for_downloaded_and_delivered_again(
    stage: Stage, errors: Callable[[], list[str]]
) -> None:
    stage.settings["JOB_TIMEOUT_MINUTES"] = "60"
    stage.studio.hold("processing")
    async with stage.bot() as app:
        late = await asked(stage)
        await moved_on(stage, app, lambda: "Working" in described(late))
        stage.discord.advance(minutes=61)
        await moved_on(stage, app, lambda: "took too long" in described(late))
        name = id_of(late)
        (given_up,) = errors()
        assert given_up.endswith(f"given up; to try again: python -m bot resume {name}")
        stage.studio.release()
        await taken_up(stage, name)
        await moved_on(stage, app, lambda: RERUN in late.reactions)
        assert len(late.attachments) == 2
        assert await refused(stage, name) == (
            f"Job {name} has been delivered, with all its images."
        )
        stage.studio.fail_next("download", status=404, times=10_000, match=is_first)
        half = await asked(stage)
        await moved_on(stage, app, lambda: "Saving the images" in described(half))
        stage.discord.advance(minutes=25 * 60)
        await moved_on(stage, app, lambda: RERUN in half.reactions, step_s=300)
        assert "Image 1 could not be saved" in described(half)
    stage.studio.troubles._waiting.clear()
    for job in stage.studio.jobs.values():  # it has not forgotten them yet
        job.submitted_at = stage.discord.clock.now()
    async with stage.bot() as app:
        await taken_up(stage, id_of(half))
        await moved_on(stage, app, lambda: len(half.attachments) == 2)
        stage.discord.fail_next(server.EDIT, status=503, times=10_000, match=has_files)
        stage.studio.hold("processing")
        nowhere = await asked(stage)
        await moved_on(stage, app, lambda: "Working" in described(nowhere))
        stage.discord.advance(minutes=16)
        stage.studio.release()
        await moved_on(
            stage, app, lambda: "did not take the images" in described(nowhere), step_s=HOUR_S
        )
        stage.discord.faults._waiting.clear()
        await taken_up(stage, id_of(nowhere))
        await moved_on(stage, app, lambda: len(nowhere.attachments) == 2)
    assert await refused(stage, "no-such-job") == "There is no job no-such-job."
    assert await refused(stage, "") == "Several jobs begin with : give more of its id."
    assert len(stage.studio.attempts) == 3


async def test_a_machine_without_threads_holds_jobs_back_and_ends_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, errors: Callable[[], list[str]]
) -> None:
    def no_thread(*_anything: object) -> None:
        raise RuntimeError("can't start new thread")

    stage.studio.hold("processing")
    async with stage.bot() as app:
        message = await asked(stage)
        await moved_on(stage, app, lambda: "Working" in described(message))
        with monkeypatch.context() as machine:
            machine.setattr(Receipts, "_found", no_thread)
            app.worker._steps.receipts._look_at = 0.0
            await moved_on(stage, app, lambda: any("a turn broke off" in e for e in errors()))
        with monkeypatch.context() as machine:
            machine.setattr(arrivals, "new_path", no_thread)
            stage.studio.release()
            tried = "an unforeseen error in downloading"
            await moved_on(stage, app, lambda: sum(tried in e for e in errors()) > 10, step_s=200)
            assert "Failed" not in described(message)
        await moved_on(stage, app, lambda: len(message.attachments) == 2, step_s=60)
    assert len(stage.studio.attempts) == 1


async def test_a_job_that_was_never_taken_has_nothing_to_be_resumed(stage: Stage) -> None:
    stage.studio.fail_next("submit", status=500)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert await refused(stage, id_of(message)) == (
        f"Job {id_of(message)} was not taken by the service, as far as the bot knows: there is"
        " nothing to ask for."
    )
