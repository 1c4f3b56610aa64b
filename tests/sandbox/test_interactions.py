"""Answers to interactions: when they come too late, twice, or by a token that is over."""

import json

import aiohttp
import pytest
from yarl import URL

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from tests.sandbox.conftest import COMMAND, SAY, Api, Json, asked, path_of, places, sent, told


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


@pytest.mark.parametrize(
    ("kind", "data", "places_wrong"),
    [
        (4, "hi", ["data"]),
        (4, [], ["data"]),
        (5, "hi", ["data"]),
        (6, "hi", ["data"]),
        (6, {"content": 5}, ["data.content"]),
        (7, ["hi"], ["data"]),
        (9, None, ["data"]),
        (9, 5, ["data"]),
        (9, {}, ["data.components", "data.custom_id", "data.title"]),
    ],
)
async def test_the_data_of_an_answer_is_of_its_form(
    api: Api, mei: Member, kind: int, data: Json, places_wrong: list[str]
) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    _, body = await api.send({"components": [row]})
    handle = await mei.press(api.sandbox.message(int(body["id"])), "Go")
    answer = await api.respond(handle, {"type": kind, "data": data})
    assert told(answer) == (400, 50035)
    assert sorted(places(answer[1]["errors"])) == places_wrong
    assert handle.response is None
    assert (await api.respond(handle, {"type": 6, "data": None}))[0] == 204


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


async def test_an_answer_may_come_as_a_form(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    url = f"{api.sandbox.api_url}/interactions/{handle.id}/{handle.token}/callback"
    for written, status in (("{", 400), ("null", 400), (json.dumps(SAY), 204), ("{}", 400)):
        async with api.session.post(url, data={"payload_json": written}) as response:
            text = await response.text()
            assert (response.status, bool(text)) == (status, status == 400)
            assert response.headers.get("Content-Type") == ("application/json" if text else None)
    assert handle.message
    assert handle.message.content == "hi"


async def test_an_original_is_edited_with_files_by_its_escaped_name(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, SAY)
    url = f"{api.sandbox.api_url}{api.by_token(handle)}/messages/%40original"
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps({"content": "ho", "attachments": [{"id": 0}]}))
    form.add_field("files[0]", b"a", filename="a.txt")
    async with api.session.patch(URL(url, encoded=True), data=form) as response:
        body = await response.json()
    assert (body["content"], [each["filename"] for each in body["attachments"]]) == (
        "ho",
        ["a.txt"],
    )


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
    assert told(await api.call("GET", api.by_token(handle, "@original"))) == (404, 10008)
    _, body = await api.respond(handle, {"type": 7, "data": {"content": "b"}}, "?with_response=1")
    assert (message.content, body["resource"]["type"]) == ("b", 7)
    original = api.by_token(handle, "@original")
    assert (await api.call("GET", original))[1]["id"] == str(message.id)
    assert (await api.call("PATCH", original, {"content": "c"}))[1]["content"] == "c"
    handle = await mei.press(message, "Go")
    modal = {"title": "More", "custom_id": "m", "components": [text_input()]}
    _, body = await api.respond(handle, {"type": 9, "data": modal}, "?with_response=1")
    assert (handle.modal, "resource" in body) == (modal, False)
    with pytest.raises(ClientRefused, match="there is no button 'Stop'"):
        await mei.press(message, "Stop")


def text_input(**changes: Json) -> Json:
    """A row with one line of text to fill in."""
    text = {"type": 4, "custom_id": "why", "label": "Why?", "style": 1, "max_length": 5}
    return {"type": 1, "components": [text | changes]}


async def asked_by_modal(api: Api, mei: Member, *rows: Json) -> InteractionHandle:
    handle = await asked(api, mei)
    modal = {"title": "More", "custom_id": "m", "components": list(rows)}
    assert (await api.respond(handle, {"type": 9, "data": modal}))[0] == 204
    return handle


async def test_a_modal_is_filled_in_and_answered(api: Api, mei: Member) -> None:
    label = {
        "type": 18,
        "label": "How",
        "component": {"type": 3, "custom_id": "how", "options": [{"label": "A", "value": "a"}]},
    }
    handle = await asked_by_modal(api, mei, text_input(), label)
    filled = await mei.submit(handle, why="fun", how=["a"])
    assert (filled.kind, handle.modal) == (5, None)
    assert filled.metadata["triggering_interaction_metadata"] == handle.metadata
    assert (await api.respond(filled, SAY))[0] == 204
    with pytest.raises(ClientRefused, match="there is no modal"):
        await mei.submit(handle)


async def test_a_modal_that_is_filled_in_wrongly_is_not_sent(api: Api, mei: Member) -> None:
    handle = await asked_by_modal(api, mei, text_input())
    with pytest.raises(ClientRefused, match="why: is of the wrong length"):
        await mei.submit(handle, why="too long")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": "x" * 46}, "data.title"),
        ({"custom_id": ""}, "data.custom_id"),
        ({"components": []}, "data.components"),
    ],
)
async def test_a_modal_of_the_wrong_form_is_refused(
    api: Api, mei: Member, change: Json, place: str
) -> None:
    modal = {"title": "More", "custom_id": "m", "components": [text_input()]} | change
    answer = await api.respond(await asked(api, mei), {"type": 9, "data": modal})
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [place]


