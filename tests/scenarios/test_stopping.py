"""A stop at the worst moments: it is soon over, nothing is lost, and nothing is sent twice."""

import asyncio
import signal
import stat
import time
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.jobs.job import JobStatus
from bot.jobs.store import JobStore
from tests.postgres import Postgres
from tests.scenarios.conftest import Stage, asked, described, replied
from tests.scenarios.service_scene import eventually, half_deaf, large_picture

SOON_S = 8.0  # as long as any other stop may take


async def test_a_form_that_is_on_its_way_is_cut_by_a_stop_and_sent_after_the_next_start(
    stage: Stage,
) -> None:
    await stage.studio.go_away()
    async with half_deaf(stage.studio.port) as came:
        async with stage.bot() as app:
            message = replied(await stage.slash(stage.member(), image=large_picture(), seed=20))
            await asyncio.wait_for(came.wait(), 10)
            (job_id,) = app.worker._steps.posting
            began = time.monotonic()
        assert time.monotonic() - began < SOON_S
    async with JobStore.open(f"sqlite:///{stage.data_dir}/jobs.sqlite3") as store:
        job = await store.get(job_id)
        assert job
        assert (job.status, job.failure) == (JobStatus.ACCEPTED, None)
    await stage.studio.come_back()
    stage.discord.advance(seconds=5)
    async with stage.bot():
        await stage.ended(message)
    assert len(message.attachments) == 2
    assert stage.seeds() == ["20"]


async def test_a_stop_does_not_wait_for_a_database_that_hangs_before_an_id_is_written(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_given: object) -> None:
        await asyncio.sleep(100)

    pause = stage.studio.pause("submit", when="after")
    async with stage.bot() as app:
        message = await asked(stage)
        await pause.reached()
        monkeypatch.setattr(app.bot.store, "record", hangs)
        began = time.monotonic()
        pause.release()
    assert time.monotonic() - began < SOON_S
    assert len(unwritten(stage)) == 1
    async with stage.bot():
        await stage.ended(message)
    assert len(message.attachments) == 2
    assert unwritten(stage) == []


def unwritten(stage: Stage) -> list[Path]:
    """The files with ids that are not in their rows."""
    return [path for path in stage.data_dir.glob("unwritten/*") if path.suffix == ".json"]


async def is_filed(stage: Stage) -> bool:
    return bool(unwritten(stage))


@pytest.mark.long
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_an_id_that_came_while_postgresql_was_away_outlives_the_process(
    stage: Stage, postgres: Postgres, end: signal.Signals
) -> None:
    stage.settings["DATABASE_URL"] = postgres.new_database()
    pause = stage.studio.pause("submit", when="after")
    async with stage.process("-m", "bot") as bot:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        await asyncio.to_thread(postgres.go_away)
        try:
            pause.release()
            await eventually(lambda: is_filed(stage))
            (file,) = unwritten(stage)
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            bot.process.send_signal(end)
            await asyncio.wait_for(bot.process.wait(), SOON_S)
        finally:
            await asyncio.to_thread(postgres.come_back)
    async with stage.process():
        await stage.ended(message)
    assert "Done" in described(message)
    assert (stage.seeds(), unwritten(stage)) == (["20"], [])


async def test_an_id_waits_as_long_as_the_database_is_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_given: object) -> None:
        raise StorageError("database: OperationalError")

    async with stage.bot(lease_s=0.3) as app:
        with monkeypatch.context() as patched:
            patched.setattr(JobStore, "record", fails)
            message = await asked(stage)
            await eventually(lambda: is_filed(stage))
            await stage.discord.until(lambda: "may have been charged" in described(message))
        app.worker.wake()
        await stage.discord.until(lambda: "Done" in described(message))
    assert len(stage.studio.posts) == 1
