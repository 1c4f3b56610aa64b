"""A rolling restart: while the old process of a shard drains, the new one has it to itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.discord.messenger import Asked
from bot.errors import Refused
from tests.scenarios.conftest import COMMAND, RERUN, BotProcess, Stage, is_reply, png, replied

RESTARTING = "The bot is restarting. Nothing was charged; ask again in a minute."
CLOSED = "nothing new is taken"
LATE = "came too late to be taken here"
LEFT = "is taken by another process"


@pytest.fixture
def stage(stage: Stage, postgresql_url: str) -> Stage:
    more = {"JOBS_PER_MEMBER": "10", "NOTIFY_AFTER_MINUTES": "0"}
    stage.settings |= {"DATABASE_URL": postgresql_url, **more}
    return stage


@asynccontextmanager
async def draining(stage: Stage) -> AsyncIterator[BotProcess]:
    """The old process, which takes nothing new and waits for its POST, beside the new one."""
    pause = stage.studio.pause("submit", when="after")
    async with stage.process(name="old") as old:
        message = replied(await stage.slash(stage.member("Ana"), seed=1))
        await pause.reached()
        async with stage.process(name="new"):
            old.process.terminate()
            await stage.discord.until(lambda: CLOSED in old.log.read_text())
            yield old
            pause.release()
            assert await old.process.wait() == 0
            await stage.ended(message)


async def test_while_the_old_process_drains_each_request_gets_the_one_answer_of_the_new(
    stage: Stage,
) -> None:
    mei = stage.member()
    async with draining(stage) as old:
        by_command = replied(await stage.slash(mei, seed=2))
        asked = await mei.post(f"{stage.discord.bot_mention} seed 3", files=[png()])
        by_message = await stage.reply_to(asked)
        for message in (by_command, by_message):
            await stage.ended(message)
        await mei.react(by_command, RERUN)
        by_reaction = await stage.reply_to(by_command)
        by_button = replied(await (await mei.press(by_message, "Run again")).responded())
        for message in (by_reaction, by_button):
            await stage.ended(message)
        await stage.discord.until(lambda: old.log.read_text().count(LEFT) == 4)
    ours = [m for m in stage.discord.messages(stage.discord.channel) if m.author.is_bot]
    assert [(is_reply(m), len(m.attachments)) for m in ours] == [(True, 2)] * 5


async def test_who_asks_while_the_only_process_drains_is_told_so_before_it_ends(
    stage: Stage,
) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.process() as bot:
        await stage.slash(stage.member("Ana"))
        await pause.reached()
        bot.process.terminate()
        await stage.discord.until(lambda: CLOSED in bot.log.read_text())
        late = await stage.member().slash(COMMAND, image=png())
        asked = await stage.member().post(f"{stage.discord.bot_mention} seed 3", files=[png()])
        await stage.discord.until(lambda: bot.log.read_text().count(LATE) == 2)
        pause.release()
        assert replied(await late.responded()).content == RESTARTING
        assert (await stage.reply_to(asked)).content == RESTARTING
        assert await bot.process.wait() == 0
    assert len(stage.studio.posts) == 1


async def test_a_message_is_refused_once_though_the_second_process_is_a_minute_later(
    stage: Stage,
) -> None:
    asked = await stage.member().post("Hello")
    place = Asked(message_id=asked.id, channel_id=asked.channel.id, guild_id=asked.channel.guild_id)
    async with stage.bot() as app:
        await app.bot.messenger.refuse(place, Refused("That will not do."))
        stage.discord.advance(seconds=60)
        await app.bot.messenger.refuse(place, Refused("Neither will that."))
    replies = [m.content for m in stage.discord.messages(asked.channel) if m.reply_to == asked.id]
    assert replies == ["That will not do."]
