"""The way to the database: its engine, its tables' version, and transactions on it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SetupError, StorageError
from bot.tables import SCHEMA, metadata, notes, write_note

CLOSE_S = 5.0  # for transactions that are under way

T = TypeVar("T")


class Database:
    """The engine, and a thread that its transactions run in, one after the other."""

    def __init__(self, url: str) -> None:
        self._engine = _create_engine(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._is_closing = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Database"]:
        """The database at `url`, with its tables; SetupError where they are newer than this code.

        At the end it waits for what is under way.
        """
        database = cls(url)
        try:
            await database.run(_prepare)
            yield database
        finally:
            await database._close()

    async def run(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` returns from one transaction, committed; StorageError where it could not be.

        Whoever stops waiting does not stop a transaction that has begun. What else `work` raises
        rolls it back, and comes through.
        """
        if self._is_closing:
            raise StorageError("database: closed")
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._transaction, work
        )

    def _transaction(self, work: Callable[[sa.Connection], T]) -> T:
        try:
            with self._engine.begin() as db:
                return work(db)
        except (SQLAlchemyError, OSError) as error:
            raise StorageError(f"database: {type(error).__name__}") from error

    async def _close(self) -> None:
        self._is_closing = True
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._thread.shutdown), CLOSE_S)
        self._engine.dispose()


def _create_engine(url: str) -> sa.Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    if parsed.database:  # a new file is its owner's alone
        os.close(os.open(parsed.database, os.O_CREAT | os.O_RDWR, 0o600))
    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", _tune_sqlite)
    sa.event.listen(engine, "begin", _begin_immediate)
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


def _prepare(db: sa.Connection) -> None:
    metadata.create_all(db)
    query = sa.select(notes.c.value).where(notes.c.key == "schema")
    found = db.execute(query).scalar_one_or_none()
    if found is None:
        write_note(db, "schema", str(SCHEMA))
    elif int(found) > SCHEMA:
        raise SetupError(
            f"The database was written by a newer version of the bot (schema {found}, this one"
            f" knows {SCHEMA}): start that version again, or set another DATA_DIR."
        )
