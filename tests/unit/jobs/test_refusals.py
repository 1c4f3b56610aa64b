"""A refusal is a closed row: it takes the place of what may or may not have been written."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.jobs import engines
from bot.jobs.job import Job, JobStatus, Origin, OriginKind, Posted
from bot.jobs.store import JobStore
from bot.jobs.tables import columns, jobs
from bot.reasons import Reason
from tests.jobs import ALL, NOON, HandClock, add, anything, make_grant, make_job, make_origin, take

MINUTE = timedelta(minutes=1)


def refusal_of(job: Job) -> Job:
    closed = job.closed(Reason.NOT_TAKEN, at=NOON)
    return replace(closed, grant=None, due_at=NOON + MINUTE)


def reaction() -> Origin:
    return make_origin(kind=OriginKind.REACTION, key="reaction:5:7")


async def test_after_a_refusal_its_event_is_known(store: JobStore) -> None:
    job = make_job(grant=make_grant())
    assert await store.refuse(refusal_of(job)) == refusal_of(job)
    assert await store.get(job.id) == refusal_of(job)
    assert not await store.add(make_job(origin=job.origin), anything)


async def test_a_row_that_was_written_all_the_same_is_closed_by_its_refusal(
    store: JobStore,
) -> None:
    job = await add(store, make_job(grant=make_grant()))
    assert await store.refuse(refusal_of(job)) == refusal_of(job)
    assert await store.get(job.id) == refusal_of(job)


@pytest.mark.parametrize(
    "changes",
    [
        {"posted": Posted(message_ids=(5,))},
        {"status": JobStatus.SUBMITTING},
        {"status": JobStatus.RUNNING},
    ],
    ids=["answered", "submitting", "running"],
)
async def test_a_row_that_may_be_sent_is_left_as_it_is(
    store: JobStore, changes: dict[str, object]
) -> None:
    job = await add(store, make_job(**changes))
    assert await store.refuse(refusal_of(job)) == job
    assert await store.get(job.id) == job


async def test_a_row_that_somebody_looks_into_is_left_as_it_is_for_so_long(
    store: JobStore, clock: HandClock
) -> None:
    job = await add(store, make_job())
    assert await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert (await store.refuse(refusal_of(job))).status is JobStatus.ACCEPTED
    clock.now += timedelta(seconds=20)
    assert (await store.refuse(refusal_of(job))).status is JobStatus.FAILED


async def test_the_row_of_another_process_is_left_as_it_is(store: JobStore) -> None:
    job = await add(store, make_job())
    assert await store.refuse(refusal_of(make_job(origin=job.origin))) == job


async def test_a_refused_reaction_keeps_its_place_until_it_is_due(store: JobStore) -> None:
    origin = reaction()
    refused = refusal_of(make_job(origin=origin))
    await store.refuse(refused)
    assert not await store.add(make_job(origin=origin), anything)
    await store.change(refused.id, lambda job: replace(job, due_at=None))
    assert await store.add(make_job(origin=origin), anything)


async def test_a_refusal_waits_for_the_commit_of_what_it_refuses(postgresql_url: str) -> None:
    job = make_job(origin=reaction())
    engine = engines.create_engine(postgresql_url)
    async with JobStore.open(postgresql_url) as store:
        with engine.connect() as db:
            db.execute(sa.insert(jobs), {"id": job.id, **columns(job)})
            refusing = asyncio.create_task(store.refuse(refusal_of(job)))
            await asyncio.wait({refusing}, timeout=0.3)
            assert not refusing.done()
            db.commit()
            assert await refusing == refusal_of(job)
        assert await store.get(job.id) == refusal_of(job)
    engine.dispose()
