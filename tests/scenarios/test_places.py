"""Every place where members write: commands, mentions and what leads on from a result work there."""

import pytest

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import ANNOUNCEMENTS, FORUM, STAGE, VOICE, Channel
from tests.scenarios.conftest import RERUN, Stage, png, replied

KINDS = {"voice": VOICE, "stage": STAGE, "announcement": ANNOUNCEMENTS}


def place(stage: Stage, name: str, mei: Member) -> Channel:
    """A place of that kind."""
    discord = stage.discord
    if name in KINDS:
        return discord.add_channel(name, kind=KINDS[name])
    if name == "direct":
        return discord.dm(mei)
    parent = discord.add_channel("ideas", kind=FORUM) if name == "forum post" else discord.channel
    return discord.add_thread(parent, name)


@pytest.mark.parametrize(
    "name", ["voice", "stage", "announcement", "thread", "forum post", "direct"]
)
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
