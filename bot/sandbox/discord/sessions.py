"""Sessions of the gateway: what each hears, what it was sent, and the socket that it has now.

https://docs.discord.com/developers/events/gateway
"""

import json
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = Any
REPLAYED = 1000  # events that a resume can bring back

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
# https://docs.discord.com/developers/events/gateway#list-of-intents
KNOWN = sum(1 << each for each in (*range(17), 20, 21, 24, 25))


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
