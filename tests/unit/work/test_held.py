"""The right to act for a job: kept through trouble with the database, and noticed once lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.errors import LeaseLost, StorageError
from bot.jobs.job import JobStatus, OriginKind
from bot.jobs.progress import Progress
from bot.jobs.queue import Claim, Queue
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.work.held import Held
from bot.work.receipts import _taken
from tests.jobs import ALL, NOON, make_job, make_origin, take

LEASE_S = 0.3


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[JobStore]:
    async with JobStore.open(database_url) as opened:
        yield opened


async def claimed(store: JobStore) -> Claim:
    assert await store.add(make_job(), lambda _usage: None)
    (claim,) = await take(store, ALL, now=NOON, lease_s=LEASE_S, limit=1)
    return claim


async def test_a_lease_outlives_a_renewal_that_failed(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, tries = Queue.renew, iter(range(100))
    renewed = asyncio.Event()

    async def once_failing(self: Queue, claim: Claim, *, lease_s: float) -> None:
        number = next(tries)
        if number == 0:
            raise StorageError("database: OperationalError")
        await renew(self, claim, lease_s=lease_s)
        if number == 4:
            renewed.set()

    held = Held(store.queue, await claimed(store), LEASE_S)
    monkeypatch.setattr(Queue, "renew", once_failing)
    async with held.renewed(), asyncio.timeout(10):
        await renewed.wait()
        assert await take(store, ALL, now=NOON, lease_s=1, limit=1) == []


async def test_whoever_lost_the_lease_notices_before_the_next_effect(store: JobStore) -> None:
    held = Held(store.queue, await claimed(store), LEASE_S)
    await store.change(held.job.id, lambda row: replace(row, tries=1))
    with pytest.raises(LeaseLost):
        await held.check()
    with pytest.raises(LeaseLost):
        await held.save(held.job)


async def test_a_late_id_of_the_service_is_recorded_though_its_origin_began_another_run(
    store: JobStore,
) -> None:
    origin = make_origin(kind=OriginKind.REACTION, key="reaction:1:7")
    first = make_job(origin=origin, status=JobStatus.SUBMITTING)
    assert await store.add(first, lambda _usage: None)
    (claim,) = await take(store, ALL, now=NOON, lease_s=10, limit=1)
    await store.queue.save(claim, first.failed(Reason.MAYBE_CHARGED, at=NOON))
    assert await store.add(make_job(origin=origin), lambda _usage: None)

    progress = Progress(job_id="x", state="pending", submitted_at=NOON, ask_at=NOON)
    revived = await store.change(first.id, lambda row: _taken(row, progress, at=NOON))
    assert revived
    assert (revived.status, revived.progress) == (JobStatus.RUNNING, progress)
