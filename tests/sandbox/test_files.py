"""Attachments: their names and addresses, which are signed and last a day, and what is told of them."""

import pytest
import yarl

from bot.sandbox.discord.files import IS_SPOILER, File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.pictures import sample_picture
from tests.sandbox.conftest import COMMAND, Api, path_of
from tests.sandbox.test_as_discord import events, png

DAY_MINUTES = 24 * 60


async def fetched(api: Api, address: str) -> tuple[int, bytes]:
    async with api.session.get(yarl.URL(address, encoded=True)) as response:
        return response.status, await response.read()


async def test_a_file_is_handed_out_for_a_day_and_at_its_address_as_written_alone(
    api: Api, mei: Member
) -> None:
    message = await mei.post("look", files=[File("my 副本 (1).png", b"data")])
    (old,) = message.payload()["attachments"]
    url = str(old["url"])
    assert await fetched(api, url) == (200, b"data")
    for changed in (url.removesuffix("&"), url.partition("?")[0], url.replace("&is=", "&is=0")):
        assert await fetched(api, changed) == (404, b"This content is no longer available.")
    api.sandbox.advance(minutes=DAY_MINUTES + 1)
    assert (await fetched(api, url))[0] == 404
    (new,) = (await api.call("GET", path_of(await mei_mentions(api, mei))))[1]["attachments"]
    assert (await fetched(api, new["url"]))[0] == 200


async def mei_mentions(api: Api, mei: Member) -> Message:
    """A message whose files the bot may read, a day old."""
    message = await mei.post(api.sandbox.bot_mention, files=[File("a.png", b"a")])
    api.sandbox.advance(minutes=DAY_MINUTES)
    return message


async def test_a_spoiler_is_told_by_its_name_or_by_its_flag(api: Api, mei: Member) -> None:
    names = {"SPOILER_a.png": True, "a.png": False, "SPOILERa.png": False}
    files = [File(name, b"a") for name in names] + [File("b.png", b"b", is_spoiler=True)]
    message = await mei.post("look", files=files)
    flags = [each.get("flags", 0) for each in message.payload()["attachments"]]
    assert flags == [IS_SPOILER, 0, 0, IS_SPOILER]
    entries = [{"id": 0}, {"id": 1, "is_spoiler": True}, {"id": 2}]
    data = {"SPOILER_a.png": b"a", "b.png": b"b", "c.png": b"c"}
    _, body = await api.send({"attachments": entries}, files=data)
    assert [each.get("flags", 0) for each in body["attachments"]] == [IS_SPOILER, IS_SPOILER, 0]


@pytest.mark.parametrize(
    ("name", "kept", "title"),
    [
        ("a b.png", "a_b.png", None),
        ("a-1_2.PNG", "a-1_2.PNG", None),
        ("my 副本 (1).png", "my_1.png", "my 副本 (1)"),
        ("副本.png", "_.png", "副本"),
        ("../x.png", "x.png", ".."),
        ("", "_", None),
    ],
)
async def test_a_files_name_is_made_safe(
    api: Api, mei: Member, name: str, kept: str, title: str | None
) -> None:
    message = await mei.post("look", files=[File(name, png())])
    (found,) = message.payload()["attachments"]
    assert found["filename"] == kept
    assert bool(found.get("title")) == bool(title)
    assert f"/{kept}?" in found["url"]
    async with api.session.get(found["url"]) as response:
        assert response.status == 200


async def test_a_file_of_an_option_is_one_that_a_member_alone_sees(api: Api, mei: Member) -> None:
    option = {"type": 11, "name": "image", "description": "A picture"}
    await api.publish(COMMAND | {"options": [option]})
    log = events(api)
    handle = await mei.slash("echo", image=File("a.png", sample_picture()))
    (attachment,) = log[-1]["d"]["data"]["resolved"]["attachments"].values()
    assert attachment["ephemeral"] is True
    form = {"type": 4, "data": {"flags": 64, "attachments": [{"id": 0}]}}
    path = f"/interactions/{handle.id}/{handle.token}/callback?with_response=1"
    _, body = await api.call("POST", path, form, files={"a.png": png()})
    assert body["resource"]["message"]["attachments"][0]["ephemeral"] is True
