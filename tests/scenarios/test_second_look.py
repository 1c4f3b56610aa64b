"""Before a job is sent that this process did not take just now, its reply is looked at in Discord."""

import asyncio
from collections.abc import Callable

import pytest

from bot.errors import DiscordError
from bot.jobs.job import Failure
from bot.reasons import SENTENCES, Reason
from bot.sandbox.discord import server
from bot.sandbox.discord.interaction_routes import InteractionRoutes
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.messages import EPHEMERAL, Message
from bot.sandbox.discord.requests import Exchange
from tests.scenarios.conftest import Stage, asked, described, moved_on, png, replied
from tests.scenarios.tables import at_rest
from tests.scenarios.test_crashes import killed_at

GONE = Failure(reason=Reason.REPLY_GONE)
LOOKS = {server.LOOK, server.LOOK_BY_TOKEN}


async def left_behind(stage: Stage) -> Message:
    """The reply of a job whose bot was killed before it was sent."""
    message = await killed_at(stage, stage.discord.pause(server.DOWNLOAD))
    assert message
    return message


def looks(stage: Stage) -> list[Exchange]:
    return [each for each in stage.discord.requests if each.route in LOOKS]


async def test_a_job_that_is_answered_and_sent_at_once_needs_no_look(stage: Stage) -> None:
    async with stage.bot():
        await stage.ended(await asked(stage))
        question = await stage.member().post(stage.discord.bot_mention, files=[png()])
        await stage.ended(await stage.reply_to(question))
    assert looks(stage) == []


@pytest.mark.parametrize("minutes", [0, 16], ids=["with its token", "without its token"])
async def test_a_job_left_behind_is_sent_after_one_look(stage: Stage, minutes: float) -> None:
    message = await left_behind(stage)
    stage.discord.advance(minutes=minutes)
    stage.studio.fail_next("submit", status=429, times=3)
    async with stage.bot() as app:
        await moved_on(stage, app, lambda: "Done" in described(message))
    assert len(stage.studio.posts) == 1
    assert [each.status for each in looks(stage)] == [200]


async def test_a_hidden_reply_is_seen_by_its_token(stage: Stage) -> None:
    message = await left_behind(stage)
    message.flags |= EPHEMERAL
    async with stage.bot():
        await stage.discord.until(lambda: "Done" in described(message))
    assert len(stage.studio.posts) == 1


async def test_a_hidden_reply_whose_token_is_over_is_not_sent(stage: Stage) -> None:
    message = await left_behind(stage)
    message.flags |= EPHEMERAL
    stage.discord.advance(minutes=16)
    async with stage.bot() as app:
        (row,) = await at_rest(app)
    assert (row.failure, stage.studio.posts, described(message)) == (
        GONE,
        [],
        "**Waiting for a turn**",
    )


async def delete_the_message(stage: Stage, message: Message) -> None:
    await stage.discord.delete_message(message)


async def delete_the_channel(stage: Stage, message: Message) -> None:
    await stage.discord.delete_channel(message.channel)


async def remove_its_buttons(_stage: Stage, message: Message) -> None:
    message.components = []


@pytest.mark.parametrize("minutes", [0, 16], ids=["with its token", "without its token"])
@pytest.mark.parametrize("taken_away", [delete_the_message, delete_the_channel, remove_its_buttons])
async def test_a_job_whose_reply_is_gone_meanwhile_is_not_sent(
    stage: Stage, taken_away: Callable[[Stage, Message], object], minutes: float
) -> None:
    message = await left_behind(stage)
    await taken_away(stage, message)  # type: ignore[misc]
    stage.discord.advance(minutes=minutes)
    async with stage.bot() as app:
        (row,) = await at_rest(app)
    assert (row.failure, stage.studio.posts) == (GONE, [])
    assert [each for each in stage.discord.requests if each.method == "PATCH"] == []


