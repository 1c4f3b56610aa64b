"""Messages: what Discord refuses of them, the sandbox refuses with the same status and code."""

import aiohttp
import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.members import Member
from tests.sandbox.conftest import Api, Json, asked, path_of, places, sent, told
from tests.sandbox.test_as_discord import events


async def test_a_wrong_token_is_refused(api: Api) -> None:
    api.token = "wrong"
    assert told(await api.call("GET", "/users/@me")) == (401, 0)


async def test_what_does_not_exist_is_not_found(api: Api) -> None:
    assert told(await api.call("GET", "/nothing")) == (404, 0)
    assert told(await api.call("GET", "/channels/5")) == (404, 10003)
    assert told(await api.call("GET", f"/channels/{api.sandbox.channel.id}/messages/5")) == (
        404,
        10008,
    )


async def test_someone_elses_message_cannot_be_edited_or_deleted(api: Api, mei: Member) -> None:
    theirs = await mei.post("mine")
    assert told(await api.call("PATCH", path_of(theirs), {"content": "x"})) == (403, 50005)
    assert told(await api.call("DELETE", path_of(theirs))) == (403, 50013)


async def test_a_deleted_message_is_unknown(api: Api) -> None:
    message = await sent(api)
    assert (await api.call("DELETE", path_of(message)))[0] == 204
    for method, path in (("PATCH", ""), ("GET", ""), ("PUT", "/reactions/🔁/@me")):
        answer = await api.call(method, path_of(message) + path, {"content": "x"})
        assert told(answer) == (404, 10008)


@pytest.mark.parametrize(
    ("permission", "call", "expected"),
    [
        ("view_channel", ("PATCH", "", {"content": "x"}), (403, 50001)),
        ("view_channel", ("GET", "", None), (403, 50001)),
        ("read_message_history", ("GET", "", None), (403, 50013)),
        ("add_reactions", ("PUT", "/reactions/🔁/@me", None), (403, 50013)),
        ("read_message_history", ("PUT", "/reactions/🔁/@me", None), (403, 50013)),
    ],
)
async def test_a_missing_permission_on_a_message_is_refused(
    api: Api, permission: str, call: tuple[str, str, Json], expected: tuple[int, int]
) -> None:
    message = await sent(api)
    api.sandbox.deny(message.channel, permission)
    method, path, body = call
    assert told(await api.call(method, path_of(message) + path, body)) == expected
    api.sandbox.allow(message.channel, permission)
    assert (await api.call(method, path_of(message) + path, body))[0] < 300


async def test_a_missing_permission_to_send_is_refused(api: Api) -> None:
    channel = api.sandbox.channel
    thread = api.sandbox.add_thread(channel, "aside")
    before = await sent(api)
    api.sandbox.deny(channel, "send_messages")
    assert told(await api.send({"content": "x"})) == (403, 50013)
    api.sandbox.allow(channel, "send_messages")
    api.sandbox.deny(channel, "attach_files", "read_message_history")
    assert told(await api.send({}, files={"a.txt": b"a"})) == (403, 50013)
    reply = {"content": "x", "message_reference": {"message_id": str(before.id)}}
    assert told(await api.send(reply)) == (400, 160002)
    assert await api.call("GET", f"/channels/{channel.id}/messages") == (200, [])
    api.sandbox.deny(thread, "send_messages_in_threads")
    answer = await api.call("POST", f"/channels/{thread.id}/messages", {"content": "x"})
    assert told(answer) == (403, 50013)


async def test_an_archived_thread_takes_no_edits(api: Api) -> None:
    thread = api.sandbox.add_thread(api.sandbox.channel, "aside")
    _, body = await api.call("POST", f"/channels/{thread.id}/messages", {"content": "x"})
    thread.is_archived = True
    message = api.sandbox.message(int(body["id"]))
    assert told(await api.call("PATCH", path_of(message), {"content": "y"})) == (400, 50083)


async def test_an_archived_thread_is_opened_again_unless_it_is_locked(api: Api) -> None:
    thread = api.sandbox.add_thread(api.sandbox.channel, "aside")
    thread.is_archived = thread.is_locked = True
    path, wanted = f"/channels/{thread.id}", {"archived": False}
    assert told(await api.call("PATCH", path, wanted)) == (403, 50013)
    assert told(await api.call("POST", f"{path}/messages", {"content": "x"})) == (403, 50013)
    thread.is_locked = False
    status, body = await api.call("PATCH", path, wanted)
    assert (status, body["thread_metadata"]["archived"]) == (200, False)
    assert told(await api.call("PATCH", path, {"name": "other"})) == (400, 50035)


