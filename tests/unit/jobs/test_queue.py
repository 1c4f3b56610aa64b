from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import LeaseLost
from bot.jobs.job import TERMINAL, JobStatus, Output, Posted
from bot.jobs.kinds import Kind, waiting_of
from bot.jobs.observer import Observer
from bot.jobs.progress import Progress
from bot.jobs.queue import LONGEST_WAIT, SUBMIT_PATIENCE, UNREADABLE_FOR, Backlog
from bot.jobs.request import Stored
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs
from bot.reasons import Reason
from tests.jobs import (
    ALL,
    NOON,
    HandClock,
    add,
    make_grant,
    make_job,
    make_origin,
    make_request,
    plans_of,
    take,
)

SECOND = timedelta(seconds=1)
KEY = "5a" * 32
KEPT = Output(url="/1", stored=Stored(key=KEY, size_bytes=1, media_type="image/png"))


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
    (claim,) = await take(store, [JobStatus.DELIVERED], now=NOON, lease_s=20, limit=1)
    counts = {("PrOhEE", JobStatus.ACCEPTED): 3, ("QwErTy", JobStatus.RUNNING): 1}
    assert await store.queue.backlog(NOON) == Backlog(unfinished=counts, due=3, oldest_due_s=600.0)
    await store.queue.release(claim)
    assert await store.queue.backlog(NOON) == Backlog(unfinished=counts, due=4, oldest_due_s=1200.0)


async def test_a_change_that_changes_nothing_takes_the_row_from_nobody(store: JobStore) -> None:
    await add(store, make_job())
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    held = await store.queue.keep(claim, claim.job.moved(JobStatus.SUBMITTING, at=NOON))
    # The handler's late word on a reply that was found without it, while the POST is in flight.
    assert await store.change(claim.job.id, lambda job: job) == held.job
    assert await take(store, ALL, now=NOON, lease_s=20, limit=1) == []
    await store.queue.renew(held, lease_s=20)


async def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(
    store: JobStore, clock: HandClock
) -> None:
    job = await add(store, make_job())
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=9)
    assert claim.job == job
    clock.now = NOON + 19 * SECOND
    assert await take(store, ALL, now=NOON, lease_s=20, limit=9) == []
    clock.now = NOON + 20 * SECOND
    (again,) = await take(store, ALL, now=NOON, lease_s=20, limit=9)
    assert again.job == job


async def test_claims_take_due_rows_of_the_status_and_the_oldest_first(store: JobStore) -> None:
    late = await add(store, make_job(due_at=NOON - SECOND))
    later = await add(store, make_job(due_at=NOON - 2 * SECOND))
    await add(store, make_job(due_at=NOON + SECOND))
    await add(store, make_job(status=JobStatus.RUNNING))
    await add(store, make_job(due_at=None))
    claims = await take(store, {JobStatus.ACCEPTED}, now=NOON, lease_s=20, limit=9)
    assert [claim.job for claim in claims] == [later, late]


async def test_each_members_first_row_comes_before_anybodys_second(store: JobStore) -> None:
    mine = [
        await add(store, make_job(due_at=NOON - n * SECOND, origin=make_origin(user_id=1)))
        for n in (9, 8, 7)
    ]
    theirs = await add(store, make_job(due_at=NOON - SECOND, origin=make_origin(user_id=2)))
    running = await add(store, make_job(status=JobStatus.RUNNING, due_at=NOON))
    agenda = await store.queue.due(NOON, most=3)
    assert [row for row in agenda.rows if row.kind is not Kind.ASK] == [
        waiting_of(job) for job in (mine[0], theirs, mine[1])
    ]
    assert waiting_of(running) in agenda.rows


async def test_what_another_process_has_claimed_meanwhile_is_not_claimed(store: JobStore) -> None:
    ids = [(await add(store, make_job())).id for _ in range(3)]
    assert len(await store.queue.claim(ids[:2], now=NOON, lease_s=20)) == 2
    assert [c.job.id for c in await store.queue.claim(ids, now=NOON, lease_s=20)] == ids[2:]


async def test_a_row_of_the_version_before_is_of_the_kind_that_its_status_says(
    store: JobStore,
) -> None:
    posted = await add(store, make_job(posted=Posted(message_ids=(5,))))
    moved = await add(store, make_job(posted=Posted(message_ids=(6,))))
    older = sa.update(jobs).values(kind=None, channel_id=None, host=None)
    await store._execute(older.where(jobs.c.id == posted.id))
    await store._execute(sa.update(jobs).where(jobs.c.id == moved.id).values(status="running"))
    kinds = {row.id: (row.kind, row.channel) for row in (await store.queue.due(NOON)).rows}
    assert kinds == {posted.id: (Kind.LOOK, None), moved.id: (Kind.ASK, 30)}


async def test_who_has_waited_for_hours_is_held_back_by_nothing(store: JobStore) -> None:
    old = NOON - SUBMIT_PATIENCE - SECOND
    await add(store, make_job(created_at=old, posted=Posted(message_ids=(5,))))
    assert [row.kind for row in (await store.queue.due(NOON)).rows] == [Kind.LOOK]


