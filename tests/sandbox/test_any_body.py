"""What a bot may send instead of what is right: it is refused as Discord would, or it can be written.

The bodies are right ones with one part changed, each part in turn.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import islice

import pytest

from bot.sandbox.discord.commands import Commands
from bot.sandbox.discord.files import File
from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.rules import (
    check_choices,
    check_command,
    check_commands,
    check_message,
    check_modal,
)
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.waiting import News
from tests.sandbox.bodies import COMMANDS, LAYOUT, MESSAGE, MODALS
from tests.sandbox.conftest import COMMAND, Api, Json, places, sent, told

ODD: tuple[Json, ...] = (
    None,
    True,
    -7,
    2**60,
    1.5,
    "",
    "🔁",
    "x" * 6001,
    [],
    [99],
    [None],
    {},
    {"type": []},
)


def broken(right: Json) -> Iterator[Json]:
    """The body with each of its parts in turn left out, or something else in its place."""
    text = json.dumps(right)
    for path in paths(right):
        for odd in (*ODD, paths):
            body = json.loads(text)
            holder = body
            for key in path[:-1]:
                holder = holder[key]
            if odd is paths:
                del holder[path[-1]]
            else:
                holder[path[-1]] = deepcopy(odd)
            yield body


def paths(value: Json, before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    for key in keys:
        yield (*before, key)
        yield from paths(value[key], (*before, key))


def refused(check: Callable[[], None]) -> bool:
    """Whether it is refused; a form's faults each have their place."""
    try:
        check()
    except Refusal as error:
        refusal = error
    else:
        return False
    assert refusal.status in {400, 413}
    assert refusal.code != 50035 or refusal.body["errors"]
    json.dumps(refusal.body, allow_nan=False)
    return True


async def test_any_message_is_refused_or_can_be_written() -> None:
    world = DiscordSandbox()
    check_message(MESSAGE, [], limit_bytes=0)
    count = taken = 0
    for body in broken(MESSAGE):
        count += 1
        if not refused(lambda: check_message(body, [], limit_bytes=0)):  # noqa: B023 - called at once
            taken += 1
            await world.publish(world.new_message(world.bot_user, world.channel, body, ()))
    json.dumps([message.payload() for message in world.messages()], allow_nan=False)
    assert count > 1000
    assert 0 < taken < count / 2


async def test_any_layout_is_refused_or_can_be_written() -> None:
    world = DiscordSandbox()
    files = [("a.png", 1)]
    check_message(LAYOUT, files, limit_bytes=1)
    found = []
    for body in broken(LAYOUT):
        found.append(refused(lambda: check_message(body, files, limit_bytes=1)))  # noqa: B023 - the same
        if not found[-1]:
            await world.publish(world.new_message(world.bot_user, world.channel, body, ()))
    json.dumps([message.payload() for message in world.messages()], allow_nan=False)
    assert 0 < found.count(False) < len(found) / 2


@pytest.mark.parametrize("right", [MESSAGE, {**LAYOUT, "content": None, "embeds": []}])
async def test_any_edit_is_refused_or_can_be_written(right: Json) -> None:
    world = DiscordSandbox()
    found = []
    for body in islice(broken(right), 0, None, 3):  # no multiple of how many oddities there are
        before = {"content": "before", "embeds": [{"title": "before"}]}
        message = world.new_message(world.bot_user, world.channel, before, ())
        message.attachments = [world.store_file(0, File("a.png", b"a"))]
        await world.publish(message)
        try:
            await world.edit(message, body, ())
        except Refusal as refusal:
            found.append(refusal.status)
            assert message.payload()["content"] == "before"
    json.dumps([message.payload() for message in world.messages()], allow_nan=False)
    assert set(found) == {400}
    assert len(found) < len(world.messages())


@pytest.mark.parametrize(("kind", "value"), [(3, "a"), (4, 1), (10, 1.5)])
def test_any_suggestions_are_refused_or_are_right(kind: int, value: Json) -> None:
    right = {"choices": [{"name": "a", "value": value, "name_localizations": {"de": "b"}}]}
    check_choices(right, kind)
    found = [refused(lambda: check_choices(body, kind)) for body in broken(right)]  # noqa: B023 - the same
    assert 0 < sum(found) < len(found)


async def test_any_answer_to_anything_is_taken_or_refused(api: Api) -> None:
    mei = api.sandbox.member("Mei")
    typed = {"type": 3, "name": "text", "description": "x", "autocomplete": True}
    await api.publish(COMMAND | {"options": [typed]})
    _, body = await api.send({"components": MESSAGE["components"][:1]})
    message = api.sandbox.message(int(body["id"]))
    statuses = set()
    for kind in (*ODD, *range(1, 11)):
        for data in ({}, *ODD):
            for handle in (
                await mei.slash("echo"),
                await mei.complete("echo", "text", "a"),
                await mei.press(message, "go"),
            ):
                answer = await api.respond(handle, {"type": kind, "data": data})
                statuses.add(answer[0])
    assert statuses == {204, 400}
    assert (await api.call("GET", f"/channels/{message.channel.id}/messages"))[0] == 200


@pytest.mark.parametrize("modal", MODALS)
def test_any_modal_is_refused_or_is_right(modal: Json) -> None:
    check_modal(modal)
    found = [refused(lambda: check_modal(body)) for body in broken(modal)]  # noqa: B023 - the same
    assert 0 < sum(found) < len(found)


