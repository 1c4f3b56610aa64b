"""When the database is slow or away: nothing is said that does not hold, and nothing is lost."""

import asyncio
import sqlite3
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import service
from bot.app import opened
from bot.errors import SetupError, StorageError
from bot.jobs import patience
from bot.jobs.job import Failure, Job, JobStatus
from bot.jobs.queue import Claim, Queue
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.sandbox.discord import server
from bot.settings import Settings
from tests.scenarios.conftest import COMMAND, Stage, described, png, replied
from tests.scenarios.tables import at_rest

RESTARTING = "The bot is restarting. Nothing was charged; ask again in a minute."
NOT_SURE = (
    "The bot could not see in time whether it took this request. If no reply to it appears within a"
    " minute, nothing comes of it: then ask again."
)
NOT_STORED = "The bot cannot store anything right now. Nothing was charged; try again later."


async def test_a_locked_database_refuses_what_cannot_be_written_down(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        lock = sqlite3.connect(stage.data_dir / "jobs.sqlite3", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        handle = await (await mei.slash(COMMAND, image=png())).responded()
        assert (handle.ephemeral, replied(handle).content) == (True, NOT_SURE)
        lock.execute("ROLLBACK")
        lock.close()
        stage.discord.advance(seconds=11)
        await stage.ended(replied(await stage.slash(mei)))
        await at_rest(app)
    assert len(stage.studio.posts) == 1


async def test_a_full_disk_refuses_what_cannot_be_written_down_and_work_goes_on_after(
    stage: Stage,
) -> None:
    mei = stage.member()
    stage.studio.hold("processing")
    async with stage.bot(lease_s=1.0) as app:  # what could not be saved is claimed again soon
        database = app.bot.store._database
        message = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(message))
        await database.run(lambda db: pages(db, at_most=1))  # no page more than there are
        refused = [await stage.slash(stage.member(f"member{number}")) for number in range(20)]
        assert NOT_STORED in {replied(each).content for each in refused if each.ephemeral}
        await database.run(lambda db: pages(db, at_most=2**30))
        stage.discord.advance(seconds=11)  # replies whose ids could not be written are looked for
        stage.studio.release()
        await stage.ended(message)
        for each in refused:
            if not each.ephemeral:
                await stage.ended(replied(each))
        await stage.ended(replied(await stage.slash(mei)))
    accepted = [each for each in refused if not each.ephemeral]
    assert len(stage.studio.posts) == 2 + len(accepted)


def pages(db: sa.Connection, *, at_most: int) -> None:
    """Let the database grow to so many pages; SQLite takes fewer for as many as there are."""
    db.exec_driver_sql(f"PRAGMA max_page_count={at_most}")


async def test_an_archive_that_takes_nothing_holds_a_job_up_until_it_does(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    archive = stage.data_dir / "archive"
    async with stage.bot(lease_s=0.3) as app:
        archive.write_text("a file where a folder should be")
        message = replied(await stage.slash(stage.member()))
        await stage.discord.until(
            lambda: any("its row cannot be written" in r.getMessage() for r in caplog.records)
        )
        assert (described(message), stage.studio.posts) == ("**Waiting for a turn**", [])
        archive.unlink()
        app.worker.wake()
        await stage.ended(message)
    assert len(stage.studio.posts) == 1


async def test_a_file_that_is_no_database_stops_the_start_with_one_sentence(stage: Stage) -> None:
    stage.data_dir.mkdir()
    (stage.data_dir / "jobs.sqlite3").write_bytes(b"not a database at all" * 100)
    settings = Settings.from_env(stage.environment())
    with pytest.raises(SetupError) as caught:
        async with opened(settings, []):
            pass
    assert str(caught.value) == (
        "The database (DATABASE_URL, or jobs.sqlite3 in DATA_DIR) cannot be opened:"
        " file is not a database."
    )


async def test_a_mention_is_not_refused_by_a_slow_disk_and_run_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(_connection: sa.Connection) -> None:
        time.sleep(0.2)

    monkeypatch.setattr(patience, "ANSWER_S", 0.1)  # so long would an interaction wait
    async with stage.bot() as app:
        engine = app.bot.store._database._engine
        sa.event.listen(engine, "commit", slowly)
        question = await stage.member().post(stage.discord.bot_mention, files=[png()])
        reply = await stage.reply_to(question)
        sa.event.remove(engine, "commit", slowly)
        await stage.ended(reply)
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


async def test_a_reply_that_arrives_after_its_row_was_closed_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "REPLY_DUE", timedelta())
    pause = stage.discord.pause(server.CALLBACK)
    async with stage.bot() as app:
        handle = await stage.member().slash(COMMAND, image=png())
        await pause.reached()
        app.worker.wake()
        await stage.discord.until(
            lambda: [each.status for each in stage.discord.requests if "@original" in each.path]
        )
        pause.release()
        message = await stage.ended(replied(await handle.responded()))
    assert len(message.attachments) == 2
    assert len(stage.studio.posts) == 1


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
                stage.discord.advance(minutes=90)
                app.worker.wake()
                await asyncio.sleep(0.05)
    assert "Something went wrong in the bot." in described(message)


async def test_a_claim_that_was_lost_is_drawn_once_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[JobStatus] = []
    save = Queue.save

    async with stage.bot() as app:

        async def losing(queue: Queue, claim: Claim, job: Job) -> None:
            if job.status is JobStatus.DELIVERED and not saved:  # somebody else takes it
                await app.bot.store.change(job.id, lambda row: replace(row, tries=row.tries))
            saved.append(job.status)
            await save(queue, claim, job)

        monkeypatch.setattr(Queue, "save", losing)
        message = await stage.ended(replied(await stage.slash(stage.member())))
    assert len(message.attachments) == 2
    assert len(stage.studio.posts) == 1
    assert server.EDIT_BY_TOKEN in {each.route for each in stage.discord.requests}


async def test_a_mention_that_was_refused_is_not_run_though_its_row_was_written_after_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "REPLY_DUE", timedelta(seconds=0.2))
    async with stage.bot() as app:
        add = app.bot.store.add

        async def in_doubt(*given: Any, **named: Any) -> bool:
            """The connection is lost while the answer to the commit is on its way."""
            await add(*given, **named)
            raise StorageError("database: OperationalError")

        monkeypatch.setattr(app.bot.store, "add", in_doubt)
        asked = await stage.member().post(f"{stage.discord.bot_mention} seed 3", files=[png()])
        assert (await stage.reply_to(asked)).content == NOT_STORED
        async with asyncio.timeout(10):
            while not (row := (await app.bot.store._page(""))[0][1]).is_terminal:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.05)
    assert row.failure == Failure(reason=Reason.NO_REPLY)
    replies = [m for m in stage.discord.messages(asked.channel) if m.reply_to == asked.id]
    assert (len(replies), stage.studio.posts) == (1, [])
