"""Results that do not simply fit: too many, too large, or with nowhere to go."""

import shutil

import pytest

from bot.app import App
from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from bot.work import delivery
from tests.samples.pictures import animated, encoded, noise
from tests.scenarios.conftest import Stage, asked, described, has_files, replied, stage_tick

THIRTEEN = [f"Image {number} could not be posted here: [the original]" for number in range(11, 14)]


def names(message: Message) -> list[str]:
    return [attachment.filename for attachment in message.attachments]


async def worked_off(stage: Stage, app: App, message: Message, words: str) -> None:
    """Move the clock on until the reply says so."""
    for _turn in range(100):
        if words in described(message):
            return
        stage.discord.advance(minutes=20)
        await stage_tick(app)
    pytest.fail(f"it says {described(message)}")


async def test_a_further_message_that_is_deleted_costs_its_own_images_alone(stage: Stage) -> None:
    stage.studio.endpoints["PrOhEE"] = 13
    pause = stage.discord.pause(server.EDIT, match=has_files)
    async with stage.bot():
        message = await asked(stage)
        await pause.reached()
        (further,) = [m for m in stage.discord.messages() if m.reply_to == message.id]
        await stage.discord.delete_message(further)
        pause.release()
        await stage.ended(message)
    assert len(message.attachments) == 10
    assert all(line in described(message) for line in THIRTEEN)


async def test_more_bytes_than_a_message_takes_go_into_a_further_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_pngs(stage, monkeypatch)
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(stage.member(), seed=1)))
    (further,) = [m for m in stage.discord.messages() if m.reply_to == message.id]
    assert names(message) == ["cny-snakeyear-seed1-1.png"]
    assert names(further) == ["cny-snakeyear-seed1-2.png"]


async def test_a_further_message_that_is_not_needed_after_all_is_emptied(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_pngs(stage, monkeypatch)
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=413, code=40005, match=has_files)
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(stage.member(), seed=1)))
    (further,) = [m for m in stage.discord.messages() if m.reply_to == message.id]
    assert names(message) == ["cny-snakeyear-seed1-1.webp", "cny-snakeyear-seed1-2.webp"]
    assert names(further) == []
    assert further.content.startswith("CNY-SnakeYear: all of it is above")


def two_pngs(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result of two files, of which a message takes one, or both once they are smaller."""
    data = encoded(noise((180, 180)), "PNG")
    monkeypatch.setattr(delivery, "MAX_REQUEST_BYTES", round(len(data) * 1.3))
    stage.studio.outputs |= dict.fromkeys((1, 2), (data, "image/png"))


async def test_a_file_that_no_message_takes_is_linked_to(stage: Stage) -> None:
    stage.discord.fail_next(
        server.EDIT_BY_TOKEN, status=413, code=40005, match=has_files, times=1000
    )
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(lambda: "Done" in described(message), within_s=30)
    assert "Image 1 is too large for Discord: [the original](<http://127.0.0.1" in described(
        message
    )


async def test_what_cannot_be_made_smaller_is_linked_to(stage: Stage) -> None:
    moving = animated("GIF")
    stage.studio.outputs[1] = (moving, "image/gif")
    stage.discord.announced_upload_limit_bytes = len(moving) - 1
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert "Image 1 is too large for Discord: [the original](<" in described(message)


async def test_a_result_that_has_to_wait_says_how_far_it_has_come(stage: Stage) -> None:
    stage.studio.fail_next("download", status=503)
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "Saving the images" in described(message))
        stage.discord.advance(seconds=10)
        await stage_tick(app)
        await stage.ended(message)
    assert len(message.attachments) == 2


async def test_files_that_are_gone_from_the_archive_end_in_a_sentence(stage: Stage) -> None:
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=503, match=has_files)
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: any(has_files(each) for each in stage.discord.requests))
        shutil.rmtree(stage.data_dir / "archive")
        await worked_off(stage, app, message, "Discord did not take the images here")
