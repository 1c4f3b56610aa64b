"""When the database is slow or away: nothing is said that does not hold, and nothing is lost."""

import asyncio
import sqlite3
import time

import pytest
import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs import Job, JobStatus
from bot.sandbox import server
from bot.store import Claim, JobStore
from tests.scenarios.conftest import COMMAND, Stage, described, png, replied

RESTARTING = "The bot is restarting. Nothing was charged; ask again in a minute."
NOT_STORED = "The bot cannot store anything right now. Nothing was charged; try again later."


async def test_a_locked_database_refuses_what_cannot_be_written_down(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        lock = sqlite3.connect(stage.data_dir / "jobs.sqlite3", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        handle = await (await mei.slash(COMMAND, image=png())).responded()
        assert (handle.ephemeral, replied(handle).content) == (True, NOT_STORED)
        lock.execute("ROLLBACK")
        lock.close()
        await stage.ended(replied(await stage.slash(mei)))
    assert len(stage.studio.posts) == 1


async def test_a_mention_is_not_refused_by_a_slow_disk_and_run_all_the_same(stage: Stage) -> None:
    async with stage.bot() as app:
        engine = app.bot.store._database._engine
        sa.event.listen(engine, "commit", lambda _connection: time.sleep(0.3))
        question = await stage.member().post(stage.discord.bot_mention, files=[png()])
        reply = await stage.ended(await stage.reply_to(question), within_s=30)
    assert [m for m in stage.discord.messages() if m.reply_to == question.id] == [reply]


async def test_a_reply_whose_id_cannot_be_written_is_found_and_nobody_is_told_otherwise(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobStore, "change", once_failing(JobStore.change))
    async with stage.bot() as app:
        message = replied(await stage.slash(stage.member()))
        stage.discord.advance(seconds=11)
        app.worker.wake()
        await stage.ended(message)
    assert not [each for each in stage.discord.requests if each.route.startswith("POST /webhooks")]


def once_failing(method: object) -> object:
    """The method, whose first call fails as a locked database does."""
    calls = iter([True])

    async def wrapped(*arguments: object, **named: object) -> object:
        if next(calls, False):
            raise StorageError("database: OperationalError")
        return await method(*arguments, **named)  # type: ignore[operator]

    return wrapped


async def test_while_stopping_nothing_new_is_taken(stage: Stage) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.bot() as app:
        message = replied(await stage.slash(stage.member()))
        await pause.reached()
        app.stop()
        await stage.discord.until(lambda: app.bot.service._is_closed)
        late = await (await stage.member("Ana").slash(COMMAND, image=png())).responded()
        assert (late.ephemeral, replied(late).content) == (True, RESTARTING)
        pause.release()
    async with stage.bot():
        await stage.ended(message)
    assert len(stage.studio.posts) == 1


async def test_an_error_that_nobody_foresaw_ends_a_job_after_some_tries(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_arguments: object) -> Job:
        raise ZeroDivisionError

    async with stage.bot() as app:
        monkeypatch.setattr(type(app.worker._steps.downloads), "step", breaks)
        message = replied(await stage.slash(stage.member()))
        async with asyncio.timeout(20):
            while "Failed" not in described(message):
                stage.discord.advance(minutes=6)
                app.worker.wake()
                await asyncio.sleep(0.05)
    assert "Something went wrong in the bot." in described(message)


async def test_a_claim_that_was_lost_is_drawn_once_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[JobStatus] = []
    save = JobStore.save

    async def losing(store: JobStore, claim: Claim, job: Job) -> None:
        if job.status is JobStatus.DELIVERED and not saved:
            await store.change(job.id, lambda row: row)  # somebody else takes it
        saved.append(job.status)
        await save(store, claim, job)

    monkeypatch.setattr(JobStore, "save", losing)
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(stage.member())))
    assert len(message.attachments) == 2
    assert len(stage.studio.posts) == 1
    assert server.EDIT_BY_TOKEN in {each.route for each in stage.discord.requests}
