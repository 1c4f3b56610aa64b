"""When Discord is in trouble, beyond what the table of docs/operating.md holds."""

import asyncio
import logging
from typing import Any

import pytest

from bot.app import App
from bot.discord import publishing
from bot.jobs.job import JobStatus
from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import (
    PUBLISHED,
    Stage,
    asked,
    described,
    moved_on,
    png,
    stage_tick,
)
from tests.scenarios.tables import are_at_rest


async def status_of(app: App, message: Message, status: JobStatus) -> None:
    """Return once the message's job has this status."""
    for _try in range(200):
        job = await app.bot.service.job_of(message.id)
        if job and job.status is status and await are_at_rest(app, job.id):
            return
        await stage_tick(app)
    pytest.fail(f"it is not {status}")


async def test_an_edit_of_a_state_that_fails_does_not_hold_the_job_up(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=403, code=50001)
    stage.studio.hold("processing")
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(lambda: "its reply was not edited" in caplog.text)
        stage.studio.release()
        await stage.ended(message)
    assert len(message.attachments) == 2


async def test_a_token_that_is_over_early_is_followed_by_the_bots_own(stage: Stage) -> None:
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=401, code=50027)
    async with stage.bot():
        await stage.ended(await asked(stage))
    edits = [each.route for each in stage.discord.requests if each.method == "PATCH"]
    assert edits[0] == server.EDIT_BY_TOKEN
    assert set(edits[1:]) == {server.EDIT}


async def test_a_failure_that_nobody_is_left_to_read_ends(stage: Stage) -> None:
    stage.studio.hold("processing")
    stage.studio.fail_job_next()
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "Working" in described(message))
        await stage.discord.delete_message(message)
        stage.studio.release()
        await status_of(app, message, JobStatus.FAILED)


async def test_a_reply_that_is_gone_is_edited_again_only_when_the_state_changes(
    stage: Stage,
) -> None:
    stage.studio.hold("in_queue")
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "In the service's queue" in described(message))
        await stage.discord.delete_message(message)
        stage.studio.hold("processing")
        (job,) = stage.studio.jobs.values()
        await moved_on(stage, app, lambda: job.asked > 5, step_s=10)
    refused = [each for each in stage.discord.requests if each.status == 404]
    assert len(refused) == 1


async def test_a_word_to_who_asked_that_is_refused_is_not_missed_by_the_result(
    stage: Stage,
) -> None:
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001"
    stage.discord.fail_next(server.SEND, status=403, code=50013)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
        await stage.discord.until(
            lambda: [each.status for each in stage.discord.requests if each.route == server.SEND]
        )
    assert len(message.attachments) == 2


async def test_a_word_to_who_asked_that_fails_is_said_once_discord_works(stage: Stage) -> None:
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001"
    stage.discord.fail_next(server.SEND, is_reset=True, is_after=True)
    stage.discord.fail_next(server.SEND, status=503)
    async with stage.bot() as app:
        message = await stage.ended(await asked(stage))
        async with asyncio.timeout(10):
            while len([e for e in stage.discord.requests if e.route == server.SEND]) < 3:
                stage.discord.advance(seconds=10)
                await stage_tick(app)
        await status_of(app, message, JobStatus.DELIVERED)
    assert len([m for m in stage.discord.messages() if m.reply_to == message.id]) == 1


@pytest.mark.parametrize("fault", [{"status": 403, "code": 50013}, {"is_reset": True}], ids=str)
async def test_a_refusal_that_cannot_be_told_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    caplog.set_level(logging.WARNING)
    stage.discord.fail_next(server.SEND, **fault)
    async with stage.bot():
        await stage.member().post(f"{stage.discord.bot_mention} seed x", files=[png()])
        await stage.discord.until(
            lambda: any("not answered" in r.getMessage() for r in caplog.records)
        )
    assert [r.name for r in caplog.records] == ["bot.discord.messenger"]


async def test_commands_that_cannot_be_published_do_not_stop_the_bot(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with stage.bot():
        pass
    stage.settings["GUILD_IDS"] = str(stage.discord.guild.id)
    route = "PUT /applications/{application_id}/guilds/{guild_id}/commands"
    stage.discord.fail_next(route, status=403, code=50001)
    async with stage.bot():
        await refused_to_publish(stage, caplog)
        question = await stage.member().post(stage.discord.bot_mention, files=[png()])
        await stage.ended(await stage.reply_to(question))
    assert stage.discord.commands.names() == PUBLISHED


async def refused_to_publish(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Discord has not taken the commands of this start."""
    await stage.discord.until(
        lambda: any("could not be published" in r.getMessage() for r in caplog.records)
    )


async def test_a_server_that_the_bot_is_not_in_stops_no_other_and_is_tried_again_alone(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    guild_id = stage.discord.guild.id
    async with stage.bot():
        pass
    stage.settings["GUILD_IDS"] = f"5,{guild_id}"
    async with stage.bot() as app:
        await stage.discord.until(lambda: stage.discord.commands.scopes() == {guild_id})
        before = len(stage.discord.requests)
        assert not await app.bot.publisher.publish_changes()
        again = [r for r in stage.discord.requests[before:] if r.path.endswith("/commands")]
    assert {each.method for each in again} == {"GET"}
    lines = [r.getMessage() for r in caplog.records if r.name == "bot.discord.publishing"]
    assert (
        lines
        == ["the commands could not be published: server 5: status 403, code 50001: Missing Access"]
        * 2
    )


async def test_a_server_that_the_bot_has_left_counts_as_cleared(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with stage.bot() as app:
        await app.bot.store.write_note(publishing.SCOPES, "5")
    async with stage.bot() as app:
        assert await app.bot.store.note(publishing.SCOPES) == ""
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "publish"]
    assert [r.getMessage() for r in caplog.records if r.name == "bot.discord.publishing"] == []
