"""Requests to the local Discord: any body, path and query is answered, and nothing is spoilt by it.

Near misses of what a bot really sends; where DISCORD_OPENAPI names Discord's own document, also of
what that says may be sent on each route that there is.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from hypothesis import event as statistic
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.sandbox.control import Control
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox
from tests.contract import Contract
from tests.fuzz.strategies import near, odd_texts, written
from tests.sandbox.bodies import COMMANDS, LAYOUT, MESSAGE, MODALS

Json = Any
HELLO: Json = {"content": "hello"}
BODIES: dict[str, list[Json]] = {
    "POST /channels/{channel_id}/messages": [
        MESSAGE,
        {**HELLO, "message_reference": {"message_id": "{message_id}"}},
        {**LAYOUT, "components": LAYOUT["components"][:1]},
        {
            "message_reference": {
                "type": 1,
                "message_id": "{message_id}",
                "channel_id": "{channel_id}",
            }
        },
    ],
    "POST /channels/{channel_id}/threads": [{"name": "aside", "type": 11}],
    "POST /channels/{channel_id}/messages/{message_id}/threads": [{"name": "aside"}],
    "PATCH /channels/{channel_id}/messages/{message_id}": [MESSAGE],
    "POST /users/@me/channels": [{"recipient_id": "{user_id}"}],
    "PUT /applications/{application_id}/commands": [COMMANDS],
    "PUT /applications/{application_id}/guilds/{guild_id}/commands": [COMMANDS],
    "POST /applications/{application_id}/commands": COMMANDS,
    "PATCH /applications/{application_id}/commands/{command_id}": COMMANDS[:2],
    "POST /interactions/{interaction_id}/{token}/callback": [
        {"type": 4, "data": MESSAGE},
        {"type": 5, "data": {"flags": 64}},
        *({"type": 9, "data": modal} for modal in MODALS),
    ],
    "POST /webhooks/{application_id}/{token}": [MESSAGE],
    "PATCH /webhooks/{application_id}/{token}/messages/{message_id}": [MESSAGE],
}
MAX_PATH = 500  # of a part: a longer line is refused before anybody reads it
QUERIES = ("limit", "before", "after", "around", "with_response", "wait", "with_localizations")


class Errors(logging.Handler):
    """Keeps what a server logs where a handler broke."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


@dataclass
class Stage:
    """A local Discord in which there is one of everything, and the page over it."""

    runner: asyncio.Runner
    discord: DiscordSandbox
    control: Control
    session: aiohttp.ClientSession
    mei: Member
    errors: Errors

    async def ids(self, template: str) -> dict[str, str]:
        """What stands for the parts of a route's path; its interaction waits, or has its answer."""
        discord = self.discord
        if not any(m.author is discord.bot_user for m in discord.messages()):
            await self.send("POST", f"/channels/{discord.channel.id}/messages", HELLO)
        ours = [m for m in discord.messages() if m.author is discord.bot_user]
        handle = await self.asked()
        by_token = template.startswith("/webhooks")
        if by_token:
            path = f"/interactions/{handle.id}/{handle.token}/callback"
            await self.send("POST", path, {"type": 4, "data": HELLO})
        return {
            "channel_id": str(discord.channel.id),
            "message_id": "@original" if by_token else str(ours[-1].id),
            "guild_id": str(discord.guild.id),
            "user_id": str(self.mei.id),
            "application_id": str(discord.application_id),
            "command_id": discord.commands.of(None)[0]["id"],
            "interaction_id": str(handle.id),
            "token": handle.token,
            "emoji": "🔁",
        }

    async def asked(self) -> Any:
        """An interaction of the command that is there for sure."""
        try:
            return await self.mei.slash("sure")
        except ClientRefused:
            path = f"/applications/{self.discord.application_id}/commands"
            self.discord.advance(minutes=24 * 60)  # a day has two hundred new commands
            await self.send("PUT", path, [{"name": "sure", "description": "x"}])
            return await self.mei.slash("sure")

    async def send(self, method: str, path: str, body: Json = None) -> int:
        """The status of a request as a bot makes it."""
        data = None if body is None else written(body)
        headers = {"Authorization": f"Bot {self.discord.token}"}
        headers |= {"Content-Type": "application/json"} if data else {}
        url = URL(self.discord.api_url + path, encoded=True)
        async with self.session.request(method, url, data=data, headers=headers) as response:
            await response.read()
            return response.status

    async def look(self) -> None:
        """Read all that is there, as a bot and the page do; then forget what is long over."""
        if not self.discord.knows_guild(self.discord.guild.id):
            await self.discord.bot_joins(self.discord.guild)
        path = f"/channels/{self.discord.channel.id}/messages"
        assert await self.send("GET", path) == 200
        json.dumps(self.control._hello(), allow_nan=False)
        assert self.errors.found == []
        stores: tuple[dict[Any, Any], ...] = (self.discord.all_messages, self.discord.interactions)
        for store in stores:
            for key in list(store)[:-20]:
                del store[key]
        del self.discord.requests[:]
        self.control._log.clear()


