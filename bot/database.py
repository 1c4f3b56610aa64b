"""The way to the database: its engine, its tables' version, and transactions on it."""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SetupError, StorageError
from bot.tables import SCHEMA, metadata, notes, write_note

CLOSE_S = 5.0  # for transactions that are under way
BATCH = 50  # pieces of work that are committed together

T = TypeVar("T")


class Database:
    """The engine, and a thread that its transactions run in, one after the other.

    Work that waits is committed together: the way to the disk is what takes long.
    """

    def __init__(self, url: str) -> None:
        self._engine = _create_engine(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._waiting: deque[_Work] = deque()
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
        """What `work` returns, once it is committed; StorageError where it could not be.

        Whoever stops waiting does not stop a transaction that has begun. What else `work` raises
        undoes what it did, and comes through.
        """
        if self._is_closing:
            raise StorageError("database: closed")
        future: Future[T] = Future()
        self._waiting.append((work, future))
        self._thread.submit(self._commit_waiting)
        return await asyncio.wrap_future(future)

    def _commit_waiting(self) -> None:
        waiting = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        batch = [each for each in waiting if each[1].set_running_or_notify_cancel()]
        if not batch:
            return
        outcomes: list[Any] = []
        try:
            with self._engine.begin() as db:
                outcomes += [_outcome(db, work) for work, _ in batch]
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            outcomes = [_storage_error(error) for _ in batch]
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _close(self) -> None:
        self._is_closing = True
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._thread.shutdown), CLOSE_S)
        self._engine.dispose()


_Work = tuple[Callable[[sa.Connection], Any], "Future[Any]"]


def _outcome(db: sa.Connection, work: Callable[[sa.Connection], Any]) -> Any:  # noqa: ANN401 - any
    """What the work returned; or what it raised, with nothing of it left behind."""
    savepoint = db.begin_nested()
    try:
        found = work(db)
    except Exception as error:  # noqa: BLE001 - it is raised again where the work is waited for
        # This raises, and fails the whole batch, where the database has undone all of it: a full
        # disk ends SQLite's transaction, and what came before is gone, too.
        savepoint.rollback()
        return _storage_error(error) if isinstance(error, SQLAlchemyError | OSError) else error
    savepoint.commit()
    return found


def _storage_error(cause: Exception) -> StorageError:
    error = StorageError(f"database: {type(cause).__name__}")
    error.__cause__ = cause
    return error


def _create_engine(url: str) -> sa.Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:  # a new file is its owner's alone
        os.close(os.open(parsed.database, os.O_CREAT | os.O_RDWR, 0o600))
    engine = sa.create_engine(url, hide_parameters=True)
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