async def test_a_modal_cannot_answer_a_modal(api: Api, mei: Member) -> None:
    filled = await mei.submit(await asked_by_modal(api, mei, text_input()), why="fun")
    modal = {"title": "More", "custom_id": "m", "components": [text_input()]}
    assert told(await api.respond(filled, {"type": 9, "data": modal})) == (400, 50035)
    assert told(await api.respond(filled, {"type": 99})) == (400, 50035)


async def test_a_select_takes_its_own_options_alone(api: Api, mei: Member) -> None:
    options = [{"label": text, "value": text} for text in ("a", "b")]
    select = {"type": 3, "custom_id": "pick", "options": options}
    _, body = await api.send({"components": [{"type": 1, "components": [select]}]})
    message = api.sandbox.message(int(body["id"]))
    handle = await mei.choose(message, "pick", "b")
    assert (await api.respond(handle, {"type": 6}))[0] == 204
    with pytest.raises(ClientRefused, match="choose 1 to 1"):
        await mei.choose(message, "pick", "c")
    with pytest.raises(ClientRefused, match="there is no select 'other'"):
        await mei.choose(message, "other", "a")
    empty = {**select, "options": []}
    answer = await api.send({"components": [{"type": 1, "components": [empty]}]})
    assert places(answer[1]["errors"]) == ["components.0.components.0.options"]


async def test_a_command_of_a_message_gets_the_message(api: Api, mei: Member) -> None:
    await api.publish({"name": "Look at it", "type": 3})
    theirs = await mei.post("look at this")
    handle = await mei.use("Look at it", theirs)
    assert (handle.metadata["command_type"], handle.metadata["name"]) == (3, "Look at it")
    assert (await api.respond(handle, SAY))[0] == 204


async def test_only_the_member_sees_an_ephemeral_answer(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 4, "data": {"content": "psst", "flags": 64}})
    assert handle.ephemeral
    assert handle.message
    assert api.sandbox.messages() == []
    path, body = path_of(handle.message), {"content": "x"}
    for method, tail in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("PUT", "/reactions/🔁/@me")):
        assert told(await api.call(method, path + tail, body)) == (404, 10008)
    _, edited = await api.call("PATCH", api.by_token(handle, "@original"), body | {"flags": 0})
    assert edited["flags"] == 64, "its first answer said it"
    with pytest.raises(ClientRefused):
        await mei.react(handle.message, "🔁")


async def test_a_press_on_what_one_member_alone_sees_brings_a_token_for_that_and_no_more(
    api: Api, mei: Member
) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 4, "data": {"components": [row], "flags": 64}})
    assert handle.message
    _, more = await api.call("POST", api.by_token(handle), {"content": "more", "flags": 64})
    _, shown = await api.call("POST", api.by_token(handle), {"content": "for all"})
    assert (more["flags"], shown["flags"]) == (64, 0), "a follow-up is as it says itself"
    with pytest.raises(ClientRefused):
        await api.sandbox.member("Ian").press(handle.message, "Go")
    pressed, body = await mei.press(handle.message, "Go"), {"content": "x"}
    original = api.by_token(pressed, "@original")
    assert told(await api.call("PATCH", original, body)) == (404, 10008), "it is not answered"
    assert (await api.respond(pressed, {"type": 6}))[0] == 204
    assert (await api.call("PATCH", original, body))[1]["id"] == str(handle.message_id)
    for message_id in (str(handle.message_id), more["id"]):
        answer = await api.call("PATCH", api.by_token(pressed, message_id), body)
        assert told(answer) == (404, 10008), "another token sent it"


async def test_the_token_reaches_nothing_in_a_channel_that_is_gone_or_a_thread_that_is_archived(
    api: Api, mei: Member
) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, SAY)
    path = api.by_token(handle, "@original")
    handle.channel.is_archived = True
    assert told(await api.call("PATCH", path, {"content": "x"})) == (400, 50083)
    await api.sandbox.delete_channel(handle.channel)
    assert told(await api.call("PATCH", path, {"content": "x"})) == (404, 10003)


async def test_an_applications_id_is_not_its_bots(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, SAY)
    ours = str(api.sandbox.application_id)
    bot = api.sandbox.bot_user.payload()
    assert bot["id"] != ours
    for path in ("/oauth2/applications/@me", "/applications/@me"):
        _, application = await api.call("GET", path)
        assert (application["id"], application["bot"]) == (ours, bot)
    _, message = await api.call("GET", api.by_token(handle, "@original"))
    assert (message["application_id"], message["webhook_id"]) == (ours, ours)
    assert message["author"] == bot
    wrong = f"/webhooks/{bot['id']}/{handle.token}/messages/@original"
    assert told(await api.call("GET", wrong)) == (404, 10015)
    wrong = f"/applications/{bot['id']}/commands"
    assert told(await api.call("GET", wrong)) == (403, 20012)


async def test_what_the_bot_may_in_a_direct_message_is_what_discord_documents(
    api: Api, mei: Member
) -> None:
    told_of: list[Json] = []
    api.sandbox.subscribe(lambda kind, what: told_of.append(what) if kind == "event" else None)
    await api.publish(COMMAND)
    await mei.slash("echo", channel=api.sandbox.dm(mei))
    assert told_of[-1]["d"]["app_permissions"] == "442368"
    assert "member" not in told_of[-1]["d"]
