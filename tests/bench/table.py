"""How fast the job table is: on each database, in one process and in two, and with a long queue.

Each number stands beside a baseline of the same run; what counts is the ratio between the two.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import sqlalchemy as sa

from bot.jobs.database import Database
from bot.jobs.job import Job, JobStatus, Posted
from bot.jobs.limits import Usage
from bot.jobs.store import JobStore
from bot.jobs.tables import columns, jobs
from tests.jobs import NOON, make_job, take
from tests.postgres import Postgres

HOUR = timedelta(hours=1)
ALL = tuple(JobStatus)
STEPS = 6  # claims and saves in the life of a short job
AT_ONCE = 16  # as a worker has slots
JOBS = 300
ROUNDS = 3
WAITING = 100_000  # rows that are not due yet
CLAIMS = 200


def main() -> None:
    """Measure, and print a line for each comparison."""
    with tempfile.TemporaryDirectory() as folder, Postgres(is_durable=True) as postgres:
        numbers = iter(range(1000))
        places: dict[str, Callable[[], str]] = {
            "SQLite": lambda: f"sqlite:///{Path(folder) / f'{next(numbers)}.sqlite3'}",
            "PostgreSQL": postgres.new_database,
        }
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            alone = [seconds(processes, 1, places["SQLite"]()) for _ in range(ROUNDS)]
            for count in (1, 2):
                shared = [seconds(processes, count, places["PostgreSQL"]()) for _ in range(ROUNDS)]
                row(f"{JOBS} jobs, PostgreSQL, {count} processes", shared, "SQLite", alone)
        for name, new in places.items():
            url = new()
            short = asyncio.run(claims(url))
            asyncio.run(fill(url))
            row(
                f"a claim beside {WAITING} rows, {name}",
                asyncio.run(claims(url)),
                "beside none",
                short,
            )


def row(what: str, measured: list[float], than: str, baseline: list[float]) -> None:
    """Print both medians, and their ratio."""
    now, before = statistics.median(measured), statistics.median(baseline)
    print(f"{what:<45}{now:9.4f} s   {than} {before:.4f} s   ratio {now / before:.2f}", flush=True)


def seconds(processes: ProcessPoolExecutor, count: int, url: str) -> float:
    """How long so many processes take for all the jobs together."""
    list(processes.map(live_all, repeat(url, 2), repeat(0, 2)))  # started, and the tables made
    begun = time.perf_counter()
    list(processes.map(live_all, repeat(url, count), repeat(JOBS // count, count)))
    return time.perf_counter() - begun


def live_all(url: str, count: int) -> None:
    """The transactions of so many jobs, from the command to the last save."""
    asyncio.run(_live_all(url, count))


async def _live_all(url: str, count: int) -> None:
    async with JobStore.open(url) as store:
        left = iter(range(count))
        await asyncio.gather(*(_live(store, left) for _ in range(AT_ONCE)))


async def _live(store: JobStore, left: Iterator[int]) -> None:
    for _ in left:
        job = make_job(due_at=NOON + HOUR)
        await store.add(job, anything)
        await store.change(job.id, posted)
        for _step in range(STEPS):
            for claim in await take(store, ALL, now=NOON, lease_s=20, limit=1):
                await store.queue.save(claim, claim.job)


def posted(job: Job) -> Job:
    return replace(job, posted=Posted(message_ids=(job.origin.event_id,)), due_at=NOON)


async def claims(url: str) -> list[float]:
    """How long each of some claims takes, while one row is due."""
    found = []
    async with JobStore.open(url) as store:
        await store.add(make_job(), anything)
        for _ in range(CLAIMS):
            begun = time.perf_counter()
            (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
            found.append(time.perf_counter() - begun)
            await store.queue.release(claim)
        await store.change(claim.job.id, lambda job: replace(job, due_at=None))
    return found


async def fill(url: str) -> None:
    """Put rows there that are due in an hour."""
    rows = (make_job(due_at=NOON + HOUR) for _ in range(WAITING))
    async with Database.open(url) as database:
        for page in pages({"id": job.id, **columns(job)} for job in rows):
            await database.run(lambda db, page=page: db.execute(sa.insert(jobs), page).rowcount)  # type: ignore[misc]


def pages(rows: Iterable[dict[str, object]], size: int = 1000) -> Iterator[list[dict[str, object]]]:
    """The rows, some at a time."""
    page: list[dict[str, object]] = []
    for each in rows:
        page.append(each)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def anything(_usage: Usage) -> None:
    """Refuses nothing."""


if __name__ == "__main__":
    main()
