"""The gateway: sessions over websockets, with resume, shards and compression.

https://docs.discord.com/developers/events/gateway
"""

import asyncio
import json
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.sandbox.discord import payloads
from bot.sandbox.discord.world import World

Json = Any
HEARTBEAT_MS = 41_250
REPLAYED = 1000  # events that a resume can bring back
MAX_PAYLOAD_BYTES = 4096  # of what a client sends

GUILDS = 1 << 0
INTENTS = {
    "GUILD_CREATE": GUILDS,
    "GUILD_DELETE": GUILDS,
    "GUILD_ROLE_CREATE": GUILDS,
    "GUILD_ROLE_UPDATE": GUILDS,
    "CHANNEL_CREATE": GUILDS,
    "CHANNEL_UPDATE": GUILDS,
    "CHANNEL_DELETE": GUILDS,
    "THREAD_CREATE": GUILDS,
    "THREAD_UPDATE": GUILDS,
    "GUILD_MESSAGE": 1 << 9,
    "GUILD_REACTION": 1 << 10,
    "DIRECT_MESSAGE": 1 << 12,
    "DIRECT_REACTION": 1 << 13,
}
# Members, presences and message content: an application has them once its owner turns them on.
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
DECODE_ERROR = 4002
NOT_AUTHENTICATED = 4003
AUTHENTICATION_FAILED = 4004
ALREADY_AUTHENTICATED = 4005
DISALLOWED_INTENTS = 4014


def intent_of(name: str, guild_id: int | None) -> int:
    """The intent of an event, as its bit; 0 for what every session hears."""
    place = "GUILD" if guild_id else "DIRECT"
    if name.startswith("MESSAGE_REACTION_"):
        return INTENTS[f"{place}_REACTION"]
    if name.startswith("MESSAGE_"):
        return INTENTS[f"{place}_MESSAGE"]
    return INTENTS.get(name, 0)


@dataclass(eq=False)
class Session:
    """One shard of a client; it outlives its socket for a while."""

    id: str
    intents: int
    shard: tuple[int, int]
    sequence: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=REPLAYED))
    socket: "Socket | None" = None

    def hears(self, guild_id: int | None, intent: int) -> bool:
        """Whether an event goes to this shard."""
        number, count = self.shard
        at = (guild_id >> 22) % count if guild_id else 0
        return number == at and (not intent or bool(self.intents & intent))


class Socket:
    """One websocket, with the compression that its client asked for."""

    def __init__(self, ws: web.WebSocketResponse, *, is_compressed: bool) -> None:
        self.ws = ws
        self._zlib = zlib.compressobj() if is_compressed else None

    async def send(self, payload: Json) -> None:
        """Send; a socket that has gone away is noticed elsewhere."""
        text = json.dumps(payload)
        try:
            if self._zlib is None:
                await self.ws.send_str(text)
            else:
                data = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                await self.ws.send_bytes(data)
        except (ConnectionError, RuntimeError):
            return


