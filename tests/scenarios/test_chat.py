"""A picture attached in chat, and results run again."""

import asyncio
import re
from typing import Any

import pytest

from bot.sandbox.discord import server
from tests.scenarios.conftest import (
    COMMAND,
    PUBLISHED,
    RERUN,
    Stage,
    described,
    fact,
    facts,
    is_reply,
    png,
    replied,
)

ADDED = "MESSAGE_REACTION_ADD"


async def test_a_mention_with_a_picture_starts_a_job(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        asked = await mei.post(f"{stage.discord.bot_mention} snake seed 20", files=[png()])
        reply = await stage.ended(await stage.reply_to(asked))
        thanked = await mei.post(f"{stage.discord.bot_mention} snake please", files=[png()])
        await stage.ended(await stage.reply_to(thanked))
    assert fact(reply, "seed") == "`20`"
    assert mei.mention not in reply.content  # it stands above the reply
    assert len(reply.attachments) == 2


async def test_a_direct_message_needs_no_mention(stage: Stage) -> None:
    mei = stage.member()
    channel = stage.discord.dm(mei)
    async with stage.bot():
        asked = await mei.post("seed 20", files=[png()], channel=channel)
        reply = await stage.ended(await stage.reply_to(asked))
        await mei.react(reply, RERUN)
        await stage.ended(await stage.reply_to(reply))
    assert fact(reply, "seed") == "`20`"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "{bot} seed x",
            "seed has to be a whole number, not “x”. Write it as `cny-snakeyear seed: 20`.",
        ),
        (
            "{bot} snake in oil",
            (
                "CNY-SnakeYear has no option for “in oil”. It has: `seed`."
                " Write it as `cny-snakeyear seed: 20`."
            ),
        ),
        (
            "{bot} seed",
            "seed is there without a value. Write it as `cny-snakeyear seed: 20`.",
        ),
    ],
)
async def test_what_is_not_understood_is_answered_in_one_sentence(
    stage: Stage, text: str, sentence: str
) -> None:
    mei = stage.member()
    async with stage.bot():
        asked = await mei.post(text.format(bot=stage.discord.bot_mention), files=[png()])
        reply = await stage.reply_to(asked)
    assert reply.content == sentence
    assert stage.studio.posts == []


