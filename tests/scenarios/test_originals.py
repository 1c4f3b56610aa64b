"""*Originals*: exactly what the service made, in the answer to a press."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from tests.samples.pictures import encoded, noise
from tests.scenarios.conftest import Stage, has_files, replied
from tests.scenarios.test_cancel import pressed, said

FOLLOW_UP = "POST /webhooks/{application_id}/{token}"


def hidden_from_others(stage: Stage) -> list[Message]:
    return [m for m in stage.discord.all_messages.values() if m.is_ephemeral and not m.is_deleted]


async def test_they_come_ten_a_message_and_what_is_too_large_is_linked(stage: Stage) -> None:
    stage.studio.endpoints["PrOhEE"] = 13
    large = encoded(noise((90, 90)), "PNG")
    small = [encoded(noise((5 + number, 9)), "PNG") for number in range(12)]
    stage.studio.outputs |= {n: (data, "image/png") for n, data in enumerate((*small, large), 1)}
    stage.discord.announced_upload_limit_bytes = len(large) - 1
    mei, ian = stage.member(), stage.member("Ian")
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(mei)))
        told = replied(await pressed(ian, message, "More…"))
        found = replied(await pressed(ian, told, "Originals"))
        await stage.discord.until(
            lambda: sum(len(m.attachments) for m in hidden_from_others(stage)) == 12
        )
    further = hidden_from_others(stage)[-1]
    assert [len(each.attachments) for each in (found, further)] == [10, 2]
    files = [stage.discord.file(each) for m in (found, further) for each in m.attachments]
    assert files == small
    assert "Image 13 is too large for Discord: [the original](<http" in found.content
    names = [each.filename for each in found.attachments]
    assert names == [each.filename for each in message.attachments]


@pytest.mark.parametrize("route", [server.EDIT_BY_TOKEN, FOLLOW_UP])
async def test_what_discord_does_not_take_now_is_said(stage: Stage, route: str) -> None:
    stage.studio.endpoints["PrOhEE"] = 11
    mei = stage.member()
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(mei)))
        told = replied(await pressed(mei, message, "More…"))
        stage.discord.fail_next(route, status=403, code=50013, match=has_files)
        await pressed(mei, told, "Originals")
        sentence = "Not all of them could be handed out now: press again later."
        await stage.discord.until(
            lambda: sentence in [m.content for m in hidden_from_others(stage)]
        )


@pytest.mark.parametrize("trouble", [{"status": 500}, {"is_reset": True}])
async def test_an_answer_that_discord_took_with_an_error_goes_on(
    stage: Stage, trouble: dict[str, Any]
) -> None:
    mei = stage.member()
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(mei)))
        told = replied(await pressed(mei, message, "More…"))
        stage.discord.fail_next(server.CALLBACK, **trouble, is_after=True)
        found = replied(await pressed(mei, told, "Originals"))
        await stage.discord.until(lambda: len(found.attachments) == 2)
        stage.discord.fail_next(server.CALLBACK, status=500, is_after=True)
        await pressed(mei, told, "Delete")
        await pressed(mei, told, "Delete")
        await stage.discord.until(lambda: message.is_deleted)


async def test_a_database_that_hangs_is_told_of_in_one_sentence(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(mei)))
        told = replied(await pressed(mei, message, "More…"))
        with closing(sqlite3.connect(stage.data_dir / "jobs.sqlite3", isolation_level=None)) as db:
            db.execute("BEGIN EXCLUSIVE")
            for button, where in (("More…", message), ("Originals", told), ("Delete", told)):
                text = "The bot's database does not answer now. Press again in a minute."
                assert await said(mei, where, button) == text
            db.execute("ROLLBACK")
