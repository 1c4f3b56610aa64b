"""kill -9 at the worst moments: the same reply ends well, and no job is sent twice."""

import asyncio
import signal
import time
from contextlib import suppress

import pytest

from bot.sandbox import server
from bot.sandbox.trouble import Pause
from bot.sandbox.world import Message
from tests.scenarios.conftest import COMMAND, RERUN, Stage, described, has_files, png, replied

MAYBE = (
    "**Failed.** The bot could not see whether the service took this job. It may have been charged,"
    " so it was not sent twice. Run it again if you want to."
)


async def killed_at(stage: Stage, pause: Pause, *, is_answered: bool = True) -> Message | None:
    """Mei's command, whose bot is killed where the pause is; then the pause ends."""
    mei = stage.member()
    async with stage.process() as bot:
        handle = await mei.slash(COMMAND, image=png(), seed=20)
        if is_answered:
            await handle.responded()
        await pause.reached()
        await bot.kill()
    pause.drop()
    return handle.message


async def restarted(stage: Stage, message: Message) -> Message:
    """The reply at the end of its job, after one more start."""
    async with stage.process():
        return await stage.ended(message)


async def test_killed_between_row_and_answer_nothing_is_charged(stage: Stage) -> None:
    pause = stage.discord.pause(server.CALLBACK)
    message = await killed_at(stage, pause, is_answered=False)
    assert message is None
    async with stage.process():
        await looked_for_reply(stage)
        mei = stage.member()
        await stage.ended(stage.discord.message((await stage.slash(mei)).message_id or 0))
    assert len(stage.studio.posts) == 1


async def test_killed_before_the_id_is_noted_the_reply_is_found_after_its_token_is_over(
    stage: Stage,
) -> None:
    message = await killed_at(stage, stage.discord.pause(server.CALLBACK, when="after"))
    assert message
    stage.discord.advance(minutes=16)  # of which the bot's own process knows nothing
    await restarted(stage, message)
    assert len(message.attachments) == 2
    assert stage.seeds() == ["20"]


async def test_a_bot_in_another_process_learns_that_a_token_is_over(stage: Stage) -> None:
    stage.studio.hold("processing")
    async with stage.process():
        message = replied(await stage.slash(stage.member()))
        await stage.discord.until(lambda: "Processing" in described(message))
        stage.discord.advance(minutes=16)
        stage.studio.release()
        await stage.ended(message)
    assert 401 in {each.status for each in stage.discord.requests}
    assert len(message.attachments) == 2


async def looked_for_reply(stage: Stage) -> None:
    """The bot has asked Discord for the reply that never was."""
    await stage.discord.until(
        lambda: any("@original" in each.path for each in stage.discord.requests)
    )


async def test_killed_between_answer_and_message_id_the_reply_is_found(stage: Stage) -> None:
    pause = stage.discord.pause(server.CALLBACK, when="after")
    message = await killed_at(stage, pause)
    assert message
    await restarted(stage, message)
    assert "Done" in described(message)
    assert stage.seeds() == ["20"]


async def test_killed_while_the_post_is_unanswered_it_is_never_sent_twice(stage: Stage) -> None:
    pause = stage.studio.pause("submit", when="after")
    message = await killed_at(stage, pause)
    assert message
    await restarted(stage, message)
    assert described(message) == MAYBE
    assert stage.seeds() == ["20"]


async def test_killed_while_processing_the_job_goes_on(stage: Stage) -> None:
    stage.studio.hold("processing")
    mei = stage.member()
    async with stage.process() as bot:
        handle = await stage.slash(mei, seed=20)
        message = stage.discord.message(handle.message_id or 0)
        await stage.discord.until(lambda: "Processing" in described(message))
        await bot.kill()
    stage.studio.release()
    await restarted(stage, message)
    assert "Done" in described(message)
    assert stage.seeds() == ["20"]


async def test_killed_while_downloading_the_images_still_come(stage: Stage) -> None:
    pause = stage.studio.pause("download")
    message = await killed_at(stage, pause)
    assert message
    await restarted(stage, message)
    assert len(message.attachments) == 2
    assert stage.seeds() == ["20"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_the_final_edit_is_on_the_wire_it_ends_the_same(
    stage: Stage, when: str
) -> None:
    pause = stage.discord.pause(server.EDIT_BY_TOKEN, when=when, match=has_files)
    message = await killed_at(stage, pause)
    assert message
    await restarted(stage, message)
    names = [attachment.filename for attachment in message.attachments]
    assert names == ["cny-snakeyear-seed20-1.jpg", "cny-snakeyear-seed20-2.jpg"]
    assert stage.seeds() == ["20"]
    assert [m for m in stage.discord.messages() if m is not message] == []


async def test_stopped_politely_a_job_goes_on_after_the_next_start(stage: Stage) -> None:
    stage.studio.hold("in_queue")
    mei = stage.member()
    async with stage.process() as bot:
        message = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await stage.discord.until(lambda: "In queue" in described(message))
        started = time.monotonic()
        assert await bot.terminate() == 0
        assert time.monotonic() - started < 8
    stage.studio.release()
    await restarted(stage, message)
    assert len(stage.studio.posts) == 1


async def test_stopping_waits_for_a_post_in_flight(stage: Stage) -> None:
    pause = stage.studio.pause("submit", when="after")
    mei = stage.member()
    async with stage.process() as bot:
        message = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await pause.reached()
        bot.process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(bot.process.wait(), 6)
        assert bot.process.returncode is None
        pause.release()
        assert await bot.process.wait() == 0
    await restarted(stage, message)
    assert "Done" in described(message)
    assert len(stage.studio.posts) == 1


async def test_a_button_and_a_reaction_work_after_a_restart(stage: Stage) -> None:
    mei = stage.member()
    async with stage.process():
        message = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await stage.ended(message)
    stage.discord.files.clear()  # Discord's links to inputs do not last
    async with stage.process():
        await mei.react(message, RERUN)
        await stage.ended(await stage.reply_to(message))
        handle = await (await mei.press(message, "Run again")).responded()
        again = await stage.ended(stage.discord.message(handle.message_id or 0))
    assert again.reply_to == message.id
    assert len(set(stage.seeds())) == 3
