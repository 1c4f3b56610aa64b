"""The job table of a stage's bot, looked at, copied and put back behind its back."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from bot.app import App
from bot.jobs.job import Job
from bot.jobs.observer import Observer
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs
from bot.reasons import Reason
from tests.scenarios.conftest import Stage

FILE = "jobs.sqlite3"
IS_LEFT = jobs.c.due_at.is_not(None) | jobs.c.redraw  # to be done, whoever holds it


def copied(stage: Stage, folder: Path) -> Path:
    """A copy of the table as it is committed now, and of the pictures, in a folder of its own."""
    folder.mkdir()
    if (pictures := stage.data_dir / "archive").is_dir():
        shutil.copytree(pictures, folder / "archive")
    source, copy = sqlite3.connect(stage.data_dir / FILE), sqlite3.connect(folder / FILE)
    source.backup(copy)
    source.close()
    copy.close()
    return folder / FILE


def put_back(stage: Stage, copy: Path) -> None:
    """Put the copy in the table's place, with no bot running."""
    for path in stage.data_dir.glob(f"{FILE}*"):
        path.unlink()
    copy.replace(stage.data_dir / FILE)


class Closed(Observer):
    """Hears why rows are closed by who took them."""

    def __init__(self, bots: Iterable[App]) -> None:
        self.reasons: list[Reason | None] = []
        for each in bots:
            each.bot.service._observer = self

    def advanced(self, before: Job, after: Job) -> None:
        assert not before.is_terminal
        self.reasons.append(after.failure.reason if after.failure else None)


async def rows(store: JobStore) -> list[Job]:
    """All rows, the oldest first."""
    found = [job for _, job in await store._page("")]
    return sorted(found, key=lambda job: job.created_at)


async def at_rest(app: App, *, within_s: float = 15) -> list[Job]:
    """All rows, once none of them has anything left to be done."""
    async with asyncio.timeout(within_s):
        while not await are_at_rest(app):
            app.worker.wake()
            await asyncio.sleep(0.05)
    return await rows(app.bot.store)


async def are_at_rest(app: App, job_id: str | None = None) -> bool:
    """Whether nothing is left to be done, for that row alone or for any, and nobody is at it.

    Who lost a row to another asks, a moment later, that it is drawn once more: that counts, too.
    """
    steps = {f"job {job_id}"} if job_id else {f"job {job.id}" for job in await rows(app.bot.store)}
    if any(task.get_name() in steps for task in asyncio.all_tasks()):
        return False
    is_busy = IS_LEFT | jobs.c.lease.is_not(None)
    query = sa.select(jobs.c.id).where(is_busy, jobs.c.id == job_id if job_id else sa.true())
    return await app.bot.store._database.run(lambda db: db.execute(query).first() is None)
