"""What is remembered of how long jobs took."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.jobs.durations import MOST, READ_AGAIN, Known, strangers, with_one
from bot.jobs.job import JobStatus
from bot.jobs.progress import Progress, Took
from bot.jobs.store import JobStore
from bot.jobs.tables import durations
from tests.jobs import NOON, add, make_job, take


def known(*processing_s: float) -> Known:
    return tuple(Took(queueing_s=1.0, processing_s=each) for each in processing_s)


async def live(store: JobStore, took: Took | None, to: JobStatus = JobStatus.DOWNLOADING) -> None:
    """A job that the service has ended after so long, saved twice after that."""
    progress = Progress(job_id="j", state="processing", submitted_at=NOON, ask_at=NOON)
    await add(store, make_job(status=JobStatus.RUNNING, progress=progress))
    (claim,) = await take(store, {JobStatus.RUNNING}, now=NOON, lease_s=20, limit=1)
    ended = replace(claim.job.moved(to, at=NOON), progress=replace(progress, took=took))
    claim = await store.queue.keep(claim, ended)
    await store.queue.save(claim, replace(ended, due_at=None))


async def test_the_transaction_that_ends_a_job_remembers_how_long_it_took(
    database_url: str,
) -> None:
    async with JobStore.open(database_url) as store:
        assert await store.durations.of("PrOhEE", NOON) == ()
        for took, to in zip(
            known(20.0, 30.0), (JobStatus.DOWNLOADING, JobStatus.FAILED), strict=True
        ):
            await live(store, took, to)
        await live(store, None)
        assert await store.durations.of("PrOhEE", NOON) == ()  # it was read a moment ago
        assert await store.durations.of("PrOhEE", NOON + READ_AGAIN) == known(20.0, 30.0)
        assert await store.durations.of("other", NOON) == ()


async def test_a_row_that_cannot_be_read_is_learned_anew(sqlite_url: str) -> None:
    async with JobStore.open(sqlite_url) as store:
        row = sa.insert(durations).values(endpoint_id="PrOhEE", known='[{"queueing_s": "?"}]')
        await store._database.run(lambda db: db.execute(row).rowcount)
        await live(store, known(20.0)[0])
        assert await store.durations.of("PrOhEE", NOON) == known(20.0)


def test_the_newest_are_remembered() -> None:
    found: Known = ()
    for number in range(MOST + 10):
        found = with_one(found, *known(100.0 + number % 7))
    assert len(found) == MOST
    assert found[-1] == known(100.0 + (MOST + 9) % 7)[0]


@pytest.mark.parametrize(
    ("newest", "count", "is_changed"),
    [
        ((20.0, 21.0, 22.0), 0, False),
        ((20.0, 99.0, 22.0), 1, False),
        ((5.0, 22.0, 99.0), 2, False),
        ((60.0, 55.0, 70.0), 3, True),
        ((5.0, 6.0, 5.0), 3, True),
        ((24.9, 24.9, 24.9), 0, False),
    ],
    ids=["the same", "one", "two", "slower", "faster", "hardly slower"],
)
def test_a_changed_workflow_is_noticed_by_three_jobs_in_a_row(
    newest: tuple[float, ...], count: int, *, is_changed: bool
) -> None:
    older = known(19.0, 20.0, 21.0, 22.0, 23.0, 20.0)
    assert strangers((*older, *known(*newest))) == count
    after = with_one((*older, *known(*newest[:2])), *known(newest[2]))
    assert after == (known(*newest) if is_changed else (*older, *known(*newest)))


def test_of_few_jobs_none_is_a_stranger() -> None:
    assert strangers(known(1.0, 2.0, 3.0, 4.0, 999.0, 999.0, 999.0)) == 0
