import asyncio
import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import Refused, StorageError
from bot.jobs.database import Database
from bot.jobs.job import (
    Job,
    JobStatus,
    OriginKind,
    Posted,
)
from bot.jobs.limits import Usage
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs, metadata, write_note
from bot.reasons import Reason
from tests.jobs import (
    ALL,
    NOON,
    add,
    anything,
    make_grant,
    make_job,
    make_origin,
    make_request,
    take,
)

SECOND = timedelta(seconds=1)


async def test_a_row_comes_back_as_it_was_written(store: JobStore) -> None:
    job = await add(store, make_job(grant=make_grant()))
    assert await store.get(job.id) == job


async def test_a_row_that_says_more_than_this_version_knows_is_read(
    store: JobStore, database_url: str
) -> None:
    job = await add(store, make_job())

    def older(db: sa.Connection) -> None:
        found = json.loads(db.execute(sa.select(jobs.c.document)).scalar_one())
        found["request"]["values"][0]["seeds"] = {"low": 0, "high": 9, "choices": []}
        del found["request"]["group"]
        db.execute(sa.update(jobs).values(document=json.dumps(found)))

    async with Database.open(database_url) as database:
        await database.run(older)
    assert await store.get(job.id) == job


async def test_an_unknown_job_is_none(store: JobStore) -> None:
    assert await store.get("0" * 32) is None
    assert await store.by_message(1) is None
    assert await store.change("0" * 32, lambda job: job) is None


async def test_an_event_that_comes_twice_is_one_row(store: JobStore) -> None:
    origin = make_origin()
    results = await asyncio.gather(
        *(store.add(make_job(origin=origin), anything) for _ in range(5)),
    )
    assert sorted(results) == [False, False, False, False, True]


async def test_allow_sees_what_the_member_has_and_its_refusal_leaves_no_row(
    store: JobStore,
) -> None:
    await add(store, make_job(request=make_request(credits=10.0)))
    old = await add(store, make_job(created_at=NOON - timedelta(hours=3)))
    await add(store, make_job(origin=make_origin(user_id=8)))
    seen: list[Usage] = []

    def refuse(usage: Usage) -> None:
        seen.append(usage)
        raise Refused("no more")

    job = make_job()
    with pytest.raises(Refused):
        await store.add(job, refuse)
    assert seen == [Usage(unfinished=1, credits=10.0)]
    assert await store.get(job.id) is None
    assert await store.get(old.id) == old


