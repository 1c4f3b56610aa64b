"""Forgetting: rows and files of ended jobs go after KEEP_DAYS."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import StorageError
from bot.files.archive import Archive
from bot.jobs.store import JobStore

log = logging.getLogger(__name__)

EVERY_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """Removes what is old: first the rows, then the files that no row names any more."""

    store: JobStore
    archive: Archive
    now: Callable[[], datetime]
    keep: timedelta

    async def run(self) -> None:
        """Once an hour, until cancelled; trouble waits for the next hour."""
        while True:
            try:
                await self.once()
            except (StorageError, OSError) as error:
                log.warning("nothing was removed this time: %s", error)
            except Exception:
                log.exception("nothing was removed this time")
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """Rows without anything left to do go with their files; a job under way keeps its own."""
        now = self.now()
        before = now - self.keep
        rows = await self.store.prune(before, now=now)
        files = await self.archive.sweep(await self.store.stored_keys(), before)
        if rows or files:
            log.info("removed %d rows and %d files older than %s", rows, files, before.date())
