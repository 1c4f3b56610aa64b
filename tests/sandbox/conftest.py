"""A bot of a few lines, to meet the sandbox without a library."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.server import DiscordSandbox
from tests.contract import Contract

Json = Any
Answer = tuple[int, Json]

COMMAND = {"name": "echo", "description": "Says it again", "type": 1}
PICTURE_OPTION = {
    "type": 11,
    "name": "image",
    "description": "A picture",
    "required": True,
    "file_types": ["image"],
}


class Api:
    """A bot's side of the REST API, without a library."""

    def __init__(self, sandbox: DiscordSandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.token = sandbox.token

    async def call(
        self, method: str, path: str, body: Json = None, files: dict[str, bytes] | None = None
    ) -> Answer:
        options: dict[str, Any] = {"headers": {"Authorization": f"Bot {self.token}"}}
        if files is not None:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(body or {}))
            for number, (name, data) in enumerate(files.items()):
                form.add_field(f"files[{number}]", io.BytesIO(data), filename=name)
            options["data"] = form
        elif body is not None:
            options["json"] = body
        url = self.sandbox.api_url + path
        async with self.session.request(method, url, **options) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def send(self, body: Json = None, **more: Any) -> Answer:
        channel = self.sandbox.channel
        return await self.call("POST", f"/channels/{channel.id}/messages", body, **more)

    async def publish(self, *commands: Json) -> Answer:
        path = f"/applications/{self.sandbox.application_id}/commands"
        return await self.call("PUT", path, list(commands))

    async def respond(self, handle: InteractionHandle, body: Json, query: str = "") -> Answer:
        return await self.call(
            "POST", f"/interactions/{handle.id}/{handle.token}/callback{query}", body
        )

    def by_token(self, handle: InteractionHandle, message: str = "") -> str:
        path = f"/webhooks/{self.sandbox.application_id}/{handle.token}"
        return f"{path}/messages/{message}" if message else path


@pytest.fixture(scope="session")
def contract() -> Contract | None:
    return Contract.from_environment()


@pytest.fixture
async def api(contract: Contract | None) -> AsyncIterator[Api]:
    """A bot without a library; what is taken of it, and told to it, has to be as Discord says."""
    events: list[Json] = []
    async with DiscordSandbox() as sandbox, aiohttp.ClientSession() as session:
        sandbox.subscribe(lambda kind, what: events.append(what) if kind == "event" else None)
        yield Api(sandbox, session)
    if contract:
        taken = [each for each in sandbox.requests if each.status < 300]
        faults = {fault for each in taken for fault in contract.check(each)}
        faults |= {fault for each in events for fault in contract.check_event(each["t"], each["d"])}
        assert not faults, "\n".join(sorted(faults))


@pytest.fixture
def mei(api: Api) -> Member:
    return api.sandbox.member("Mei")


def told(answer: Answer) -> tuple[int, int]:
    """Status and code."""
    status, body = answer
    return status, body["code"]


def places(errors: Json) -> list[str]:
    """Where Discord says that a form is wrong."""
    if "_errors" in errors:
        return [""]
    return [f"{key}.{rest}".rstrip(".") for key, value in errors.items() for rest in places(value)]


async def asked(api: Api, mei: Member) -> InteractionHandle:
    """An interaction that waits for its answer."""
    await api.publish(COMMAND)
    return await mei.slash("echo")


async def sent(api: Api) -> Message:
    _, body = await api.send({"content": "hello"})
    return api.sandbox.message(int(body["id"]))


def path_of(message: Message) -> str:
    return f"/channels/{message.channel.id}/messages/{message.id}"


SAY = {"type": 4, "data": {"content": "hi"}}