def test_any_commands_are_refused_or_can_be_written() -> None:
    commands = Commands(5, iter(range(10**6)).__next__, News())
    check_commands(COMMANDS)
    for body in broken(COMMANDS):
        if not refused(lambda: check_commands(body)):  # noqa: B023 - the same
            commands.replace(None, body)
            json.dumps(commands.seen(None), allow_nan=False)
    for odd in ODD:
        assert refused(lambda: check_command(odd))  # noqa: B023 - the same


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"\xff",
        b'{"content": NaN}',
        b'{"content": 1e999}',
        b'{"content": ' + b"9" * 5000 + b"}",
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b"[" * 100_000,
    ],
)
async def test_what_is_no_json_is_refused(api: Api, data: bytes) -> None:
    url = f"{api.sandbox.api_url}/channels/{api.sandbox.channel.id}/messages"
    headers = {"Authorization": f"Bot {api.token}", "Content-Type": "application/json"}
    async with api.session.post(url, data=data, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)


async def test_half_a_character_becomes_the_sign_for_none(api: Api) -> None:
    status, body = await api.send({"content": "a\ud83d", "embeds": [{"title": "\udd01"}]})
    assert (status, body["content"], body["embeds"][0]["title"]) == (200, "a\ufffd", "\ufffd")


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=a", b"--a\r\nx", 400),
        ("application/x-www-form-urlencoded", b"payload_json=%FF", 400),
        ("application/json; charset=none", b'{"content": "a"}', 200),
        ("application/x-www-form-urlencoded; charset=none", b"content=a", 400),
        ("text/plain", b"a", 400),
        ("image/png", b'{"content": "a"}', 400),
    ],
)
async def test_a_body_of_any_type_is_answered(
    api: Api, kind: str, data: bytes, status: int
) -> None:
    url = f"{api.sandbox.api_url}/channels/{api.sandbox.channel.id}/messages"
    headers = {"Authorization": f"Bot {api.token}", "Content-Type": kind}
    async with api.session.post(url, data=data, headers=headers) as response:
        assert response.status == status
        assert (await response.json()).get("code", 50035) in {50035, 50109}


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=a"])
async def test_a_body_that_is_not_packed_as_it_says_is_refused(api: Api, kind: str) -> None:
    url = f"{api.sandbox.api_url}/channels/{api.sandbox.channel.id}/messages"
    headers = {"Authorization": f"Bot {api.token}", "Content-Type": kind}
    headers["Content-Encoding"] = "deflate"
    async with api.session.post(url, data=b'{"content": "a"}', headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50035)


@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("GET", "/channels/abc", None, "channel_id"),
        ("GET", "/channels/-5", None, "channel_id"),
        ("GET", f"/channels/{2**64}", None, "channel_id"),
        ("DELETE", "{channel}/messages/abc", None, "message_id"),
        ("GET", "{channel}/messages?limit=abc", None, "limit"),
        ("GET", "{channel}/messages?limit=0", None, "limit"),
        ("GET", "{channel}/messages?before=x", None, "before"),
        ("GET", "/guilds/abc/members/5", None, "guild_id"),
        ("PUT", "/applications/abc/commands", [], "application_id"),
        ("POST", "/webhooks/@original/token", {}, "application_id"),
        ("GET", "/webhooks/@original/token/messages/@original", None, "application_id"),
        ("POST", "/interactions/abc/token/callback", {}, "interaction_id"),
        ("POST", "/users/@me/channels", {"recipient_id": "x"}, "recipient_id"),
        ("POST", "{channel}/messages", {"message_reference": {}}, "message_reference.message_id"),
        ("POST", "{channel}/messages", {"message_reference": {"message_id": "x"}}, "message_reference.message_id"),
        ("POST", "{channel}/messages", {"message_reference": 5}, "message_reference"),
    ],
)  # fmt: skip
async def test_what_is_no_id_or_number_is_refused_with_its_place(
    api: Api, method: str, path: str, body: Json, place: str
) -> None:
    where = path.replace("{channel}", f"/channels/{api.sandbox.channel.id}")
    answer = await api.call(method, where, body)
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [place]


async def test_a_button_whose_emoji_is_a_text_is_refused_and_nothing_is_spoilt(api: Api) -> None:
    message = await sent(api)
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "emoji": "🔁"}
    body = {"components": [{"type": 1, "components": [button]}]}
    path = f"/channels/{message.channel.id}/messages"
    for answer in (await api.send(body), await api.call("PATCH", f"{path}/{message.id}", body)):
        assert told(answer) == (400, 50035)
        errors = answer[1]["errors"]["components"]["0"]["components"]["0"]["emoji"]["_errors"]
        assert errors == [
            {
                "code": "MODEL_TYPE_CONVERT",
                "message": "Only dictionaries may be used in a ModelType",
            }
        ]
    status, found = await api.call("GET", path)
    assert (status, [each["components"] for each in found]) == (200, [[]])


async def test_all_faults_of_a_form_are_told_at_once(api: Api) -> None:
    _, body = await api.send({"content": "x" * 2001, "embeds": [{"color": -7}, {"url": "a"}]})
    assert places(body["errors"]) == ["content", "embeds.0.color", "embeds.1.url"]
