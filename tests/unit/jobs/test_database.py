"""Work that is committed together: what fails of it, and what that does to the rest."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
import sqlalchemy as sa

from bot.errors import InDoubt, Refused, StorageError
from bot.jobs.database import Database
from bot.jobs.store import JobStore
from bot.jobs.tables import metadata, notes, write_note
from tests.jobs import make_grant, make_job

T = TypeVar("T")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        yield opened


def note(key: str, value: str = "x") -> Callable[[sa.Connection], None]:
    return lambda db: write_note(db, key, value)


async def noted(database: Database) -> set[str]:
    query = sa.select(notes.c.key).where(notes.c.key != "schema")
    return await database.run(lambda db: set(db.execute(query).scalars()))


@asynccontextmanager
async def held_up(database: Database) -> AsyncIterator[None]:
    """While the block runs every thread is busy, so that all work given there waits together."""
    threads = database._threads._max_workers
    begun, goes_on = threading.Barrier(threads + 1), threading.Event()

    def wait(_db: sa.Connection) -> None:
        begun.wait(10)
        goes_on.wait(10)

    busy = [asyncio.create_task(database.run(wait)) for _ in range(threads)]
    await asyncio.to_thread(begun.wait, 10)
    yield
    goes_on.set()
    await asyncio.gather(*busy)


async def together(
    database: Database, *works: Callable[[sa.Connection], T]
) -> list[T | BaseException]:
    async with held_up(database):
        tasks = [asyncio.create_task(database.run(work)) for work in works]
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


def fill(db: sa.Connection) -> None:
    """Leave room for four pages more."""
    pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
    db.exec_driver_sql(f"PRAGMA max_page_count={pages + 4}")


async def test_what_fails_undoes_itself_alone(database: Database) -> None:
    def refused(db: sa.Connection) -> None:
        write_note(db, "refused", "x")
        raise Refused("no")

    def wrong(db: sa.Connection) -> None:
        write_note(db, "wrong", "x")
        db.exec_driver_sql("SELECT * FROM nowhere")

    outcomes = await together(database, note("first"), refused, wrong, note("last"))
    assert [type(each) for each in outcomes] == [type(None), Refused, StorageError, type(None)]
    assert await noted(database) == {"first", "last"}


async def test_nothing_is_called_written_that_a_full_disk_has_undone(sqlite_url: str) -> None:
    async with Database.open(sqlite_url) as database:
        await database.run(fill)
        big = note("big", "y" * 500_000)
        outcomes = await together(database, note("small"), big, note("after"))
        assert [type(each) for each in outcomes] == [StorageError] * 3
        assert await noted(database) == set()


async def test_whoever_waits_hears_of_an_error_that_nobody_foresaw(database: Database) -> None:
    def breaks(_db: sa.Connection) -> None:
        raise MemoryError

    sa.event.listen(database._engine, "begin", breaks)
    with pytest.raises(StorageError):
        await asyncio.wait_for(database.run(note("x")), 5)


async def test_whether_it_is_written_is_in_doubt_only_where_the_commit_itself_fails(
    database: Database,
) -> None:
    def breaks(_db: sa.Connection) -> None:
        raise OSError

    engine = database._engine
    for moment, kind in (("begin", StorageError), ("commit", InDoubt)):
        sa.event.listen(engine, moment, breaks)
        with pytest.raises(StorageError) as caught:
            await database.run(note(moment))
        sa.event.remove(engine, moment, breaks)
        assert type(caught.value) is kind
    assert await noted(database) == set()


async def test_work_that_nobody_waits_for_any_more_is_not_done(database: Database) -> None:
    async with held_up(database):
        given_up = asyncio.create_task(database.run(note("given up")))
        kept = asyncio.create_task(database.run(note("kept")))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
    await kept
    assert await noted(database) == {"kept"}


async def test_an_error_names_no_value_that_was_to_be_written(database_url: str) -> None:
    token = "an-interaction-token"
    async with JobStore.open(database_url) as store:
        await store._database.run(metadata.drop_all)
        with pytest.raises(StorageError) as caught:
            await store.add(make_job(grant=make_grant(token=token)), lambda _usage: None)
    cause: BaseException | None = caught.value
    while cause:
        assert token not in str(cause)
        cause = cause.__cause__ or cause.__context__
