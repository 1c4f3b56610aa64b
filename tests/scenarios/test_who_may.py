"""Who may ask, by every way in: the server's own settings, the servers that are served, and bots."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.discord.client import StudioBot
from bot.sandbox.discord import server
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel
from tests.scenarios.conftest import COMMAND, RERUN, Stage, at_once, described, png, replied

NOT_HERE = (
    f"You may not use /{COMMAND} here: this server's settings do not allow it (Integrations)."
)
NOT_SERVED = "This bot does not serve this server."
UNSHARED = (
    "This bot serves the members of its own servers alone, and you share none of them."
    " Nothing was charged."
)
NOT_KNOWN = "The bot does not know yet who may use its commands"
RESTRICTED = f"/{COMMAND} runs in age-restricted channels alone."


Way = Callable[[Stage, Member, Message], Awaitable[str]]


async def by_mention(stage: Stage, member: Member, result: Message) -> str:
    text = f"{stage.discord.bot_mention} seed 1"
    asked = await member.post(text, files=[png()], channel=result.channel)
    return said(await stage.reply_to(asked))


async def by_button(_stage: Stage, member: Member, result: Message) -> str:
    async with asyncio.timeout(10):
        while (text := await pressed(member, result)).startswith(NOT_KNOWN):  # noqa: ASYNC110 - the answer is the news
            await asyncio.sleep(0.01)
    return text


async def pressed(member: Member, result: Message) -> str:
    return said(replied(await (await member.press(result, "Run again")).responded()))


async def by_reaction(stage: Stage, member: Member, result: Message) -> str:
    before = {each.id for each in stage.discord.messages(result.channel)}

    def answers() -> list[Message]:
        found = stage.discord.messages(result.channel)
        return [m for m in found if m.id not in before and m.author is stage.discord.bot_user]

    await member.unreact(result, RERUN)  # who has reacted already is not told of again
    await member.react(result, RERUN)
    (answer,) = await stage.discord.until(answers)
    return said(answer)


WAYS = [by_mention, by_button, by_reaction]


def said(message: Message) -> str:
    return described(message) or message.content


async def result_of(stage: Stage, member: Member, channel: Channel | None = None) -> Message:
    where = {"channel": channel} if channel else {}
    return await stage.ended(replied(await stage.slash(member, **where)))


@pytest.mark.parametrize("way", WAYS)
async def test_what_the_server_denies_starts_nothing_by_any_way_in(stage: Stage, way: Way) -> None:
    discord, mei, ana = stage.discord, stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        result = await result_of(stage, mei)
        await discord.set_command_permissions(discord.guild, COMMAND, [("user", ana.id, False)])
        assert (await way(stage, ana, result)).endswith(NOT_HERE)
        assert len(stage.studio.posts) == 1
        assert not (await way(stage, mei, result)).endswith(NOT_HERE)
        await discord.until(lambda: len(stage.studio.posts) == 2)


@pytest.mark.parametrize("way", WAYS)
async def test_a_role_that_is_needed_is_needed_by_every_way_in(stage: Stage, way: Way) -> None:
    discord, mei, ana = stage.discord, stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        result = await result_of(stage, mei)
        artists = discord.add_role(discord.guild, "artists")
        ana.give(artists)
        rules = [("role", discord.guild.id, False), ("role", artists.id, True)]
        await discord.set_command_permissions(discord.guild, None, rules)
        assert (await way(stage, mei, result)).endswith(NOT_HERE)
        assert not (await way(stage, ana, result)).endswith(NOT_HERE)
        await discord.until(lambda: len(stage.studio.posts) == 2)


@pytest.mark.parametrize("way", WAYS)
async def test_a_channel_that_is_closed_is_closed_with_its_threads(stage: Stage, way: Way) -> None:
    discord, mei = stage.discord, stage.member("Mei")
    async with stage.bot():
        thread = discord.add_thread(discord.channel, "corner")
        result = await result_of(stage, mei, thread)
        rules = [("channel", discord.channel.id, False)]
        await discord.set_command_permissions(discord.guild, COMMAND, rules)
        assert (await way(stage, mei, result)).endswith(NOT_HERE)
    assert len(stage.studio.posts) == 1


async def test_rules_that_were_set_before_the_start_hold(stage: Stage) -> None:
    discord, mei, ana = stage.discord, stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        result = await result_of(stage, mei)
    await discord.set_command_permissions(discord.guild, COMMAND, [("user", ana.id, False)])
    async with stage.bot():
        assert (await by_mention(stage, ana, result)).endswith(NOT_HERE)
    assert len(stage.studio.posts) == 1


async def test_rules_that_changed_while_the_gateway_was_away_hold(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StudioBot, "before_identify_hook", at_once)
    discord, mei, ana = stage.discord, stage.member("Mei"), stage.member("Ana")

    def readings() -> int:
        return sum(each.route == server.RULES for each in discord.requests)

    async with stage.bot():
        result = await result_of(stage, mei)
        before = readings()
        await discord.gateway.drop()  # and resumed: what happened meanwhile is told
        await discord.until(lambda: discord.connected, within_s=20)
        assert not (await by_mention(stage, mei, result)).endswith(NOT_HERE)
        assert readings() == before
        await discord.gateway.drop(1001)
        discord.gateway.sessions.clear()  # a new session: what happened meanwhile is told by nobody
        await discord.set_command_permissions(discord.guild, COMMAND, [("user", ana.id, False)])
        await discord.until(lambda: discord.connected, within_s=20)
        assert (await by_mention(stage, ana, result)).endswith(NOT_HERE)
        await discord.until(lambda: len(stage.studio.posts) == 2)


async def test_until_the_rules_are_known_a_button_is_refused_and_a_mention_waits(
    stage: Stage,
) -> None:
    discord, mei = stage.discord, stage.member("Mei")
    async with stage.bot():
        result = await result_of(stage, mei)
    pause = discord.pause(server.RULES)
    stage.knows_rules = False
    async with stage.bot():
        await pause.reached()
        assert (await pressed(mei, result)).startswith(NOT_KNOWN)
        asked = await mei.post(f"{discord.bot_mention} seed 1", files=[png()])
        pause.release()
        await stage.ended(await stage.reply_to(asked))
    assert stage.seeds()[1:] == ["1"]


async def test_a_member_whose_roles_are_not_known_yet_is_not_taken_for_one_without(
    stage: Stage,
) -> None:
    discord, mei, ana = stage.discord, stage.member("Mei"), stage.member("Ana")
    guests = discord.add_role(discord.guild, "guests")
    ana.give(guests)
    async with stage.bot() as app:
        result = await result_of(stage, mei)
        await discord.set_command_permissions(discord.guild, COMMAND, [("role", guests.id, False)])
        assert await by_button(stage, ana, result) == NOT_HERE
        known = app.bot.get_guild(discord.guild.id)
        assert known
        app.bot._connection._remove_guild(known)  # as between READY and GUILD_CREATE
        assert (await pressed(ana, result)).startswith(NOT_KNOWN)
    assert len(stage.studio.posts) == 1


async def test_of_rules_that_cannot_be_read_a_mention_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gate.RULES_S", 0.3)
    mei = stage.member("Mei")
    stage.knows_rules = False
    stage.discord.fail_next(server.RULES, status=403, code=50001, times=99)
    async with stage.bot():
        asked = await mei.post(f"{stage.discord.bot_mention} seed 1", files=[png()])
        assert said(await stage.reply_to(asked)).startswith(NOT_KNOWN)
    assert stage.studio.posts == []


@pytest.mark.parametrize("way", WAYS)
async def test_another_server_than_those_that_are_named_is_not_served(
    stage: Stage, way: Way
) -> None:
    discord = stage.discord
    elsewhere = discord.add_guild("Strangers")
    channel = discord.add_channel("general", elsewhere)
    stranger = Member(discord, discord.add_person("Stranger", guild=elsewhere))
    async with stage.bot():
        result = await result_of(stage, stranger, channel)
    stage.settings["GUILD_IDS"] = str(discord.guild.id)
    async with stage.bot():
        assert (await way(stage, stranger, result)).endswith(NOT_SERVED)
    assert len(stage.studio.posts) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_in_direct_messages_only_members_of_the_named_servers_are_served(
    stage: Stage, way: Way
) -> None:
    discord, mei = stage.discord, stage.member("Mei")
    elsewhere = discord.add_guild("Strangers")
    stranger = Member(discord, discord.add_person("Stranger", guild=elsewhere))
    people = [(person, discord.dm(person)) for person in (mei, stranger)]
    async with stage.bot():
        results = [await result_of(stage, person, direct) for person, direct in people]
    stage.settings["GUILD_IDS"] = f"{discord.guild.id},5"
    async with stage.bot():
        for (person, direct), result in zip(people, results, strict=True):
            await way(stage, person, result)
            newest = discord.messages(direct)[-1]
            await stage.ended(newest)
            is_member = person is mei
            assert ("Done" in described(newest)) is is_member
            assert (UNSHARED in described(newest)) is not is_member
        assert len(stage.studio.posts) == 3


async def test_whether_somebody_is_a_member_is_asked_at_most_once_in_ten_minutes(
    stage: Stage,
) -> None:
    discord, mei = stage.discord, stage.member("Mei")
    stage.settings["GUILD_IDS"] = str(discord.guild.id)
    direct = discord.dm(mei)

    def asked() -> int:
        return sum("/members/" in each.path for each in discord.requests)

    async with stage.bot():
        for minutes, count in ((0, 1), (9, 1), (2, 2)):
            discord.advance(minutes=minutes)
            message = await mei.post("seed 1", files=[png()], channel=direct)
            await stage.ended(await stage.reply_to(message))
            assert asked() == count


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_age_restricted_runs_in_such_channels_alone(
    stage: Stage, tmp_path: Path, way: Way
) -> None:
    discord, mei = stage.discord, stage.member("Mei")
    document: dict[str, Any] = json.loads(Path("endpoints/cny-snakeyear.json").read_text())
    path = tmp_path / "one.json"
    stage.settings["ENDPOINTS"] = str(path)
    path.write_text(json.dumps(document))
    async with stage.bot():
        result = await result_of(stage, mei)
        direct = await result_of(stage, mei, discord.dm(mei))
    path.write_text(json.dumps(document | {"nsfw": True}))
    async with stage.bot():
        for each in (result, direct):
            assert (await way(stage, mei, each)).endswith(RESTRICTED)
            discord.advance(minutes=2)  # a refusal is said once a minute
        assert len(stage.studio.posts) == 2
        discord.channel.is_nsfw = True
    async with stage.bot():
        assert not (await way(stage, mei, result)).endswith(RESTRICTED)
        await discord.until(lambda: len(stage.studio.posts) == 3)


async def test_a_removed_endpoint_is_run_again_by_nobody_and_a_dearer_one_at_its_price(
    stage: Stage, tmp_path: Path
) -> None:
    mei = stage.member("Mei")
    document: dict[str, Any] = json.loads(Path("endpoints/cny-snakeyear.json").read_text())
    other = {"name": "Other", "endpointId": "OtHeR1", "fieldIds": ["load_image_3"], "credits": 1}
    path = tmp_path / "endpoints.json"
    stage.settings |= {"ENDPOINTS": str(path), "JOBS_PER_MEMBER": "50"}
    path.write_text(json.dumps([document]))
    async with stage.bot():
        result = await result_of(stage, mei)
    path.write_text(json.dumps([other]))
    async with stage.bot():
        for way in (by_button, by_reaction):
            assert (await way(stage, mei, result)).endswith(
                "CNY-SnakeYear is no longer offered here."
            )
    assert len(stage.studio.posts) == 1
    path.write_text(json.dumps([document | {"credits": 10}]))
    stage.settings["CREDITS_PER_MEMBER_PER_DAY"] = "20"
    async with stage.bot():
        for _run in range(2):
            handle = await (await mei.press(result, "Run again")).responded()
            assert not handle.ephemeral
            result = await stage.ended(replied(handle))
        text = await by_button(stage, mei, result)
        assert text.startswith("This costs 10 credits, and you have 0 of 20 left")
    assert len(stage.studio.posts) == 3
