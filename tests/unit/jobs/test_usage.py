"""What all members together have, and until when a limit is reached, on each database."""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.jobs import engines
from bot.jobs.job import Job, JobStatus
from bot.jobs.limits import Limits, Usage
from bot.jobs.store import JobStore
from bot.jobs.usage import TOTALS
from bot.reasons import Reason
from tests.jobs import NOON, add, make_job, make_origin, make_request, plans_of

HOUR = timedelta(hours=1)
MANY = 10**6


def of(member: int, at: datetime = NOON, cost: float | None = 10.0) -> Job:
    origin = make_origin(user_id=member)
    return make_job(origin=origin, created_at=at, request=make_request(credits=cost))


async def ended(store: JobStore, job: Job, reason: Reason) -> None:
    failed = job.moved(JobStatus.SUBMITTING, at=job.created_at).failed(reason, at=job.created_at)
    await store.change(job.id, lambda _row: replace(failed, due_at=None))


async def refused(store: JobStore, job: Job, limits: Limits) -> datetime:
    """When the refusal says that there is room again."""
    with pytest.raises(Refused) as found:
        await store.add(job, limits.check, totals=limits.has_totals)
    (second,) = re.findall(r"<t:(\d+):R>", found.value.user_message)
    return datetime.fromtimestamp(int(second), NOON.tzinfo)


async def test_all_that_was_perhaps_charged_within_a_day_counts_whoever_asked(
    store: JobStore,
) -> None:
    for member, ago, reason in (
        (7, 25 * HOUR, None),
        (7, 23 * HOUR, None),  # it is forgotten before its day is over
        (8, 3 * HOUR, None),
        (8, 2 * HOUR, Reason.BAD_INPUT),
        (9, 1 * HOUR, Reason.MAYBE_CHARGED),
    ):
        job = await add(store, of(member, NOON - ago))
        if reason or ago > 9 * HOUR:
            await ended(store, job, reason or Reason.MAYBE_CHARGED)
    free_of_charge = await add(store, of(9, NOON - HOUR, cost=None))
    await ended(store, free_of_charge, Reason.MAYBE_CHARGED)
    assert await store.forgetting.prune(NOON - 10 * HOUR, now=NOON) == 2
    expected = Usage(unfinished=0, credits=10.0, all_credits=30.0, all_jobs=4)
    assert await store.seen_by(7, job.id, NOON, totals=True) == (await store.get(job.id), expected)
    alone = replace(expected, all_credits=0.0, all_jobs=0)
    assert await store.seen_by(7, "0" * 32, NOON) == (None, alone)


async def test_a_refusal_says_when_there_is_room_again(store: JobStore) -> None:
    times = [NOON - hours * HOUR for hours in (20, 10, 1)]
    for member, at in zip((7, 8, 7), times, strict=True):
        await add(store, of(member, at))
    day, none = timedelta(days=1), MANY
    mine = Limits(jobs=none, credits_per_day=20)
    assert await refused(store, of(7), mine) == times[0] + day
    all_credits = Limits(jobs=none, all_credits_per_day=30)
    assert await refused(store, of(9), all_credits) == times[0] + day
    assert await refused(store, of(9, cost=15), all_credits) == times[1] + day
    assert await refused(store, of(9), Limits(jobs=none, all_jobs_per_day=2)) == times[1] + day
    assert await refused(store, of(7), Limits(jobs=1)) == times[2] + 2 * HOUR
    assert await store.add(of(9, times[0] + day), all_credits.check, totals=True)


async def test_what_all_have_is_found_by_its_time(store: JobStore) -> None:
    await add(store, of(7))
    plans = plans_of(store)
    await store.seen_by(7, "", NOON, totals=True)
    limits = Limits(jobs=MANY, all_credits_per_day=10, all_jobs_per_day=9)
    await refused(store, of(8), limits)
    for index in ("jobs_(lately|created)", "spent_lately"):
        assert len([plan for plan in plans if re.search(index, plan)]) >= 3, plans
    assert [plan for plan in plans if re.search(r"SCAN (jobs|spent)\b|Seq Scan", plan)] == []


# For each: who asks, of fifty presses, and how many of them are taken.
FIFTY: dict[str, tuple[Limits, int, int]] = {
    "all jobs": (Limits(jobs=MANY, all_credits_per_day=200, all_jobs_per_day=7), 50, 7),
    "all credits": (Limits(jobs=MANY, all_credits_per_day=45), 50, 4),
    "credits": (Limits(jobs=MANY, credits_per_day=30), 1, 3),
    "jobs": (Limits(jobs=5), 1, 5),
}


@pytest.mark.parametrize("url", ["sqlite_url", "postgresql_url"])
@pytest.mark.parametrize(("limits", "members", "taken"), FIFTY.values(), ids=FIFTY.keys())
async def test_of_fifty_presses_at_once_in_two_processes_as_many_are_taken_as_there_is_left(
    request: pytest.FixtureRequest, url: str, limits: Limits, members: int, taken: int
) -> None:
    database_url = request.getfixturevalue(url)
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(JobStore.open(database_url)) for _ in "ab"]
        outcomes = await asyncio.gather(
            *(
                stores[number % 2].add(of(number % members), limits.check, totals=limits.has_totals)
                for number in range(50)
            ),
            return_exceptions=True,
        )
        _, usage = await stores[0].seen_by(1, "", NOON, totals=True)
    assert outcomes.count(True) == usage.all_jobs == taken
    assert sum(isinstance(each, Refused) for each in outcomes) == 50 - taken


async def test_nobody_waits_for_others_but_where_all_together_are_limited(
    postgresql_url: str,
) -> None:
    shared = Limits(jobs=MANY, all_jobs_per_day=9)
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    engine = engines.create_engine(postgresql_url)
    async with JobStore.open(postgresql_url) as store:
        with engine.begin() as db:
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(TOTALS, 0)))
            alone = Limits(jobs=MANY, credits_per_day=90)
            assert await store.add(of(1), alone.check, totals=alone.has_totals)
            adding = asyncio.create_task(store.add(of(2), shared.check, totals=shared.has_totals))
            async with asyncio.timeout(20):
                while not db.execute(waiting).scalar_one():  # noqa: ASYNC110 - another's lock
                    await asyncio.sleep(0.01)
        assert await adding
    engine.dispose()
