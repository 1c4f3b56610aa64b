"""How many jobs stand at the service at once, and whose turn is next, on each database."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.jobs.job import InLine, Job, JobStatus, Posted
from bot.jobs.places import LONGEST, Places
from bot.jobs.store import JobStore
from bot.reasons import Reason
from tests.jobs import NOON, add, make_job, make_origin, plans_of

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def of(member: int, second: float, **changes: Any) -> Job:
    """A job of the member that waits in line, asked for so many seconds after noon."""
    at = NOON + second * SECOND
    origin = make_origin(user_id=member)
    posted = Posted(message_ids=(origin.event_id,))
    given = {"due_at": at, "line": InLine(place=1, at=at), "posted": posted}
    return make_job(**{"origin": origin, "created_at": at, "changed_at": at, **given, **changes})


def begun(job: Job) -> Job:
    sent = job.turned(JobStatus.SUBMITTING, at=job.created_at)
    return replace(sent, line=None, begun_at=job.created_at)


async def stands(store: JobStore, job: Job) -> Job:
    await store.change((await add(store, job)).id, begun)
    return job


async def place_of(places: Places, job: Job) -> int:
    async with places.asked(job, NOON) as place:
        return place


async def entered(store: JobStore, places: Places, job: Job) -> bool:
    (claim,) = await store.queue.claim([job.id], now=NOON + HOUR, lease_s=20)
    return await places.enter(claim, begun(claim.job), NOON) is not None


async def test_with_one_place_the_job_of_another_is_second_among_twenty(store: JobStore) -> None:
    places = store.places(1, HOUR)
    first = await stands(store, of(7, 0))
    waiting = [await add(store, of(7, second)) for second in range(1, 20)]
    other = await add(store, of(8, 20))
    assert await place_of(places, other) == 1
    assert [await place_of(places, job) for job in waiting] == list(range(2, 21))
    await store.change(first.id, lambda row: row.failed(Reason.FAILED, at=NOON))
    assert [await place_of(places, job) for job in (other, *waiting[:2])] == [0, 1, 2]


async def test_whoever_asks_now_is_in_line_behind_those_whose_turn_comes_before(
    store: JobStore,
) -> None:
    places = store.places(2, HOUR)
    for member in (7, 8):
        await stands(store, of(member, 0))
    await add(store, of(9, 1))
    new = await add(store, of(7, 2, line=None))
    assert [await place_of(places, job) for job in (new, of(5, 3, line=None))] == [2, 2]
    assert await place_of(store.places(None, HOUR), new) == 0


# What takes a place, and what has left it.
TAKES: dict[str, tuple[dict[str, Any], bool]] = {
    "on its way": ({"status": JobStatus.SUBMITTING}, True),
    "at the service": ({"status": JobStatus.RUNNING}, True),
    "its images are saved": ({"status": JobStatus.DOWNLOADING}, False),
    "failed": ({"status": JobStatus.FAILED}, False),
    "not sent": ({"status": JobStatus.ACCEPTED, "line": None}, False),
    "longer than it may be there": (
        {"status": JobStatus.RUNNING, "begun_at": NOON - 3 * HOUR},
        False,
    ),
    "sent by a version before, too long ago": (
        {"status": JobStatus.RUNNING, "created_at": NOON - 3 * HOUR},
        False,
    ),
    "asked for long ago, and sent now": (
        {"status": JobStatus.RUNNING, "created_at": NOON - 9 * HOUR, "begun_at": NOON},
        True,
    ),
}


@pytest.mark.parametrize(("changes", "is_taken"), TAKES.values(), ids=TAKES.keys())
async def test_a_place_is_taken_while_a_job_is_sent_and_stands_at_the_service(
    store: JobStore, changes: dict[str, Any], *, is_taken: bool
) -> None:
    places = store.places(1, HOUR)
    await add(store, of(7, 0, **changes))
    job = await add(store, of(8, 1))
    assert (await place_of(places, job) > 0) is is_taken
    assert await entered(store, places, job) is not is_taken


async def test_nobody_waits_for_a_row_that_is_not_looked_at_soon(store: JobStore) -> None:
    places = store.places(1, HOUR)
    await add(store, of(7, 0, due_at=NOON + LONGEST + SECOND))
    assert await place_of(places, of(8, 1)) == 0


async def test_those_that_are_let_go_are_no_more_than_there_are_places(store: JobStore) -> None:
    places = store.places(1, HOUR)
    first, second = [await add(store, of(member, member, line=None)) for member in (7, 8)]
    async with places.asked(first, NOON) as place:
        assert place == 0
        assert await place_of(places, second) == 1
        assert await entered(store, places, first)
    assert await place_of(places, second) == 1
    assert not await entered(store, places, second)


async def test_whose_turn_it_is_is_called(store: JobStore) -> None:
    places = store.places(1, HOUR)
    first, second = [
        await add(store, of(member, member, due_at=NOON + 30 * SECOND)) for member in (7, 8)
    ]
    await places.call(NOON)
    assert [row.id for row in (await store.queue.due(NOON)).rows] == [first.id]
    assert await entered(store, places, first)
    await places.call(NOON)
    assert (await store.queue.due(NOON)).rows == ()
    job = await store.get(second.id)
    assert job
    assert job.due_at == NOON + 30 * SECOND


async def test_no_look_at_the_places_walks_all_rows(sqlite_url: str) -> None:
    async with JobStore.open(sqlite_url) as store:
        job = await add(store, of(7, 0))
        plans = plans_of(store)
        assert await place_of(store.places(1, HOUR), job) == 0
    assert [plan for plan in plans if "jobs_status" in plan]
    walked = [plan for plan in plans if plan.startswith("SCAN")]
    assert walked == ["SCAN jobs USING COVERING INDEX jobs_line"]  # of those that wait


async def test_processes_together_let_no_more_in_than_there_are_places(
    postgresql_url: str,
) -> None:
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(JobStore.open(postgresql_url)) for _ in "ab"]
        made = [await add(stores[0], of(number, 0)) for number in range(12)]
        outcomes = await asyncio.gather(
            *(
                entered(stores[number % 2], stores[number % 2].places(3, HOUR), job)
                for number, job in enumerate(made)
            )
        )
    assert outcomes.count(True) == 3


async def test_a_long_line_is_read_now_and_then_and_who_has_left_it_is_not_called(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.places.FEW", 3)
    monkeypatch.setattr("bot.jobs.places.SELDOM", 1e9)
    places = store.places(2, HOUR)
    later = NOON + 30 * SECOND
    waiting = [await add(store, of(member, member, due_at=later)) for member in range(1, 6)]
    await stands(store, of(9, 0))
    plans = plans_of(store)
    assert [await place_of(places, job) for job in waiting] == [0, 1, 2, 3, 4]
    new = await add(store, of(1, 6, line=None))
    assert await place_of(places, new) == 5
    assert len([plan for plan in plans if "jobs_line" in plan]) == 1
    assert await entered(store, places, waiting[0])
    assert [await place_of(places, job) for job in waiting[1:]] == [1, 2, 3, 4]
    assert await place_of(places, new) == 5
    ended: dict[str, Any] = {"status": JobStatus.FAILED, "due_at": None}
    await store.change(waiting[0].id, lambda row: replace(row, **ended))
    await places.call(NOON)
    due = {row.id for row in (await store.queue.due(NOON)).rows}
    assert due & {job.id for job in waiting} == {waiting[1].id}
