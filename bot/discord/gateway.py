"""Which of this process's shards are connected to Discord's gateway, since when one is not, and why."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import discord
from discord.ext import commands

PATIENCE = timedelta(seconds=60)  # discord.py connects again by itself
TOKEN_REFUSED = "Discord does not take DISCORD_TOKEN: copy it again from the developer portal."  # noqa: S105 - a sentence
# After these codes nobody may connect again as they did.
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
_FOR_GOOD = {
    4004: TOKEN_REFUSED,
    4010: "Discord has no such shard (4010): see SHARD_COUNT and SHARD_IDS.",
    4011: "Discord wants more shards for so many servers (4011): leave SHARD_COUNT empty, or raise it.",
    4012: "Discord no longer speaks with this version of the bot (4012): install a newer one.",
    4013: "Discord does not know what the bot asks it for (4013): install a newer version of the bot.",
    4014: "Discord does not let the bot hear what it asks for (4014): install a newer version of the bot.",
}


class Gateway:
    """Listens to a client's shards."""

    def __init__(self, client: commands.AutoShardedBot, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._connected: set[int] = set()
        self._away_since: dict[int, datetime] = {}
        client.add_listener(self._came, "on_shard_connect")
        client.add_listener(self._came, "on_shard_resumed")
        client.add_listener(self._went, "on_shard_disconnect")

    @property
    def shards(self) -> Sequence[int]:
        """The shards that this process serves; none while their count is not known."""
        return self._client.shard_ids or range(self._client.shard_count or 0)

    @property
    def connected(self) -> int:
        """How many of them are connected."""
        return len(self._connected)

    @property
    def latencies_s(self) -> Mapping[int, float]:
        """How long the last heartbeat took of each connected shard that has had one."""
        return {
            shard: latency_s
            for shard, latency_s in self._client.latencies
            if shard in self._connected and math.isfinite(latency_s)
        }

    def fault(self) -> str | None:
        """What is wrong, or None; a shard that will be back soon is no fault."""
        if not self.shards:
            return "not connected yet"
        away = [shard for shard in self.shards if self._is_missed(shard)]
        return f"not connected: shard {', '.join(map(str, away))}" if away else None

    def _is_missed(self, shard: int) -> bool:
        if shard in self._connected:
            return False
        since = self._away_since.get(shard)
        return since is None or self._now() - since > PATIENCE

    async def _came(self, shard: int) -> None:
        self._connected.add(shard)
        self._away_since.pop(shard, None)

    async def _went(self, shard: int) -> None:
        self._connected.discard(shard)
        self._away_since.setdefault(shard, self._now())


def closed_for_good(error: discord.ConnectionClosed | discord.PrivilegedIntentsRequired) -> str:
    """Why the gateway takes this bot no more, and what to do."""
    code = 4014 if isinstance(error, discord.PrivilegedIntentsRequired) else error.code
    return _FOR_GOOD.get(code, f"Discord has closed the connection for good ({code}): start again.")
