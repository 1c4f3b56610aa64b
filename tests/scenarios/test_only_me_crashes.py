"""kill -9 at the worst moments of what a token alone reaches: it ends as well, and is sent once.

That is what one member alone sees, and what stands where the bot is not.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from bot.sandbox.trouble import Pause
from tests.scenarios.conftest import Stage, described, has_files, replied
from tests.scenarios.service_scene import eventually
from tests.scenarios.test_apart import apart, asked
from tests.scenarios.test_changes import press
from tests.scenarios.test_crashes import at_discord, is_further_line, killed_at
from tests.scenarios.test_only_me import GET, beside, hidden

FOLLOW_UP = "POST /webhooks/{application_id}/{token}"
CALLBACK, EDIT = server.CALLBACK, server.EDIT_BY_TOKEN
# Of a further message that was sent and not noted nobody can learn: its line stays, without a file.
MOMENTS = {
    "between answer and message id": (at_discord(CALLBACK, "after"), 0),
    "before a further message": (at_discord(FOLLOW_UP, "before", is_further_line), 1),
    "after a further message": (at_discord(FOLLOW_UP, "after", is_further_line), 2),
    "before a further message has its files": (
        replace(at_discord(EDIT, "before", has_files), images=12),
        1,
    ),
    "after the files are there": (at_discord(EDIT, "after", has_files), 0),
}


def files_of(*messages: Message) -> list[str]:
    return [file.filename for message in messages for file in message.attachments]


@pytest.mark.parametrize("is_there", [True, False], ids=["hidden", "where the bot is not"])
@pytest.mark.parametrize("name", MOMENTS)
async def test_killed_at_any_moment_the_same_reply_ends_with_the_images(
    stage: Stage, name: str, *, is_there: bool
) -> None:
    moment, others = MOMENTS[name]
    stage.studio.endpoints["PrOhEE"] = moment.images
    mei = stage.member()
    options = {"show": "only me"} if is_there else {"channel": apart(stage, mei)}
    message = await killed_at(stage, moment.pause(stage), mei=mei, **options)
    assert message
    async with stage.process():
        await stage.discord.until(lambda: "Done" in described(message), within_s=20)
    assert len(beside(stage, message)) == others
    names = files_of(message, *beside(stage, message))
    assert names == [f"cny-snakeyear-seed20-{n}.jpg" for n in range(1, moment.images + 1)]
    assert stage.discord.messages(message.channel) == ([] if is_there else [message])
    assert stage.seeds() == ["20"]


def answer_to_a_press(stage: Stage) -> Pause:
    return stage.discord.pause(CALLBACK, when="after")


def images_of_a_press(stage: Stage) -> Pause:
    return stage.discord.pause(EDIT, when="before", match=has_files)


@pytest.mark.parametrize(
    ("pause_at", "is_there"),
    [(answer_to_a_press, True), (images_of_a_press, True), (images_of_a_press, False)],
)
async def test_killed_at_a_press_what_was_not_written_down_another_press_brings(
    stage: Stage, pause_at: Callable[[Stage], Pause], *, is_there: bool
) -> None:
    mei = stage.member()
    place = None if is_there else apart(stage, mei)
    stage.studio.hold("processing")
    async with stage.process() as bot:
        message = replied(await asked(mei, place)) if place else await hidden(stage, mei)
        await stage.discord.until(lambda: "Working" in described(message))
        stage.discord.advance(minutes=16)  # of which the bot's own process knows nothing
        stage.studio.release()
        await eventually(lambda: is_delivered(stage))
        pause = pause_at(stage)
        await mei.press(message, GET)
        await pause.reached()
        await bot.kill()
    pause.drop()
    async with stage.process():
        if pause_at is answer_to_a_press:
            await press(mei, message, GET)
        await stage.discord.until(lambda: len(message.attachments) == 2, within_s=20)
    assert (beside(stage, message), stage.seeds()) == ([], ["20"])


async def is_delivered(stage: Stage) -> bool:
    """Whether the job's row says so, and that nothing is left to do before somebody presses."""
    with closing(sqlite3.connect(stage.data_dir / "jobs.sqlite3")) as db:
        return list(db.execute("SELECT status, due_at FROM jobs")) == [("delivered", None)]
