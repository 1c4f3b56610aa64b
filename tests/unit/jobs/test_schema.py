"""The tables of a new database, of an older one, and of a newer one."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import bot
from bot.errors import SetupError
from bot.jobs.database import Database
from bot.jobs.job import JobStatus, Posted
from bot.jobs.schema import HEAD
from bot.jobs.store import JobStore
from bot.jobs.tables import metadata, notes, version
from tests.jobs import NOON, make_grant, make_job, make_origin, take

THEIRS = tuple(JobStatus)[:8]  # the statuses that the first version knew
FIRST = Path(__file__).parents[2] / "samples" / "schema-1.sql"  # by the first version itself


@pytest.fixture
def first_url(sqlite_url: str) -> str:
    """A database that the first version has left, with a job in every status."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.executescript(FIRST.read_text())
    return sqlite_url


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database without tables."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        yield opened


def differences(db: sa.Connection) -> list[str]:
    """What the tables lack, or have too much."""
    return [str(each) for each in compare_metadata(MigrationContext.configure(db), metadata)]


def at(revision: str, db: sa.Connection) -> None:
    db.execute(sa.update(version).values(version_num=revision))


async def test_new_tables_are_those_of_the_newest_version(database: Database) -> None:
    assert await database.run(differences) == []


def test_the_newest_version_is_the_last_step_of_alembic() -> None:
    steps = ScriptDirectory(str(Path(bot.__path__[0]) / "jobs" / "migrations"))
    assert steps.get_heads() == [HEAD]


async def test_a_database_of_the_first_version_is_upgraded_without_loss(first_url: str) -> None:
    async with JobStore.open(first_url) as store:
        found = [await store.get(f"{number:032x}") for number in range(len(THEIRS))]
        by_message = await store.by_message(1002)
        published = await store.note("published everywhere")
        are_left = [await store.forgetting.name_more() for _ in range(2)]
        assert await store._database.run(differences) == []
    expected = [
        make_job(
            id=f"{number:032x}",
            status=status,
            origin=make_origin(
                event_id=job.origin.event_id if job else 0, key=f"interaction:{number + 1}"
            ),
            grant=None if number else make_grant(),
            posted=Posted(message_ids=(1000 + number,), shown="abc"),
        )
        for number, (status, job) in enumerate(zip(THEIRS, found, strict=True))
    ]
    assert found == expected
    assert by_message == expected[2]
    assert are_left == [True, False]  # rows whose files nobody knows yet
    assert published == "digest"


async def test_an_upgrade_is_one_line_of_the_log(
    first_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await opened(first_url)
    await opened(first_url)
    lines = [each.getMessage() for each in caplog.records if each.name.startswith("bot.")]
    assert lines == [f"the tables are brought up to date: schema 0001 → {HEAD}"]


async def test_a_job_of_the_first_version_goes_on_after_the_upgrade(first_url: str) -> None:
    async with JobStore.open(first_url) as store:
        (claim,) = await take(store, {JobStatus.RUNNING}, now=NOON, lease_s=20, limit=9)
        moved = replace(claim.job.moved(JobStatus.DOWNLOADING, at=NOON), due_at=None)
        await store.queue.save(claim, moved)
        assert await store.get(claim.job.id) == moved


async def test_an_upgrade_that_breaks_off_changes_nothing(
    first_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_given: object) -> None:
        raise OSError("no more room")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.execute", breaks)  # the last thing that the step does
        with pytest.raises(Exception, match="OSError"):
            await opened(first_url)
    with closing(sqlite3.connect(first_url.removeprefix("sqlite:///"))) as database:
        assert "\n".join(database.iterdump()) == FIRST.read_text().rstrip("\n")
    await opened(first_url)


async def test_postgresql_is_upgraded_too(postgresql_url: str) -> None:
    def older(db: sa.Connection) -> None:
        db.exec_driver_sql("DROP INDEX jobs_status")
        db.exec_driver_sql("ALTER TABLE jobs DROP COLUMN studio_id")
        db.exec_driver_sql("DROP TABLE spent")
        for table in (
            "files",
            "drafts",
            "durations",
            "house_rules",
            "ledger",
            "bylaws",
            "added_endpoints",
        ):
            db.exec_driver_sql(f"DROP TABLE {table}")
        db.exec_driver_sql("DROP INDEX jobs_created")
        for column in (
            "kind",
            "channel_id",
            "host",
            "charged",
            "begun_at",
            "cancelled",
            "guild_id",
        ):
            db.exec_driver_sql(f"ALTER TABLE jobs DROP COLUMN {column}")
        at("0001", db)

    async with Database.open(postgresql_url) as database:
        await database.run(older)
    async with Database.open(postgresql_url) as database:
        assert await database.run(differences) == []


async def test_an_upgrade_may_take_longer_than_any_other_statement(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def longest(db: sa.Connection) -> str:
        return str(db.exec_driver_sql("SHOW statement_timeout").scalar_one())

    found: list[str] = []
    monkeypatch.setattr("bot.jobs.database.prepare", lambda db: found.append(longest(db)))
    async with Database.open(postgresql_url) as database:
        assert [*found, await database.run(longest)] == ["10min", "10s"]


@pytest.mark.parametrize("has_tables", [False, True])
async def test_a_version_that_was_never_written_down_is_found_by_the_tables(
    first_url: str, sqlite_url: str, *, has_tables: bool
) -> None:
    with closing(sqlite3.connect(first_url.removeprefix("sqlite:///"))) as database:
        if not has_tables:
            database.executescript("DROP TABLE messages; DROP TABLE jobs; DROP TABLE notes")
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    async with Database.open(sqlite_url) as opened:
        assert await opened.run(differences) == []
        assert await opened.run(lambda db: db.execute(sa.select(version)).scalars().all()) == [HEAD]


async def test_processes_that_start_together_make_the_tables_once(database_url: str) -> None:
    await asyncio.gather(*(opened(database_url) for _ in range(4)))


async def test_a_newer_database_is_refused(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await database.run(lambda db: at("9999", db))
    with pytest.raises(SetupError, match="written by a newer version of the bot"):
        await opened(database_url)


async def test_the_first_version_refuses_what_this_one_has_written(database: Database) -> None:
    query = sa.select(notes.c.value).where(notes.c.key == "schema")
    assert int(await database.run(lambda db: db.execute(query).scalar_one())) > 1


async def opened(url: str) -> None:
    async with Database.open(url):
        pass
