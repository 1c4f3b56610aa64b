"""What goes once nobody needs it: rows, and the files of the archive that none of them names.

It costs as much as goes, however much is kept: the table knows which rows name a file.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.jobs.database import Database
from bot.jobs.tables import ROW, files, jobs, keys_in, name_files, notes, write_note
from bot.jobs.usage import remember

AT_ONCE = 500  # rows removed in one: whoever waits for SQLite meanwhile has seconds only
PAGE = 200  # rows read in one transaction
NAMED = "files are named"  # the note of an upgrade: up to which row; without it all of them

# So few rows are old that they are searched by their age; most rows have nothing left to do.
_HAS_ENDED = sa.literal_column("due_at + 0").is_(None)
_OLD = sa.select(jobs.c.id).where(jobs.c.created_at < sa.bindparam("before"), _HAS_ENDED)

Drop = Callable[[Collection[str]], Awaitable[object]]


async def nothing(_keys: Collection[str]) -> None:
    """Leave the files where they are."""


class Forgetting:
    """Removes rows, and says which files go with them. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prune(self, before: datetime, *, now: datetime, drop: Drop = nothing) -> int:
        """Remove the rows that were made before then and have nothing left to do; how many.

        `drop` gets the keys of the files that none of the others names. What the rows have cost
        stays until their day is over.
        """
        old = free(_OLD.order_by(jobs.c.created_at).limit(AT_ONCE))

        def work(db: sa.Connection) -> tuple[int, set[str]]:
            ids = db.execute(old, {"before": before}).scalars().all()
            keys = _keys_of(db, ids)
            remember(db, ids, now)
            db.execute(sa.delete(jobs).where(jobs.c.id.in_(ids)))
            return len(ids), keys - _named(db, keys)

        removed = 0
        while True:
            rows, keys = await self._database.run(work)
            if not rows:
                return removed
            removed += rows
            await drop(keys)

    async def unnamed(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that no row names."""
        return set(keys) - await self._database.run(lambda db: _named(db, keys))

    async def name_more(self) -> bool:
        """Note what some more of the rows name that an earlier version wrote; False once all are."""

        def work(db: sa.Connection) -> bool:
            note = notes.c.key == NAMED
            last = db.execute(sa.select(notes.c.value).where(note)).scalar_one_or_none()
            if last is None:
                return False
            page = sa.select(jobs.c.id, *ROW).where(jobs.c.id > last).order_by(jobs.c.id)
            rows = db.execute(page.limit(PAGE)).all()
            for row in rows:
                name_files(db, row.id, keys_in(row))
            if rows:
                write_note(db, NAMED, rows[-1].id)
            else:
                db.execute(sa.delete(notes).where(note))
            return bool(rows)

        return await self._database.run(work)


def free(rows: sa.Select[str]) -> sa.Select[str]:
    """Those of many rows that no transaction holds: processes never wait for each other in a ring."""
    return rows.with_for_update(skip_locked=True)


def _keys_of(db: sa.Connection, ids: Sequence[str]) -> set[str]:
    query = sa.select(files.c.key).where(files.c.job_id.in_(ids))
    return set(db.execute(query).scalars())


def _named(db: sa.Connection, keys: Collection[str]) -> set[str]:
    wanted, named = list(keys), set[str]()
    for first in range(0, len(wanted), AT_ONCE):
        some = files.c.key.in_(wanted[first : first + AT_ONCE])
        named |= set(db.execute(sa.select(files.c.key).where(some)).scalars())
    return named