class Gateway:
    """All sessions; the world's news tell of each event, and of clients that come and go."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.refuses_resumes = False
        self._held_back: list[tuple[str, Json, int | None]] | None = None

    @property
    def connected(self) -> bool:
        """Whether a client listens."""
        return any(session.socket for session in self.sessions.values())

    async def dispatch(self, name: str, data: Json, guild_id: int | None) -> None:
        """Send an event to the sessions that hear it."""
        self._world.news.tell("event", {"t": name, "d": data})
        if self._held_back is not None:
            self._held_back.append((name, data, guild_id))
            return
        intent = intent_of(name, guild_id)
        for session in list(self.sessions.values()):
            if session.hears(guild_id, intent):
                await self._event(session, name, data)

    def hold_back(self) -> None:
        """Send no event until `let_go`."""
        self._held_back = []

    async def let_go(self) -> None:
        """Send what was held back, the last event first."""
        events, self._held_back = self._held_back or [], None
        for name, data, guild_id in reversed(events):
            await self.dispatch(name, data, guild_id=guild_id)

    async def drop(self, code: int = 4000) -> None:
        """Close all sockets; the sessions can be resumed."""
        for session in self.sessions.values():
            if session.socket:
                await session.socket.ws.close(code=code)

    async def ask(self, op: int, data: Json = None) -> None:
        """Send an opcode to everybody: 7 reconnect, 9 invalid session."""
        for session in self.sessions.values():
            if session.socket:
                await session.socket.send({"op": op, "d": data, "s": None, "t": None})

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from HELLO to its end."""
        ws = web.WebSocketResponse(max_msg_size=2**20)
        await ws.prepare(request)
        socket = Socket(ws, is_compressed="zlib-stream" in request.query.get("compress", ""))
        hello = {"heartbeat_interval": HEARTBEAT_MS}
        await socket.send({"op": 10, "d": hello, "s": None, "t": None})
        session: Session | None = None
        try:
            async for message in ws:
                # Both kinds of frame may carry JSON: hikari sends it as bytes.
                if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    session = await self._read(socket, session, message.data)
        finally:
            if session and session.socket is socket:
                session.socket = None
                self._world.news.tell("connection", None)
        return ws

    async def _read(
        self, socket: Socket, session: Session | None, data: str | bytes
    ) -> Session | None:
        try:
            payload = json.loads(data)
            op, told = payload["op"], payload.get("d")
        except (ValueError, TypeError, KeyError):
            op = told = None
        if not isinstance(op, int) or len(data) > MAX_PAYLOAD_BYTES:
            await socket.ws.close(code=DECODE_ERROR, message=b"Error while decoding payload.")
            return session
        return await self._receive(socket, session, op, told)

    async def _receive(
        self, socket: Socket, session: Session | None, op: int, data: Json
    ) -> Session | None:
        if op == 1:
            await socket.send({"op": 11, "d": None, "s": None, "t": None})
        elif op in {2, 6}:
            return await self._begin(socket, session, op, data)
        elif session is None:
            await socket.ws.close(code=NOT_AUTHENTICATED, message=b"Not authenticated.")
        elif op == 8:
            chunk = {
                "guild_id": str(data["guild_id"]),
                "members": [],
                "chunk_index": 0,
                "chunk_count": 1,
                "nonce": data.get("nonce"),
            }
            await self._event(session, "GUILD_MEMBERS_CHUNK", chunk)
        return session

    async def _begin(
        self, socket: Socket, session: Session | None, op: int, data: Json
    ) -> Session | None:
        if session:
            await socket.ws.close(code=ALREADY_AUTHENTICATED, message=b"Already authenticated.")
        elif data["token"].removeprefix("Bot ") != self._world.token:
            await socket.ws.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
        elif op == 6:
            return await self._resume(socket, data)
        elif data["intents"] & PRIVILEGED:
            await socket.ws.close(code=DISALLOWED_INTENTS, message=b"Disallowed intent(s).")
        else:
            return await self._identify(socket, data)
        return session

    async def _identify(self, socket: Socket, data: Json) -> Session:
        number, count = data.get("shard") or (0, 1)
        shard = (number, count)
        for old in [s for s in self.sessions.values() if s.shard == shard]:
            if not old.socket:
                del self.sessions[old.id]
        session = Session(id=uuid4().hex, intents=data["intents"], shard=shard, socket=socket)
        world = self._world
        channels = list(world.channels.values())
        mine = [
            guild.payload(channels, world.bot_user) | {"unavailable": False}  # it is no new one
            for guild in world.guilds.values()
            if world.knows_guild(guild.id) and session.hears(guild.id, 0)
        ]
        ready = {
            **payloads.ready(world.application),
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(shard),
            "guilds": [{"id": g["id"], "unavailable": True} for g in mine],
        }
        await self._event(session, "READY", ready)
        for guild in mine:
            await self._event(session, "GUILD_CREATE", guild)
        self.sessions[session.id] = session  # what happens in a server comes after the server
        world.news.tell("connection", None)
        return session

    async def _resume(self, socket: Socket, data: Json) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None or self.refuses_resumes:
            await socket.send({"op": 9, "d": False, "s": None, "t": None})
            return None
        session.socket = socket
        self._world.news.tell("connection", None)
        for payload in list(session.sent):
            if payload["s"] > data["seq"]:
                await socket.send(payload)
        await self._event(session, "RESUMED", {})
        return session

    async def _event(self, session: Session, name: str, data: Json) -> None:
        session.sequence += 1
        payload = {"op": 0, "t": name, "s": session.sequence, "d": data}
        session.sent.append(payload)
        if session.socket:
            await session.socket.send(payload)
        await asyncio.sleep(0)
