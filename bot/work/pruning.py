"""Rows and files of ended jobs go after KEEP_DAYS.

A file goes with the last row that names it. What no row ever named – a picture that was refused, a
file of a process that was killed – is found on its shelf: one of them is looked at each hour.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import StorageError
from bot.files.archive import SHELVES, Archive
from bot.jobs.store import JobStore

log = logging.getLogger(__name__)

EVERY_S = 3600.0
COUNTED_EVERY = 24  # turns: other processes keep files, too
PAUSE_S = 0.02  # between two transactions that nobody waits for


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """Removes what is old."""

    store: JobStore
    archive: Archive
    now: Callable[[], datetime]
    keep: timedelta

    async def run(self) -> None:
        """Once an hour, until cancelled; trouble waits for the next hour."""
        for turn in itertools.count():
            try:
                if turn % COUNTED_EVERY == 0:
                    await self.archive.count()
                await self.once()
            except (StorageError, OSError) as error:
                log.warning("nothing was removed this time: %s", error)
            except Exception:
                log.exception("nothing was removed this time")
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """Rows without anything left to do go with their files; a job under way keeps its own."""
        now = self.now()
        before, dropped = now - self.keep, 0
        forgetting = self.store.forgetting

        async def drop(keys: Collection[str]) -> None:
            nonlocal dropped
            dropped += await self.archive.drop(keys, before)

        while await forgetting.name_more():  # noqa: ASYNC110 - a part of them each time
            await asyncio.sleep(PAUSE_S)
        await self.store.drafts.prune(now)
        rows = await forgetting.prune(before, now=now, drop=drop)
        shelf = int(now.timestamp() // EVERY_S) % SHELVES
        async for keys in self.archive.shelf(shelf, before):
            await drop(await forgetting.unnamed(keys))
        if rows or dropped:
            log.info("removed %d rows and %d files older than %s", rows, dropped, before.date())
