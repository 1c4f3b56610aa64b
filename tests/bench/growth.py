"""What a job's transactions take beside a million old rows, and beside none: on each database.

Another number of them may be given.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from uuid import uuid4

from bot.jobs.job import Job, JobStatus, Posted
from bot.jobs.progress import Progress, Took
from bot.jobs.store import JobStore
from tests.bench.paired import Paired, circumstances, load
from tests.bench.report import Goal, Part, note
from tests.jobs import NOON, add, make_job, make_origin, take
from tests.old import MEMBERS, PAGE, delivered, fill, vacuum
from tests.postgres import Postgres

OLD = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
PAIRS = 9  # rounds beside many, each with one beside none
JOBS = 40  # in a round
MEMBER = 7
MOST = 1.1
CLAIM, STEP, FINISH, LOOK = "a claim", "a step", "a finish", "a page of a member's jobs"
PRUNING = f"a pruning of {JOBS} rows"
KINDS = (CLAIM, STEP, FINISH, LOOK, PRUNING)
LONG_AGO = NOON - timedelta(days=36_500)  # before any of the old rows
ABOUT = f"""One job after another, as a worker carries it on. A claim is what is due, and the row taken;
a step is the row written back; a finish is the last of these, with the job's images and how long it
took; a page is the ten newest jobs of a member, who has {OLD // MEMBERS:,} old ones there. A
pruning removes what is older than all of these.

What most likely makes some take more than a tenth longer: the indexes of a million rows are a
level deeper, and of rows anywhere among so many not all is at hand in memory. None of it reads rows
that it does not need."""
BY_HAND = """Of a pruning, by hand, for each row that goes: on SQLite 30 KiB read and 40 written among
10,000 rows, 107 and 65 among a million, 128 and 65 among six million (190 and 67 while 500 rows went in
one transaction, which then took two seconds; 50 take a tenth of one); on PostgreSQL 32, 34 and 41 pages
looked at, and 9 KiB of its log. Where nothing is old it reads 32 KiB among six million. So it costs by
what goes, and a page or two more where indexes are deeper. Of an empty table all rows that go stand on
the same few pages: that is why SQLite does not meet the goal beside it."""

Times = dict[str, list[float]]


async def main() -> None:
    """Measure on both databases, and write the part of the page."""
    began_with, remarks, goals = load(), [ABOUT, BY_HAND], list[Goal]()
    with tempfile.TemporaryDirectory() as folder, Postgres(is_durable=True) as postgres:
        files = [f"sqlite:///{Path(folder) / name}.sqlite3" for name in ("many", "none")]
        databases = [postgres.new_database() for _ in files]
        for name, (many, none) in (("SQLite", files), ("PostgreSQL", databases)):
            took_s = await filled(many)
            remarks.append(f"{name} was given its {OLD:,} rows in {took_s:.0f} s.")
            goals += await compared(name, many, none)
    note(
        Part(
            name="growth",
            title="How it grows",
            goals=goals,
            remarks=[*remarks, circumstances(began_with)],
        )
    )


async def filled(url: str) -> float:
    """How long it took to put the old rows there."""
    async with JobStore.open(url):  # the tables are made
        begun = time.perf_counter()
        await asyncio.to_thread(fill, url, OLD)
        return time.perf_counter() - begun


async def compared(name: str, many: str, none: str) -> Iterator[Goal]:
    """The goals of one database: rounds beside many and beside none, by turns."""
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(JobStore.open(url)) for url in (many, none)]
        for store, url in zip(stores, (many, none), strict=True):
            await a_round(store)  # it is warm, and what no day needs any more is gone
            await asyncio.to_thread(vacuum, url)
        rounds = [[await a_round(store) for store in stores] for _ in range(PAIRS)]
    what = f"{name}, beside {OLD:,} old rows"
    return (
        Paired(f"{what}: {kind}", "none", "ms", [(a[kind], b[kind]) for a, b in rounds]).goal(MOST)
        for kind in KINDS
    )


async def a_round(store: JobStore) -> dict[str, float]:
    """How many milliseconds each transaction took, in the middle, of some jobs one by one."""
    times: Times = {kind: [] for kind in KINDS}
    for _ in range(JOBS):
        await live(store, times)
    for _ in range(JOBS):
        await add(store, old())
    with timed(times[PRUNING]):
        assert await store.forgetting.prune(LONG_AGO + timedelta(days=1), now=NOON) == JOBS
    return {kind: 1000 * median(each) for kind, each in times.items()}


async def live(store: JobStore, times: Times) -> None:
    """One job from its first claim to its end, and a look back."""
    job = await add(store, make_job(origin=make_origin(user_id=MEMBER)))
    with timed(times[CLAIM]):
        (claim,) = await take(store, {JobStatus.ACCEPTED}, now=NOON, lease_s=20, limit=1)
    progress = Progress(job_id=job.id, state="processing", submitted_at=NOON, ask_at=NOON)
    running = replace(claim.job, status=JobStatus.RUNNING, progress=progress)
    with timed(times[STEP]):
        claim = await store.queue.keep(claim, running)
    took = Took(queueing_s=2.0, processing_s=20.0)
    ended = replace(
        running,
        status=JobStatus.DELIVERED,
        due_at=None,
        progress=replace(progress, took=took),
        outputs=delivered().outputs,
    )
    with timed(times[FINISH]):
        await store.queue.save(claim, ended)
    with timed(times[LOOK]):
        await store._database.run(lambda db: db.execute(PAGE, {"user_id": MEMBER}).all())


def old() -> Job:
    """A row that is to go."""
    origin = make_origin()
    posted = Posted(message_ids=(origin.event_id,))
    return replace(delivered(), id=uuid4().hex, origin=origin, posted=posted, created_at=LONG_AGO)


@contextmanager
def timed(times: list[float]) -> Iterator[None]:
    """Note how long the block took."""
    begun = time.perf_counter()
    yield
    times.append(time.perf_counter() - begun)


if __name__ == "__main__":
    asyncio.run(main())
