"""Jobs that take long, and bots that were away: nobody waits here, the clock is moved by hand."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.app import App
from bot.jobs.kinds import Kind
from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.requests import Exchange
from bot.work import lanes
from tests.scenarios.conftest import Stage, asked, described, has_files, moved_on, shown

HOUR_MIN = 60
DAY_MIN = 24 * 60


@asynccontextmanager
async def processing(stage: Stage, state: str = "processing") -> AsyncIterator[tuple[App, Message]]:
    """A bot, and a job that the service keeps in this state."""
    words = {"processing": "Working", "in_queue": "In the service's queue"}[state]
    stage.studio.hold(state)
    async with stage.bot() as app:
        message = await asked(stage)
        await moved_on(stage, app, lambda: words in described(message))
        yield app, message


async def over(stage: Stage, app: App, message: Message, *, step_s: float = 2) -> None:
    """The service goes on, and the job comes to its end."""
    stage.studio.release()
    await moved_on(stage, app, lambda: has_ended(message), step_s=step_s)


def has_ended(message: Message) -> bool:
    return "Done" in described(message) or "Failed" in described(message)


def edits(stage: Stage, since: int = 0) -> list[Exchange]:
    return [each for each in stage.discord.requests[since:] if each.method == "PATCH"]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_after_a_quarter_of_an_hour_the_reply_is_edited_by_the_bots_own_token(
    stage: Stage, *, is_restarted: bool
) -> None:
    async with processing(stage, "in_queue") as (app, message):
        stage.discord.advance(minutes=16)
        since = len(stage.discord.requests)
        stage.studio.hold("processing")
        await moved_on(stage, app, lambda: "Working" in described(message))
        if not is_restarted:
            await over(stage, app, message)
    if is_restarted:
        async with stage.bot() as app:
            await over(stage, app, message)
    assert {each.route for each in edits(stage, since)} == {server.EDIT}
    assert [text.strip("*") for text in shown(message)][-3:-1] == [
        "In the service's queue",
        "Working",
    ]
    assert len(message.attachments) == 2
    assert len(stage.studio.posts) == 1


async def test_an_old_message_is_edited_only_when_the_state_has_changed(stage: Stage) -> None:
    async with processing(stage) as (app, message):
        stage.discord.advance(minutes=2 * HOUR_MIN)
        since = len(stage.discord.requests)
        (job,) = stage.studio.jobs.values()
        polls = job.asked + 5
        await moved_on(stage, app, lambda: job.asked > polls, step_s=10)
        assert edits(stage, since) == []
        await over(stage, app, message)
    assert len(edits(stage, since)) == 1


def old_edits_are_slowed(stage: Stage, times: int) -> None:
    """Discord refuses the next edits of messages that are older than an hour."""

    def is_old(exchange: Exchange) -> bool:
        message = stage.discord.message(int(exchange.path.rpartition("/")[2]))
        return stage.discord.clock.now() - message.at > timedelta(hours=1)

    stage.discord.fail_next(
        server.EDIT, status=429, code=30046, retry_after_s=90, times=times, match=is_old
    )


def gaps_s(stage: Stage, since: int) -> list[float]:
    """The seconds between edits that were refused and the ones after them."""
    found = edits(stage, since)
    return [
        (later.at - each.at).total_seconds()
        for each, later in pairwise(found)
        if each.status == 429
    ]


async def test_a_state_that_an_old_message_may_not_show_yet_is_shown_half_a_minute_later(
    stage: Stage,
) -> None:
    async with processing(stage, "in_queue") as (app, message):
        stage.discord.advance(minutes=2 * HOUR_MIN)
        since = len(stage.discord.requests)
        old_edits_are_slowed(stage, times=2)
        stage.studio.hold("processing")
        await moved_on(stage, app, lambda: "Working" in described(message), step_s=1)
        await over(stage, app, message)
    assert len(gaps_s(stage, since)) == 2
    assert min(gaps_s(stage, since)) > 20  # the clock runs while an edit is under way
    assert len(message.attachments) == 2


async def test_images_that_an_old_message_may_not_take_yet_come_when_discord_says_so(
    stage: Stage,
) -> None:
    async with processing(stage) as (app, message):
        stage.discord.advance(minutes=2 * HOUR_MIN)
        since = len(stage.discord.requests)
        old_edits_are_slowed(stage, times=1)
        stage.studio.release()
        await moved_on(stage, app, lambda: len(edits(stage, since)) == 2)
        await over(stage, app, message)
    with_files = [each for each in edits(stage, since) if has_files(each)]
    assert [each.status for each in with_files] == [429, 200]
    assert (with_files[1].at - with_files[0].at).total_seconds() >= 90


async def test_a_job_that_takes_longer_than_it_may_is_given_up_after_a_restart_too(
    stage: Stage,
) -> None:
    stage.settings["JOB_TIMEOUT_MINUTES"] = "60"
    async with processing(stage) as (_, message):
        pass
    stage.discord.advance(minutes=61)
    async with stage.bot() as app:
        await moved_on(stage, app, lambda: has_ended(message))
    assert "The service took too long, so the bot stopped asking." in described(message)


async def test_a_job_that_ended_while_the_bot_was_away_for_too_long_is_delivered(
    stage: Stage,
) -> None:
    stage.settings["JOB_TIMEOUT_MINUTES"] = "60"
    async with processing(stage) as (_, message):
        pass
    stage.discord.advance(minutes=61)
    stage.studio.fail_next("status", status=503)
    async with stage.bot() as app:
        await over(stage, app, message)
    assert len(message.attachments) == 2


async def test_a_service_that_is_away_for_longer_than_a_job_may_take_ends_it(stage: Stage) -> None:
    stage.settings["JOB_TIMEOUT_MINUTES"] = "60"
    async with processing(stage) as (app, message):
        stage.studio.fail_next("status", status=503, times=10_000)
        await over(stage, app, message, step_s=60)
    assert "The service took too long, so the bot stopped asking." in described(message)


async def test_a_job_that_the_service_has_dropped_after_a_day_is_told_so(stage: Stage) -> None:
    async with processing(stage) as (_, message):
        pass
    stage.discord.advance(minutes=DAY_MIN + 1)
    async with stage.bot() as app:
        await over(stage, app, message, step_s=60)
    assert described(message) == (
        "**Failed.** The service no longer knows this job, so its images are gone. It may have been"
        " charged; run it again if you still want them."
    )


async def test_images_that_nobody_fetched_for_a_day_are_told_to_be_gone(stage: Stage) -> None:
    stage.studio.fail_next("download", status=404, times=10_000)
    async with processing(stage) as (app, message):
        stage.studio.release()
        await moved_on(stage, app, lambda: "Saving the images" in described(message))
    stage.discord.advance(minutes=DAY_MIN + 1)
    async with stage.bot() as app:
        await over(stage, app, message, step_s=60)
    assert described(message) == (
        "**Failed.** The service no longer hands out this job's images. It was charged; the bot's"
        " owner can look it up."
    )


async def test_saved_images_are_posted_after_a_day_though_discord_fails_once_more(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    stage.discord.fail_next(server.EDIT, status=503, times=2, match=has_files)
    async with processing(stage) as (app, message):
        stage.discord.advance(minutes=16)
        stage.studio.release()
        await moved_on(stage, app, lambda: "not posted yet" in caplog.text)
    stage.discord.advance(minutes=DAY_MIN + 1)
    async with stage.bot() as app:
        await over(stage, app, message)
    assert len(message.attachments) == 2


async def test_what_ended_while_the_bot_was_away_is_caught_up_with_the_oldest_first(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "SLOTS", dict.fromkeys(Kind, 1))
    monkeypatch.setattr(lanes, "MOST_ASKING", 0)
    stage.studio.hold("processing")
    messages: list[Message] = []
    async with stage.bot() as app:
        for _job in range(4):
            messages.append(await asked(stage))
            await moved_on(stage, app, lambda: "Working" in described(messages[-1]))
            stage.discord.advance(minutes=10)
    stage.studio.release()
    stage.discord.advance(minutes=HOUR_MIN)
    since = len(stage.discord.requests)
    async with stage.bot() as app:
        for message in messages:
            await over(stage, app, message)
    delivered = [each.path.rpartition("/")[2] for each in edits(stage, since) if has_files(each)]
    # The others may pass each other: a job's next step begins at once where there is room for it.
    assert delivered[0] == str(messages[0].id)
    assert sorted(delivered) == sorted(str(message.id) for message in messages)
    assert len(stage.studio.posts) == 4
