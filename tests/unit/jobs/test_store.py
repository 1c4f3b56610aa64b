import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import LeaseLost, Reason, Refused, StorageError
from bot.jobs.database import Database
from bot.jobs.job import (
    MAX_SEED,
    TERMINAL,
    Job,
    JobStatus,
    OriginKind,
    Output,
    Posted,
    Progress,
    Seeds,
    Stored,
)
from bot.jobs.store import Backlog, JobStore
from bot.jobs.tables import jobs, metadata, write_note
from bot.jobs.usage import Usage
from tests.jobs import NOON, make_grant, make_job, make_origin, make_request

ALL = tuple(JobStatus)


@dataclass
class HandClock:
    """A clock that a test moves by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(database_url: str, clock: HandClock) -> AsyncIterator[JobStore]:
    async with JobStore.open(database_url, clock) as opened:
        yield opened


SECOND = timedelta(seconds=1)


def anything(_usage: Usage) -> None:
    """Refuses nothing."""


async def add(store: JobStore, job: Job) -> Job:
    assert await store.add(job, anything)
    return job


async def test_a_row_comes_back_as_it_was_written(store: JobStore) -> None:
    job = await add(store, make_job(grant=make_grant()))
    assert await store.get(job.id) == job


async def test_a_row_that_says_nothing_of_a_seeds_bounds_is_read(
    store: JobStore, database_url: str
) -> None:
    job = await add(store, make_job())
    (value,) = job.request.values

    def older(db: sa.Connection) -> None:
        found = json.loads(db.execute(sa.select(jobs.c.document)).scalar_one())
        del found["request"]["values"][0]["seeds"]
        db.execute(sa.update(jobs).values(document=json.dumps(found)))

    async with Database.open(database_url) as database:
        await database.run(older)
    assert value.seeds == Seeds(low=0, high=MAX_SEED)
    assert await store.get(job.id) == job


async def test_the_backlog_is_what_has_not_ended_and_what_is_due_and_not_begun(
    store: JobStore,
) -> None:
    for minutes in (0, 10):
        await add(store, make_job(due_at=NOON - timedelta(minutes=minutes)))
    await add(store, make_job(due_at=NOON + SECOND))
    await add(store, make_job(status=JobStatus.DELIVERED, due_at=NOON - timedelta(minutes=20)))
    await add(store, make_job(status=JobStatus.FAILED, due_at=None))
    other = make_request(endpoint_id="QwErTy")
    await add(store, make_job(request=other, status=JobStatus.RUNNING))
    (claim,) = await store.claim([JobStatus.DELIVERED], now=NOON, lease_s=20, limit=1)
    counts = {("PrOhEE", JobStatus.ACCEPTED): 3, ("QwErTy", JobStatus.RUNNING): 1}
    assert await store.backlog(NOON) == Backlog(unfinished=counts, due=3, oldest_due_s=600.0)
    await store.release(claim)
    assert await store.backlog(NOON) == Backlog(unfinished=counts, due=4, oldest_due_s=1200.0)


async def test_a_change_that_changes_nothing_takes_the_row_from_nobody(store: JobStore) -> None:
    await add(store, make_job())
    (claim,) = await store.claim(ALL, now=NOON, lease_s=20, limit=1)
    held = await store.keep(claim, claim.job.moved(JobStatus.SUBMITTING, at=NOON))
    # The handler's late word on a reply that was found without it, while the POST is in flight.
    assert await store.change(claim.job.id, lambda job: job) == held.job
    assert await store.claim(ALL, now=NOON, lease_s=20, limit=1) == []
    await store.renew(held, lease_s=20)


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
        (claim,) = await store.claim(ALL, now=NOON, lease_s=20, limit=1)
        moved = job.moved(JobStatus.SUBMITTING, at=NOON).failed(reason, at=NOON)
        await store.save(claim, replace(moved, due_at=None))
    seen: list[Usage] = []
    await store.add(make_job(), seen.append)
    assert seen == [Usage(unfinished=0, credits=10.0)]


async def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(
    store: JobStore, clock: HandClock
) -> None:
    job = await add(store, make_job())
    (claim,) = await store.claim(ALL, now=NOON, lease_s=20, limit=9)
    assert claim.job == job
    clock.now = NOON + 19 * SECOND
    assert await store.claim(ALL, now=NOON, lease_s=20, limit=9) == []
    clock.now = NOON + 20 * SECOND
    (again,) = await store.claim(ALL, now=NOON, lease_s=20, limit=9)
    assert again.job == job


async def test_claims_take_due_rows_of_the_status_and_the_oldest_first(store: JobStore) -> None:
    late = await add(store, make_job(due_at=NOON - SECOND))
    later = await add(store, make_job(due_at=NOON - 2 * SECOND))
    await add(store, make_job(due_at=NOON + SECOND))
    await add(store, make_job(status=JobStatus.RUNNING))
    await add(store, make_job(due_at=None))
    claims = await store.claim({JobStatus.ACCEPTED}, now=NOON, lease_s=20, limit=9)
    assert [claim.job for claim in claims] == [later, late]


async def test_what_was_left_behind_is_taken_before_all_else_and_the_oldest_job_first(
    store: JobStore,
) -> None:
    due = await add(store, make_job(due_at=NOON - SECOND))
    young = await add(store, make_job(created_at=NOON - 50 * SECOND, due_at=NOON - 40 * SECOND))
    old = await add(store, make_job(created_at=NOON - 60 * SECOND, due_at=NOON - 31 * SECOND))
    claims = await store.claim(ALL, now=NOON, lease_s=20, limit=9)
    assert [claim.job for claim in claims] == [old, young, due]


async def test_a_save_lets_go_and_a_late_one_is_refused(store: JobStore, clock: HandClock) -> None:
    job = await add(store, make_job())
    (slow,) = await store.claim(ALL, now=NOON, lease_s=20, limit=1)
    clock.now = later = NOON + 30 * SECOND
    (quick,) = await store.claim(ALL, now=later, lease_s=20, limit=1)
    moved = job.moved(JobStatus.SUBMITTING, at=later)
    with pytest.raises(LeaseLost):
        await store.renew(slow, lease_s=20)
    with pytest.raises(LeaseLost):
        await store.save(slow, job.failed(Reason.INTERNAL, at=later))
    await store.save(quick, moved)
    assert await store.get(job.id) == moved
    assert len(await store.claim(ALL, now=later, lease_s=20, limit=1)) == 1


async def test_a_renewed_lease_lasts_longer(store: JobStore, clock: HandClock) -> None:
    await add(store, make_job())
    (claim,) = await store.claim(ALL, now=NOON, lease_s=20, limit=1)
    await store.renew(claim, lease_s=40)
    clock.now = NOON + 39 * SECOND
    assert await store.claim(ALL, now=NOON, lease_s=20, limit=1) == []


async def test_keep_writes_and_holds_the_row(store: JobStore) -> None:
    job = await add(store, make_job())
    (claim,) = await store.claim(ALL, now=NOON, lease_s=20, limit=1)
    posted = replace(job, posted=Posted(message_ids=(41,)))
    kept = await store.keep(claim, posted)
    assert kept.job == posted
    longer = replace(posted, posted=Posted(message_ids=(41, 42)))
    await store.keep(kept, longer)
    assert await store.by_message(42) == longer
    assert await store.claim(ALL, now=NOON, lease_s=20, limit=1) == []


async def test_change_overrules_the_holder(store: JobStore) -> None:
    job = await add(store, make_job(status=JobStatus.SUBMITTING))
    (claim,) = await store.claim(ALL, now=NOON, lease_s=20, limit=1)
    progress = Progress(job_id="j-1", state="pending", submitted_at=NOON, ask_at=NOON)
    changed = await store.change(
        job.id, lambda row: replace(row.moved(JobStatus.RUNNING, at=NOON), progress=progress)
    )
    with pytest.raises(LeaseLost):
        await store.save(claim, job.failed(Reason.MAYBE_CHARGED, at=NOON))
    assert changed
    assert await store.get(job.id) == changed


async def test_a_redraw_is_due_once_and_forgets_what_was_shown(store: JobStore) -> None:
    job = await add(
        store,
        make_job(
            status=JobStatus.DELIVERED, due_at=None, posted=Posted(message_ids=(5,), shown="abc")
        ),
    )
    await store.redraw(job.id)
    (claim,) = await store.claim(TERMINAL, now=NOON, lease_s=20, limit=1)
    assert claim.job == replace(job, posted=Posted(message_ids=(5,)), due_at=NOON)
    await store.save(claim, job)
    assert await store.claim(TERMINAL, now=NOON, lease_s=20, limit=1) == []


async def test_a_redraw_is_owed_until_it_is_saved(store: JobStore, clock: HandClock) -> None:
    job = await add(store, make_job(status=JobStatus.DELIVERED, due_at=None))
    await store.redraw(job.id)
    assert len(await store.claim(TERMINAL, now=NOON, lease_s=20, limit=1)) == 1
    clock.now += 21 * SECOND  # whoever had claimed it is gone
    assert len(await store.claim(TERMINAL, now=NOON, lease_s=20, limit=1)) == 1


async def test_a_row_that_cannot_be_read_is_left_alone_and_holds_nobody_up(
    store: JobStore, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = await add(store, make_job()), await add(store, make_job())
    async with Database.open(database_url) as database:
        row = sa.update(jobs).where(jobs.c.id == broken.id)
        await database.run(lambda db: db.execute(row.values(document="{}")).rowcount)
    claims = await store.claim(ALL, now=NOON, lease_s=20, limit=9)
    assert [claim.job.id for claim in claims] == [fine.id]
    assert f"job {broken.id}: its row is left alone" in caplog.text
    with pytest.raises(StorageError):
        await store.stored_keys()  # so nothing of it is swept away


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
    (claim,) = await store.claim(ALL, now=NOON, lease_s=20, limit=1)
    await store.save(claim, replace(first.failed(Reason.FAILED, at=NOON), due_at=None))
    assert await store.add(make_job(origin=origin), anything)


async def test_next_due_is_the_first_row_that_nobody_holds(store: JobStore) -> None:
    assert await store.next_due(ALL) is None
    await add(store, make_job(due_at=NOON))
    await store.claim(ALL, now=NOON, lease_s=20, limit=1)
    await add(store, make_job(due_at=NOON + 5 * SECOND))
    assert await store.next_due(ALL) == NOON + 5 * SECOND


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
    assert await store.prune(NOON - 30 * timedelta(days=1)) == 1
    assert await store.get(ended.id) is None
    assert await store.by_message(5) is None
    assert await store.get(under_way.id)
    assert await store.get(fresh.id)


async def test_all_files_that_rows_name_are_known(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.store.PAGE", 2)
    for number in range(5):
        outputs = (Output(url="https://x", stored=stored(f"o{number}"), attached=stored("small")),)
        request = make_request()
        inputs = tuple(replace(each, stored=stored("i")) for each in request.inputs)
        await add(store, make_job(outputs=outputs, request=replace(request, inputs=inputs)))
    assert await store.stored_keys() == {"o0", "o1", "o2", "o3", "o4", "small", "i"}


def stored(key: str) -> Stored:
    return Stored(key=key, size_bytes=1, media_type="image/png")


async def test_a_turn_looks_at_no_row_that_is_not_due(sqlite_url: str) -> None:
    plans: list[str] = []

    def explain(_db: object, cursor: Any, text: str, given: Any, *_more: object) -> None:
        if text.startswith("SELECT"):
            rows = cursor.execute(f"EXPLAIN QUERY PLAN {text}", given).fetchall()
            plans.extend(row[3] for row in rows)

    async with JobStore.open(sqlite_url) as store:
        sa.event.listen(store._database._engine, "before_cursor_execute", explain)
        await store.claim(ALL, now=NOON, lease_s=20, limit=1)
        await store.next_due(ALL)
    assert [plan for plan in plans if "jobs_due" in plan]
    assert "SCAN jobs" not in plans
