"""What files become on their way: hidden ones stay hidden, odd and many ones arrive, old links are renewed."""

import pytest

from bot.discord import results
from bot.sandbox.discord import server
from bot.sandbox.discord.files import File
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.requests import Fault
from tests.samples.results import KINDS, print_of, sound
from tests.scenarios.conftest import (
    PNG,
    RERUN,
    Stage,
    asked,
    described,
    png,
    replied,
)

SMALL = KINDS["JPEG"][0]
DAY_MINUTES = 24 * 60


def names(message: Message) -> list[str]:
    return [file.filename for file in message.attachments]


async def test_what_is_made_of_a_hidden_picture_is_hidden_in_all_its_messages(stage: Stage) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    stage.studio.outputs |= dict.fromkeys(range(1, 12), (SMALL, "image/jpeg"))
    stage.studio.endpoints["PrOhEE"] = 11
    hidden = [File("me.png", PNG, is_spoiler=True)]
    async with stage.bot():
        question = await mei.post(f"{stage.discord.bot_mention} seed 1", files=hidden)
        result = await stage.ended(await stage.reply_to(question))
        (further,) = [m for m in stage.discord.messages() if m.reply_to == result.id]
        stage.studio.endpoints["PrOhEE"] = 1
        press = await (await mei.press(result, "Run again")).responded()
        pressed = await stage.ended(replied(press))
        await ana.react(pressed, RERUN)
        reacted = await stage.ended(await stage.reply_to(pressed))
        asked = await mei.post(f"{stage.discord.bot_mention} show: behind a spoiler", files=[png()])
        written = await stage.ended(await stage.reply_to(asked))
        by_name = await stage.ended(replied(await stage.slash(mei, image=png("SPOILER_me.png"))))
        plain = await stage.ended(replied(await stage.slash(mei, image=png(), seed=2)))
    assert names(result)[0] == "SPOILER_cny-snakeyear-seed1-1.jpg"
    hidden_ones = (result, further, pressed, reacted, written, by_name)
    files = [len(names(message)) for message in hidden_ones]
    assert files == [10, 1, 1, 1, 1, 1]
    all_hidden = [name for message in hidden_ones for name in names(message)]
    assert all(name.startswith("SPOILER_") for name in all_hidden)
    assert names(plain) == ["cny-snakeyear-seed2-1.jpg"]


async def test_a_result_of_any_kind_is_posted_as_it_is_or_linked_to(stage: Stage) -> None:
    files = {1: KINDS["GLB"][0], 2: print_of(13_000), 3: b'{"pose": []}', 4: sound() * 3}
    stage.studio.outputs |= {number: (data, "image/png") for number, data in files.items()}
    stage.studio.endpoints["PrOhEE"] = 4
    stage.discord.announced_upload_limit_bytes = len(sound())
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(stage.member(), seed=1)))
    ending = [name.rpartition("-")[2] for name in names(message)]
    assert ending == ["1.glb", "3.json"]
    assert [stage.discord.file(each) for each in message.attachments] == [files[1], files[3]]
    said = described(message).split("\n")
    assert said[0] == "**Done**"
    assert said[1].startswith("Image 2 is too large for Discord: [the original](<http://127.0.0.1")
    assert said[2].startswith("File 4 is too large for Discord: [the original](<http://127.0.0.1")


async def test_of_very_many_images_the_first_are_posted_and_all_are_kept_and_counted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MOST_SHOWN", 3)
    stage.studio.endpoints["PrOhEE"] = 5
    async with stage.bot() as app:
        message = await stage.ended(await asked(stage))
        job = await app.bot.service.job_of(message.id)
    assert len(names(message)) == 3
    assert described(message).split("\n") == [
        "**Done**",
        "5 images came, and the first 3 are here. The others are kept: ask the bot's owner for them.",
    ]
    assert job
    assert [bool(output.stored) for output in job.outputs] == [True] * 5


async def test_a_picture_whose_link_has_run_out_is_asked_for_anew_where_discord_can_be(
    stage: Stage,
) -> None:
    mei, is_there = stage.member(), False

    def away(route: str, _exchange: object) -> Fault | None:
        return Fault(status=503) if route == server.DOWNLOAD and not is_there else None

    def tries() -> list[int]:
        return [each.status for each in stage.discord.requests if each.route == server.DOWNLOAD]

    stage.discord.faults.policy = away
    async with stage.bot() as app:
        question = await mei.post(stage.discord.bot_mention, files=[png()])
        message = await stage.reply_to(question)
        command = replied(await stage.slash(mei))
        await stage.discord.until(lambda: len(tries()) >= 2)
        stage.discord.advance(minutes=DAY_MINUTES + 1)
        is_there = True
        app.worker.wake()
        await stage.ended(message)
        await stage.ended(command)
    assert described(message) == "**Done**"
    assert "Discord no longer hands out the picture of this request." in described(command)
    assert sorted(status for status in tries() if status != 503) == [200, 404, 404]
