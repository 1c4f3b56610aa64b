"""No query on a job's way walks through rows that it does not want, on either database."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Refused
from bot.jobs.drafts import Draft
from bot.jobs.job import Job, JobStatus
from bot.jobs.limits import EVERY_SERVER, OF_ALL, Limits, Measure, Quota
from bot.jobs.progress import Progress, Took
from bot.jobs.store import JobStore
from tests.jobs import NOON, add, make_job, make_origin, make_request, plans_of, take
from tests.old import PAGE, fill

ROWS = 3000  # of them PostgreSQL would rather read a few by an index than all
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DRAFT = Draft(id="a" * 32, user_id=7, created_at=NOON, pictures=(), message_id=5)
MANY = 10**6
REACHED = (
    Limits(jobs=1),
    Limits(jobs=MANY, credits_per_day=1),
    Limits(jobs=MANY, all_credits_per_day=1),
    Limits(jobs=MANY, all_jobs_per_day=1),
)
EACH = dict.fromkeys(Measure, 9)
SET = Quota(EVERY_SERVER, EACH), Quota(3, EACH)
# They hold those rows alone that are to be drawn again, or wait in line.
OWED = re.compile("jobs_redraw|jobs_line")
SHARED = "SEARCH jobs USING COVERING INDEX", "Index Only Scan using"
BY_INDEX = re.compile(r"(?:Index (?:Only )?Scan (?:Backward )?using|Bitmap Index Scan on) (\w+)")


def walks(plans: Sequence[str]) -> Iterator[str]:
    """The parts of plans that look at every row of a table, or of an index."""
    for line, after in zip(plans, [*plans[1:], ""], strict=True):
        found = BY_INDEX.search(line)
        is_whole = found and not OWED.search(line) and "Index Cond" not in after
        is_scan = re.match(r"SCAN (jobs|messages|files|spent|drafts|durations|notes)\b", line)
        if is_whole or (is_scan and not OWED.search(line)) or "Seq Scan" in line:
            yield line


async def ask_for_more(store: JobStore) -> None:
    """A member who has a job begins, is counted alone and with all, and is refused."""
    await store.drafts.add(DRAFT)
    await store.drafts.get(DRAFT.id, 7)
    await store.drafts.prune(NOON - 99 * DAY)
    await store.seen_by(7, "0" * 32, NOON)
    await store.seen_by(7, "0" * 32, NOON, totals=True, quotas=SET)
    for limits in REACHED:
        with pytest.raises(Refused):
            await store.add(make_job(), limits.check, totals=limits.has_totals)
    await store.by_message(1)
    await store.has_run(make_origin(), NOON - HOUR)
    await store.input_bytes(7, NOON - HOUR)


async def carry_on(store: JobStore, job: Job) -> None:
    """A worker takes the job that is due, sends it, hears of its end, and saves it."""
    places = store.places(1, HOUR)
    (claim,) = await take(store, {JobStatus.ACCEPTED}, now=NOON, lease_s=20, limit=1)
    async with places.asked(job, NOON):
        claim = await places.enter(claim, job.moved(JobStatus.SUBMITTING, at=NOON), NOON) or claim
    await places.call(NOON)
    await store.queue.check(claim, lease_s=20)
    await store.queue.renew(claim, lease_s=20)
    progress = Progress(job_id="j", state="processing", submitted_at=NOON, ask_at=NOON)
    running = replace(claim.job.moved(JobStatus.RUNNING, at=NOON), progress=progress)
    await store.record(job.id, "j", lambda row, _is_anothers: row)
    claim = await store.queue.keep(claim, running)
    await store.durations.of("PrOhEE", NOON)
    took = replace(progress, took=Took(queueing_s=1.0, processing_s=20.0))
    ended = replace(running.moved(JobStatus.DOWNLOADING, at=NOON), progress=took)
    claim = await store.queue.keep(claim, ended)
    await store.queue.save(claim, replace(ended, due_at=None))


async def look_back(store: JobStore, job: Job) -> None:
    """A member looks at what there was, wants the last one drawn anew, and then not at all."""
    await store._database.run(lambda db: db.execute(PAGE, {"user_id": 7}).all())
    await store.redraw(job.id)
    await store.cancel(job.id, lambda row: row)
    await store.queue.due(NOON)
    await store.change(job.id, lambda row: replace(row, due_at=NOON))
    await store.drop_grants(NOON)


async def test_no_query_on_a_jobs_way_walks_through_rows_that_it_does_not_want(
    database_url: str,
) -> None:
    async with JobStore.open(database_url) as store:
        await asyncio.to_thread(fill, database_url, ROWS)
        plans = plans_of(store, are_many=True)
        job = await add(store, make_job(request=make_request(credits=10.0)))
        await ask_for_more(store)
        await carry_on(store, job)
        await look_back(store, job)
    assert len(plans) > 100
    assert list(walks(plans)) == []


async def test_what_all_have_used_is_summed_without_a_look_at_their_rows(
    database_url: str,
) -> None:
    async with JobStore.open(database_url) as store:
        await asyncio.to_thread(fill, database_url, ROWS)
        plans = plans_of(store, are_many=True)
        then = NOON - 2 * DAY  # as the rows were new
        await store.seen_by(7, "0" * 32, then, totals=True)
        job = make_job(created_at=then)
        with pytest.raises(Refused):
            await store.add(job, Limits(jobs=MANY, all_jobs_per_day=0).check, totals=True)
    # Where there is one server, PostgreSQL may as well take the index by servers.
    found = [each for each in plans if "jobs_lately" in each or "jobs_server" in each]
    # Their credits and their jobs, as somebody looks and as another one is added; when one is free.
    assert len(found) == 5
    assert all(each.lstrip(" ->").startswith(SHARED) for each in found)


async def test_what_a_server_has_used_is_summed_without_a_look_at_its_rows(
    database_url: str,
) -> None:
    async with JobStore.open(database_url) as store:
        await asyncio.to_thread(fill, database_url, ROWS)
        plans = plans_of(store, are_many=True)
        await store.seen_by(
            7, "0" * 32, NOON - 2 * DAY, quotas=[Quota(3, dict.fromkeys(OF_ALL, 9))]
        )
    found = [each.lstrip(" ->") for each in plans if "jobs_server" in each]
    assert len(found) == len(OF_ALL)
    assert all(each.startswith(SHARED) for each in found)


async def test_a_look_at_a_server_reads_nothing_of_what_it_asked_for_long_ago(
    database_url: str,
) -> None:
    async with JobStore.open(database_url) as store:
        await asyncio.to_thread(fill, database_url, ROWS)
        plans = plans_of(store, are_many=True)
        await store.overview_here(3, NOON)
    assert list(walks(plans)) == []
    assert any("jobs_status" in each for each in plans)
    assert not any("jobs_server (guild_id=?)" in each for each in plans)
