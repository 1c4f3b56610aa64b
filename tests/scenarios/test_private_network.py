"""No picture's address leads the bot into the private network: neither a result's nor a request's."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import Refused
from bot.sandbox.discord.files import Attachment, File
from bot.settings import Settings
from bot.shell.submit import submit
from tests.counted import Counted
from tests.scenarios.conftest import COMMAND, PNG, Stage, asked, described, png, replied


def at(private: Counted) -> Callable[[int, File], Attachment]:
    """Files as Discord describes them, but for their address."""

    def stored(_channel_id: int, file: File) -> Attachment:
        url = f"{private.origin}/me.png"
        return Attachment(99, file.name, file.kind, len(file.data), url, 40, 30)

    return stored


@pytest.mark.parametrize("is_redirected", [False, True], ids=["at once", "redirected"])
async def test_a_result_at_a_private_address_is_left_there_and_the_others_are_posted(
    stage: Stage, private: Counted, *, is_redirected: bool
) -> None:
    studio = stage.studio
    studio.redirects_to = private.origin
    away = f"{studio.origin}/redirect" if is_redirected else private.origin
    studio.image_address = lambda path: (away if path.endswith("/1") else studio.origin) + path
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert described(message).split("\n") == [
        "**Done**",
        "Image 1 could not be saved from the service.",
    ]
    assert [file.filename.rpartition("-")[2] for file in message.attachments] == ["2.jpg"]
    assert private.connections == 0


async def test_a_result_is_not_fetched_from_the_proxy_that_only_inputs_come_from(
    stage: Stage,
) -> None:
    file = stage.discord.store_file(1, png())
    stage.studio.image_address = lambda _path: file.url
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert "What the service handed out cannot be saved as an image." in described(message)
    fetched = [each.path for each in stage.discord.requests if "/attachments/" in each.path]
    assert len(fetched) == 1  # the request's own picture
    assert str(file.id) not in fetched[0]


async def test_a_picture_at_a_private_address_is_refused_and_nothing_is_charged(
    stage: Stage, private: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.discord, "store_file", at(private))
    async with stage.bot():
        handle = await stage.slash(stage.member(), image=File("me.png", PNG))
        told = await stage.refused(replied(handle))
    assert told == (
        "me.png is at an address that the bot may not fetch from."
        " Nothing was charged; please send another picture."
    )
    assert private.connections == 0
    assert stage.studio.posts == []


async def test_submit_leaves_a_result_at_a_private_address_there(
    stage: Stage, private: Counted, tmp_path: Path
) -> None:
    photo, out = tmp_path / "me.png", tmp_path / "out"
    photo.write_bytes(PNG)
    origin = stage.studio.origin
    stage.studio.image_address = lambda path: (
        (private.origin if path.endswith("/1") else origin) + path
    )
    options = argparse.Namespace(endpoint=COMMAND, image=[photo], seed=20, set=[], out=out)
    with pytest.raises(Refused, match="Image 1 could not be saved"):
        await submit(Settings.from_env(stage.environment()), options)
    assert [path.name for path in out.iterdir()] == ["cny-snakeyear-seed20-2.jpg"]
    assert private.connections == 0
