"""The engines that DATABASE_URL may name: SQLite in a file, or a PostgreSQL that processes share."""

import os

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from bot.errors import SetupError

POSTGRESQL_AT_ONCE = 4  # transactions, each on a connection of its own

# How long PostgreSQL lets a statement, or a process that has stopped in a transaction, hold rows up
# that others wait for; and how long a connection that went dead may look alive.
_STATEMENT_S = 10
_CONNECT = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,  # milliseconds
    "application_name": "instant-studio-bot",
}


def create_engine(url: str) -> sa.Engine:
    """The engine for this address, not yet connected; SetupError where its driver is missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    try:
        return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    except ModuleNotFoundError as error:
        raise SetupError(
            "DATABASE_URL: PostgreSQL needs a driver: install it by pip install '.[scale]'."
        ) from error


def _postgresql(url: URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_size=POSTGRESQL_AT_ONCE,
        max_overflow=0,
        pool_pre_ping=True,  # a connection of before a restart is replaced unnoticed
        connect_args=_CONNECT,
        hide_parameters=True,
    )
    sa.event.listen(engine, "connect", _tune_postgresql)
    return engine


def _tune_postgresql(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SET {name} = '{_STATEMENT_S}s'")
    cursor.close()
    connection.commit()


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
