"""What the owner has set: kept, and known to every process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs import house
from bot.jobs.bylaws import Bylaw, BylawKind, Bylaws, limit
from bot.jobs.house import PAUSE, House, HouseRules, Rule, RuleKind
from bot.jobs.limits import Measure, Quota
from bot.jobs.store import JobStore
from tests.jobs import NOON

MEI, GUILD = Rule(RuleKind.MEMBER, 7), Rule(RuleKind.SERVER, 3)


@asynccontextmanager
async def heard(store: JobStore) -> AsyncIterator[House]:
    """The house rules of a process that reads them again and again."""
    task = asyncio.create_task(store.house.run())
    try:
        yield store.house
    finally:
        task.cancel()


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not found():  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)


async def test_what_one_process_is_told_all_know_and_a_later_one_too(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "READ_AGAIN_S", 0.01)
    async with JobStore.open(database_url) as one, JobStore.open(database_url) as two:
        async with heard(two) as other:
            await one.house.impose(PAUSE)
            await one.house.impose(PAUSE, MEI, GUILD)
            expected = HouseRules(is_paused=True, members=frozenset({7}), servers=frozenset({3}))
            assert one.house.rules == expected
            await until(lambda: other.rules == expected)
            await other.lift(PAUSE, Rule(RuleKind.MEMBER, 8), GUILD)
            assert other.rules == HouseRules(members=frozenset({7}))
        assert one.house.rules == expected
        await one.house.read()
        assert one.house.rules == other.rules


async def test_limits_blocks_and_channels_of_servers_are_known_to_all_and_can_be_taken_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "READ_AGAIN_S", 0.01)
    mei_here, log_here = Bylaw(BylawKind.BLOCK, 3, 7), Bylaw(BylawKind.LOG, 3, value=f"{2**63 - 1}")
    jobs, credits_here = limit(Measure.ALL_JOBS, 0, 10**6), limit(Measure.CREDITS, 3, 2.5)
    async with JobStore.open(database_url) as one, JobStore.open(database_url) as two:
        async with heard(two) as other:
            await one.house.enact(jobs, credits_here, mei_here, log_here, Bylaw("later", 3))
            every, here = {Measure.ALL_JOBS: 10**6}, {Measure.CREDITS: 2.5}
            expected = Bylaws({0: every, 3: here}, frozenset({(3, 7)}), {3: 2**63 - 1})
            await until(lambda: other.rules == HouseRules(bylaws=expected))
        assert expected.quotas_in(3) == (Quota(0, every), Quota(3, here))
        assert expected.quotas_in(None) == expected.quotas_in(4) == (Quota(0, every),)
        gone = (credits_here, mei_here, Bylaw(BylawKind.LOG, 3))
        await two.house.enact(limit(Measure.ALL_JOBS, 0, 5), without=gone)
        assert two.house.rules == HouseRules(bylaws=Bylaws({0: {Measure.ALL_JOBS: 5}}))


async def test_the_last_rules_hold_while_they_cannot_be_read(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(house, "READ_AGAIN_S", 0.01)
    async with JobStore.open(sqlite_url) as store:
        await store.house.impose(MEI)
        async with heard(store) as kept:
            run, tries = store._database.run, 0

            async def refused(_work: object) -> None:
                nonlocal tries
                tries += 1
                raise StorageError("database: locked")

            monkeypatch.setattr(store._database, "run", refused)
            await until(lambda: tries > 2)
            assert kept.rules == HouseRules(members=frozenset({7}))
            assert len(caplog.records) == 1
            monkeypatch.setattr(store._database, "run", run)
            await JobStore(store._database).house.impose(PAUSE)
            await until(lambda: kept.rules.is_paused)


async def test_an_answer_that_is_late_undoes_nothing_that_was_set_meanwhile(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with JobStore.open(sqlite_url) as store:
        run, is_read, may_go_on = store._database.run, asyncio.Event(), asyncio.Event()

        async def late(work: Callable[[sa.Connection], HouseRules]) -> HouseRules:
            found = await run(work)
            is_read.set()
            await may_go_on.wait()
            return found

        monkeypatch.setattr(store._database, "run", late)
        reading = asyncio.create_task(store.house.read())
        await is_read.wait()
        monkeypatch.setattr(store._database, "run", run)
        await store.house.impose(PAUSE)
        may_go_on.set()
        await reading
        assert store.house.rules == HouseRules(is_paused=True)


def test_a_rule_is_read_soon_enough_to_hold_everywhere_within_five_seconds() -> None:
    assert house.READ_S + house.READ_AGAIN_S < 5


@pytest.mark.parametrize(("minutes", "times"), [(-120, 2), (-59, 1), (-1, 1), (59, 1), (60, 2)])
async def test_what_is_said_is_new_again_after_its_time_whosever_clock_is_ahead(
    store: JobStore, minutes: int, times: int
) -> None:
    hour = timedelta(hours=1)
    looks = NOON, NOON + timedelta(minutes=minutes)
    assert sum([await store.house.is_new("told", now, hour) for now in looks]) == times
