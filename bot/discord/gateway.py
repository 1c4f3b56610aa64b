"""Which of this process's shards are connected to Discord's gateway, and since when one is not."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from discord.ext import commands

PATIENCE = timedelta(seconds=60)  # discord.py connects again by itself


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