async def test_a_job_whose_reply_cannot_be_seen_for_a_day_is_not_sent_and_says_so(
    stage: Stage,
) -> None:
    message = await left_behind(stage)
    stage.discord.advance(minutes=16)
    stage.discord.fail_next(server.LOOK, status=503, times=10_000)
    async with stage.bot() as app:
        await moved_on(stage, app, lambda: "Failed" in described(message), step_s=3600)
        (row,) = await at_rest(app)
    assert described(message) == f"**Failed.** {SENTENCES[Reason.REPLY_GONE]}"
    assert (row.failure, stage.studio.posts) == (GONE, [])


@pytest.mark.parametrize("times", [1, 10_000], ids=["for a moment", "for more than a day"])
async def test_of_a_post_without_an_answer_nothing_is_drawn_before_the_reply_was_looked_at(
    stage: Stage, times: int
) -> None:
    message = await killed_at(stage, stage.studio.pause("submit", when="after"))
    assert message
    stage.discord.advance(minutes=16)
    stage.discord.fail_next(server.LOOK, status=403, code=50001, times=times)
    async with stage.bot() as app:
        await moved_on(stage, app, lambda: "Failed" in described(message), step_s=3600)
    assert described(message) == f"**Failed.** {SENTENCES[Reason.MAYBE_CHARGED]}"
    assert len(looks(stage)) > 1


async def test_a_paid_job_is_not_held_up_by_a_look_that_fails(stage: Stage) -> None:
    stage.studio.hold("processing")
    message = await killed_at(stage, stage.studio.pause("status"))
    assert message
    stage.studio.release()
    stage.discord.advance(minutes=16)
    stage.discord.fail_next(server.LOOK, status=503, times=10_000)
    async with stage.bot():
        await stage.ended(message)
    assert (len(message.attachments), len(looks(stage))) == (2, 1)


# -- answers that Discord does not give, or gives twice


def without_its_message(_routes: InteractionRoutes, handle: InteractionHandle) -> dict[str, object]:
    return {"interaction": {"id": str(handle.id), "type": handle.kind}}


def followups(stage: Stage) -> list[Exchange]:
    return [each for each in stage.discord.requests if each.route.startswith("POST /webhooks")]


async def test_an_answer_that_does_not_name_its_message_is_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InteractionRoutes, "_callback_answer", without_its_message)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert (len(message.attachments), followups(stage)) == (2, [])


@pytest.mark.parametrize("is_named", [True, False], ids=["a 500", "no message named"])
async def test_of_an_answer_that_cannot_be_read_nothing_is_said_and_its_reply_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, is_named: bool
) -> None:
    if is_named:
        stage.discord.fail_next(server.CALLBACK, status=500, is_after=True)
    else:
        monkeypatch.setattr(InteractionRoutes, "_callback_answer", without_its_message)
    stage.discord.fail_next(server.LOOK_BY_TOKEN, status=429, has_via=False)
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: looks(stage))
        await moved_on(stage, app, lambda: "Done" in described(message))
    assert (len(message.attachments), followups(stage)) == (2, [])
    assert len(stage.studio.posts) == 1


async def test_a_500_though_the_answer_arrived_holds_nothing_up(stage: Stage) -> None:
    stage.discord.fail_next(server.CALLBACK, status=500, is_after=True)
    async with stage.bot():
        async with asyncio.timeout(8):  # sooner than lost replies are looked for
            message = await stage.ended(await asked(stage))
    assert [each.status for each in stage.discord.requests if each.route == server.CALLBACK] == [
        500,
        400,
    ]
    assert len(message.attachments) == 2


async def test_where_the_answer_to_a_cancel_is_lost_nothing_is_said_of_money(stage: Stage) -> None:
    stage.studio.hold("processing")
    mei = stage.member()
    async with stage.bot():
        message = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(message))
        stage.discord.fail_next(server.CALLBACK, is_reset=True)
        handle = await (await mei.press(message, "Cancel")).responded()
        assert handle.message
        assert handle.message.content == DiscordError.user_message
        stage.discord.fail_next(server.CALLBACK, is_reset=True, is_after=True)
        handle = await (await mei.press(message, "Cancel")).responded()
        assert handle.message
        assert "was charged" in handle.message.content
        stage.studio.release()
        await stage.discord.until(lambda: "Cancelled" in described(message))
    assert followups(stage) == []
