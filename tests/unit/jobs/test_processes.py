"""One PostgreSQL under several processes: here each of them is a store with its own connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import Refused, StorageError
from bot.jobs import engines, postgresql
from bot.jobs.clocks import Clocks, utc_now
from bot.jobs.database import Database
from bot.jobs.job import JobStatus
from bot.jobs.limits import Usage
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs
from tests.jobs import ALL, NOON, anything, make_grant, make_job, make_origin, take
from tests.postgres import Postgres


@pytest.fixture
async def stores(postgresql_url: str) -> AsyncIterator[list[JobStore]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(JobStore.open(postgresql_url)) for _ in range(3)]


async def test_no_row_is_claimed_twice_and_nobody_waits(stores: list[JobStore]) -> None:
    made = [make_job() for _ in range(60)]
    await asyncio.gather(*(stores[0].add(job, anything) for job in made))
    claims = await asyncio.gather(
        *(take(store, ALL, now=NOON, lease_s=20, limit=10) for store in stores * 3)
    )
    taken = [claim.job.id for found in claims for claim in found]
    assert len(taken) == len(set(taken))
    assert set(taken) <= {job.id for job in made}
    assert len(taken) >= 10


async def test_what_is_committed_is_on_the_disk_whatever_the_database_is_set_to(
    postgres: Postgres, postgresql_url: str
) -> None:
    name = sa.engine.make_url(postgresql_url).database
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    async with Database.open(postgresql_url) as database:
        shown = await database.run(
            lambda db: db.exec_driver_sql("SHOW synchronous_commit").scalar_one()
        )
    assert shown == "on"


async def test_a_row_that_another_transaction_holds_is_left_out(
    stores: list[JobStore], postgresql_url: str
) -> None:
    held, free = make_job(), make_job()
    for job in (held, free):
        await stores[0].add(job, anything)
    engine = engines.create_engine(postgresql_url)
    with engine.begin() as db:
        db.execute(sa.select(jobs.c.id).where(jobs.c.id == held.id).with_for_update())
        (claim,) = await take(stores[1], ALL, now=NOON, lease_s=20, limit=9)
    engine.dispose()
    assert claim.job.id == free.id


async def test_a_limit_holds_though_requests_arrive_in_several_processes(
    stores: list[JobStore],
) -> None:
    def only_one(usage: Usage) -> None:
        if usage.unfinished:
            raise Refused("one at a time")

    outcomes = await asyncio.gather(
        *(store.add(make_job(), only_one) for store in stores * 5), return_exceptions=True
    )
    assert [each for each in outcomes if each is True] == [True]
    assert all(isinstance(each, Refused) for each in outcomes if each is not True)


async def test_an_event_that_every_process_gets_is_one_row(stores: list[JobStore]) -> None:
    origin = make_origin()
    outcomes = await asyncio.gather(
        *(store.add(make_job(origin=origin), anything) for store in stores * 3)
    )
    assert sorted(outcomes) == [False] * 8 + [True]


async def test_forgetting_waits_for_no_row_that_another_process_holds(
    stores: list[JobStore], postgresql_url: str
) -> None:
    held, free = (
        make_job(status=JobStatus.DELIVERED, due_at=None, grant=make_grant()) for _ in range(2)
    )
    for job in (held, free):
        await stores[0].add(job, anything)
    later = NOON.replace(year=NOON.year + 1)
    engine = engines.create_engine(postgresql_url)
    with engine.begin() as db:
        db.execute(sa.select(jobs.c.id).where(jobs.c.id == held.id).with_for_update())
        async with asyncio.timeout(5):
            assert await stores[1].drop_grants(later) == 1
            assert await stores[1].forgetting.prune(later, now=later) == 1
    engine.dispose()
    assert await stores[1].get(free.id) is None
    assert await stores[1].get(held.id) == held


async def test_a_database_that_comes_back_is_used_again(postgres: Postgres) -> None:
    async with JobStore.open(postgres.new_database()) as store:
        first, second = make_job(), make_job()
        await store.add(first, anything)
        await asyncio.to_thread(postgres.go_away)
        try:
            with pytest.raises(StorageError, match="database: OperationalError"):
                await store.add(second, anything)
        finally:
            await asyncio.to_thread(postgres.come_back)
        assert await store.get(first.id) == first
        assert await store.add(second, anything)


async def test_a_restart_of_the_database_that_nobody_noticed_costs_nobody_an_error(
    postgres: Postgres,
) -> None:
    async with JobStore.open(postgres.new_database()) as store:
        job = make_job()
        await store.add(job, anything)
        await asyncio.to_thread(postgres.go_away)
        await asyncio.to_thread(postgres.come_back)
        assert await store.get(job.id) == job


@pytest.mark.parametrize("is_just_used", [False, True])
async def test_of_a_lost_connection_only_what_comes_right_after_its_last_answer_hears(
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    is_just_used: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    monkeypatch.setattr(postgresql, "JUST_S", 60 if is_just_used else 0)
    database = Database(postgres.new_database())
    assert await database.run(asked) == 1
    postgres.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'instant-studio-bot'"
    )
    if is_just_used:
        with pytest.raises(StorageError) as caught:
            await database.run(asked)
        assert type(caught.value) is StorageError, "nothing was written, surely"
    assert await database.run(asked) == 1
    await database._close()


async def test_a_process_that_stops_in_a_transaction_holds_its_rows_for_some_seconds_only(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_S", 1)
    stopped = engines.create_engine(postgresql_url)
    async with JobStore.open(postgresql_url) as store:
        job = make_job()
        await store.add(job, anything)
        with stopped.connect() as db:
            db.execute(sa.select(jobs.c.id).with_for_update())
            assert await take(store, ALL, now=NOON, lease_s=20, limit=1) == []
            async with asyncio.timeout(10):
                while not await take(store, ALL, now=NOON, lease_s=20, limit=1):  # noqa: ASYNC110 - the database's own clock
                    await asyncio.sleep(0.05)
            db.invalidate()
    stopped.dispose()


async def test_a_postgresql_that_hangs_is_given_up_and_used_again_when_it_goes_on(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "SILENT_S", 0.3)
    monkeypatch.setitem(postgresql._CONNECT, "connect_timeout", 2)
    database = Database(postgres.new_database(), statement_s=0.5)
    assert await database.run(asked) == 1
    postgres.hang()
    try:
        for _ in range(2):  # on a connection that there was, and on a new one
            async with asyncio.timeout(10):
                with pytest.raises(StorageError):
                    await database.run(asked)
    finally:
        postgres.go_on()
    assert await database.run(asked) == 1
    await database._close()


def asked(db: sa.Connection) -> int:
    return int(db.execute(sa.select(1)).scalar_one())


async def test_processes_whose_clocks_are_apart_go_by_the_databases(
    stores: list[JobStore],
) -> None:
    real, times = Clocks(), []
    for store, hours in zip(stores, (-2, 0, 48), strict=True):
        off = timedelta(hours=hours)
        store._clocks = clocks = Clocks(lambda off=off: utc_now() + off)  # type: ignore[misc]
        store.queue._lease_clock = clocks.now
        await store.keep_time(store._clocks)
        times.append(clocks.now())
    assert max(abs(each - real.now()) for each in times) < timedelta(seconds=30)
    job = make_job(due_at=times[0])
    await stores[0].add(job, anything)
    (claim,) = await take(stores[0], ALL, now=times[0], lease_s=20, limit=1)
    for store, now in zip(stores, times, strict=True):
        assert await take(store, ALL, now=now, lease_s=20, limit=1) == []
    await stores[0].queue.renew(claim, lease_s=20)
