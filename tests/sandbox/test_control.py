"""The way of the page, and of scripts, to the sandbox."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.sandbox import control
from bot.sandbox.control import PAGE, Control
from bot.sandbox.discord.files import File
from bot.sandbox.discord.places import FORUM
from bot.sandbox.studio.server import StudioSandbox
from tests.sandbox.conftest import COMMAND, PICTURE_OPTION, Api
from tests.sandbox.test_as_discord import events

Json = Any


@dataclass
class Client:
    """A script that acts as the page does."""

    session: aiohttp.ClientSession
    control: Control

    async def act(self, action: str, **fields: Json) -> tuple[int, Json]:
        async with self.session.post(f"control/{action}", json=fields) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text())


@pytest.fixture
async def client(api: Api) -> AsyncIterator[Client]:
    async with (
        Control(api.sandbox, StudioSandbox(api.sandbox.clock)) as served,
        aiohttp.ClientSession(served.url) as session,
    ):
        yield Client(session, served)


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("dance", {}, "there is no action dance"),
        ("post", {}, "post: KeyError in 'member'"),
        ("post", {"member": "5"}, "post: KeyError in 5"),
        ("post", {"member": "{bot}"}, "nobody acts as the bot"),
        ("post", {"member": "{mei}", "channel": "{channel}"}, "an empty message cannot be sent"),
        ("post", {"member": "{mei}", "channel": "{channel}", "content": "x" * 2001}, "at most 2000 characters and 10 files"),
        ("command", {"member": "{mei}", "channel": "{channel}", "name": "none"}, "there is no command none"),
        ("submit", {"member": "{mei}", "interaction": "5", "values": {}}, "there is no such interaction"),
        ("permit", {"member": "{mei}", "command": None}, "only an administrator says who may use a command"),
        ("permit", {"member": "{sam}", "command": None, "kind": "king", "id": "5", "is_allowed": True}, "permit: KeyError in 'king'"),
        ("bot", {"member": "{mei}", "is_here": False}, "only an administrator invites the bot, or takes it from the server"),
        ("switch", {"name": "nothing"}, "switch: KeyError in 'nothing'"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_said_in_one_sentence(
    client: Client, api: Api, action: str, fields: dict[str, Json], sentence: str
) -> None:
    known = {
        "{bot}": str(api.sandbox.bot_user.id),
        "{sam}": str(api.sandbox.developer.id),
        "{mei}": str(api.sandbox.member("Mei").id),
        "{channel}": str(api.sandbox.channel.id),
    }
    given = {key: known.get(str(value), value) for key, value in fields.items()}
    assert await client.act(action, **given) == (400, {"error": sentence})


async def test_a_deleted_message_takes_no_more_actions(client: Client, api: Api) -> None:
    mei = api.sandbox.member("Mei")
    mine = await mei.post("mine")
    theirs = await api.sandbox.member("Ana").post("theirs")
    fields = {"member": str(mei.id), "message": str(theirs.id)}
    status, told = await client.act("delete", **fields)
    assert (status, told["error"]) == (400, "only its author or an administrator deletes a message")
    fields["message"] = str(mine.id)
    assert await client.act("delete", **fields) == (200, {})
    assert await client.act("delete", **fields) == (400, {"error": "this message was deleted"})


async def test_a_command_is_used_with_files_by_form(client: Client, api: Api) -> None:
    await api.publish({**COMMAND, "options": [PICTURE_OPTION]})
    fields = {
        "member": str(api.sandbox.member("Mei").id),
        "channel": str(api.sandbox.channel.id),
        "name": "echo",
    }
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(fields))
    form.add_field("image", b"a", filename="a.png", content_type="image/png")
    async with client.session.post("control/command", data=form) as response:
        told = await response.json()
    assert (response.status, told["name"], told["state"]) == (200, "echo", "sent")


async def test_a_body_of_another_form_is_refused(client: Client) -> None:
    form = "multipart/form-data; boundary=a"
    cut = b'--a\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{\r\n--a--\r\n'
    for body, headers in (
        (b"{", {}),
        (b"[1]", {}),
        (b"[" * 100_000, {}),
        (b"\xff", {"Content-Type": "application/json"}),
        (b"{}", {"Content-Type": "application/json; charset=none"}),
        (b"x", {"Content-Type": "multipart/form-data"}),
        (b"x", {"Content-Type": form}),
        (cut, {"Content-Type": form}),
        (b'{"content": "a"}', {"Content-Encoding": "deflate"}),  # the last: it ends the connection
    ):
        async with client.session.post("control/post", data=body, headers=headers) as response:
            told = await response.json()
        sentence = "expected a JSON object, or a form with one"
        assert (response.status, told) == (400, {"error": sentence}), (body[:20], headers)


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
async def test_other_pages_may_not_act_here(client: Client, headers: dict[str, str]) -> None:
    async with client.session.post("control/post", json={}, headers=headers) as response:
        assert response.status == 403
    async with client.session.get("control/socket", headers=headers) as response:
        assert response.status == 403


async def test_the_page_comes_with_a_policy_that_lets_nothing_else_in(client: Client) -> None:
    async with client.session.get("") as response:
        assert response.status == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "<h1>Sandbox</h1>" in await response.text()
    async with client.session.get("samples/1.png") as response:
        assert (await response.read()).startswith(b"\x89PNG")
    async with client.session.get("samples/9.png") as response:
        assert response.status == 404


async def test_whoever_listens_is_told_all_that_happens(client: Client, api: Api) -> None:
    mei = api.sandbox.member("Mei")
    async with client.session.ws_connect("control/socket") as socket:
        hello = await socket.receive_json()
        assert [each["name"] for each in hello["people"]] == ["Sam", "Mei"]
        assert [each["is_direct"] for each in hello["channels"]] == [False, True, True]
        await api.publish(COMMAND)
        message = await mei.post("hello")
        await mei.react(message, "👍")
        api.sandbox.advance(minutes=1)
        await mei.delete(message)
        told = []
        while "delete" not in told:
            told.append((await socket.receive_json())["type"])
    assert [kind for kind in told if kind != "log"] == [
        "commands",
        "message",
        "reaction",
        "clock",
        "delete",
    ]


async def test_what_a_browser_fetches_is_not_in_the_log_and_what_a_bot_fetches_is(
    client: Client, api: Api
) -> None:
    message = await api.sandbox.member("Mei").post("", files=[File("me.png", b"x")])
    url = message.payload()["attachments"][0]["url"]
    for headers in ({"Sec-Fetch-Mode": "no-cors"}, {}):
        async with client.session.get(url, headers=headers) as response:
            assert response.status == 200
    logged = [each["about"] for each in client.control._log if each["route"] == "file"]
    assert logged == ["me.png"]


async def test_who_cannot_keep_up_begins_anew(
    client: Client, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "BEHIND", 3)
    async with client.session.ws_connect("control/socket") as socket:
        await socket.receive_json()
        for _ in range(10):
            client.control._tell({"type": "nothing"})
        kinds = [message.type async for message in socket]
    assert len(kinds) < 10
    assert socket.closed
    assert api.sandbox.late_answers == []


def test_the_pages_code_stays_small() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in PAGE.iterdir()}
    assert sum(lines.values()) <= 2200
    assert max(lines.values()) <= 250


async def test_a_script_types_sends_on_and_opens_posts(client: Client, api: Api) -> None:
    discord = api.sandbox
    mei, ana = discord.member("Mei"), discord.member("Ana")
    forum = discord.add_channel("forum", kind=FORUM)
    option = {"type": 3, "name": "text", "description": "x", "autocomplete": True}
    menu = {"name": "Who", "type": 2}
    await api.publish(COMMAND | {"options": [option]}, menu)
    here = {"member": str(mei.id), "channel": str(discord.channel.id)}
    log: list[Json] = []
    discord.subscribe(lambda kind, what: log.append(what) if kind == "interaction" else None)

    async def suggest() -> None:
        handle: Json = await discord.until(lambda: log[-1] if log else None)
        await api.respond(handle, {"type": 8, "data": {"choices": [{"name": "a", "value": "b"}]}})

    suggesting = asyncio.create_task(suggest())
    typed = {"name": "echo", "options": {"text": "a"}, "focused": "text"}
    found = await client.act("complete", **here, **typed)
    await suggesting
    assert found == (200, {"choices": [{"name": "a", "value": "b"}]})
    status, asked = await client.act("menu", **here, person=str(ana.id), name="Who")
    assert (status, asked["name"]) == (200, "Who")
    forum_at = {"member": str(mei.id), "channel": str(forum.id)}
    status, post = await client.act("open", **forum_at, title="My cat", content="look")
    assert (status, post["id"], post["content"]) == (200, post["channel_id"], "look")
    status, sent = await client.act("forward", **here, message=post["id"])
    assert (status, sent["message_snapshots"][0]["message"]["content"]) == (200, "look")
    status, body = await client.act("install", member=str(mei.id))
    assert (status, body["error"]) == (400, "the application cannot be installed by people")
    discord.application.installs.add(1)
    assert await client.act("install", member=str(mei.id)) == (200, {})


async def test_options_and_fields_may_have_any_name(client: Client, api: Api) -> None:
    names = ("channel", "name", "self", "options", "asked")
    options = [{"type": 3, "name": each, "description": "x"} for each in names]
    options[0]["autocomplete"] = True
    await api.publish(COMMAND | {"options": options})
    discord, log = api.sandbox, events(api)
    member = str(discord.member("Mei").id)
    given = {"member": member, "channel": str(discord.channel.id), "name": "echo"}
    words = dict.fromkeys(names, "a")
    status, _ = await client.act("command", **given, options=words)
    assert (status, [each["value"] for each in log[-1]["d"]["data"]["options"]]) == (200, ["a"] * 5)
    ask = client.act("complete", **given, options=words, focused="channel")
    asking = asyncio.create_task(ask)
    await discord.until(lambda: log[-1]["d"]["type"] == 4)
    handle: Json = list(discord.interactions.values())[-1]
    await api.respond(handle, {"type": 8, "data": {"choices": []}})
    assert await asking == (200, {"choices": []})
    handle = await discord.member("Ana").slash("echo")
    fields = [{"type": 4, "custom_id": each, "style": 1, "label": each} for each in names]
    rows = [{"type": 1, "components": [each]} for each in fields]
    modal = {"title": "More", "custom_id": "m", "components": rows}
    assert (await api.respond(handle, {"type": 9, "data": modal}))[0] == 204
    status, _ = await client.act("submit", member=member, interaction=str(handle.id), values=words)
    assert (status, len(log[-1]["d"]["data"]["components"])) == (200, 5)
