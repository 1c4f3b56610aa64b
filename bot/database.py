"""The way to the database: its engine, its tables' version, and transactions on it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import SetupError, StorageError
from bot.tables import SCHEMA, metadata, notes, write_note


def create_engine(url: str) -> AsyncEngine:
    """An engine for the database at `url`; a new SQLite file is its owner's alone (0600)."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    if parsed.database:
        os.close(os.open(parsed.database, os.O_CREAT | os.O_RDWR, 0o600))
    # One connection: SQLite has one writer anyway, and this queue is a fair one.
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=10)
    sa.event.listen(engine.sync_engine, "connect", _tune_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _tune_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    # A transaction that reads and then writes must not find the lock taken in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction, committed at the end; StorageError where the database cannot be used."""
    try:
        async with engine.begin() as db:
            yield db
    except (SQLAlchemyError, OSError) as error:
        raise StorageError(f"database: {type(error).__name__}") from error


async def prepare(engine: AsyncEngine) -> None:
    """Make the tables where they are missing; SetupError where they are newer than this code."""
    async with transaction(engine) as db:
        await db.run_sync(metadata.create_all)
        query = sa.select(notes.c.value).where(notes.c.key == "schema")
        found = (await db.execute(query)).scalar_one_or_none()
        if found is None:
            await write_note(db, "schema", str(SCHEMA))
        elif int(found) > SCHEMA:
            raise SetupError(
                f"The database was written by a newer version of the bot (schema {found}, this one"
                f" knows {SCHEMA}): start that version again, or set another DATA_DIR."
            )
