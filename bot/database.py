"""The way to the database: its engine, its tables' version, and transactions on it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import SetupError, StorageError
from bot.tables import SCHEMA, metadata, notes, write_note

CLOSE_S = 5.0  # for transactions that are under way


def _create_engine(url: str) -> AsyncEngine:
    # A new SQLite file is its owner's alone.
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


class Database:
    """The engine, and the transactions that are under way on it."""

    def __init__(self, url: str) -> None:
        self._engine = _create_engine(url)
        self._under_way = 0
        self._idle = asyncio.Event()
        self._is_closing = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Database"]:
        """The database at `url`, with its tables; SetupError where they are newer than this code.

        At the end it waits for what is under way: a connection that is closed under a cancelled
        transaction would leave that waiting for ever.
        """
        database = cls(url)
        try:
            async with database.transaction() as db:
                await _prepare(db)
            yield database
        finally:
            await database._close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end; StorageError where it could not be."""
        if self._is_closing:
            raise StorageError("database: closed")
        self._under_way += 1
        try:
            async with self._engine.begin() as db:
                yield db
        except (SQLAlchemyError, OSError) as error:
            raise StorageError(f"database: {type(error).__name__}") from error
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def _close(self) -> None:
        self._is_closing = True
        if self._under_way:
            self._idle.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), CLOSE_S)
        await self._engine.dispose()


async def _prepare(db: AsyncConnection) -> None:
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