def routes() -> list[str]:
    """The routes that there are."""
    return [f"{method} {path}" for method, path, _handler in DiscordSandbox().routes()]


@asynccontextmanager
async def staged(runner: asyncio.Runner, errors: Errors) -> AsyncIterator[Stage]:
    async with DiscordSandbox() as discord, StudioSandbox() as studio:
        control = Control(discord, studio)
        async with aiohttp.ClientSession() as session:
            mei = discord.member("Mei")
            await mei.post("theirs", files=[File("a.png", b"a")])
            yield Stage(runner, discord, control, session, mei, errors)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    errors = Errors()
    logging.getLogger().addHandler(errors)
    with asyncio.Runner() as runner:
        setting = staged(runner, errors)
        yield runner.run(setting.__aenter__())
        runner.run(setting.__aexit__(None, None, None))
    logging.getLogger().removeHandler(errors)


@pytest.fixture(scope="module")
def documented() -> dict[str, Json]:
    """What Discord's own document gives as the body of each route that there is."""
    contract = Contract.from_environment()
    if contract is None:
        return {}
    found = {route: contract.example(*route.split(" ", 1)) for route in routes()}
    return {route: body for route, body in found.items() if body is not None}


def filled(value: Json, ids: dict[str, str]) -> Json:
    """The value with ids in the place of their names."""
    text = json.dumps(value)
    for name, each in ids.items():
        text = text.replace(f"{{{name}}}", json.dumps(each)[1:-1])
    return json.loads(text)


@given(data=st.data())
def test_any_request_is_answered_and_spoils_nothing(
    stage: Stage, documented: dict[str, Json], data: st.DataObject
) -> None:
    route = data.draw(st.sampled_from(routes()))
    method, template = route.split(" ", 1)
    ids = stage.runner.run(stage.ids(template))
    if data.draw(st.integers(0, 4)) == 0:
        odd = data.draw(odd_texts | st.sampled_from(("@original", "@me")))
        ids[data.draw(st.sampled_from(list(ids)))] = odd[:MAX_PATH]
    path = template
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", quote(value.encode("utf-8", "replace"), safe=""))
    query = data.draw(st.dictionaries(st.sampled_from(QUERIES), odd_texts, max_size=2))
    if query:
        cut = {key: value[:MAX_PATH] for key, value in query.items()}
        encoded = {key: value.encode("utf-8", "replace") for key, value in cut.items()}
        path += "?" + urlencode(encoded)
    right = [*BODIES.get(route, []), *filter(None, [documented.get(route)])]
    body = None
    if right:
        chosen = filled(data.draw(st.sampled_from(right)), ids)
        body = data.draw(near(chosen, MESSAGE, *MESSAGE.values()) | st.just(chosen))
    status = stage.runner.run(stage.send(method, path, body))
    statistic(f"answered with {status}")
    assert status < 500, stage.errors.found
    stage.runner.run(stage.look())


def test_each_right_body_is_taken(stage: Stage) -> None:
    for route, bodies in BODIES.items():
        method, template = route.split(" ", 1)
        for body in bodies:
            ids = stage.runner.run(stage.ids(template))
            path, whole = filled([template, body], ids)
            status = stage.runner.run(stage.send(method, path, whole))
            assert status < 300, (route, body)
