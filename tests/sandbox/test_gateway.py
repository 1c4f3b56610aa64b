"""The gateway: who hears what, and how a session is resumed."""

import asyncio
import json
import zlib

import aiohttp
import pytest

from bot.sandbox.discord.gateway import INTENTS, PRIVILEGED
from bot.sandbox.discord.members import Member
from tests.sandbox.conftest import COMMAND, Api, Json

TEXT = aiohttp.WSMsgType.TEXT


class Listener:
    """A gateway client of a few lines."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sequence = 0

    async def receive(self) -> Json:
        payload = await asyncio.wait_for(self.socket.receive_json(), 5)
        self.sequence = payload["s"] or self.sequence
        return payload

    async def tell(self, op: int, data: Json) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def event(self, name: str) -> Json:
        while (payload := await self.receive())["t"] != name:
            pass
        return payload["d"]


async def connected(api: Api) -> Listener:
    """A client that was greeted."""
    listener = Listener(await api.session.ws_connect(api.sandbox.gateway_url))
    assert (await listener.receive())["op"] == 10
    return listener


def identity(api: Api, intents: int = INTENTS["GUILD_MESSAGE"]) -> Json:
    return {"token": api.token, "intents": intents, "properties": {}}


async def closed_with(listener: Listener) -> int:
    """The code that the gateway closes with, whatever it sends before."""
    while (frame := await asyncio.wait_for(listener.socket.receive(), 5)).type is TEXT:
        pass
    return int(frame.data)


async def test_a_wrong_token_closes_the_gateway(api: Api) -> None:
    listener = await connected(api)
    api.token = "wrong"
    await listener.tell(2, identity(api))
    assert await closed_with(listener) == 4004


@pytest.mark.parametrize("text", ["{", "[]", "{}", "7", json.dumps({"op": 1, "d": "x" * 4096})])
async def test_what_is_no_payload_closes_the_gateway(api: Api, text: str) -> None:
    listener = await connected(api)
    await listener.socket.send_str(text)
    assert await closed_with(listener) == 4002


async def test_who_says_nothing_of_itself_may_ask_for_nothing(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(8, {"guild_id": str(api.sandbox.guild.id)})
    assert await closed_with(listener) == 4003


async def test_who_is_known_does_not_identify_again(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    await listener.tell(2, identity(api))
    assert await closed_with(listener) == 4005


async def test_intents_that_nobody_turned_on_close_the_gateway(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api, PRIVILEGED))
    assert await closed_with(listener) == 4014
    assert not api.sandbox.connected


async def test_a_compressed_session_is_one_stream_of_binary_frames(api: Api) -> None:
    url = f"{api.sandbox.gateway_url}/?v=10&encoding=json&compress=zlib-stream"
    socket = await api.session.ws_connect(url)
    stream = zlib.decompressobj()

    async def receive() -> Json:
        frame = await asyncio.wait_for(socket.receive_bytes(), 5)
        assert frame.endswith(b"\x00\x00\xff\xff")
        return json.loads(stream.decompress(frame))

    hello = await receive()
    assert (hello["op"], hello["s"], hello["t"]) == (10, None, None)
    identify = json.dumps({"op": 2, "d": identity(api)})
    await socket.send_bytes(identify.encode())
    assert [(await receive())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]


async def test_members_are_told_with_the_nonce_that_asked_for_them(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    await listener.tell(8, {"guild_id": api.sandbox.guild.id, "nonce": "n"})
    chunk = await listener.event("GUILD_MEMBERS_CHUNK")
    assert (chunk["guild_id"], chunk["nonce"]) == (str(api.sandbox.guild.id), "n")


async def test_ready_says_who_the_bot_is_and_where_to_resume(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    ready = await listener.event("READY")
    guild = await listener.event("GUILD_CREATE")
    assert ready["user"] == (await api.call("GET", "/users/@me"))[1]
    assert (ready["user"]["verified"], ready["user"]["mfa_enabled"]) == (True, False)
    assert ready["application"] == {"id": str(api.sandbox.application_id), "flags": 0}
    assert ready["application"]["id"] != ready["user"]["id"]
    assert ready["resume_gateway_url"] == api.sandbox.gateway_url
    assert guild["roles"][0]["colors"]["primary_color"] == 0
    assert "verified" not in api.sandbox.owner.user.payload()


async def test_where_the_gateway_is_has_no_query(api: Api) -> None:
    for path in ("/gateway", "/gateway/bot"):
        assert (await api.call("GET", path))[1]["url"] == api.sandbox.gateway_url
    assert "?" not in api.sandbox.gateway_url


async def test_a_session_hears_what_it_asked_for(api: Api, mei: Member) -> None:
    listener = await connected(api)
    await listener.tell(1, None)
    assert (await listener.receive())["op"] == 11
    await listener.tell(2, identity(api))
    ready = await listener.event("READY")
    assert ready["user"]["id"] == str(api.sandbox.bot_user.id)
    await mei.post("in the server", files=[])
    theirs = await mei.post(f"{api.sandbox.bot_mention} hello")
    await mei.react(theirs, "🔁")
    await mei.post("a direct message", channel=api.sandbox.dm(mei))
    last = await mei.post(f"{api.sandbox.bot_mention} bye")
    heard = [(await listener.event("MESSAGE_CREATE"))["content"] for _ in range(3)]
    assert heard == ["", f"{api.sandbox.bot_mention} hello", last.content]
    await listener.tell(8, {"guild_id": str(api.sandbox.guild.id)})
    assert (await listener.event("GUILD_MEMBERS_CHUNK"))["chunk_count"] == 1


async def test_a_lost_session_is_resumed_with_what_it_missed(api: Api, mei: Member) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    session = (await listener.event("READY"))["session_id"]
    await listener.event("GUILD_CREATE")
    await api.sandbox.gateway.drop()
    await api.sandbox.until(lambda: not api.sandbox.connected)
    await mei.post(f"{api.sandbox.bot_mention} missed")
    again = await connected(api)
    await again.tell(6, {"token": api.token, "session_id": session, "seq": listener.sequence})
    assert (await again.event("MESSAGE_CREATE"))["content"].endswith("missed")
    await again.event("RESUMED")


async def test_a_resume_may_be_refused(api: Api) -> None:
    api.sandbox.gateway.refuses_resumes = True
    listener = await connected(api)
    await listener.tell(6, {"token": api.token, "session_id": "x", "seq": 0})
    assert (await listener.receive())["op"] == 9


async def test_everybody_can_be_asked_to_reconnect(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    await listener.event("GUILD_CREATE")
    await api.sandbox.gateway.ask(7)
    assert (await listener.receive())["op"] == 7


async def test_events_that_are_held_back_come_last_first(api: Api, mei: Member) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    await listener.event("READY")
    api.sandbox.gateway.hold_back()
    for content in ("first", "second"):
        await mei.post(content)
    await api.sandbox.gateway.let_go()
    ids = [(await listener.event("MESSAGE_CREATE"))["id"] for _each in range(2)]
    assert ids == [str(message.id) for message in reversed(api.sandbox.messages())]


async def test_each_shard_hears_of_its_own_servers(api: Api, mei: Member) -> None:
    discord = api.sandbox
    discord.application.installs.add(1)
    await api.publish({**COMMAND, "integration_types": [0, 1], "contexts": [0, 1, 2]})
    mei.install()
    without = discord.add_guild("Elsewhere", has_bot=False)
    mei.join(without)
    there = discord.add_channel("there", without)
    count = 7
    shards = [(guild.id >> 22) % count for guild in (discord.guild, without)]
    heard = []
    for number in sorted({0, *shards}):
        listener = await connected(api)
        await listener.tell(2, identity(api) | {"shard": [number, count]})
        ready = await listener.event("READY")
        assert len(ready["guilds"]) == (number == shards[0])
        heard.append((number, listener))
    for place in (there, discord.channel, discord.dm(mei)):
        await mei.slash("echo", channel=place)
    expected = [(shards[1], there), (shards[0], discord.channel), (0, discord.dm(mei))]
    for number, listener in heard:
        for place in [place for shard, place in expected if shard == number]:
            event = await listener.event("INTERACTION_CREATE")
            assert event["channel_id"] == str(place.id)


IDENTITY = {"token": "{token}", "intents": 512, "properties": {}}
MEMBERS_OF = {"guild_id": "{guild}"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((99, None), 4001),
        ((-1, None), 4001),
        ((2, None), 4002),
        ((2, {"intents": 512}), 4002),
        ((2, IDENTITY | {"token": 5}), 4002),
        ((2, IDENTITY | {"intents": "all"}), 4002),
        ((2, IDENTITY | {"shard": 5}), 4002),
        ((2, IDENTITY | {"shard": [0]}), 4002),
        ((2, IDENTITY | {"token": "wrong"}), 4004),
        ((2, IDENTITY | {"shard": [5, 1]}), 4010),
        ((2, IDENTITY | {"shard": [0, 0]}), 4010),
        ((2, {"token": "{token}", "properties": {}}), 4013),
        ((2, IDENTITY | {"intents": 1 << 40}), 4013),
        ((2, IDENTITY | {"intents": -1}), 4013),
        ((2, IDENTITY | {"intents": PRIVILEGED}), 4014),
        ((6, {"token": "{token}"}), 4002),
        ((6, {"token": "{token}", "session_id": "x", "seq": "y"}), 4002),
        ((3, {}), 4003),
        ((8, MEMBERS_OF), 4003),
    ],
)
async def test_what_a_client_says_wrong_closes_its_connection_with_discords_code(
    api: Api, said: tuple[int, Json], code: int
) -> None:
    listener = await connected(api)
    text = json.dumps(said[1]).replace("{token}", api.token)
    await listener.tell(said[0], json.loads(text.replace("{guild}", str(api.sandbox.guild.id))))
    assert await closed_with(listener) == code


@pytest.mark.parametrize("data", [None, 5, {}, {"guild_id": "x"}, MEMBERS_OF | {"user_ids": "x"}])
async def test_a_session_that_says_nonsense_is_closed(api: Api, data: Json) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    await listener.tell(8, data)
    assert await closed_with(listener) == 4002


async def test_a_version_that_is_no_more_is_closed_at_once(api: Api) -> None:
    socket = await api.session.ws_connect(f"{api.sandbox.gateway_url}?v=3")
    assert await closed_with(Listener(socket)) == 4012


async def test_a_resume_ahead_of_what_was_sent_ends_the_session(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    session = (await listener.event("READY"))["session_id"]
    await api.sandbox.gateway.drop()
    await api.sandbox.until(lambda: not api.sandbox.connected)
    resume = {"token": api.token, "session_id": session, "seq": 99}
    again = await connected(api)
    await again.tell(6, resume)
    assert await closed_with(again) == 4007
    once_more = await connected(api)
    await once_more.tell(6, resume | {"seq": 1})
    assert (await once_more.receive())["op"] == 9


async def test_members_are_told_by_their_ids_and_by_how_their_names_begin(
    api: Api, mei: Member
) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    guild = {"guild_id": str(api.sandbox.guild.id)}
    asked: tuple[tuple[Json, list[str]], ...] = (
        ({"user_ids": [str(mei.id), "5"]}, ["5"]),
        ({"user_ids": mei.id}, []),
        ({"query": "me", "limit": 1}, []),
    )
    for more, not_found in asked:
        await listener.tell(8, {**guild, **more})
        chunk = await listener.event("GUILD_MEMBERS_CHUNK")
        assert [each["user"]["id"] for each in chunk["members"]] == [str(mei.id)]
        assert chunk["not_found"] == not_found