async def test_a_message_opens_its_archived_thread_again(api: Api) -> None:
    thread = api.sandbox.add_thread(api.sandbox.channel, "aside")
    thread.is_archived = True
    await api.call("POST", f"/channels/{thread.id}/messages", {"content": "x"})
    assert not thread.is_archived


async def test_a_channel_that_the_bot_does_not_see_takes_no_message(api: Api) -> None:
    api.sandbox.deny(api.sandbox.channel, "view_channel")
    assert told(await api.send({"content": "x"})) == (403, 50001)
    assert api.sandbox.messages() == []


async def test_a_direct_message_is_opened_with_a_person(api: Api, mei: Member) -> None:
    path = "/users/@me/channels"
    status, channel = await api.call("POST", path, {"recipient_id": mei.id})
    assert (status, channel["type"], channel["recipients"][0]["id"]) == (200, 1, str(mei.id))
    again = await api.call("POST", path, {"recipient_id": str(mei.id)})
    assert again[1]["id"] == channel["id"]
    for nobody in ({}, {"recipient_id": "5"}, {"recipient_id": str(api.sandbox.bot_user.id)}):
        assert told(await api.call("POST", path, nobody)) == (400, 50033)


async def test_a_channel_that_is_gone_is_unknown(api: Api) -> None:
    await api.sandbox.delete_channel(api.sandbox.channel)
    assert told(await api.send({"content": "x"})) == (404, 10003)


EMBED = {"title": "a"}
ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": 5}, "content"),
        ({"content": "x", "nonce": "n" * 26}, "nonce"),
        ({"embeds": [EMBED] * 11}, "embeds"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [EMBED, {"description": "x" * 4097}]}, "embeds.1.description"),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text"),
        ({"embeds": [{"author": {"name": "x" * 257}}]}, "embeds.0.author.name"),
        ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, "embeds.0.fields"),
        ({"embeds": [{"fields": [{"name": "", "value": "b"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"fields": [{"name": "x" * 257, "value": "b"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"fields": [{"name": "a", "value": "x" * 1025}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"thumbnail": {"url": "ftp://x"}}]}, "embeds.0.thumbnail.url"),
        ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}, "embeds"),
        ({"components": [ROW] * 6}, "components"),
        ({"components": [{"type": 1, "components": []}]}, "components.0.components"),
        ({"components": [{"type": 2, "components": [ROW]}]}, "components.0"),
        ({"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a"}]}]}, "components.0.components.0.custom_id"),
        ({"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a" * 81, "custom_id": "a"}]}]}, "components.0.components.0.label"),
        ({"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "x" * 101}]}]}, "components.0.components.0.custom_id"),
        ({"components": [ROW, ROW]}, "components.1.components.0.custom_id"),
        ({"content": "x", "message_reference": {"message_id": "5"}}, "message_reference"),
        ({"embeds": [{"url": "example.com"}]}, "embeds.0.url"),
        ({"embeds": [{"color": -7}]}, "embeds.0.color"),
        ({"embeds": [{"color": 2**60}]}, "embeds.0.color"),
        ({"embeds": [{"timestamp": ""}]}, "embeds.0.timestamp"),
        ({"embeds": [{"fields": {}}]}, "embeds.0.fields"),
        ({"embeds": [{"image": {"url": None}}]}, "embeds.0.image.url"),
        ({"embeds": [{"thumbnail": {}}]}, "embeds.0.thumbnail.url"),
        ({"embeds": {}}, "embeds"),
        ({"content": "x", "flags": "64"}, "flags"),
        ({"content": "x", "allowed_mentions": "none"}, "allowed_mentions"),
        ({"content": "x", "allowed_mentions": {"parse": "users"}}, "allowed_mentions.parse"),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0"),
        ({"content": "x", "allowed_mentions": {"users": ["5", "5"]}}, "allowed_mentions.users.1"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["5"]}}, "allowed_mentions"),
        ({"poll": {"question": {"text": "x"}}}, "poll"),
    ],
)  # fmt: skip
async def test_a_message_of_the_wrong_form_is_refused_with_its_place(
    api: Api, body: Json, place: str
) -> None:
    answer = await api.send(body)
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [place]


