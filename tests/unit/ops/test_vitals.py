from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.errors import StorageError
from bot.jobs.clocks import Clocks
from bot.jobs.queue import Backlog
from bot.ops.vitals import Vitals
from tests.jobs import NOON, HandClock

NOTHING = Backlog(unfinished={}, due=0, oldest_due_s=0.0)


class Counting:
    """A queue that counts how often it is asked for its backlog."""

    def __init__(self) -> None:
        self.asked_at: list[datetime] = []
        self.is_away = False

    async def backlog(self, now: datetime) -> Backlog:
        self.asked_at.append(now)
        if self.is_away:
            raise StorageError("database: OperationalError")
        return NOTHING


async def test_the_rows_are_counted_at_most_once_in_five_seconds(tmp_path: Path) -> None:
    clock, queue = HandClock(), Counting()
    gateway = SimpleNamespace(shards=[0], connected=1, latencies_s={})
    store, worker = SimpleNamespace(queue=queue), SimpleNamespace(turned_at=None)
    parts: dict[str, Any] = {"gateway": gateway, "store": store, "worker": worker}
    parts |= {"pictures": SimpleNamespace(fault=None), "data_dir": tmp_path}
    vitals = Vitals(**parts, clocks=Clocks(clock, clock.steady_s))
    found = []
    for after_s, is_away in ((0, False), (4.9, True), (5, True), (9.9, False), (10, False)):
        clock.now, queue.is_away = NOON + timedelta(seconds=after_s), is_away
        found.append((await vitals.read()).backlog)
    assert found == [NOTHING, NOTHING, None, None, NOTHING]
    assert [(each - NOON).total_seconds() for each in queue.asked_at] == [0, 5, 10]
