"""Two bots with one token, each with a table of its own: a mistake that costs nobody anything."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.errors import DiscordBusy, StorageError
from bot.jobs.job import Failure, Job, JobStatus, Posted
from bot.reasons import Reason
from bot.sandbox.discord import server
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import COMMAND, RERUN, Stage, asked, png, replied
from tests.scenarios.tables import Closed, at_rest, copied

ANOTHERS = Failure(reason=Reason.NOT_OURS)
Bots = tuple[App, App]


@asynccontextmanager
async def two(stage: Stage, folder: Path) -> AsyncIterator[Bots]:
    """Two bots that hear the same; the folder is the second one's."""
    stage.settings |= {"NOTIFY_AFTER_MINUTES": "0", "JOBS_PER_MEMBER": "20"}
    other = replace(stage, data_dir=folder)
    sessions = stage.discord.gateway.sessions
    async with stage.bot() as first, other.bot() as second:
        await stage.discord.until(lambda: sum(bool(s.socket) for s in sessions.values()) == 2)
        yield first, second


async def by_command(_stage: Stage, mei: Member, _result: Message) -> None:
    await mei.slash(COMMAND, image=png())


async def by_button(_stage: Stage, mei: Member, result: Message) -> None:
    await mei.press(result, "Run again")


async def by_mention(stage: Stage, mei: Member, _result: Message) -> None:
    await mei.post(f"{stage.discord.bot_mention} snake", files=[png()])


async def by_reaction(_stage: Stage, mei: Member, result: Message) -> None:
    await mei.react(result, RERUN)


Way = Callable[[Stage, Member, Message], Awaitable[None]]
WAYS: list[Way] = [by_command, by_button, by_mention, by_reaction]


def replies(stage: Stage) -> list[Message]:
    """What the bot says for everybody."""
    ours = stage.discord.bot_user
    return [m for m in stage.discord.messages() if m.author is ours]


async def ends(bots: Bots) -> Counter[str]:
    """How the rows of both tables have ended."""
    jobs = [job for bot in bots for job in await at_rest(bot)]
    return Counter(job.failure.reason if job.failure else job.status for job in jobs)


