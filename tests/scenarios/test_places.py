"""Every place where members write: commands, mentions and what leads on from a result work there."""

import pytest

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import ANNOUNCEMENTS, FORUM, MEDIA, STAGE, VOICE, Channel
from tests.scenarios.conftest import RERUN, Stage, png, replied

POSTS = {"forum post": FORUM, "media post": MEDIA}
KINDS = {"voice": VOICE, "stage": STAGE, "announcement": ANNOUNCEMENTS}


def place(stage: Stage, name: str, mei: Member) -> Channel:
    """A place of that kind."""
    discord = stage.discord
    if name in KINDS:
        return discord.add_channel(name, kind=KINDS[name])
    if name == "direct":
        return discord.dm(mei)
    kind = POSTS.get(name)
    return discord.add_thread(
        discord.add_channel("ideas", kind=kind) if kind else discord.channel, name
    )


@pytest.mark.parametrize("name", ["voice", "stage", "announcement", "thread", *POSTS, "direct"])
async def test_all_ways_work_wherever_members_write(stage: Stage, name: str) -> None:
    mei = stage.member()
    where = place(stage, name, mei)
    async with stage.bot():
        typed = replied(await stage.slash(mei, channel=where))
        result = await stage.ended(typed)
        asked = await mei.post(stage.discord.bot_mention, files=[png()], channel=where)
        await stage.ended(await stage.reply_to(asked))
        await mei.react(result, RERUN)
        await stage.ended(await stage.reply_to(result))
        pressed = replied(await (await mei.press(result, "Run again")).responded())
        await stage.ended(pressed)
    assert {message.channel for message in (typed, pressed)} == {where}
    assert len(stage.studio.posts) == 4


@pytest.mark.parametrize("kind", POSTS.values(), ids=POSTS)
async def test_the_message_that_begins_a_post_is_answered_in_it(stage: Stage, kind: int) -> None:
    mei, where = stage.member(), stage.discord.add_channel("ideas", kind=kind)
    us = stage.discord.bot_mention
    async with stage.bot():
        asked = await mei.open_post(where, "A snake", us, files=[png()])
        result = await stage.ended(await stage.reply_to(asked))
        greeted = await mei.open_post(where, "Hello", f"hello {us}")
        card = await stage.reply_to(greeted)
    assert (result.channel, card.channel) == (asked.channel, greeted.channel)
    assert card.content.startswith("Here is what I can do: ")


async def test_where_it_may_not_be_done_one_sentence_says_why(stage: Stage) -> None:
    mei = stage.member()
    where = stage.discord.add_channel("news", kind=ANNOUNCEMENTS)
    stage.discord.deny(where, "attach_files")
    async with stage.bot():
        asked = await mei.post(stage.discord.bot_mention, files=[png()], channel=where)
        told = (await stage.reply_to(asked)).content
        typed = replied(await stage.slash(mei, channel=where)).content
    assert told == typed
    assert told.startswith("The bot needs these permissions in this channel: Attach Files.")
    assert stage.studio.posts == []
