"""Forwards, by members and by bots: what they tell of a message, and what is refused."""

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import FORUM, Channel
from tests.sandbox.conftest import Api, Json, asked, path_of, sent, told
from tests.sandbox.test_mentions import heard
from tests.sandbox.test_places import of


async def test_a_members_forward_tells_what_the_message_said_then(api: Api, mei: Member) -> None:
    ours = api.sandbox.dm(mei)
    files = [File("a.png", b"a", description="a cat", is_spoiler=True)]
    theirs = await mei.post("look", files=files)
    found = heard(api)
    await mei.forward(theirs, ours)
    theirs.content = "changed"
    (event,) = found
    assert (event["content"], event["attachments"], event["type"]) == ("", [], 0)
    assert event["flags"] & 1 << 14
    assert event["message_reference"]["type"] == 1
    assert event["message_reference"]["message_id"] == str(theirs.id)
    assert "referenced_message" not in event
    (snapshot,) = event["message_snapshots"]
    assert (snapshot["message"]["content"], "author" in snapshot["message"]) == ("look", False)
    (file,) = snapshot["message"]["attachments"]
    assert (file["description"], file["flags"]) == ("a cat", 8)
    async with api.session.get(file["url"]) as response:
        assert response.status == 200


async def test_what_a_bot_may_not_read_is_hidden_in_a_forward_too(api: Api, mei: Member) -> None:
    theirs = await mei.post("look", files=[File("a.png", b"a")])
    found = heard(api)
    await mei.forward(theirs)
    message = found[0]["message_snapshots"][0]["message"]
    assert (message["content"], message["attachments"]) == ("", [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"content": "x"}, "FORWARD_CONTAINS_UNSUPPORTED_CONTENT"),
        ({"embeds": [{"title": "x"}]}, "FORWARD_CONTAINS_UNSUPPORTED_CONTENT"),
        ({"channel_id": None}, "BASE_TYPE_REQUIRED"),
        ({"channel_id": "5"}, "REPLIES_UNKNOWN_MESSAGE"),
        ({"message_id": "5"}, "REPLIES_UNKNOWN_MESSAGE"),
    ],
)
async def test_a_bot_forwards_a_message_and_nothing_of_its_own(
    api: Api, change: Json, code: str
) -> None:
    message = await sent(api)
    own = {key: change[key] for key in ("content", "embeds") if key in change}
    reference = {"type": 1, "message_id": str(message.id), "channel_id": str(message.channel.id)}
    reference |= {key: change[key] for key in reference if key in change}
    status, body = await api.send({"message_reference": reference, **own})
    if code:
        assert (status, body["code"]) == (400, 50035)
        assert f"'{code}'" in str(body["errors"])
        return
    assert body["message_snapshots"][0]["message"]["content"] == "hello"
    assert (body["flags"], body["message_reference"]["type"]) == (1 << 14, 1)


async def test_a_reply_has_something_of_its_own(api: Api) -> None:
    message = await sent(api)
    for kind in ({}, {"type": 0}):
        reference = {"message_id": str(message.id), **kind}
        assert told(await api.send({"message_reference": reference})) == (400, 50006)


async def test_neither_an_answer_nor_a_post_is_a_forward(api: Api, mei: Member) -> None:
    message, handle = await sent(api), await asked(api, mei)
    forum = api.sandbox.add_channel("ideas", kind=FORUM)
    reference = {"type": 1, "message_id": str(message.id), "channel_id": str(message.channel.id)}
    said = {"message_reference": reference}
    assert told(await api.respond(handle, {"type": 4, "data": said})) == (400, 50006)
    post = {"name": "A plan", "message": said}
    assert told(await api.call("POST", f"/channels/{forum.id}/threads", post)) == (400, 50006)
    words = {"content": "hi", "message_reference": "unread"}
    assert (await api.respond(handle, {"type": 4, "data": words}))[0] == 204
    assert told(await api.call("POST", api.by_token(handle), said)) == (400, 50006)


async def test_a_bot_forwards_what_it_may_read_alone(api: Api, mei: Member) -> None:
    discord = api.sandbox
    theirs, ours = await mei.post("look"), await sent(api)
    secret = discord.add_channel("secret", is_nsfw=True)
    _, body = await api.call("POST", of(secret), {"content": "x"})

    async def forward(message_id: object, channel: Channel) -> tuple[int, int]:
        reference = {"type": 1, "message_id": str(message_id), "channel_id": str(channel.id)}
        return told(await api.send({"message_reference": reference}))

    assert await forward(theirs.id, discord.channel) == (400, 160014)
    assert await forward(body["id"], secret) == (400, 160010)
    discord.deny(secret, "read_message_history")
    assert await forward(body["id"], secret) == (400, 160009)
    discord.deny(secret, "view_channel")
    assert await forward(body["id"], secret) == (403, 50001)
    await api.call("DELETE", path_of(ours))
    assert await forward(ours.id, discord.channel) == (400, 50035)


async def test_nobody_sends_on_what_is_hidden_or_gone(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 4, "data": {"content": "psst", "flags": 64}})
    gone = await sent(api)
    await api.call("DELETE", path_of(gone))
    assert handle.message
    for message in (handle.message, gone):
        with pytest.raises(ClientRefused, match="no such message to send on"):
            await mei.forward(message)
        reference = {"message_id": str(message.id), "channel_id": str(message.channel.id)}
        answer = await api.send({"message_reference": {"type": 1, **reference}})
        assert told(answer) == (400, 50035)
