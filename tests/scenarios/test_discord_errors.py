"""When Discord, or the way to it, is in trouble: the reply still ends right, or the files are kept."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from bot.app import App
from bot.jobs import JobStatus
from bot.sandbox import server
from bot.sandbox.world import Message
from cogs import endpoints
from tests.scenarios.conftest import (
    COMMAND,
    RERUN,
    Stage,
    asked,
    described,
    has_files,
    png,
    stage_tick,
)


async def status_of(app: App, message: Message, status: JobStatus) -> None:
    """Return once the message's job has this status."""
    for _try in range(200):
        job = await app.bot.service.job_of(message.id)
        if job and job.status is status and job.due_at is None:
            return
        await stage_tick(app)
    pytest.fail(f"it is not {status}")


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429, "retry_after_s": 0.1},
        {"status": 429, "has_via": False},
        {"status": 502, "is_html": True},
        {"is_reset": True},
        {"is_reset": True, "is_after": True},
    ],
    ids=str,
)
async def test_a_final_edit_that_fails_is_made_again(
    stage: Stage, fault: dict[str, object]
) -> None:
    stage.discord.fail_next(server.EDIT_BY_TOKEN, match=has_files, **fault)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert len(message.attachments) == 2
    assert len(stage.studio.posts) == 1


async def test_a_limit_below_the_announced_one_is_stepped_down_to(stage: Stage) -> None:
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=413, code=40005, times=2, match=has_files)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert len(message.attachments) == 2
    assert "Image 1 was made smaller to fit" in described(message)


async def test_an_edit_of_a_state_that_fails_does_not_hold_the_job_up(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=403, code=50001)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert len(message.attachments) == 2
    assert any("its reply was not edited" in r.getMessage() for r in caplog.records)


async def test_a_token_that_is_over_early_is_followed_by_the_bots_own(stage: Stage) -> None:
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=401, code=50027)
    async with stage.bot():
        await stage.ended(await asked(stage))
    edits = [each.route for each in stage.discord.requests if each.method == "PATCH"]
    assert edits[0] == server.EDIT_BY_TOKEN
    assert set(edits[1:]) == {server.EDIT}


async def test_a_reply_that_was_deleted_leaves_the_files_kept(stage: Stage) -> None:
    stage.studio.hold("processing")
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "Processing" in described(message))
        await stage.discord.delete_message(message)
        stage.studio.release()
        await status_of(app, message, JobStatus.UNDELIVERABLE)
        job = await app.bot.service.job_of(message.id)
        assert job
        assert all(output.stored for output in job.outputs)
        assert stage.discord.messages() == []


async def test_a_failure_that_nobody_is_left_to_read_ends(stage: Stage) -> None:
    stage.studio.hold("processing")
    stage.studio.fail_job_next()
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "Processing" in described(message))
        await stage.discord.delete_message(message)
        stage.studio.release()
        await status_of(app, message, JobStatus.FAILED)


async def test_without_reactions_a_result_still_has_its_button(stage: Stage) -> None:
    stage.discord.deny(stage.discord.channel, "add_reactions")
    async with stage.bot() as app:
        message = await asked(stage)
        await status_of(app, message, JobStatus.DELIVERED)
        handle = await (await stage.member().press(message, "Run again")).responded()
        again = stage.discord.message(handle.message_id or 0)
        await status_of(app, again, JobStatus.DELIVERED)
    assert (message.reactions, again.reply_to) == ({}, message.id)


async def test_a_file_that_discord_no_longer_hands_out_ends_in_a_sentence(stage: Stage) -> None:
    stage.discord.fail_next(server.DOWNLOAD, status=404)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert described(message) == (
        "**Failed.** Discord no longer hands out the picture of this request. Nothing was"
        " charged; please send it again."
    )
    assert stage.studio.posts == []


async def test_a_file_that_discord_hands_out_late_is_waited_for(stage: Stage) -> None:
    stage.discord.fail_next(server.DOWNLOAD, status=503)
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(
            lambda: any(each.route == server.DOWNLOAD for each in stage.discord.requests)
        )
        stage.discord.advance(seconds=5)
        await stage.ended(message)
    assert len(message.attachments) == 2


async def test_a_file_that_stays_away_is_given_up_uncharged(stage: Stage) -> None:
    stage.discord.fail_next(server.DOWNLOAD, is_reset=True, times=100)
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(
            lambda: any(each.route == server.DOWNLOAD for each in stage.discord.requests)
        )
        stage.discord.advance(minutes=61)
        await stage.ended(message)
    assert "Nothing was charged" in described(message)
    assert stage.studio.posts == []