async def test_only_jobs_that_were_perhaps_charged_count_as_spent(store: JobStore) -> None:
    priced = make_request(credits=10.0)
    for reason in (Reason.BAD_INPUT, Reason.MAYBE_CHARGED):
        job = await add(store, make_job(request=priced))
        (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
        moved = job.moved(JobStatus.SUBMITTING, at=NOON).failed(reason, at=NOON)
        await store.queue.save(claim, replace(moved, due_at=None))
    seen: list[Usage] = []
    await store.add(make_job(), seen.append)
    assert seen == [Usage(unfinished=0, credits=10.0)]


async def test_a_row_is_made_of_another_in_one_transaction(store: JobStore) -> None:
    source = await add(store, make_job())
    again = make_job()
    assert (
        await store.add_again(
            source.id, lambda found: again if found else job_not_found(), anything
        )
        == again
    )
    assert await store.add_again(source.id, lambda _found: again, anything) is None

    def refuse(found: Job | None) -> Job:
        assert found is None
        raise Refused("gone")

    with pytest.raises(Refused, match="gone"):
        await store.add_again("0" * 32, refuse, anything)


def job_not_found() -> Job:
    pytest.fail("the source is there")


async def test_a_reaction_starts_another_run_once_the_first_has_ended(store: JobStore) -> None:
    origin = make_origin(kind=OriginKind.REACTION, key="reaction:1:7")
    first = await add(store, make_job(origin=origin))
    assert not await store.add(make_job(origin=origin), anything)
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    await store.queue.save(claim, replace(first.failed(Reason.FAILED, at=NOON), due_at=None))
    assert await store.add(make_job(origin=origin), anything)


async def test_ended_tokens_are_forgotten(store: JobStore) -> None:
    job = await add(store, make_job(grant=make_grant()))
    assert await store.drop_grants(NOON) == 0
    assert await store.drop_grants(NOON + timedelta(minutes=16)) == 1
    assert await store.get(job.id) == replace(job, grant=None)


async def test_a_note_is_kept_and_replaced(store: JobStore) -> None:
    assert await store.note("published") is None
    await store.write_note("published", "a")
    await store.write_note("published", "b")
    assert await store.note("published") == "b"


async def test_rows_outlive_the_store(database_url: str) -> None:
    job = make_job()
    async with JobStore.open(database_url) as store:
        await add(store, job)
    async with JobStore.open(database_url) as store:
        assert await store.get(job.id) == job


async def test_the_file_is_its_owners_alone(sqlite_url: str, tmp_path: Path) -> None:
    async with JobStore.open(sqlite_url) as store:
        await add(store, make_job())
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {0o600}


async def test_a_missing_table_is_a_storage_error(store: JobStore, database_url: str) -> None:
    async with Database.open(database_url) as database:
        await database.run(metadata.drop_all)
    with pytest.raises(StorageError, match=r"database: (Operational|Programming)Error"):
        await store.add(make_job(), anything)


async def test_closing_waits_for_a_transaction_that_is_under_way(database_url: str) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(db: sa.Connection) -> None:
        begun.set()
        ended.wait(5)
        write_note(db, "key", "value")

    async with Database.open(database_url) as database:
        writing = asyncio.create_task(database.run(work))
        await asyncio.to_thread(begun.wait, 5)
        writing.cancel()
        asyncio.get_running_loop().call_later(0.1, ended.set)
    with pytest.raises(StorageError, match="closed"):
        await database.run(work)
    async with JobStore.open(database_url) as store:
        assert await store.note("key") == "value"


async def test_what_is_old_is_removed_with_its_messages_and_a_job_under_way_stays(
    store: JobStore,
) -> None:
    posted = Posted(message_ids=(5,))
    old = NOON - 31 * timedelta(days=1)
    ended = make_job(status=JobStatus.DELIVERED, created_at=old, due_at=None)
    await add(store, ended)
    await store.change(ended.id, lambda job: replace(job, posted=posted))
    under_way = await add(store, make_job(status=JobStatus.RUNNING, created_at=old))
    fresh = await add(store, make_job(status=JobStatus.FAILED, due_at=None))
    assert await store.forgetting.prune(NOON - 30 * timedelta(days=1), now=NOON) == 1
    assert await store.get(ended.id) is None
    assert await store.by_message(5) is None
    assert await store.get(under_way.id)
    assert await store.get(fresh.id)


async def test_what_was_spent_is_remembered_for_a_day_though_its_job_is_forgotten(
    store: JobStore,
) -> None:
    seen: list[float] = []
    hours = timedelta(hours=1)
    dear = make_request(credits=10.0)
    for number, at in enumerate((NOON - 23 * hours, NOON - 2 * hours)):
        job = make_job(request=dear, created_at=at, origin=make_origin(event_id=number + 1))
        await add(store, job)
        paid = replace(job.moved(JobStatus.SUBMITTING, at=at), due_at=None)
        await store.change(job.id, lambda _row, paid=paid: paid)  # type: ignore[misc]
    assert await store.forgetting.prune(NOON - hours, now=NOON) == 2
    for at in (NOON, NOON + 2 * hours, NOON + 22 * hours):
        job = make_job(created_at=at, origin=make_origin(event_id=at.hour + 100))
        await store.add(job, lambda usage: seen.append(usage.credits))
    assert seen == [20.0, 10.0, 0.0]
