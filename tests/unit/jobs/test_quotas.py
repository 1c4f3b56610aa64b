"""The limits that are set in Discord, of all servers and of one, on each database."""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Refused
from bot.jobs.job import Job, JobStatus
from bot.jobs.ledger import Used
from bot.jobs.limits import EVERY_SERVER, Left, Measure, Quota, Usage
from bot.jobs.store import JobStore
from tests.jobs import NOON, anything, make_job, make_origin, make_request, plans_of

HERE, ELSEWHERE, MEI, ANA = 3, 4, 7, 8
HOUR = timedelta(hours=1)
M = Measure


def of(
    member: int = MEI, *, server: int | None = HERE, hours: float = 0, cost: float | None = 10
) -> Job:
    return make_job(
        origin=make_origin(user_id=member, guild_id=server),
        created_at=NOON - hours * HOUR,
        request=make_request(credits=cost),
    )


async def refused(store: JobStore, job: Job, *quotas: Quota) -> str:
    """The sentence, and until when, in hours from noon; nothing where it is taken."""
    try:
        assert await store.add(job, anything, quotas=quotas)
    except Refused as error:

        def hours(found: re.Match[str]) -> str:
            return f"{(int(found[1]) - NOON.timestamp()) / 3600:g} h"

        return re.sub(r"<t:(\d+):R>", hours, error.user_message)
    return ""


# Four hours ago Mei has asked here, three hours ago elsewhere, and Ana here two hours ago.
REACHED = {
    "at a time": (
        {M.JOBS: 1},
        "You have 2 unfinished jobs {}, and 1 is the most at a time.",
        "You have 1 unfinished job in this server, and 1 is the most at a time.",
    ),
    "a member's jobs": (
        {M.MEMBER_JOBS: 1},
        "You have 0 of 1 jobs left for these 24 hours. Try again 21 h.",
        "You have 0 of 1 jobs left in this server for these 24 hours. Try again 20 h.",
    ),
    "a member's credits": (
        {M.CREDITS: 15},
        "This costs 10 credits, and you have 0 of 15 left for these 24 hours. Try again 21 h.",
        (
            "This costs 10 credits, and you have 5 of 15 left in this server for these 24 hours."
            " Try again 20 h."
        ),
    ),
    "all jobs": (
        {M.ALL_JOBS: 2},
        "All members together have 0 of 2 jobs left for these 24 hours. Try again 21 h.",
        (
            "All members together have 0 of 2 jobs left in this server for these 24 hours."
            " Try again 20 h."
        ),
    ),
    "all credits": (
        {M.ALL_CREDITS: 22.5},
        (
            "This costs 10 credits, and all members together have 0 of 22.5 left for these 24 hours."
            " Try again 21 h."
        ),
        (
            "This costs 10 credits, and all members together have 2.5 of 22.5 left in this server"
            " for these 24 hours. Try again 20 h."
        ),
    ),
    "more than ever": (
        {M.CREDITS: 9},
        (
            "This costs 10 credits, and you have 9 for 24 hours: it cannot be run here unless the"
            " bot's owner changes that."
        ),
        (
            "This costs 10 credits, and you have 9 in this server for 24 hours: it cannot be run"
            " here unless who manages this server changes that."
        ),
    ),
}


@pytest.mark.parametrize(("most", "everywhere", "here"), REACHED.values(), ids=REACHED)
async def test_what_is_reached_says_what_is_left_and_when_there_is_room_again(
    store: JobStore, most: dict[Measure, float], everywhere: str, here: str
) -> None:
    quotas = Quota(EVERY_SERVER, most), Quota(HERE, most)
    for job in (of(hours=30), of(hours=4), of(server=ELSEWHERE, hours=3), of(ANA, hours=2)):
        assert await store.add(job, anything)
    if Measure.JOBS in most:  # after two hours they no longer count
        for job in (of(hours=1), of(server=ELSEWHERE, hours=1)):
            assert await store.add(job, anything)
    said = await refused(store, of(), quotas[0])
    assert said.startswith(everywhere.format("here"))
    assert (await refused(store, of(), quotas[1])).startswith(here)
    assert await refused(store, of(), *quotas) == said  # the wider one is told of first
    assert await refused(store, of(server=5), Quota(5, {**most, Measure.CREDITS: 10})) == ""


async def test_what_is_gone_still_counts_where_it_was_asked_for(store: JobStore) -> None:
    for job in (of(hours=3), of(ANA, hours=2), of(server=ELSEWHERE, hours=2), of(hours=1)):
        await store.add(replace(job, status=JobStatus.DELIVERED, due_at=None), anything)
    before = await store.overview_here(HERE, NOON)
    assert before.members == {MEI: Used(2, 20), ANA: Used(1, 10)}
    assert (before.usage.all_jobs, before.usage.all_credits) == (3, 30)
    assert await store.forgetting.prune(NOON - 1.5 * HOUR, now=NOON) == 3
    assert await store.overview_here(HERE, NOON) == before
    assert "0 of 3 jobs left in this server" in await refused(
        store, of(), Quota(HERE, {M.ALL_JOBS: 3})
    )
    assert await refused(store, of(), Quota(HERE, {M.MEMBER_JOBS: 3, M.ALL_CREDITS: 40})) == ""


async def test_what_is_left_is_told_of_each(store: JobStore) -> None:
    await store.add(of(hours=1), anything)
    await store.add(of(ANA, hours=1), anything)
    quotas = Quota(EVERY_SERVER, {M.ALL_JOBS: 9}), Quota(HERE, {M.MEMBER_JOBS: 3, M.CREDITS: 25})
    _, usage = await store.seen_by(MEI, "", NOON, quotas=quotas)
    left = (Left(quotas[0], {M.ALL_JOBS: 2}), Left(quotas[1], {M.MEMBER_JOBS: 1, M.CREDITS: 10}))
    assert usage == Usage(unfinished=1, credits=10, quotas=left)


async def test_what_has_no_price_is_not_run_where_credits_are_limited(store: JobStore) -> None:
    assert await refused(store, of(cost=None), Quota(HERE, {M.ALL_JOBS: 1, M.MEMBER_JOBS: 1})) == ""
    for most in ({M.CREDITS: 99.0}, {M.ALL_CREDITS: 99.0}):
        assert (await refused(store, of(cost=None), Quota(HERE, most))).startswith(
            "What this costs is not known, and credits are limited here"
        )


async def test_of_presses_at_once_in_two_processes_as_many_are_taken_as_there_is_left(
    postgresql_url: str,
) -> None:
    quotas = [Quota(EVERY_SERVER, {M.ALL_JOBS: 9}), Quota(HERE, {M.ALL_CREDITS: 40})]
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(JobStore.open(postgresql_url)) for _ in "ab"]
        presses = [
            stores[number % 2].add(of(number), anything, quotas=quotas[place:])
            for number in range(10, 30)
            for place in (0, 1)
        ]
        outcomes = await asyncio.gather(*presses, return_exceptions=True)
    assert outcomes.count(True) == 4
    assert sum(isinstance(each, Refused) for each in outcomes) == 36


async def test_what_a_server_has_used_is_found_by_its_time(store: JobStore) -> None:
    await store.add(of(), anything)
    plans = plans_of(store)
    every = dict.fromkeys(Measure, 10.0)
    await store.seen_by(MEI, "", NOON, quotas=[Quota(EVERY_SERVER, every), Quota(HERE, every)])
    await store.overview_here(HERE, NOON)
    assert [plan for plan in plans if re.search(r"SCAN (jobs|spent)\b|Seq Scan", plan)] == []
    assert any("jobs_server" in plan for plan in plans)