async def test_other_messages_are_left_alone(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        await mei.post("look at this", files=[png()])
        await mei.post("hello", reply_to=replied(await stage.slash(mei)).id)
        await stage.slash(mei)
        seen = [m for m in stage.discord.messages() if m.author is stage.discord.bot_user]
    assert len(seen) == 2  # each of a command


async def test_a_command_and_a_press_in_a_direct_message_need_no_permissions(stage: Stage) -> None:
    mei = stage.member()
    place = stage.discord.dm(mei)
    async with stage.bot():
        first = await stage.ended(replied(await stage.slash(mei, channel=place, seed=20)))
        press = await (await mei.press(first, "Run again")).responded()
        again = await stage.ended(replied(press))
    assert fact(first, "seed") == "`20`"
    assert again.channel is place
    assert len(stage.studio.posts) == 2


async def test_a_reply_to_a_result_asks_for_nothing_though_it_mentions_the_bot(
    stage: Stage,
) -> None:
    mei, ana = stage.member(), stage.member("Ana")
    words = ["haha mine looks more like this one", "seed 3", "", "``{bot}`` it says", "> {bot}\nha"]
    async with stage.bot():
        result = await stage.ended(replied(await stage.slash(mei)))
        for each in words:
            text = each.format(bot=stage.discord.bot_mention)
            said = await ana.post(text, reply_to=result.id, files=[png()])
            assert said.mentioned == [stage.discord.bot_user]
        await stage.ended(replied(await stage.slash(mei)))  # events are taken in their order
    assert len(stage.discord.messages()) == 2 + len(words)
    assert len(stage.studio.posts) == 2


async def test_a_message_of_a_server_that_is_not_known_is_no_direct_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gate.RULES_S", 0.3)
    mei, heard = stage.member(), list[Any]()
    stage.discord.subscribe(lambda kind, what: heard.append(what) if kind == "event" else None)
    await mei.post(f"{stage.discord.bot_mention} seed 3", files=[png()])
    (told,) = [each["d"] for each in heard if each["t"] == "MESSAGE_CREATE"]
    async with stage.bot():
        await stage.discord.gateway.dispatch(
            "MESSAGE_CREATE", told | {"guild_id": "5"}, guild_id=stage.discord.guild.id
        )
        reply = await stage.reply_to(stage.discord.message(int(told["id"])))
    assert reply.content.startswith("The bot does not know yet who may use its commands")
    assert stage.studio.posts == []


async def test_a_mention_that_is_written_is_a_request_in_a_reply_too(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        result = await stage.ended(replied(await stage.slash(mei)))
        for ping in (True, False):
            text = f"seed 3 <@!{stage.discord.bot_user.id}>"
            asked = await mei.post(text, reply_to=result.id, files=[png()], ping=ping)
            await stage.ended(await stage.reply_to(asked))
    assert stage.seeds()[1:] == ["3", "3"]


async def test_no_webhook_and_no_other_bot_asks_for_anything(stage: Stage) -> None:
    text = f"{stage.discord.bot_mention} seed 3"
    other = stage.discord.another_bot("Other")
    async with stage.bot():
        await stage.discord.webhook_post(text, files=[png()])
        await other.post(text, files=[png()])
        await stage.ended(replied(await stage.slash(stage.member())))
    assert len(stage.studio.posts) == 1
    assert len(stage.discord.messages()) == 3


async def test_only_the_right_reaction_of_a_person_to_a_result_runs_it_again(stage: Stage) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        result = await stage.ended(
            stage.discord.message((await stage.slash(mei, seed=20)).message_id or 0)
        )
        theirs = await mei.post("a message")
        await ana.react(theirs, RERUN)
        await ana.react(result, "👍")
        await ana.react(result, RERUN)
        again = await stage.ended(await stage.reply_to(result))
        await ana.unreact(result, RERUN)
        await ana.react(result, RERUN)
        await stage.discord.until(lambda: len(stage.studio.posts) == 3)
    assert ana.mention in facts(again)
    assert len(set(stage.seeds())) == 3


async def test_a_refused_reaction_is_told_at_most_once_a_minute(stage: Stage) -> None:
    stage.settings["JOBS_PER_MEMBER"] = "1"
    mei, ana = stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        result = await stage.ended(stage.discord.message((await stage.slash(mei)).message_id or 0))
        stage.studio.hold("pending")
        await stage.slash(ana)
        for minutes in (0, 0, 2):
            stage.discord.advance(minutes=minutes)
            await ana.react(result, RERUN)
            await ana.unreact(result, RERUN)
            await stage.slash(mei)  # events are taken in their order
            stage.studio.release()
            stage.studio.hold("pending")

        def told() -> list[str]:
            return [m.content for m in stage.discord.messages() if ana.mention in m.content]

        await stage.discord.until(lambda: len(told()) == 2)
    assert re.sub(r"<t:\d+:R>", "AGAIN", told()[0]) == (
        f"{ana.mention} You have 1 unfinished job here, and 1 is the most at a time. Wait until"
        " one has ended, AGAIN at the latest, then ask again."
    )


async def test_who_was_refused_may_react_again_and_is_answered_by_a_reply_of_their_own(
    stage: Stage,
) -> None:
    stage.settings["JOBS_PER_MEMBER"] = "1"
    mei, ana = stage.member("Mei"), stage.member("Ana")
    async with stage.bot():
        result = await stage.ended(replied(await stage.slash(mei)))
        stage.studio.hold("pending")
        other = replied(await stage.slash(ana))
        await ana.react(result, RERUN)
        assert (await stage.reply_to(result)).content.startswith(ana.mention)
        stage.studio.release()
        await stage.ended(other)
        stage.discord.advance(seconds=11)
        await ana.unreact(result, RERUN)
        await ana.react(result, RERUN)
        await stage.discord.until(lambda: is_reply(stage.discord.messages()[-1]))
        again = await stage.ended(stage.discord.messages()[-1])
    assert again.reply_to == result.id
    assert ana.mention in facts(again)


async def test_a_reaction_that_discord_tells_twice_is_one_run_even_after_it_has_ended(
    stage: Stage,
) -> None:
    mei, heard = stage.member(), list[Any]()
    stage.discord.subscribe(lambda kind, what: heard.append(what) if kind == "event" else None)

    async def tell(name: str) -> None:
        await stage.discord.gateway.dispatch(name, told, guild_id=stage.discord.guild.id)
        await stage.ended(replied(await stage.slash(mei)))  # events are taken in their order

    async with stage.bot() as app:
        result = await stage.ended(replied(await stage.slash(mei)))
        await mei.react(result, RERUN)
        await stage.ended(await stage.reply_to(result))
        added = [each["d"] for each in heard if each["t"] == ADDED]
        (told,) = [each for each in added if each["user_id"] == str(mei.id)]
        await tell(ADDED)
        assert len(stage.studio.posts) == 3
        results: Any = app.bot.get_cog("Results")
        results.seen.forget_all(lambda _key: True)  # as a process that hears it only now
        await tell(ADDED)
        assert len(stage.studio.posts) == 4
        await tell("MESSAGE_REACTION_REMOVE_ALL")
        await tell(ADDED)
        await stage.discord.until(lambda: len(stage.studio.posts) == 7)


@pytest.mark.parametrize("is_direct", [False, True], ids=["in a server", "in a direct message"])
async def test_the_bots_own_reaction_is_nobodys_wish(stage: Stage, *, is_direct: bool) -> None:
    mei = stage.member()
    place = stage.discord.dm(mei) if is_direct else stage.discord.channel
    async with stage.bot():
        await stage.ended(replied(await stage.slash(mei, channel=place)))
        await stage.ended(replied(await stage.slash(mei, channel=place)))  # events have an order
    assert len(stage.studio.posts) == 2


async def test_another_bots_reaction_starts_nothing(stage: Stage) -> None:
    other = stage.discord.another_bot("Other")
    async with stage.bot():
        result = await stage.ended(replied(await stage.slash(stage.member())))
        await other.react(result, RERUN)
        await stage.ended(replied(await stage.slash(stage.member("Ana"))))
    assert len(stage.studio.posts) == 2


async def test_a_result_that_is_no_longer_kept_says_so(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        result = await stage.ended(replied(await stage.slash(mei)))
        stage.discord.advance(minutes=31 * 24 * 60)
        async with asyncio.timeout(5):
            while await app.bot.service.job_of(result.id):
                await app.pruning.once()
        await mei.react(result, RERUN)
        told = await stage.discord.until(
            lambda: [m.content for m in stage.discord.messages() if m.id > result.id]
        )
        press = await (await mei.press(result, "Run again")).responded()
    assert told == [f"{mei.mention} This result is no longer kept; please send its picture again."]
    assert press.ephemeral
    assert replied(press).content == "This job is no longer kept; please send its picture again."
    assert len(stage.studio.posts) == 1


async def test_a_long_job_ends_with_a_word_to_who_asked(stage: Stage) -> None:
    mei = stage.member()
    stage.studio.hold("processing")
    async with stage.bot():
        result = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await stage.discord.until(lambda: "Working" in described(result))
        stage.discord.advance(minutes=16)  # the interaction's token is over, too
        stage.studio.release()
        await stage.ended(result)
        notice = await stage.reply_to(result)
    assert notice.content == f"{mei.mention} Your CNY-SnakeYear is done."
    assert fact(result, "took").startswith("16 min")


async def test_a_long_job_that_failed_is_told_too_and_nobody_else_is_pinged(stage: Stage) -> None:
    mei = stage.member()
    stage.studio.hold("processing")
    stage.studio.fail_job_next()
    async with stage.bot():
        result = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(result))
        stage.discord.advance(minutes=3)
        stage.studio.release()
        notice = await stage.reply_to(result)
    assert notice.content == f"{mei.mention} Your CNY-SnakeYear has ended without images."
    (sent,) = [each.body for each in stage.discord.requests if each.route == server.SEND]
    assert sent["allowed_mentions"] == {"parse": [], "users": [mei.id]}


async def test_nobody_is_told_of_an_end_where_the_setting_says_never(stage: Stage) -> None:
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0"
    mei = stage.member()
    stage.studio.hold("processing")
    async with stage.bot():
        result = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(result))
        stage.discord.advance(minutes=16)
        stage.studio.release()
        await stage.ended(result)
        other = await stage.ended(replied(await stage.slash(mei)))
    assert stage.discord.messages() == [result, other]


async def test_commands_offer_pictures_only_and_are_published_once(stage: Stage) -> None:
    for _start in range(2):
        async with stage.bot():
            pass
    puts = [each for each in stage.discord.requests if each.method == "PUT"]
    (command,) = (each for each in puts[0].body if each["name"] == COMMAND)
    assert len(puts) == 1
    assert stage.discord.commands.names() == PUBLISHED
    assert command["options"] == [
        {
            "type": 11,
            "name": "image",
            "description": "A picture: image",
            "required": True,
            "file_types": ["image"],
        },
        {
            "type": 4,
            "name": "seed",
            "description": "The same seed gives the same result; left out, it is drawn at random",
            "required": False,
            "min_value": 0,
            "max_value": 2**53 - 1,
        },
        {
            "type": 3,
            "name": "show",
            "description": "Who sees the images at once; everyone where it is left out",
            "required": False,
            "choices": [
                {"name": "everyone", "value": "everyone"},
                {"name": "behind a spoiler", "value": "behind a spoiler"},
                {"name": "only me", "value": "only me"},
            ],
        },
    ]


async def test_commands_move_to_servers_and_back_and_leave_nothing_behind(stage: Stage) -> None:
    async with stage.bot():
        pass
    guild_id = stage.discord.guild.id
    for guilds in (str(guild_id), ""):
        stage.settings["GUILD_IDS"] = guilds
        async with stage.bot():
            wanted = {int(guilds) if guilds else None}
            await stage.discord.until(lambda w=wanted: stage.discord.commands.scopes() == w)  # type: ignore[misc]
        if guilds:
            handle = stage.discord.command(COMMAND, guild_id)
            assert handle["guild_id"] == guilds
