"""A member is forgotten, and nobody else: on a file, and on a database that processes share."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import LeaseLost
from bot.jobs import leaving
from bot.jobs.drafts import Draft
from bot.jobs.job import Job, JobStatus, Posted
from bot.jobs.progress import Progress
from bot.jobs.store import JobStore
from bot.jobs.tables import drafts, jobs, ledger, notes
from tests.jobs import ALL, NOON, add, make_job, make_origin, make_request, plans_of, take

MEI, IAN = 7, 8
ENDS = (
    JobStatus.DELIVERED,
    JobStatus.UNDELIVERABLE,
    JobStatus.FAILED,
    JobStatus.CANCELLED,
    JobStatus.DELETED,
)
AT_SERVICE = Progress(job_id="j", state="pending", submitted_at=NOON, ask_at=NOON)
CANCELLED = JobStatus.CANCELLED
SECOND = timedelta(seconds=1)


def of(member: int, status: JobStatus, minutes_ago: float = 5) -> Job:
    at = NOON - timedelta(minutes=minutes_ago)
    request = make_request(credits=2.0)
    origin = make_origin(user_id=member)
    job = make_job(status=status, origin=origin, created_at=at, request=request, due_at=None)
    return replace(job, progress=AT_SERVICE)


async def left(store: JobStore) -> dict[str, str]:
    """The rows, by their ids."""
    rows = sa.select(jobs.c.id, jobs.c.status)
    return {
        row.id: row.status for row in await store._database.run(lambda db: db.execute(rows).all())
    }


async def number_of(store: JobStore, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return await store._database.run(lambda db: db.execute(query).scalar_one())


def removed(job: Job) -> Job:
    """As the worker leaves it."""
    return job.emptied() if job.status is JobStatus.DELETED else job


async def test_what_has_ended_is_deleted_what_goes_on_is_cancelled_and_the_rows_go_last(
    store: JobStore,
) -> None:
    ended = [await add(store, of(MEI, status)) for status in ENDS]
    running = await add(store, of(MEI, JobStatus.RUNNING))
    others = [
        await add(store, of(IAN, JobStatus.DELIVERED)),
        await add(store, of(IAN, JobStatus.RUNNING)),
    ]
    for member in (MEI, IAN):
        draft = Draft(
            id=f"{member}" * 32, user_id=member, created_at=NOON, pictures=(), message_id=5
        )
        await store.drafts.add(draft)
        used = {"day": 1, "user_id": member, "endpoint_id": "a", "jobs": 1, "credits": 2.0}
        await store._database.run(lambda db, row=used: db.execute(sa.insert(ledger), row))  # type: ignore[misc]
    await store.leaving.ask(MEI, NOON)
    later = await add(store, of(MEI, JobStatus.RUNNING, minutes_ago=-1))
    _, before = await store.seen_by(MEI, "", NOON)
    assert (await number_of(store, drafts), store.leaving.is_asked) == (1, True)
    for job in (running, *others, later):
        found = await store.get(job.id)
        assert found
        assert found.is_cancelled is (job is running)
    begun = Draft(id="b" * 32, user_id=MEI, created_at=NOON + SECOND, pictures=(), message_id=6)
    for draft in (begun, replace(begun, id="a" * 32, created_at=NOON)):
        await store.drafts.add(draft)

    assert await store.leaving.go_on(NOON)
    assert not store.leaving.is_asked
    for job in ended[:-1]:
        found = await store.get(job.id)
        assert found
        assert (found.status, found.due_at) == (JobStatus.DELETED, NOON)
        await store.change(job.id, removed)
    assert ended[-1].id not in await left(store)  # it was deleted before
    assert await store.leaving.go_on(NOON + SECOND)
    kept = {job.id for job in (running, *others, later)}
    assert set(await left(store)) == kept

    await store.change(running.id, lambda job: replace(job, status=JobStatus.CANCELLED))
    assert await store.leaving.go_on(NOON + SECOND)
    await store.change(running.id, removed)
    assert not await store.leaving.go_on(NOON + SECOND)
    assert set(await left(store)) == kept - {running.id}
    assert await number_of(store, notes) <= 1  # the schema's
    assert await number_of(store, ledger) == 1  # the other's
    assert await store.drafts.get(begun.id, MEI) == begun  # what was begun later stays
    assert await number_of(store, drafts) == 2
    _, after = await store.seen_by(MEI, "", NOON)
    assert after.credits == before.credits == 2.0 * 7


async def test_who_asks_again_meanwhile_is_forgotten_up_to_then(store: JobStore) -> None:
    first = await add(store, of(MEI, JobStatus.DELIVERED))
    await store.leaving.ask(MEI, NOON)
    second = await add(store, of(MEI, JobStatus.DELIVERED, minutes_ago=-1))
    await store.leaving.ask(MEI, NOON + timedelta(minutes=2))
    while await store.leaving.go_on(NOON):
        for job in (first, second):
            await store.change(job.id, removed)
    assert await left(store) == {}


async def test_what_was_asked_while_a_clock_was_ahead_is_forgotten_too(store: JobStore) -> None:
    ahead = await add(store, of(MEI, JobStatus.DELIVERED, minutes_ago=-48 * 60))
    await store.leaving.ask(MEI, NOON)
    while await store.leaving.go_on(NOON):
        await store.change(ahead.id, removed)
    assert await left(store) == {}


async def test_what_is_not_sent_yet_ends_at_once_and_whoever_was_about_to_send_it_cannot(
    store: JobStore,
) -> None:
    accepted = replace(of(MEI, JobStatus.ACCEPTED), progress=None, due_at=NOON)
    job = await add(store, replace(accepted, posted=Posted(message_ids=(5,))))
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    ((before, after),) = await store.leaving.ask(MEI, NOON)
    assert (before.id, before.status) == (job.id, JobStatus.ACCEPTED)
    with pytest.raises(LeaseLost):
        await store.queue.keep(claim, claim.job.moved(JobStatus.SUBMITTING, at=NOON))
    found = await store.get(job.id)
    assert found
    assert (found.status, found.is_cancelled, after.status) == (CANCELLED, False, CANCELLED)
    assert (await store.seen_by(MEI, "", NOON))[1].credits == 0


async def test_what_has_no_reply_yet_waits_for_it_as_cancelled_and_is_not_sent(
    store: JobStore,
) -> None:
    job = await add(store, replace(of(MEI, JobStatus.ACCEPTED), progress=None, due_at=NOON))
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert await store.leaving.ask(MEI, NOON) == []
    with pytest.raises(LeaseLost):
        await store.queue.keep(claim, claim.job.moved(JobStatus.SUBMITTING, at=NOON))
    (again,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert await store.leaving.go_on(NOON)
    await store.queue.save(again, replace(again.job, posted=Posted(message_ids=(5,))))
    assert (again.job.status, again.job.is_cancelled) == (JobStatus.ACCEPTED, True)
    while await store.leaving.go_on(NOON):
        found = await store.get(job.id)
        if found and not found.is_terminal:
            await store.change(job.id, lambda row: row.moved(CANCELLED, at=NOON))
        await store.change(job.id, removed)
    assert await left(store) == {}


async def test_one_look_is_at_a_few_members_and_a_few_rows_of_each(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.leaving.MEMBERS_AT_ONCE", 2)
    monkeypatch.setattr(leaving, "_LEAVING", leaving._LEAVING.limit(2))
    for member in range(1, 6):
        await add(store, of(member, JobStatus.DELIVERED))
        await store.leaving.ask(member, NOON)
    for looked_at in (2, 4, 5):
        assert await store.leaving.go_on(NOON)
        assert [*(await left(store)).values()].count("deleted") == looked_at


async def test_of_many_that_are_not_sent_a_few_end_at_once_and_none_is_sent(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "_UNSENT", leaving._UNSENT.limit(2))
    for number in range(5):
        accepted = replace(of(MEI, JobStatus.ACCEPTED), posted=Posted(message_ids=(number + 1,)))
        await add(store, replace(accepted, progress=None, due_at=NOON))
    assert len(await store.leaving.ask(MEI, NOON)) == 2
    claims = await take(store, {JobStatus.ACCEPTED}, now=NOON, lease_s=20, limit=9)
    assert [claim.job.is_cancelled for claim in claims] == [True] * 3
    assert await store.leaving.go_on(NOON)
    assert [*(await left(store)).values()].count("accepted") == 1


async def test_they_are_found_by_an_index(store: JobStore) -> None:
    await add(store, of(MEI, JobStatus.DELIVERED))
    await store.leaving.ask(MEI, NOON)
    plans = plans_of(store)
    await store.leaving.go_on(NOON)
    assert len([plan for plan in plans if "jobs_member" in plan]) >= 2, plans
    assert [plan for plan in plans if re.search(r"SCAN jobs\b|Seq Scan on jobs", plan)] == []
