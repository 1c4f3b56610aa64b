"""Whoever speaks to the bot and gives it nothing to do hears what it can do."""

import json
import re
from pathlib import Path

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import Stage, is_reply, png

CARD = (
    "Here is what I can do: /cny-snakeyear. Type / and choose one, or mention me in a message that"
    " has a picture."
)


def read(card: Message) -> str:
    """The card as it is read: a command that can be clicked is its name."""
    return re.sub(r"</([a-z0-9 -]+):\d+>", r"/\1", card.content)


def said(stage: Stage, to: Message) -> list[str]:
    there = stage.discord.messages(to.channel)
    return [m.content for m in there if m.reply_to == to.id]


async def test_a_mention_and_a_direct_message_without_a_picture_are_answered(stage: Stage) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        named = await mei.post(f"hello {stage.discord.bot_mention}!")
        assert read(await stage.reply_to(named)) == CARD
        private = await ana.post("hello", channel=stage.discord.dm(ana))
        assert read(await stage.reply_to(private)) == CARD
    assert stage.studio.posts == []


async def test_it_is_said_once_a_minute_a_member_and_a_picture_is_always_answered(
    stage: Stage,
) -> None:
    mei = stage.member()
    async with stage.bot():
        first = await mei.post(stage.discord.bot_mention)
        await stage.reply_to(first)
        again = await mei.post(stage.discord.bot_mention)
        picture = await mei.post(stage.discord.bot_mention, files=[png()])
        await stage.ended(await stage.reply_to(picture))
        stage.discord.advance(seconds=61)
        later = await mei.post(stage.discord.bot_mention)
        assert read(await stage.reply_to(later)) == CARD
    assert said(stage, again) == []


async def test_whoever_mentions_its_role_hears_once_a_minute_to_mention_it_itself(
    stage: Stage,
) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    role = next(role for role in stage.discord.guild.roles if role.bot_id)
    async with stage.bot():
        first = await mei.post(f"<@&{role.id}> snakeyear", files=[png()])
        lead = (await stage.reply_to(first)).content
        again = await mei.post(f"<@&{role.id}>")
        other = await mei.post(f"<@&{stage.discord.add_role(stage.discord.guild, 'Artists').id}>")
        named = await mei.post(f"<@&{role.id}> {stage.discord.bot_mention}")
        assert read(await stage.reply_to(named)) == CARD
        await stage.reply_to(await ana.post(f"<@&{role.id}>"))
        stage.discord.advance(seconds=61)
        await stage.reply_to(await mei.post(f"<@&{role.id}>"))
    us = stage.discord.bot_mention
    assert lead == f"You mentioned my role, which shows me nothing: mention {us}."
    assert (said(stage, again), said(stage, other)) == ([], [])
    assert stage.studio.posts == []


async def test_nobody_is_answered_who_did_not_speak_to_it(stage: Stage) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        named = await mei.post(stage.discord.bot_mention)
        card = await stage.reply_to(named)
        chatter = [
            await ana.post("hello all"),
            await ana.post("thanks", reply_to=card.id),
            await ana.post(f"`{stage.discord.bot_mention}`"),
        ]
        picture = await ana.post(stage.discord.bot_mention, files=[png()])
        await stage.ended(await stage.reply_to(picture))
    assert [said(stage, each) for each in chatter] == [[], [], []]


async def test_only_what_they_may_run_there_is_named(stage: Stage, tmp_path: Path) -> None:
    documents = [
        {"name": f"e{n}", "endpointId": "a", "fieldIds": [], "nsfw": n == 0} for n in range(23)
    ]
    path = tmp_path / "many.json"
    path.write_text(json.dumps(documents))
    stage.settings["ENDPOINTS"] = str(path)
    mei = stage.member()
    async with stage.bot():
        named = await mei.post(stage.discord.bot_mention)
        card = read(await stage.reply_to(named))
    assert "/e0," not in card
    assert "/e1, /e2, " in card
    assert "/e19, /e20, 2 more." in card
    assert not is_reply(stage.discord.messages()[-1])


async def test_a_command_is_a_mention_to_click_in_each_process_and_after_a_restart(
    stage: Stage,
) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        first = await stage.reply_to(await mei.post(stage.discord.bot_mention))
    async with stage.bot():
        second = await stage.reply_to(await ana.post(stage.discord.bot_mention))
    command_id = stage.discord.command("cny-snakeyear", stage.discord.guild.id)["id"]
    for card in (first, second):
        assert f"</cny-snakeyear:{command_id}>" in card.content


async def test_a_command_is_text_to_type_where_discord_has_it_not(stage: Stage) -> None:
    mei, guild_id = stage.member("Mei"), stage.discord.guild.id
    async with stage.bot():  # everywhere, once
        await stage.reply_to(await mei.post(stage.discord.bot_mention))
    stage.settings["GUILD_IDS"] = str(guild_id)
    async with stage.bot():
        await stage.discord.until(lambda: not stage.discord.commands.of(None))
        stage.discord.advance(minutes=2)
        here = await stage.reply_to(await mei.post(stage.discord.bot_mention))
        private = await stage.reply_to(await mei.post("hello", channel=stage.discord.dm(mei)))
    command_id = stage.discord.command("cny-snakeyear", guild_id)["id"]
    assert f" </cny-snakeyear:{command_id}>." in here.content
    assert private.content == CARD


async def test_where_the_bot_serves_nobody_it_says_so(stage: Stage) -> None:
    discord = stage.discord
    elsewhere = discord.add_guild("elsewhere")
    channel = discord.add_channel("general", guild=elsewhere)
    stranger = Member(discord, discord.add_person("Stranger", guild=elsewhere))
    stage.settings["GUILD_IDS"] = str(discord.guild.id)
    async with stage.bot():
        named = await stranger.post(f"{discord.bot_mention} hello", channel=channel)
        told = (await stage.reply_to(named)).content
    assert told == "This bot does not serve this server."