async def test_sizes_and_counts_of_files_are_held(api: Api) -> None:
    api.sandbox.real_upload_limit_bytes = 100
    assert told(await api.send({}, files={"a": b"x" * 101})) == (413, 40005)
    assert told(await api.send({}, files={f"{n}": b"x" for n in range(11)})) == (400, 30015)
    assert (await api.send({}, files={f"{n}": b"x" for n in range(10)}))[0] == 200
    body = {"attachments": [{"id": 0}]}
    assert told(await api.send(body, files={"a": b"a", "b": b"b"})) == (400, 50035)


async def test_all_files_of_a_request_have_25_mib(api: Api) -> None:
    half = b"x" * (13 * 2**20)
    assert told(await api.send({}, files={"a": half, "b": half})) == (413, 40005)
    assert (await api.send({}, files={"a": half, "b": half[: 12 * 2**20]}))[0] == 200


async def test_files_that_an_edit_keeps_count_with_the_new_ones(api: Api) -> None:
    _, body = await api.send({}, files={f"{n}": b"x" for n in range(9)})
    message = api.sandbox.message(int(body["id"]))
    kept = [{"id": int(each["id"])} for each in body["attachments"]]
    fresh = {"10": b"x", "11": b"x"}
    change = {"attachments": [*kept, {"id": 0}, {"id": 1}]}
    assert told(await api.call("PATCH", path_of(message), change, fresh)) == (400, 30015)
    assert len(message.attachments) == 9
    change = {"attachments": [*kept[1:], {"id": 0}, {"id": 1}]}
    assert (await api.call("PATCH", path_of(message), change, fresh))[0] == 200
    assert len(message.attachments) == 10


async def test_a_file_keeps_its_description(api: Api) -> None:
    entries = [{"id": 1, "description": "second"}, {"id": "0", "description": "first"}]
    _, body = await api.send({"attachments": entries}, files={"a": b"a", "b": b"b"})
    assert [each["description"] for each in body["attachments"]] == ["first", "second"]
    wrong = {"attachments": [{"id": 0, "description": "x" * 1025}]}
    answer = await api.send(wrong, files={"a": b"a"})
    assert places(answer[1]["errors"]) == ["attachments.0.description"]


async def test_components_get_the_ids_that_they_lack_and_lose_their_nulls(api: Api) -> None:
    go = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
    written = {**go, "id": None, "emoji": None, "url": None}
    other = {**go, "custom_id": "other", "id": 1}
    row = {"type": 1, "id": 0, "components": [written, other]}
    _, body = await api.send({"components": [row]})
    assert body["components"] == [{"type": 1, "id": 2, "components": [{**go, "id": 3}, other]}]


async def test_an_empty_or_broken_message_is_refused(api: Api) -> None:
    assert told(await api.send({})) == (400, 50006)
    channel = api.sandbox.channel
    url = f"{api.sandbox.api_url}/channels/{channel.id}/messages"
    headers = {"Authorization": f"Bot {api.token}", "Content-Type": "application/json"}
    async with api.session.post(url, data=b"{", headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)
    assert told(await api.send(["a"])) == (400, 50109)


async def test_what_says_nothing_is_empty_and_an_edit_leaves_something(
    api: Api, mei: Member
) -> None:
    for body in ({"content": " \n\t"}, {"sticker_ids": ["5"]}, {"content": " ", "embeds": []}):
        assert told(await api.send(body)) == (400, 50006), body
    _, body = await api.send({"content": " ", "embeds": [{"url": "https://a.example", "color": 1}]})
    assert places(body["errors"]) == ["embeds.0.description"]
    message = await sent(api)
    path = path_of(message)
    changes: list[Json] = [{"content": ""}, {"content": None, "embeds": []}, {"content": "  "}]
    for change in changes:
        assert told(await api.call("PATCH", path, change)) == (400, 50006), change
    assert message.content == "hello"
    left = {"content": None, "embeds": [{"timestamp": "2026-01-01T00:00:00+00:00"}]}
    assert (await api.call("PATCH", path, left))[0] == 200
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 5})
    original = api.by_token(handle, "@original")
    assert told(await api.call("PATCH", original, {"content": ""})) == (400, 50006)
    assert (await api.call("GET", original))[1]["flags"] == 1 << 7, "it is thinking still"