async def test_an_answer_that_came_too_late_is_logged_and_nothing_is_charged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    mei = stage.member()
    async with stage.bot() as app:
        stage.discord.fail_next(
            server.CALLBACK, status=404, code=10062, message="Unknown interaction"
        )
        await mei.slash(COMMAND, image=png())
        await stage.discord.until(lambda: any("too late" in r.getMessage() for r in caplog.records))
        stage.discord.advance(seconds=11)  # then the row is looked into
        app.worker.wake()
        await stage.discord.until(
            lambda: any("@original" in each.path for each in stage.discord.requests)
        )
        await stage.ended(await asked(stage))
    assert len(stage.studio.posts) == 1


async def test_a_reply_to_a_message_that_failed_is_sent_once_discord_works(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        stage.discord.fail_next(server.SEND, status=503)
        asked_for = await mei.post(f"{stage.discord.bot_mention} seed 20", files=[png()])
        await stage.discord.until(
            lambda: any(each.route == server.SEND for each in stage.discord.requests)
        )
        stage.discord.advance(seconds=11)
        app.worker.wake()
        reply = await stage.ended(await stage.reply_to(asked_for))
    assert len(reply.attachments) == 2
    assert len(stage.studio.posts) == 1


async def test_a_reply_that_arrived_though_its_answer_did_not_is_found_again(
    stage: Stage,
) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        stage.discord.fail_next(server.SEND, is_reset=True, is_after=True)
        asked_for = await mei.post(f"{stage.discord.bot_mention} seed 20", files=[png()])
        reply = await stage.reply_to(asked_for)
        stage.discord.advance(seconds=11)
        app.worker.wake()
        await stage.ended(reply)
    replies = [m for m in stage.discord.messages() if m.reply_to == asked_for.id]
    assert replies == [reply]


async def test_a_word_to_who_asked_that_fails_is_not_missed_by_the_result(stage: Stage) -> None:
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001"
    stage.discord.fail_next(server.SEND, status=403, code=50013)
    async with stage.bot():
        message = await stage.ended(await asked(stage))
        await stage.discord.until(
            lambda: [each.status for each in stage.discord.requests if each.route == server.SEND]
        )
    assert len(message.attachments) == 2


async def test_a_refusal_that_cannot_be_told_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    mei = stage.member()
    stage.discord.deny(stage.discord.channel, "send_messages")
    async with stage.bot():
        await mei.post(f"{stage.discord.bot_mention} seed 20", files=[png()])
        await stage.discord.until(
            lambda: any("not answered: status 403" in r.getMessage() for r in caplog.records)
        )


async def test_commands_that_cannot_be_published_do_not_stop_the_bot(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with stage.bot():
        pass
    stage.settings["GUILD_IDS"] = "5"  # a server that the bot is not in
    async with stage.bot():
        await stage.discord.until(
            lambda: any("could not be published" in r.getMessage() for r in caplog.records)
        )
        question = await stage.member().post(stage.discord.bot_mention, files=[png()])
        await stage.ended(await stage.reply_to(question))
    assert stage.discord.commands.names() == [COMMAND]


async def test_a_server_that_the_bot_is_not_in_stops_no_other_and_is_tried_again_alone(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    guild_id = stage.discord.guild.id
    async with stage.bot():
        pass
    stage.settings["GUILD_IDS"] = f"5,{guild_id}"
    async with stage.bot() as app:
        assert stage.discord.commands.scopes() == {guild_id}
        before = len(stage.discord.requests)
        cog: Any = app.bot.get_cog("Endpoints")
        assert not await cog._publish_changes()
        again = [r.path for r in stage.discord.requests[before:] if r.method == "PUT"]
    assert len(again) == 1
    assert "/guilds/5/" in again[0]
    lines = [r.getMessage() for r in caplog.records if r.name == "cogs.endpoints"]
    assert lines == ["the commands could not be published: server 5: Forbidden"] * 2


async def test_a_server_that_the_bot_has_left_counts_as_cleared(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with stage.bot() as app:
        await app.bot.store.write_note(endpoints.SCOPES, "5")
    async with stage.bot() as app:
        assert await app.bot.store.note(endpoints.SCOPES) == ""
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "publish"]
    assert [r.getMessage() for r in caplog.records if r.name == "cogs.endpoints"] == []


async def test_a_lost_gateway_is_found_again(stage: Stage, errors: Callable[[], list[str]]) -> None:
    async with stage.bot():
        for _time in range(2):
            await stage.discord.gateway.drop()
            await stage.discord.until(lambda: stage.discord.connected, within_s=20)
            message = await stage.ended(await asked(stage))
            stage.discord.gateway.refuses_resumes = True
    assert message.reactions[RERUN]
    assert errors() == []
