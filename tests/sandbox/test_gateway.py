"""The gateway: who hears what, and how a session is resumed."""

import asyncio

import aiohttp

from bot.sandbox.gateway import INTENTS
from bot.sandbox.members import Member
from tests.sandbox.conftest import Api, Json


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


async def test_a_wrong_token_closes_the_gateway(api: Api) -> None:
    listener = await connected(api)
    api.token = "wrong"
    await listener.tell(2, identity(api))
    closed = await asyncio.wait_for(listener.socket.receive(), 5)
    assert closed.data == 4004


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