@pytest.mark.parametrize("way", WAYS)
async def test_a_request_is_one_post_and_one_reply_however_it_was_asked(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture, way: Way
) -> None:
    async with stage.bot():
        result = await stage.ended(await asked(stage))
    copied(stage, tmp_path / "other")
    async with two(stage, tmp_path / "other") as bots:
        observer = Closed(bots)
        await way(stage, stage.member("Ana"), result)
        await stage.discord.until(lambda: len(replies(stage)) == 2)
        await stage.ended(replies(stage)[-1])
        assert await ends(bots) == {"delivered": 3, "not_ours": 1}
    assert observer.reasons == [Reason.NOT_OURS]
    assert len(stage.studio.posts) == 2
    (line,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert f"message {replies(stage)[-1].id} is the reply of another job" in line


async def test_a_member_who_reacts_again_gets_another_run_from_one_of_both(
    stage: Stage, tmp_path: Path
) -> None:
    ana = stage.member("Ana")
    async with stage.bot():
        result = await stage.ended(await asked(stage))
    copied(stage, tmp_path / "other")
    async with two(stage, tmp_path / "other") as bots:
        for count in (2, 3, 4):
            await ana.react(result, RERUN)
            await stage.discord.until(lambda n=count: len(replies(stage)) == n)  # type: ignore[misc]
            await stage.ended(replies(stage)[-1])
            await at_rest(bots[0])
            await at_rest(bots[1])
            await ana.unreact(result, RERUN)
        assert await ends(bots) == {"delivered": 5, "not_ours": 3}
    assert len(stage.studio.posts) == 4


async def test_many_requests_of_tables_that_know_nothing_of_each_other_are_one_post_each(
    stage: Stage, tmp_path: Path
) -> None:
    mei, bot = stage.member(), stage.discord.bot_mention
    async with two(stage, tmp_path / "other") as bots:
        for seed in range(1, 6):
            await stage.ended(replied(await stage.slash(mei, seed=seed)))
            question = await mei.post(f"{bot} seed {seed + 10}", files=[png()])
            await stage.ended(await stage.reply_to(question))
        assert await ends(bots) == {"delivered": 10, "not_ours": 10}
    assert set(Counter(stage.seeds()).values()) == {1}
    assert len(replies(stage)) == 10


async def test_a_button_of_the_other_table_is_answered_once_and_costs_at_most_one_post(
    stage: Stage, tmp_path: Path
) -> None:
    async with two(stage, tmp_path / "other") as bots:
        result = await stage.ended(await asked(stage))
        handle = await (await stage.member("Ana").press(result, "Run again")).responded()
        if not handle.ephemeral:  # the other bot's word may have been faster
            await stage.ended(replied(handle))
        rows = [job for each in bots for job in await at_rest(each)]
    ran = [job for job in rows if job.status is JobStatus.DELIVERED]
    assert len(stage.studio.posts) == len(ran) == (1 if handle.ephemeral else 2)


@pytest.mark.parametrize("way", [by_command, by_button])
async def test_whoever_cannot_take_what_another_process_has_taken_says_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: Way
) -> None:
    async with stage.bot():
        result = await stage.ended(await asked(stage))
    copied(stage, tmp_path / "other")
    async with two(stage, tmp_path / "other") as (_, second):

        async def away(*_given: object, **_named: object) -> None:
            await stage.discord.until(lambda: len(replies(stage)) == 2)
            raise StorageError("database: away")

        for name in ("add", "add_again"):
            monkeypatch.setattr(second.bot.store, name, away)
        await way(stage, stage.member("Ana"), result)
        await stage.discord.until(lambda: any(r.status == 400 for r in stage.discord.requests))
        await stage.ended(replies(stage)[-1])
        await stage.discord.until(
            lambda: any(r.route == server.LOOK_BY_TOKEN for r in stage.discord.requests)
        )
    said = [message.content for message in stage.discord.all_messages.values()]
    assert StorageError.user_message not in said
    assert len(stage.studio.posts) == 2


async def test_a_reaction_that_one_bot_was_cut_off_at_is_seen_to_be_answered_by_the_other(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_cut_off = asyncio.Event()

    async def cut_off(_job: Job) -> Posted:
        was_cut_off.set()
        raise DiscordBusy("cut off")

    async with stage.bot():
        result = await stage.ended(await asked(stage))
    copied(stage, tmp_path / "other")
    async with two(stage, tmp_path / "other") as bots:
        with monkeypatch.context() as patched:
            patched.setattr(bots[0].bot.messenger, "reply", cut_off)
            sending = stage.discord.pause(server.SEND)  # until the row that is cut off is there
            await stage.member("Ana").react(result, RERUN)
            await asyncio.wait_for(was_cut_off.wait(), 10)
            sending.release()
            await stage.discord.until(lambda: len(replies(stage)) == 2)
            await stage.ended(replies(stage)[-1])
        stage.discord.advance(minutes=6)  # Discord remembers no nonce any more
        assert await ends(bots) == {"delivered": 3, "not_ours": 1}
    assert len(stage.studio.posts) == 2


async def test_a_row_that_was_not_closed_at_once_is_closed_when_it_is_looked_into(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_now(*_given: object) -> None: ...

    async with two(stage, tmp_path / "other") as bots:
        for each in bots:
            monkeypatch.setattr(each.bot.service, "_close", not_now)
        mei = stage.member()
        await stage.ended(replied(await stage.slash(mei)))
        question = await mei.post(stage.discord.bot_mention, files=[png()])
        await stage.ended(await stage.reply_to(question))
        stage.discord.advance(seconds=11)
        assert await ends(bots) == {"delivered": 2, "not_ours": 2}
    assert len(stage.studio.posts) == 2
