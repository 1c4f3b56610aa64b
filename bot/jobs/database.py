"""The way to the database: transactions on it, off the event loop."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import InDoubt, StorageError
from bot.jobs.engines import POSTGRESQL_AT_ONCE, STATEMENT_S, create_engine
from bot.jobs.schema import prepare

if TYPE_CHECKING:
    import sqlite3

PREPARE_S = 600.0  # an index of many rows, and whoever waits for the process that makes it
CLOSE_S = 5.0  # for transactions that are under way
BATCH = 50  # pieces of work that SQLite commits together

T = TypeVar("T")


class Database:
    """The engine, and the threads that its transactions run in.

    SQLite has one writer: work that waits is committed together, as the way to the disk is what
    takes long. PostgreSQL has several, and no transaction holds another one's rows.
    """

    def __init__(self, url: str, statement_s: float = STATEMENT_S) -> None:
        self._engine = create_engine(url, statement_s)
        self.is_shared = self._engine.dialect.name != "sqlite"  # by several processes
        self._batch = 1 if self.is_shared else BATCH
        threads = POSTGRESQL_AT_ONCE if self.is_shared else 1
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="database")
        self._waiting: deque[_Work] = deque()
        self._is_called = False
        self._is_closing = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Database"]:
        """The database at `url`, with its tables; SetupError where they are newer than this code.

        At the end it waits for what is under way.
        """
        database = cls(url)
        try:
            if database.is_shared:  # a statement may take longer there than at any other time
                await cls.once(url, prepare, PREPARE_S)
            else:
                await database.run(prepare)
            yield database
        finally:
            await database._close()

    @classmethod
    async def answers(cls, url: str) -> None:
        """Nothing where a database answers at `url`, whose tables are left alone; StorageError."""
        await cls.once(url, lambda db: db.execute(sa.select(1)).scalar_one())

    @classmethod
    async def once(
        cls, url: str, work: Callable[[sa.Connection], T], statement_s: float = STATEMENT_S
    ) -> T:
        """As `run` on a database that is opened for that, and whose tables are left alone."""
        database = cls(url, statement_s)
        try:
            return await database.run(work)
        finally:
            await database._close()

    async def run(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` returns, once it is committed; StorageError where it was not, else InDoubt.

        Whoever stops waiting does not stop a transaction that has begun. What else `work` raises
        undoes what it did, and comes through.
        """
        if self._is_closing:
            raise StorageError("database: closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        # One call of a thread takes all that waits, where only one thread may.
        if self.is_shared or not self._is_called:
            self._call((work, future))
        return await future

    def _call(self, last: "_Work") -> None:
        self._is_called = True
        try:
            self._threads.submit(self._commit_waiting)
        except RuntimeError as error:  # no thread can be started
            self._is_called = False
            with suppress(ValueError):  # there is one, and it has taken it
                self._waiting.remove(last)
                raise _storage_error(error) from error

    async def time(self) -> datetime | None:
        """What a database that processes share says it is; None of a file."""
        if not self.is_shared:
            return None
        now = sa.select(sa.func.clock_timestamp())
        return await self.run(lambda db: db.execute(now).scalar_one())

    def _commit_waiting(self) -> None:
        self._is_called = False
        while batch := list(self._taken()):
            wanted = [each for each in batch if not each[1].cancelled()]
            if wanted:
                outcomes = self._committed([work for work, _ in wanted])
                loop = wanted[0][1].get_loop()
                with suppress(RuntimeError):  # it is closed: nobody waits any more
                    loop.call_soon_threadsafe(_tell, wanted, outcomes)

    def _committed(self, batch: Sequence[Callable[[sa.Connection], Any]]) -> list[Any]:
        """What each piece of work returned or raised, once all of it is committed."""
        outcomes: list[Any] = []
        failed = StorageError
        try:
            with self._engine.connect() as db, db.begin() as whole:
                is_alone = len(batch) == 1  # then it needs no savepoint
                outcomes += [_outcome(db, work, whole if is_alone else Part(db)) for work in batch]
                failed = InDoubt  # the answer to a commit may be lost, and not the commit
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            return [_storage_error(error, failed) for _ in batch]
        return outcomes

    def _taken(self) -> Iterator["_Work"]:
        with suppress(IndexError):  # another thread may have taken the last of it
            for _ in range(self._batch):
                yield self._waiting.popleft()

    async def _close(self) -> None:
        self._is_closing = True
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._threads.shutdown), CLOSE_S)
        self._engine.dispose()


_Work = tuple[Callable[[sa.Connection], Any], "asyncio.Future[Any]"]


def _tell(batch: Sequence[_Work], outcomes: Sequence[Any]) -> None:
    for (_, future), outcome in zip(batch, outcomes, strict=True):
        if future.done():
            continue  # nobody waits for it any more
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


class Part:
    """A part of SQLite's transaction, which can be undone alone. SQLAlchemy's own takes much longer."""

    def __init__(self, db: sa.Connection) -> None:
        self._execute = cast("sqlite3.Connection", db.connection.driver_connection).execute
        self._execute("SAVEPOINT part")

    def commit(self) -> None:
        """Keep it, with the whole."""
        self._execute("RELEASE part")

    def rollback(self) -> None:
        """Undo it."""
        self._execute("ROLLBACK TO part")
        self._execute("RELEASE part")


def _outcome(
    db: sa.Connection, work: Callable[[sa.Connection], Any], part: sa.Transaction | Part
) -> Any:  # noqa: ANN401 - any
    """What the work returned; or what it raised, with nothing of it left behind."""
    try:
        found = work(db)
    except Exception as error:  # noqa: BLE001 - it is raised again where the work is waited for
        # This raises, and fails the whole batch, where the database has undone all of it: a full
        # disk ends SQLite's transaction, and what came before is gone, too.
        part.rollback()
        return _storage_error(error) if isinstance(error, SQLAlchemyError | OSError) else error
    if isinstance(part, Part):  # the whole is committed by whoever began it
        part.commit()
    return found


def why(error: Exception) -> str:
    """What the driver says of it, on one line, without its address and what was to be written."""
    cause = getattr(error.__cause__, "orig", None) or error
    return str(getattr(cause, "strerror", None) or cause).partition("\n")[0].rstrip(".")


def _storage_error(cause: Exception, kind: type[StorageError] = StorageError) -> StorageError:
    error = kind(f"database: {type(cause).__name__}")
    error.__cause__ = cause
    return error
