"""What goes once nobody needs it: rows, and the files of the archive that none of them names.

It costs as much as goes, however much is kept: the table knows which rows name a file.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.jobs.database import Database
from bot.jobs.job import Job, JobStatus
from bot.jobs.ledger import enter
from bot.jobs.lineage import Lineage, readable
from bot.jobs.tables import (
    FIRST,
    ROW,
    columns,
    files,
    jobs,
    keys_in,
    name_files,
    notes,
    write_note,
)
from bot.jobs.usage import remember

# Rows removed in one: whoever waits for SQLite meanwhile has seconds only, and of millions each row
# has half a dozen pages of its own, which are written twice where its cache cannot hold them all.
AT_ONCE = 50
PAGE = 200  # rows read in one transaction
TAKEN_AT_ONCE = 25  # rows that lose their pictures
NAMED = "files are named"  # the note of an upgrade: up to which row; without it all of them

# So few rows are old that they are searched by their age; most rows have nothing left to do.
_HAS_ENDED = sa.literal_column("due_at + 0").is_(None)
_OLD = sa.select(jobs.c.id, jobs.c.created_at).where(
    jobs.c.created_at >= sa.bindparam("since"),
    jobs.c.created_at < sa.bindparam("before"),
    _HAS_ENDED,
)

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
        stays until their day is over, and in the ledger.
        """
        old, since = free(_OLD.order_by(jobs.c.created_at).limit(AT_ONCE)), FIRST

        def work(db: sa.Connection) -> tuple[int, set[str]]:
            nonlocal since  # PostgreSQL passes by all rows that were removed before, else
            rows = db.execute(old, {"since": since, "before": before}).all()
            ids = [row.id for row in rows]
            keys = _keys_of(db, ids)
            remember(db, ids, now)
            enter(db, ids, now)
            db.execute(sa.delete(jobs).where(jobs.c.id.in_(ids)))
            since = rows[-1].created_at if rows else since
            return len(ids), keys - _named(db, keys)

        removed, are_more = 0, True
        while are_more:
            rows, keys = await self._database.run(work)
            are_more = rows == AT_ONCE
            removed += rows
            await drop(keys)
        return removed

    async def unnamed(self, keys: Collection[str], but: str = "") -> set[str]:
        """Those of the keys that no row names, but the one of this id where one is given."""
        return set(keys) - await self._database.run(lambda db: _named(db, keys, but))

    async def unname(self, job_id: str) -> None:
        """Note that the row names no files any more."""
        await self._database.run(lambda db: db.execute(_OF_ROW, {"this_id": job_id}).rowcount)

    async def disinherit(self, job: Job) -> bool:
        """Let the rows that came of this one lose the pictures that it names; False: not yet all.

        One that is just being sent keeps them until that is over.
        """
        lineage, after, are_all = Lineage(job.id), "", True

        def work(db: sa.Connection) -> str | None:
            """Up to which row it came; None once there are no more."""
            nonlocal are_all
            lineage.begin()
            last = None
            for each in _sharing(db, job, after):
                row = readable(db, each, lock=True)
                comes = row is not None and lineage.comes(db, row)
                if comes is None:
                    return last or after
                if row and comes:
                    are_all &= _take_from(db, row, job)
                last = each
            return last

        while (last := await self._database.run(work)) is not None:
            after = last
        return are_all

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


def _sharing(db: sa.Connection, job: Job, after: str) -> list[str]:
    """The ids of some other rows that name one of its files, in order, behind that one."""
    named = sa.select(files.c.job_id).where(files.c.key.in_(job.stored_keys)).distinct()
    others = named.where(files.c.job_id > after, files.c.job_id != job.id)
    return list(db.execute(others.order_by(files.c.job_id).limit(TAKEN_AT_ONCE)).scalars())


def _take_from(db: sa.Connection, job: Job, source: Job) -> bool:
    """Take the source's pictures from a job that came of it; False where it is not the time yet."""
    poorer = job.without_inputs(source.stored_keys)
    if poorer.stored_keys == job.stored_keys:
        return True
    if job.status is JobStatus.SUBMITTING:
        return False
    this = sa.update(jobs).where(jobs.c.id == job.id)
    db.execute(this.values(lease=None, **columns(poorer)))
    taken = files.c.key.in_(job.stored_keys - poorer.stored_keys)
    db.execute(sa.delete(files).where(files.c.job_id == job.id, taken))
    return True


_OF_ROW = sa.delete(files).where(files.c.job_id == sa.bindparam("this_id"))


def _named(db: sa.Connection, keys: Collection[str], but: str = "") -> set[str]:
    """Those of the keys that another row names; of how many others is not looked at."""
    wanted, named = list(keys), set[str]()
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        others = (sa.exists().where(files.c.key == key, files.c.job_id != but) for key in some)
        are_named = db.execute(sa.select(*others)).one()
        named |= {key for key, is_named in zip(some, are_named, strict=True) if is_named}
    return named
