"""How the bot is: what must be well, and what is worth a measurement at each look."""

import asyncio
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.discord.gateway import Gateway
from bot.discord.publishing import Publisher
from bot.errors import StorageError
from bot.files.pictures import Pictures
from bot.jobs.clocks import Clocks
from bot.jobs.heartbeat import FRESH_S
from bot.jobs.queue import Backlog
from bot.jobs.store import JobStore
from bot.work.worker import Worker

ANSWER_S = 3.0  # how long the database may take
COUNTED_FOR = timedelta(seconds=5)  # how long a count of the rows is good enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look. `backlog` is None where the database did not answer in time."""

    backlog: Backlog | None
    database_s: float
    turned_s: float
    shards: int
    connected: int
    latencies_s: Mapping[int, float]
    free_bytes: int
    unpublished: int = 0


@dataclass(kw_only=True)
class Vitals:
    """Asks the gateway, the database, the worker, and what looks at pictures."""

    gateway: Gateway
    store: JobStore
    worker: Worker
    pictures: Pictures
    clocks: Clocks
    data_dir: Path
    publisher: Publisher | None = None  # of the one process that publishes

    def __post_init__(self) -> None:
        self._began_at = self.clocks.steady()
        self._last: tuple[datetime, Backlog | None, float] | None = None

    async def faults(self) -> dict[str, str | None]:
        """What is wrong with each of the four that a restart may mend, or None."""
        return {
            "gateway": self.gateway.fault(),
            "database": await self._database_fault(),
            "worker": self._worker_fault(),
            "pictures": self.pictures.fault,
        }

    def notes(self) -> dict[str, str | None]:
        """What is wrong beside these, or None: it is no reason to start anew."""
        return {"commands": self.publisher.fault() if self.publisher else None}

    async def read(self) -> Reading:
        """A look at everything; the rows are counted at most once in five seconds."""
        backlog, database_s = await self._counted()
        return Reading(
            backlog=backlog,
            database_s=database_s,
            turned_s=self._turned_s(),
            shards=len(self.gateway.shards),
            connected=self.gateway.connected,
            latencies_s=self.gateway.latencies_s,
            free_bytes=shutil.disk_usage(self.data_dir).free,
            unpublished=self.publisher.unpublished if self.publisher else 0,
        )

    async def _counted(self) -> tuple[Backlog | None, float]:
        now = self.clocks.steady()
        if self._last is None or now - self._last[0] >= COUNTED_FOR:
            began = time.perf_counter()
            backlog: Backlog | None = None
            try:
                async with asyncio.timeout(ANSWER_S):
                    backlog = await self.store.queue.backlog(self.clocks.now())
            except (StorageError, TimeoutError):
                pass  # that there is no count says it
            self._last = (now, backlog, time.perf_counter() - began)
        return self._last[1:]

    async def _database_fault(self) -> str | None:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self.store.note("heartbeat")  # any short read will do
        except TimeoutError:
            return f"no answer within {ANSWER_S:g} s"
        except StorageError as error:
            return str(error)
        return None

    def _worker_fault(self) -> str | None:
        turned_s = self._turned_s()
        return None if turned_s <= FRESH_S else f"has not turned for {turned_s:.0f} s"

    def _turned_s(self) -> float:
        turned_at = self.worker.turned_at or self._began_at
        return max(0.0, (self.clocks.steady() - turned_at).total_seconds())
