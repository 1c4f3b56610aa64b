"""A database that is too slow to say whether a request was taken: what is said of money holds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from bot import service
from bot.app import App
from bot.errors import InDoubt, StorageError
from bot.jobs import patience
from bot.jobs.job import Failure, Job, Posted
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.sandbox.discord import server
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import (
    COMMAND,
    RERUN,
    Stage,
    asked,
    is_reply,
    png,
    replied,
)
from tests.scenarios.tables import Closed, at_rest, rows

NOT_STORED = StorageError.user_message
NOT_SURE = InDoubt.user_message
NOT_TAKEN = Failure(reason=Reason.NOT_TAKEN)
NO_REPLY = Failure(reason=Reason.NO_REPLY)


def slow_to_commit(app: App, seconds: float) -> None:
    """Let the next new row take so long to be committed."""
    engine, waits = app.bot.store._database._engine, [seconds]
    is_new_row = [False]

    def on_statement(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        is_new_row[0] = is_new_row[0] or statement.startswith("INSERT INTO jobs")

    def on_commit(_db: object) -> None:
        if is_new_row[0] and waits:
            time.sleep(waits.pop())

    sa.event.listen(engine, "before_cursor_execute", on_statement)
    sa.event.listen(engine, "commit", on_commit)


@dataclass
class Told:
    """The last that the bot said for itself, and not in a job's reply."""

    stage: Stage
    before: int = 0

    def all(self) -> list[str]:
        ours = self.stage.discord.bot_user
        found = self.stage.discord.all_messages.values()
        return [m.content for m in found if m.author is ours and not is_reply(m)]

    async def next(self) -> str:
        await self.stage.discord.until(lambda: len(self.all()) > self.before)
        self.before += 1
        return self.all()[-1].rpartition("> ")[2]


async def by_command(_stage: Stage, mei: Member, _result: Message) -> None:
    await mei.slash(COMMAND, image=png())


async def by_button(_stage: Stage, mei: Member, result: Message) -> None:
    await mei.press(result, "Run again")


async def by_mention(stage: Stage, mei: Member, _result: Message) -> None:
    await mei.post(stage.discord.bot_mention, files=[png()])


async def by_reaction(_stage: Stage, mei: Member, result: Message) -> None:
    await mei.react(result, RERUN)


Way = Callable[[Stage, Member, Message], Awaitable[None]]
WAYS: list[Way] = [by_command, by_button, by_mention, by_reaction]


