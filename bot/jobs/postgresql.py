"""A PostgreSQL that processes share: its engine, and how long anything there may take."""

import time
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection

# Within a transaction: a process that has stopped there holds up what others wait for.
IDLE_S = 10.0
# No server is started anew within this time: a connection that was just used needs no look.
JUST_S = 0.1
SILENT_S = 5.0  # a server that should have answered so long ago, and says nothing, is given up
_CONNECT = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,  # milliseconds
    "application_name": "instant-studio-bot",
}

T = TypeVar("T")


class Connection(psycopg.Connection[Any]):
    """A connection that is closed, with an OperationalError, once the server stays silent."""

    silent_s = SILENT_S
    _answered_at = 0.0

    @property
    def was_just_used(self) -> bool:
        """Whether the server has answered a moment ago."""
        return time.monotonic() - self._answered_at < JUST_S

    def wait(self, gen: PQGen[T], *given: Any, **named: Any) -> T:  # noqa: ANN401 - psycopg's own
        """What the server answers."""
        answer = super().wait(self._in_time(gen), *given, **named)
        self._answered_at = time.monotonic()
        return answer

    def _in_time(self, steps: PQGen[T]) -> PQGen[T]:
        # A server that hangs while its machine is well is noticed by no setting of the connection.
        ends_at = time.monotonic() + self.silent_s
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted  # psycopg comes back several times a second
                if not ready and time.monotonic() > ends_at:
                    self.close()
                    raise psycopg.OperationalError(f"no answer within {self.silent_s:g} s")
                wanted = steps.send(ready)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


def engine_of(url: URL, *, at_once: int, statement_s: float) -> sa.Engine:
    """The engine for this address, not yet connected; a statement may take that long."""
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=at_once,
        max_overflow=0,
        pool_pre_ping=True,  # a connection of before a restart is replaced unnoticed
        connect_args=_CONNECT,
        hide_parameters=True,
    )

    def connect(_dialect: object, _record: object, given: Any, named: Any) -> Connection:  # noqa: ANN401 - SQLAlchemy's
        connection = Connection.connect(*given, **named)
        connection.silent_s = statement_s + SILENT_S
        return connection

    def tune(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        # What the database's owner may have turned off: what is committed stays, come what may.
        cursor.execute("SET synchronous_commit = on")
        for name, most_s in (
            ("statement_timeout", statement_s),
            ("idle_in_transaction_session_timeout", IDLE_S),
        ):
            cursor.execute(f"SET {name} = {round(most_s * 1000)}")  # milliseconds
        cursor.close()
        connection.commit()

    ping = engine.dialect.do_ping

    def is_there(connection: DBAPIConnection) -> bool:
        is_ours = isinstance(connection, Connection)
        return (is_ours and connection.was_just_used) or ping(connection)

    engine.dialect.do_ping = is_there  # type: ignore[assignment,method-assign]
    sa.event.listen(engine, "do_connect", connect)
    sa.event.listen(engine, "connect", tune)
    return engine
