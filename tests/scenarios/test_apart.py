"""Where the bot is not: whoever has installed it for themselves is answered by their token alone."""

import pytest

from bot.app import App
from bot.jobs.job import JobStatus
from bot.reasons import SENTENCES, Reason
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import Channel
from bot.work import delivery
from tests.scenarios.conftest import (
    COMMAND,
    Stage,
    custom_ids,
    described,
    knows_rules,
    png,
    replied,
)
from tests.scenarios.test_cancel import UNPOSTED
from tests.scenarios.test_changes import press
from tests.scenarios.test_history import chosen as one_of
from tests.scenarios.test_history import history
from tests.scenarios.test_only_me import GET, beside, came_to


def apart(stage: Stage, mei: Member, ana: Member | None = None, kind: str = "server") -> Channel:
    """A place of theirs where the bot is not; Mei has installed it for herself."""
    ana = ana or stage.member("Ana")
    stage.settings |= {"USER_INSTALL": "on", "JOBS_PER_DAY": "100"}
    discord = stage.discord
    discord.application.installs.add(1)
    mei.install()
    if kind == "group":
        return discord.add_group("Us", mei.user, ana.user)
    if kind == "direct":
        return discord.add_direct(mei.user, ana.user)
    elsewhere = discord.add_guild("Elsewhere", has_bot=False)
    mei.join(elsewhere)
    ana.join(elsewhere)
    return discord.add_channel("there", elsewhere)


async def asked(mei: Member, place: Channel, **more: object) -> InteractionHandle:
    options = {"image": png(), "seed": 20, **more}
    return await (await mei.slash(COMMAND, channel=place, **options)).responded()


def has_lines(app: App, guild_id: int) -> bool:
    """Whether the bot knows that something is set for its commands there."""
    rules = app.bot.permissions.of(guild_id)
    return rules is not None and rules.application != ()


def refused(stage: Stage) -> list[int]:
    """What Discord refused to the bot."""
    return [each.status for each in stage.discord.requests if each.status >= 400]


@pytest.mark.parametrize("kind", ["server", "group"])
async def test_it_is_answered_and_handed_out_by_a_token_alone(stage: Stage, kind: str) -> None:
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001"
    stage.studio.endpoints["PrOhEE"] = 12
    stage.studio.hold("processing")
    mei, ana = stage.member(), stage.member("Ana")
    place = apart(stage, mei, ana, kind)
    async with stage.bot() as app:
        reply = replied(await asked(mei, place))
        await stage.discord.until(lambda: "Working" in described(reply))
        stage.discord.advance(minutes=16)
        stage.studio.release()
        await came_to(app, reply, JobStatus.DELIVERED)
        assert (reply.attachments, beside(stage, reply)) == ([], [])
        await press(ana, reply, GET)
        await stage.discord.until(lambda: beside(stage, reply))
        (told,) = beside(stage, reply)
    async with stage.bot() as app:
        await press(mei, reply, GET)
        await stage.discord.until(lambda: reply.attachments)
        await came_to(app, reply, JobStatus.DELIVERED)
        refusal = replied(await press(ana, reply, "Run again"))
        again = replied(await press(mei, reply, "Run again"))
        await came_to(app, again, JobStatus.DELIVERED)
        stage.discord.advance(minutes=16)
        more = replied(await press(mei, again, "More…"))
        await press(mei, more, "Delete")
        await press(mei, more, "Delete")
    assert more.content == "It is deleted. Discord lets the bot take its message away no more."
    assert told.content == "Only who asked for this can get it."
    assert refusal.content == "Only who has added this bot to their own apps can use it here."
    first = reply.revisions[0]
    assert [each.split(":")[0] for each in custom_ids(first)] == ["get", "cancel", "more"]
    assert [len(each.attachments) for each in beside(stage, reply)] == [0, 2, 0, 2, 0]
    assert (len(reply.attachments), len(again.attachments)) == (10, 10)
    assert (reply.reactions, again.reactions) == ({}, {})
    assert stage.discord.messages(place) == [reply, again]
    assert refused(stage) == []


