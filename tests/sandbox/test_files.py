"""Attachments: their addresses are signed and last a day, and spoilers are told by name or by flag."""

import yarl

from bot.sandbox.discord.files import IS_SPOILER, File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.sandbox.conftest import Api, path_of

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
