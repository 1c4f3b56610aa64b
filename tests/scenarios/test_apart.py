"""Where the bot is not: whoever has installed it for themselves is answered by their token alone."""

import pytest

from bot.jobs.job import JobStatus
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import Channel
from bot.work import delivery
from tests.scenarios.conftest import COMMAND, Stage, custom_ids, described, png, replied
from tests.scenarios.test_changes import press
from tests.scenarios.test_only_me import GET, beside, came_to

PLACES = ("server", "group", "direct")


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


def refused(stage: Stage) -> list[int]:
    """What Discord refused to the bot."""
    return [each.status for each in stage.discord.requests if each.status >= 400]


@pytest.mark.parametrize("kind", PLACES)
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
    assert told.content == "Only who asked for this can get it."
    assert refusal.content == "Only who has added this bot to their own apps can use it here."
    first = reply.revisions[0]
    assert [each.split(":")[0] for each in custom_ids(first)] == ["get", "cancel", "more"]
    assert [len(each.attachments) for each in beside(stage, reply)] == [0, 2, 0, 2]
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