@pytest.fixture(autouse=True)
def hasty(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot waits as long for a message's row as for an interaction's, and for a refusal."""
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0"
    monkeypatch.setattr(patience, "ANSWER_S", 0.4)
    for name in ("PATIENT_S", "REFUSE_S", "REFUSE_PATIENT_S"):
        monkeypatch.setattr(service, name, 0.4)


def patient(monkeypatch: pytest.MonkeyPatch, seconds: float = 5.0) -> None:
    """The refusal is waited for so long: by default, however slow this machine is."""
    for name in ("REFUSE_S", "REFUSE_PATIENT_S"):
        monkeypatch.setattr(service, name, seconds)


async def last_row(app: App) -> Job:
    """The row that was made last, once nothing is left to be done."""
    return (await at_rest(app))[-1]


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_was_charged_is_said_once_a_refusal_is_written_in_the_rows_place(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    patient(monkeypatch)
    async with stage.bot() as app:
        result, told = await stage.ended(await asked(stage)), Told(stage)
        slow_to_commit(app, 0.6)
        observer = Closed([app])
        await way(stage, stage.member("Ana"), result)
        assert await told.next() == NOT_STORED
        assert observer.reasons == [Reason.NOT_TAKEN]
        assert (await rows(app.bot.store))[-1].failure == NOT_TAKEN
        stage.discord.advance(seconds=61)
        row = await last_row(app)
    assert (row.failure, len(stage.studio.posts)) == (NOT_TAKEN, 1)


@pytest.mark.parametrize("way", WAYS)
async def test_where_not_even_that_is_written_it_is_not_sure_yet_and_nothing_comes_of_it(
    stage: Stage, way: Way
) -> None:
    async with stage.bot() as app:
        result, told = await stage.ended(await asked(stage)), Told(stage)
        slow_to_commit(app, 2)
        await way(stage, stage.member("Ana"), result)
        assert await told.next() == NOT_SURE
        stage.discord.advance(seconds=11)
        row = await last_row(app)
    assert (row.failure, len(stage.studio.posts)) == (NOT_TAKEN, 1)


@pytest.mark.parametrize("way", WAYS)
async def test_after_a_restart_the_sentence_in_discord_says_that_nothing_comes_of_it(
    stage: Stage, way: Way
) -> None:
    async with stage.bot() as app:
        result, told = await stage.ended(await asked(stage)), Told(stage)
        slow_to_commit(app, 2)
        await way(stage, stage.member("Ana"), result)
        assert await told.next() == NOT_SURE
        while len(await rows(app.bot.store)) < 2:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.05)
    stage.discord.advance(seconds=11)
    async with stage.bot() as app:
        row = await last_row(app)
    assert (row.failure, len(stage.studio.posts)) == (NO_REPLY, 1)


@pytest.mark.parametrize("way", [by_mention, by_reaction])
async def test_a_sentence_that_is_late_itself_is_true_when_it_comes(stage: Stage, way: Way) -> None:
    async with stage.bot() as app:
        result, told = await stage.ended(await asked(stage)), Told(stage)
        late = stage.discord.pause(server.SEND)
        slow_to_commit(app, 2)
        await way(stage, stage.member("Ana"), result)
        await late.reached()
        stage.discord.advance(seconds=11)
        assert (await last_row(app)).failure == NOT_TAKEN
        late.release()
        assert await told.next() == NOT_SURE
    assert len(stage.studio.posts) == 1


async def test_who_was_refused_so_may_react_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = stage.member("Ana")
    async with stage.bot() as app:
        result, told = await stage.ended(await asked(stage)), Told(stage)
        for patience_s, seconds, sentence in ((5.0, 0.6, NOT_STORED), (0.4, 2.0, NOT_SURE)):
            patient(monkeypatch, patience_s)
            slow_to_commit(app, seconds)
            await ana.react(result, RERUN)
            assert await told.next() == sentence
            await ana.unreact(result, RERUN)
            stage.discord.advance(seconds=61)
            await at_rest(app)
        await ana.react(result, RERUN)
        await stage.discord.until(lambda: new_replies(stage, result))
        (again,) = new_replies(stage, result)
        await stage.ended(again)
    assert len(again.attachments) == 2
    assert len(stage.studio.posts) == 2


def new_replies(stage: Stage, result: Message) -> list[Message]:
    return [m for m in stage.discord.messages() if m.reply_to == result.id and is_reply(m)]


async def test_a_commit_whose_answer_is_lost_is_refused_in_its_place(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = sa.engine.Connection._commit_impl

    def losing(connection: sa.Connection) -> None:
        monkeypatch.setattr(sa.engine.Connection, "_commit_impl", plain)
        plain(connection)
        raise sa.exc.OperationalError("COMMIT", None, OSError("connection lost"))

    first = iter([True])
    patient(monkeypatch)

    def on_statement(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO jobs") and next(first, False):
            monkeypatch.setattr(sa.engine.Connection, "_commit_impl", losing)

    async with stage.bot() as app:
        engine, told = app.bot.store._database._engine, Told(stage)
        sa.event.listen(engine, "before_cursor_execute", on_statement)
        await stage.member().slash(COMMAND, image=png())
        assert await told.next() == NOT_STORED
        (row,) = await rows(app.bot.store)
    assert (row.failure, stage.studio.posts) == (NOT_TAKEN, [])


async def test_while_stopping_what_is_refused_is_written_down_and_stays_so(stage: Stage) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.bot() as app:
        message, told = await asked(stage), Told(stage)
        await pause.reached()
        app.stop()
        await stage.discord.until(lambda: app.bot.service._is_closed)
        question = await stage.member("Ana").post(stage.discord.bot_mention, files=[png()])
        assert await told.next() == service.RESTARTING
        pause.release()
    async with stage.bot() as app:
        await again(stage, question)
        await stage.ended(message)
        await stage.ended(replied(await stage.slash(stage.member("Bo"))))
        stage.discord.advance(seconds=61)
        await at_rest(app)
    replies = [m for m in stage.discord.messages() if m.reply_to == question.id]
    assert (len(replies), len(stage.studio.posts)) == (1, 2)


async def again(stage: Stage, message: Message) -> None:
    """Discord tells of the message once more."""
    await stage.discord._show_message("MESSAGE_CREATE", message)


async def test_while_stopping_nothing_is_promised_that_cannot_be_written(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_given: object) -> Job:
        raise StorageError("database: OperationalError")

    monkeypatch.setattr(JobStore, "refuse", away)
    pause = stage.studio.pause("submit", when="after")
    async with stage.bot() as app:
        await asked(stage)
        await pause.reached()
        app.stop()
        await stage.discord.until(lambda: app.bot.service._is_closed)
        late = await (await stage.member("Ana").slash(COMMAND, image=png())).responded()
        assert replied(late).content == NOT_SURE
        pause.release()


async def test_a_lost_reply_is_found_though_its_member_reacted_once_more_since(
    stage: Stage,
) -> None:
    mei = stage.member()

    def replies() -> list[Message]:
        return [each for each in stage.discord.messages() if each.reply_to == result.id]

    async def again(count: int) -> None:
        await mei.react(result, RERUN)
        await stage.discord.until(lambda: len(replies()) == count)
        await stage.ended(replies()[-1])
        await mei.unreact(result, RERUN)
        stage.discord.advance(minutes=6)  # Discord remembers no nonce any more

    async with stage.bot() as app:
        result = await stage.ended(await asked(stage))
        await again(1)
        await again(2)
        for job in (await at_rest(app))[1:]:
            lost = replace(job, posted=Posted())
            found = await app.worker._steps.witness.lost.find(lost)
            assert found
            assert found.message_ids == job.posted.message_ids[:1]
