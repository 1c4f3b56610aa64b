"""The gateway: sessions over websockets, with resume, shards and compression.

https://docs.discord.com/developers/events/gateway
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.sandbox.discord import payloads
from bot.sandbox.discord.forms.gateway import (
    FORMS,
    HEARTBEAT,
    IDENTIFY,
    MEMBERS,
    OTHERS,
    RESUME,
    understood,
)
from bot.sandbox.discord.sessions import INTENTS, KNOWN, PRIVILEGED, Session, Socket, intent_of
from bot.sandbox.discord.world import World

__all__ = ["INTENTS", "PRIVILEGED", "Gateway", "Session"]

Json = Any
HEARTBEAT_MS = 41_250
MAX_PAYLOAD_BYTES = 4096  # of what a client sends

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
UNKNOWN_OPCODE = 4001
DECODE_ERROR = 4002
NOT_AUTHENTICATED = 4003
AUTHENTICATION_FAILED = 4004
ALREADY_AUTHENTICATED = 4005
INVALID_SEQUENCE = 4007
RATE_LIMITED = 4008
INVALID_SHARD = 4010
INVALID_VERSION = 4012
INVALID_INTENTS = 4013
DISALLOWED_INTENTS = 4014
VERSIONS = {"6", "7", "8", "9", "10"}


@dataclass
class Closed(Exception):
    """The connection is to be closed, with this code."""

    code: int
    reason: str


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
        if request.query.get("v", "10") not in VERSIONS:
            await ws.close(code=INVALID_VERSION, message=b"Invalid API version")
            return ws
        socket = Socket(ws, is_compressed="zlib-stream" in request.query.get("compress", ""))
        hello = {"heartbeat_interval": HEARTBEAT_MS}
        await socket.send({"op": 10, "d": hello, "s": None, "t": None})
        session: Session | None = None
        try:
            async for message in ws:
                # Both kinds of frame may carry JSON: hikari sends it as bytes.
                if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    session = await self._read(socket, session, message.data)
        except Closed as closed:
            await ws.close(code=closed.code, message=closed.reason.encode())
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
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            op = told = None
        if not isinstance(op, int) or len(data) > MAX_PAYLOAD_BYTES:
            raise Closed(DECODE_ERROR, "Error while decoding payload.")
        if not self._world.limits.hear(str(id(socket))):
            raise Closed(RATE_LIMITED, "Rate limited.")
        if op not in FORMS and op not in OTHERS:
            raise Closed(UNKNOWN_OPCODE, "Unknown opcode.")
        if session is None and op not in {HEARTBEAT, IDENTIFY, RESUME}:
            raise Closed(NOT_AUTHENTICATED, "Not authenticated.")
        found = understood(op, told)
        if found is None:
            raise Closed(DECODE_ERROR, "Error while decoding payload.")
        return await self._receive(socket, session, op, found)

    async def _receive(
        self, socket: Socket, session: Session | None, op: int, data: Json
    ) -> Session | None:
        if op == HEARTBEAT:
            await socket.send({"op": 11, "d": None, "s": None, "t": None})
        elif op in {IDENTIFY, RESUME}:
            return await self._begin(socket, session, op, data)
        elif op == MEMBERS and session:
            await self._tell_members(session, data)
        return session

    async def _begin(
        self, socket: Socket, session: Session | None, op: int, data: Json
    ) -> Session | None:
        if session:
            raise Closed(ALREADY_AUTHENTICATED, "Already authenticated.")
        if data["token"].removeprefix("Bot ") != self._world.token:
            raise Closed(AUTHENTICATION_FAILED, "Authentication failed.")
        return await (self._resume if op == RESUME else self._identify)(socket, data)

    async def _tell_members(self, session: Session, data: Json) -> None:
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None or not self._world.knows_guild(guild.id):
            return
        ids, start = data.get("user_ids", []), data.get("query")
        if start:
            ids = [user.id for user in guild.members if user.name.lower().startswith(start.lower())]
            ids = ids[: data.get("limit") or 100]
        found = [user for user in guild.members if user.id in ids]
        chunk = {
            "guild_id": str(guild.id),
            "members": [guild.member_payload(user) for user in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(each) for each in ids if each not in {user.id for user in found}],
            "nonce": data.get("nonce"),
        }
        await self._event(session, "GUILD_MEMBERS_CHUNK", chunk)

    async def _identify(self, socket: Socket, data: Json) -> Session | None:
        intents = data.get("intents", -1)
        if intents < 0 or intents & ~KNOWN:
            raise Closed(INVALID_INTENTS, "Invalid intent(s).")
        if intents & PRIVILEGED:
            raise Closed(DISALLOWED_INTENTS, "Disallowed intent(s).")
        number, count = shard = tuple(data.get("shard", (0, 1)))
        if not 0 <= number < count:
            raise Closed(INVALID_SHARD, "Invalid shard.")
        if not self._world.limits.start_session(number):
            await socket.send({"op": 9, "d": False, "s": None, "t": None})
            return None
        for old in [s for s in self.sessions.values() if s.shard == shard]:
            if not old.socket:
                del self.sessions[old.id]
        session = Session(id=uuid4().hex, intents=intents, shard=shard, socket=socket)
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
        if data.get("seq", 0) > session.sequence:
            del self.sessions[session.id]
            raise Closed(INVALID_SEQUENCE, "Invalid seq.")
        session.socket = socket
        self._world.news.tell("connection", None)
        for payload in list(session.sent):
            if payload["s"] > data.get("seq", 0):
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
