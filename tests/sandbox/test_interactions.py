"""Answers to interactions: when they come too late, twice, or by a token that is over."""

import pytest

from bot.sandbox.members import ClientRefused, Member
from tests.sandbox.conftest import SAY, Api, asked, path_of, sent, told


async def test_a_first_response_after_three_seconds_is_too_late(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    api.sandbox.advance(seconds=3.1)
    assert told(await api.respond(handle, SAY)) == (404, 10062)
    assert handle.failed
    assert api.sandbox.late_answers == [handle]


async def test_a_second_response_is_refused(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    assert await api.respond(handle, SAY) == (204, None)
    assert told(await api.respond(handle, SAY)) == (400, 40060)


async def test_an_unknown_interaction_is_refused(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    assert told(await api.call("POST", f"/interactions/5/{handle.token}/callback", SAY)) == (
        404,
        10062,
    )
    assert told(await api.call("GET", "/webhooks/5/none/messages/@original")) == (404, 10015)


async def test_a_token_is_over_after_fifteen_minutes(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, SAY)
    api.sandbox.advance(minutes=15.1)
    for method, path in (("PATCH", "@original"), ("GET", "@original"), ("POST", "")):
        answer = await api.call(method, api.by_token(handle, path), {"content": "late"})
        assert told(answer) == (401, 50027)


async def test_a_token_reaches_its_own_messages_alone(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, SAY)
    other = await sent(api)
    answer = await api.call("PATCH", api.by_token(handle, str(other.id)), {"content": "mine"})
    assert told(answer) == (404, 10008)


async def test_an_answer_can_be_read_edited_followed_and_deleted(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    status, body = await api.respond(handle, SAY, "?with_response=true")
    assert status == 200
    assert body["resource"]["message"]["content"] == "hi"
    assert body["interaction"]["response_message_id"] == str(handle.message_id)
    original = api.by_token(handle, "@original")
    assert (await api.call("PATCH", original, {"content": "ho"}))[1]["content"] == "ho"
    assert (await api.call("GET", original))[1]["content"] == "ho"
    status, more = await api.call("POST", api.by_token(handle), {"content": "more"})
    assert (status, more["content"]) == (200, "more")
    assert (await api.call("DELETE", original))[0] == 204
    assert told(await api.call("GET", original)) == (404, 10008)


async def test_a_deferred_answer_is_loading_until_it_is_edited(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    _, body = await api.respond(handle, {"type": 5}, "?with_response=true")
    assert body["interaction"]["response_message_loading"] is True
    assert handle.message
    assert handle.message.flags == 128
    await api.call("PATCH", api.by_token(handle, "@original"), {"content": "done"})
    assert handle.message.flags == 0


async def test_a_press_can_change_the_message_it_was_on(api: Api, mei: Member) -> None:
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
    _, body = await api.send({"content": "a", "components": [{"type": 1, "components": [button]}]})
    message = api.sandbox.message(int(body["id"]))
    await api.respond(await mei.press(message, "Go"), {"type": 6})
    assert message.content == "a"
    handle = await mei.press(message, "go")
    _, body = await api.respond(handle, {"type": 7, "data": {"content": "b"}}, "?with_response=1")
    assert (message.content, body["resource"]["type"]) == ("b", 7)
    handle = await mei.press(message, "Go")
    modal = {"title": "More", "custom_id": "m", "components": []}
    _, body = await api.respond(handle, {"type": 9, "data": modal}, "?with_response=1")
    assert (handle.modal, "resource" in body) == (modal, False)
    with pytest.raises(ClientRefused, match="there is no button 'Stop'"):
        await mei.press(message, "Stop")


async def test_only_the_member_sees_an_ephemeral_answer(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 4, "data": {"content": "psst", "flags": 64}})
    assert handle.ephemeral
    assert handle.message
    assert api.sandbox.messages() == []
    assert told(await api.call("PATCH", path_of(handle.message), {"content": "x"})) == (404, 10008)
    with pytest.raises(ClientRefused):
        await mei.react(handle.message, "🔁")