async def test_a_nonce_that_is_enforced_is_one_message(api: Api) -> None:
    body = {"content": "x", "nonce": "abc", "enforce_nonce": True}
    first, second = await api.send(body), await api.send(body)
    assert first[1]["id"] == second[1]["id"]
    assert len(api.sandbox.messages()) == 1
    api.sandbox.advance(minutes=5)
    assert (await api.send(body))[1]["id"] != first[1]["id"]


async def test_an_unknown_emoji_is_refused_and_reactions_come_and_go(api: Api, mei: Member) -> None:
    message = await sent(api)
    assert told(await api.call("PUT", path_of(message) + "/reactions/x/@me")) == (400, 10014)
    path = path_of(message) + "/reactions/🔁/@me"
    assert (await api.call("PUT", path))[0] == 204
    await mei.react(message, "🔁")
    assert message.reactions == {"🔁": [api.sandbox.bot_user.id, mei.id]}
    seen = (await api.call("GET", path_of(message)))[1]["reactions"][0]
    assert (seen["count"], seen["me"]) == (2, True)
    log = events(api)
    assert (await api.call("PUT", path))[0] == 204, "once more is nothing new"
    assert (await api.call("DELETE", path))[0] == 204
    assert (await api.call("DELETE", path))[0] == 204
    assert [each["t"] for each in log] == ["MESSAGE_REACTION_REMOVE"]
    assert (await api.call("GET", path_of(message)))[1]["reactions"][0]["me"] is False
    assert told(await api.call("DELETE", path_of(message) + "/reactions/x/@me")) == (400, 10014)
    await mei.unreact(message, "🔁")
    assert message.reactions == {}


async def test_a_message_takes_twenty_kinds_of_reactions_and_none_in_an_archived_thread(
    api: Api, mei: Member
) -> None:
    message = await sent(api)
    for number in range(20):
        await mei.react(message, chr(0x1F600 + number))
    path = path_of(message) + "/reactions/{}/@me"
    assert told(await api.call("PUT", path.format("🔁"))) == (403, 30010)
    assert (await api.call("PUT", path.format(chr(0x1F600))))[0] == 204
    with pytest.raises(ClientRefused, match="20 kinds"):
        await mei.react(message, "🔁")
    thread = api.sandbox.add_thread(api.sandbox.channel, "aside")
    aside = await mei.post("look", channel=thread)
    thread.is_archived = True
    assert told(await api.call("PUT", path_of(aside) + "/reactions/🔁/@me")) == (400, 50083)


async def test_messages_are_listed_newest_first(api: Api, mei: Member) -> None:
    ids = [(await sent(api)).id for _ in range(3)]
    await mei.post("not for the bot")
    path = f"/channels/{api.sandbox.channel.id}/messages"
    _, found = await api.call("GET", f"{path}?limit=2&after={ids[0]}")
    assert [int(m["id"]) for m in found] == [ids[2], ids[1]]
    _, found = await api.call("GET", f"{path}?limit=2&before={ids[2]}")
    assert [int(m["id"]) for m in found] == [ids[1], ids[0]]
    _, found = await api.call("GET", path)
    assert [m["content"] for m in found] == ["", "hello", "hello", "hello"]
    assert told(await api.call("GET", f"{path}?limit=101")) == (400, 50035)


async def test_a_form_tells_its_fields_by_parts_where_it_has_no_json(api: Api) -> None:
    url = f"{api.sandbox.api_url}/channels/{api.sandbox.channel.id}/messages"
    headers = {"Authorization": f"Bot {api.token}"}
    found = []
    for parts in ({"content": "look"}, {"content": "no", "payload_json": '{"content": "yes"}'}, {}):
        form = aiohttp.FormData(parts)
        form.add_field("files[0]", b"a", filename="a.txt")
        async with api.session.post(url, data=form, headers=headers) as response:
            body = await response.json()
        found.append((response.status, body["content"], len(body["attachments"])))
    assert found == [(200, "look", 1), (200, "yes", 1), (200, "", 1)]
    form = aiohttp.FormData({}, default_to_multipart=True)
    form.add_field("files[0]", b"b", filename="b.txt")
    path = f"{url}/{body['id']}"
    async with api.session.patch(path, data=form, headers=headers) as response:
        assert (response.status, len((await response.json())["attachments"])) == (200, 2)
    async with api.session.post(url, data={"content": "only words"}, headers=headers) as response:
        assert (response.status, (await response.json())["content"]) == (200, "only words")
