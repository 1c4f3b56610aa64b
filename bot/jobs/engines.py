"""The engines that DATABASE_URL may name: SQLite in a file, or a PostgreSQL that processes share."""

import os

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from bot.errors import SetupError

POSTGRESQL_AT_ONCE = 4  # transactions, each on a connection of its own
STATEMENT_S = 10.0  # the longest that PostgreSQL may take for one


def create_engine(url: str, statement_s: float = STATEMENT_S) -> sa.Engine:
    """The engine for this address, not yet connected; SetupError where its driver is missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    try:
        from bot.jobs.postgresql import engine_of  # noqa: PLC0415 - its driver is not always there
    except ModuleNotFoundError as error:
        raise SetupError(
            "DATABASE_URL: PostgreSQL needs a driver: install it by pip install '.[scale]'."
        ) from error
    return engine_of(parsed, at_once=POSTGRESQL_AT_ONCE, statement_s=statement_s)


def _sqlite(url: URL) -> sa.Engine:
    if url.database:  # a new file is its owner's alone
        os.close(os.open(url.database, os.O_CREAT | os.O_RDWR, 0o600))
    engine = sa.create_engine(url, hide_parameters=True)
    sa.event.listen(engine, "connect", _tune_sqlite)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _tune_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    # A transaction that reads and then writes must not find the lock taken in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