async def test_five_further_messages_come_and_of_the_rest_the_reply_says_where_they_are(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MAX_FILES", 2)
    stage.studio.endpoints["PrOhEE"] = 15
    mei = stage.member()
    place = apart(stage, mei)
    async with stage.bot() as app:
        reply = replied(await asked(mei, place))
        await came_to(app, reply, JobStatus.DELIVERED)
    assert [len(each.attachments) for each in (reply, *beside(stage, reply))] == [2] * 6
    assert "Image 13 could not be posted here: [the original]" in reply.content


async def test_whether_it_is_hidden_discord_says_and_so_is_what_comes_of_it(stage: Stage) -> None:
    mei = stage.member()
    place = apart(stage, mei)
    stage.discord.deny(place, "use_external_apps", of=mei.user)
    async with stage.bot() as app:
        reply = replied(await asked(mei, place))
        await came_to(app, reply, JobStatus.DELIVERED)
        stage.discord.allow(place, "use_external_apps", of=mei.user)
        again = replied(await press(mei, reply, "Run again"))
        await came_to(app, again, JobStatus.DELIVERED)
        row = await app.bot.store.by_message(reply.id)
    assert row
    assert (row.is_hidden, row.origin.is_alone, row.origin.is_apart) == (True, False, True)
    assert (reply.is_ephemeral, again.is_ephemeral, len(reply.attachments)) == (True, True, 2)
    assert stage.discord.messages(place) == []


async def test_what_is_not_sent_while_its_token_lives_is_closed_uncharged(stage: Stage) -> None:
    stage.studio.fail_next("submit", status=503, times=9, headers={"Retry-After": "1200"})
    mei = stage.member()
    place = apart(stage, mei)
    async with stage.bot() as app:
        reply = replied(await asked(mei, place))
        await stage.discord.until(lambda: "busy" in described(reply))
        stage.discord.advance(minutes=21)
        app.worker.wake()
        await came_to(app, reply, JobStatus.FAILED)
        await press(mei, reply, GET)
        sentence = SENTENCES[Reason.OUT_OF_REACH]
        await stage.discord.until(lambda: described(reply) == f"**Failed.** {sentence}")
    assert (stage.studio.posts, refused(stage)) == ([], [])


async def test_all_else_is_done_there_too_and_nothing_by_the_bots_own_token(stage: Stage) -> None:
    mei, ana = stage.member(), stage.member("Ana")
    place = apart(stage, mei, ana, "direct")
    async with stage.bot() as app:
        wrong = replied(await asked(mei, place, image=File("a.png", b"no picture")))
        await stage.discord.until(lambda: wrong.is_deleted)
        stage.studio.hold("processing")
        unwanted = replied(await asked(mei, place))
        await stage.discord.until(lambda: "Working" in described(unwanted))
        await press(mei, unwanted, "Cancel")
        stage.studio.release()
        await came_to(app, unwanted, JobStatus.CANCELLED)
        picture = await ana.post("look", files=[png()], channel=place)
        form = await (await mei.use("Use this picture…", picture)).responded()
        used = replied(await (await mei.submit(form, seed="20")).responded())
        await came_to(app, used, JobStatus.DELIVERED)
        shown = replied(
            await press(mei, await one_of(mei, await history(mei), 1), "Show again here")
        )
        there = replied(await (await mei.slash("history", channel=place)).responded())
        again = replied(await press(mei, await one_of(mei, there, 1), "Show again here"))
        await stage.discord.until(lambda: len(again.attachments) == len(shown.attachments) == 2)
        told = replied(await (await mei.slash("help", channel=place)).responded()).content
        more = replied(await press(mei, used, "More…"))
        await press(mei, more, "Delete")
        await press(mei, more, "Delete")
        await stage.discord.until(lambda: used.is_deleted and shown.is_deleted)
    assert COMMAND in told
    assert (again.is_ephemeral, shown.is_ephemeral, described(unwanted)) == (True, False, UNPOSTED)
    assert stage.discord.messages(place) == [unwanted, picture]
    assert refused(stage) == []


async def test_where_nobody_may_attach_files_or_has_it_any_more_one_sentence_says_so(
    stage: Stage,
) -> None:
    mei = stage.member()
    place = apart(stage, mei)
    hidden = stage.discord.add_thread(place, "a thread", mei.user)
    async with stage.bot() as app:
        reply = replied(await asked(mei, hidden))
        await came_to(app, reply, JobStatus.DELIVERED)
        stage.discord.deny(place, "attach_files", of=mei.user)
        told = [replied(await press(mei, reply, "Run again")).content]
        stage.discord.allow(place, "attach_files", of=mei.user)
    stage.settings["USER_INSTALL"] = "off"
    async with stage.bot():
        told.append(replied(await press(mei, reply, "Run again")).content)
        with pytest.raises(ClientRefused):
            await mei.slash(COMMAND, channel=place, image=png())
    assert told[0].startswith("The bot needs these permissions in this channel: Attach Files.")
    assert told[1] == "This bot works in the servers that it is in, and in its direct messages."
    assert len(stage.studio.posts) == 1


async def test_where_it_comes_and_goes_each_press_is_as_the_bot_is_there_then(stage: Stage) -> None:
    mei = stage.member()
    place = apart(stage, mei)
    guild = stage.discord.guilds[place.guild_id or 0]
    async with stage.bot() as app:
        before = replied(await asked(mei, place))
        await came_to(app, before, JobStatus.DELIVERED)
        await stage.discord.bot_joins(guild)
        await stage.discord.until(lambda: knows_rules(app, guild.id))
        there = replied(await press(mei, before, "Run again"))
        typed = replied(await asked(mei, place))
        for each in (there, typed):
            await stage.ended(each)
        await stage.discord.set_command_permissions(guild, None, [("user", mei.id, False)])
        await stage.discord.until(lambda: has_lines(app, guild.id))
        told = replied(await press(mei, before, "Run again")).content
        await stage.discord.bot_leaves(guild)
        await stage.discord.until(lambda: not app.bot.get_guild(guild.id))
        gone = replied(await press(mei, typed, "Run again"))
        await came_to(app, gone, JobStatus.DELIVERED)
    assert "get" not in str(custom_ids(there.revisions[0]))
    assert told.startswith(f"You may not use /{COMMAND} here")
    assert (gone.reactions, len(gone.attachments), refused(stage)) == ({}, 2, [])
