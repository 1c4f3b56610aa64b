"""Several endpoints at once: groups, more than one picture, and which one a message means."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.conftest import (
    COMMAND,
    Stage,
    described,
    fact,
    png,
    replied,
)

PORTRAIT = {
    "name": "Portrait Duo",
    "endpointId": "QwErTy",
    "fieldIds": ["load_image_3", "data[second#4][image]", "text_7", "denoise_9", "noise_seed_12"],
    "group": "photo",
    "fields": {
        "data[second#4][image]": {"required": False, "name": "friend"},
        "text_7": {"name": "style", "choices": ["ink", "oil"], "default": "ink"},
        "denoise_9": {"min": 0.1, "max": 1},
    },
}

SIGN = ["load_image_3", "data[Words#57:8][text]", "width_5", "seed_9"]


@pytest.fixture
def folder(stage: Stage, tmp_path: Path) -> Path:
    """Two endpoints, which the service knows too."""
    folder = tmp_path / "endpoints"
    folder.mkdir()
    snake = {
        "name": "CNY-SnakeYear",
        "endpointId": "PrOhEE",
        "fieldIds": ["load_image_22", "seed_56"],
    }
    write(folder, "snake", snake)
    write(folder, "portrait", PORTRAIT)
    stage.studio.endpoints["QwErTy"] = 1
    stage.settings["ENDPOINTS"] = str(folder)
    return folder


def write(folder: Path, name: str, document: dict[str, Any]) -> None:
    (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.usefixtures("folder")
async def test_a_command_of_a_group_posts_every_kind_of_field(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        handle = await mei.slash(
            "photo portrait-duo",
            image=png("me.png"),
            friend=png("ana.png"),
            style="oil",
            denoise=0.5,
            seed=3,
        )
        await stage.ended(replied(await handle.responded()))
    (post,) = stage.studio.posts
    assert post.endpoint == "QwErTy"
    assert {part.name: part.filename or part.data.decode() for part in post.parts} == {
        "load_image_3": "me.png",
        "data[second#4][image]": "ana.png",
        "text_7": "oil",
        "denoise_9": "0.5",
        "noise_seed_12": "3",
    }


@pytest.mark.usefixtures("folder")
async def test_what_is_left_out_is_posted_by_its_default_or_not_at_all(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        handle = await mei.slash("photo portrait-duo", image=png())
        await stage.ended(replied(await handle.responded()))
    (post,) = stage.studio.posts
    assert {part.name for part in post.parts} == {"load_image_3", "text_7", "noise_seed_12"}
    assert post.text("text_7") == "ink"
    assert 0 <= int(post.text("noise_seed_12") or -1) < 2**32


@pytest.mark.usefixtures("folder")
async def test_a_message_fills_options_by_name_and_pictures_in_order(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        asked = await mei.post(
            f"{stage.discord.bot_mention} portrait oil denoise=0.5 seed: 8",
            files=[png("me.png"), png("ana.png")],
        )
        reply = await stage.ended(await stage.reply_to(asked))
    (post,) = stage.studio.posts
    assert [part.filename for part in post.parts if part.filename] == ["me.png", "ana.png"]
    assert (post.text("text_7"), post.text("denoise_9")) == ("oil", "0.5")
    assert fact(reply, "seed") == "`8`"


async def test_a_prompt_arrives_with_its_lines_and_beside_its_options_or_is_refused_whole(
    stage: Stage, folder: Path
) -> None:
    prompt = 'A sign, with text "Hello"\n\n(old:1.2) for <@77>, of great width'
    write(folder, "sign", {"name": "Sign", "endpointId": "QwErTy", "fieldIds": SIGN})
    mei = stage.member()
    async with stage.bot():
        for text in (f"sign {prompt} seed 5", f"sign seed=5\ntext: {prompt}"):
            asked = await mei.post(f"{stage.discord.bot_mention} {text}", files=[png()])
            await stage.ended(await stage.reply_to(asked))
        text = "sign an old one with text: Hello"
        asked = await mei.post(f"{stage.discord.bot_mention} {text}", files=[png()])
        refused = await stage.reply_to(asked)
    found = [{part.name: part.data.decode() for part in p.parts[:-1]} for p in stage.studio.posts]
    assert found == [{"data[Words#57:8][text]": prompt, "seed_9": "5"}] * 2
    assert refused.content == (
        "Sign takes one text, and here are two: “an old one with” and “Hello”. Write it in one, as"
        " `sign text: a red fox width: 20`."
    )


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("text", "pictures", "sentence"),
    [
        ("", 1, "Say which one to run: `portrait-duo`, `cny-snakeyear`."),
        ("a cat", 1, "Say which one to run: `portrait-duo`, `cny-snakeyear`."),
        (
            "snake",
            2,
            (
                "CNY-SnakeYear takes 1 picture, and 2 came with the message. Send 1 with"
                " `cny-snakeyear seed: 20`, or choose here."
            ),
        ),
        (
            "portrait",
            3,
            (
                "Portrait Duo takes 1 to 2 pictures, and 3 came with the message. Send 1 to 2 with"
                " `photo portrait-duo style: ink denoise: 1`, or choose here."
            ),
        ),
        (
            "portrait style water",
            1,
            "style has to be one of: ink, oil. Write it as `photo portrait-duo style: ink`.",
        ),
    ],
)
async def test_what_is_not_clear_is_asked_in_one_sentence(
    stage: Stage, text: str, pictures: int, sentence: str
) -> None:
    mei = stage.member()
    async with stage.bot():
        asked = await mei.post(f"{stage.discord.bot_mention} {text}", files=[png()] * pictures)
        reply = await stage.reply_to(asked)
    assert reply.content == sentence
    assert stage.studio.posts == []


async def test_files_are_named_in_latin_letters_whatever_the_endpoint_and_picture_are_called(
    stage: Stage, tmp_path: Path
) -> None:
    new_year = {"name": "新年快乐", "endpointId": "PrOhEE", "fieldIds": ["load_image_22"]}
    write(tmp_path, "new_year", new_year)
    stage.settings["ENDPOINTS"] = str(tmp_path / "new_year.json")
    async with stage.bot():
        handle = await stage.member().slash("新年快乐", image=png("新年.png"))
        message = await stage.ended(replied(await handle.responded()))
    assert [part.filename for part in stage.studio.posts[0].parts] == ["image.png"]
    assert [file.filename for file in message.attachments] == ["PrOhEE-1.jpg", "PrOhEE-2.jpg"]


async def test_an_endpoint_that_is_gone_breaks_no_job_under_way(stage: Stage, folder: Path) -> None:
    mei = stage.member()
    stage.studio.hold("processing")
    async with stage.bot():
        message = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(message))
    (folder / "snake.json").unlink()
    stage.studio.release()
    async with stage.bot():
        await stage.ended(message)
        assert COMMAND not in stage.discord.commands.names()
        again = await (await mei.press(message, "Run again")).responded()
        assert replied(again).content == "CNY-SnakeYear is no longer offered here."
    assert len(stage.studio.posts) == 1