async def test_what_was_left_behind_is_taken_before_all_else_and_the_oldest_job_first(
    store: JobStore,
) -> None:
    due = await add(store, make_job(due_at=NOON - SECOND))
    young = await add(store, make_job(created_at=NOON - 50 * SECOND, due_at=NOON - 40 * SECOND))
    old = await add(store, make_job(created_at=NOON - 60 * SECOND, due_at=NOON - 31 * SECOND))
    claims = await take(store, ALL, now=NOON, lease_s=20, limit=9)
    assert [claim.job for claim in claims] == [old, young, due]


async def test_a_save_lets_go_and_a_late_one_is_refused(store: JobStore, clock: HandClock) -> None:
    job = await add(store, make_job())
    (slow,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    clock.now = later = NOON + 30 * SECOND
    (quick,) = await take(store, ALL, now=later, lease_s=20, limit=1)
    moved = job.moved(JobStatus.SUBMITTING, at=later)
    with pytest.raises(LeaseLost):
        await store.queue.renew(slow, lease_s=20)
    with pytest.raises(LeaseLost):
        await store.queue.save(slow, job.failed(Reason.INTERNAL, at=later))
    await store.queue.save(quick, moved)
    assert await store.get(job.id) == moved
    assert len(await take(store, ALL, now=later, lease_s=20, limit=1)) == 1


async def test_a_renewed_lease_lasts_longer(store: JobStore, clock: HandClock) -> None:
    await add(store, make_job())
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    await store.queue.renew(claim, lease_s=40)
    clock.now = NOON + 39 * SECOND
    assert await take(store, ALL, now=NOON, lease_s=20, limit=1) == []


async def test_keep_writes_and_holds_the_row(store: JobStore) -> None:
    job = await add(store, make_job())
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    posted = replace(job, posted=Posted(message_ids=(41,)))
    kept = await store.queue.keep(claim, posted)
    assert kept.job == posted
    longer = replace(posted, posted=Posted(message_ids=(41, 42)))
    await store.queue.keep(kept, longer)
    assert await store.by_message(42) == longer
    assert await take(store, ALL, now=NOON, lease_s=20, limit=1) == []


async def test_change_overrules_the_holder(store: JobStore) -> None:
    job = await add(store, make_job(status=JobStatus.SUBMITTING))
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    progress = Progress(job_id="j-1", state="pending", submitted_at=NOON, ask_at=NOON)
    changed = await store.change(
        job.id, lambda row: replace(row.moved(JobStatus.RUNNING, at=NOON), progress=progress)
    )
    with pytest.raises(LeaseLost):
        await store.queue.save(claim, job.failed(Reason.MAYBE_CHARGED, at=NOON))
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
    (claim,) = await take(store, TERMINAL, now=NOON, lease_s=20, limit=1)
    assert claim.job == replace(job, posted=Posted(message_ids=(5,)), due_at=NOON)
    await store.queue.save(claim, job)
    assert await take(store, TERMINAL, now=NOON, lease_s=20, limit=1) == []


async def test_a_redraw_is_owed_until_it_is_saved(store: JobStore, clock: HandClock) -> None:
    job = await add(store, make_job(status=JobStatus.DELIVERED, due_at=None))
    await store.redraw(job.id)
    assert len(await take(store, TERMINAL, now=NOON, lease_s=20, limit=1)) == 1
    clock.now += 21 * SECOND  # whoever had claimed it is gone
    assert len(await take(store, TERMINAL, now=NOON, lease_s=20, limit=1)) == 1


UNREADABLE = {
    "a document of a newer version": {"document": f'{{"status": "upscaling", "image": "{KEY}"}}'},
    "no JSON": {"document": f"{{{KEY}"},
    "a token of a newer version": {"grant": '{"token": 5}'},
}


@pytest.mark.parametrize("broken", UNREADABLE.values(), ids=UNREADABLE)
async def test_a_row_that_cannot_be_read_waits_for_who_can_and_holds_nobody_up(
    store: JobStore, caplog: pytest.LogCaptureFixture, broken: dict[str, str]
) -> None:
    told: list[str] = []
    store.queue.observer = Told(told)
    grant = make_grant()
    job, fine = (
        await add(store, make_job(outputs=(KEPT,), grant=grant)),
        await add(store, make_job()),
    )
    before = await written(store, job.id)
    await write(store, job.id, **broken)
    claims = await take(store, ALL, now=NOON, lease_s=20, limit=9)
    assert [claim.job.id for claim in claims] == [fine.id]
    assert [r.levelname for r in caplog.records if job.id in r.getMessage()] == ["ERROR"]
    assert told == [job.id]
    later = NOON + UNREADABLE_FOR
    assert await take(store, ALL, now=later - SECOND, lease_s=20, limit=9) == []
    assert await take(store, ALL, now=later, lease_s=20, limit=9) == []
    assert told == [job.id] * 2
    assert await store.forgetting.unnamed({KEY}) == set()
    assert await store.forgetting.prune(later, now=later) == 0
    await write(store, job.id, **before)
    (claim,) = await take(store, ALL, now=later + UNREADABLE_FOR, lease_s=20, limit=9)
    assert claim.job == replace(job, due_at=later + UNREADABLE_FOR)


class Told(Observer):
    def __init__(self, told: list[str]) -> None:
        self.unreadable = told.append  # type: ignore[assignment]


async def write(store: JobStore, job_id: str, **values: Any) -> None:
    """Write into the row's columns as nobody of this version does."""
    row = sa.update(jobs).where(jobs.c.id == job_id)
    given = {
        name: sa.type_coerce(each, sa.Text if isinstance(each, str) else sa.BigInteger)
        for name, each in values.items()
    }
    await store._database.run(lambda db: db.execute(row.values(**given)).rowcount)


async def written(store: JobStore, job_id: str) -> dict[str, Any]:
    row = sa.select(jobs.c.document, jobs.c.grant).where(jobs.c.id == job_id)
    return await store._database.run(lambda db: dict(db.execute(row).one()._mapping))


ABSURD = {
    "later than any wait": round((NOON + 2 * LONGEST_WAIT).timestamp()) * 10**6,
    "after the last year": 2**62,
    "before the first year": -(2**62),
}


@pytest.mark.parametrize("due_at", ABSURD.values(), ids=ABSURD)
async def test_an_absurd_time_holds_up_neither_its_row_nor_the_others(
    store: JobStore, due_at: int
) -> None:
    absurd, fine = await add(store, make_job()), await add(store, make_job())
    await write(store, absurd.id, due_at=due_at, lease_until=due_at)
    await store.queue.due(NOON)
    assert (await store.queue.backlog(NOON)).due == 2
    claims = await take(store, ALL, now=NOON, lease_s=20, limit=9)
    assert {claim.job.id for claim in claims} == {absurd.id, fine.id}
    for claim in claims:
        await store.queue.save(claim, replace(claim.job, due_at=NOON + SECOND))
    assert await take(store, ALL, now=NOON, lease_s=20, limit=9) == []
    assert (await store.queue.due(NOON)).next_at == NOON + SECOND


async def test_a_lease_that_no_clock_of_ours_gave_holds_nobody_up(
    store: JobStore, clock: HandClock
) -> None:
    job = await add(store, make_job())
    await take(store, ALL, now=NOON, lease_s=20, limit=1)
    clock.now -= timedelta(hours=2)  # the process that held it was killed before the clock was set
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert claim.job.id == job.id


async def test_what_is_due_goes_back_with_the_clock(store: JobStore) -> None:
    await store.beat("heartbeat", NOON)
    wait = 30 * SECOND
    for due_at in (NOON - SECOND, NOON + wait, None):
        status = JobStatus.RUNNING if due_at else JobStatus.DELIVERED
        await add(store, make_job(status=status, due_at=due_at))
    back = NOON - timedelta(hours=2)
    await store.beat("heartbeat", back)
    assert (await store.queue.backlog(back)).due == 1
    assert (await store.queue.due(back)).next_at == back + wait
    assert (await store.queue.backlog(back + wait)).due == 2
    await store.beat("heartbeat", back + SECOND)
    assert (await store.queue.backlog(back + wait - SECOND)).due == 1
    await store.write_note("heartbeat", "no time")
    await store.beat("heartbeat", back)


async def test_a_kind_of_step_that_is_not_known_is_looked_at(store: JobStore) -> None:
    job = await add(store, make_job())
    await write(store, job.id, kind="upscale")
    assert [row.kind for row in (await store.queue.due(NOON)).rows] == [Kind.LOOK]


async def test_what_an_older_version_put_away_unfinished_is_due_again(store: JobStore) -> None:
    unfinished = await add(store, make_job(status=JobStatus.DOWNLOADING, due_at=None))
    await add(store, make_job(status=JobStatus.FAILED, due_at=None))
    assert await store.queue.recall(NOON) == 1
    assert await store.get(unfinished.id) == replace(unfinished, due_at=NOON)


async def test_what_is_due_next_is_the_first_later_row_that_nobody_holds(store: JobStore) -> None:
    assert (await store.queue.due(NOON)).next_at is None
    await add(store, make_job(due_at=NOON))
    await take(store, ALL, now=NOON, lease_s=20, limit=1)
    await add(store, make_job(due_at=NOON + 5 * SECOND))
    assert (await store.queue.due(NOON)).next_at == NOON + 5 * SECOND


async def test_a_turn_looks_at_no_row_that_is_not_due(sqlite_url: str) -> None:
    async with JobStore.open(sqlite_url) as store:
        plans = plans_of(store)
        await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert [plan for plan in plans if "jobs_due" in plan]
    assert "SCAN jobs" not in plans
