"""A member's own jobs, newest first, a page at a time; what was deleted is left out."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs.database import Database
from bot.jobs.job import Job, JobStatus
from bot.jobs.tables import FIRST, LAST, ROW, Utc, job_of, jobs

PAGE = 5
LATELY = 200  # jobs of a member that tell what they used of late


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a page goes on: beside this job, which may be gone, with those that are older."""

    at: datetime
    job_id: str
    is_newer: bool = False  # with those that are newer


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some jobs, newest first, and from where there are more."""

    jobs: tuple[Job, ...]
    newer: Mark | None = None
    older: Mark | None = None


NEWEST = Mark(at=LAST, job_id="")

_AT, _ID = sa.bindparam("at", type_=Utc()), sa.bindparam("beside", type_=sa.String)
_MINE = sa.select(jobs.c.id, jobs.c.created_at, *ROW).where(
    jobs.c.user_id == sa.bindparam("member"), jobs.c.status != JobStatus.DELETED
)
_IS_OLDER = sa.or_(jobs.c.created_at < _AT, jobs.c.id < _ID)
_IS_NEWER = sa.or_(jobs.c.created_at > _AT, jobs.c.id > _ID)
_OLDER = (
    _MINE.where(jobs.c.created_at <= _AT, _IS_OLDER)
    .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
    .limit(PAGE + 1)
)
_NEWER = (
    _MINE.where(jobs.c.created_at >= _AT, _IS_NEWER)
    .order_by(jobs.c.created_at, jobs.c.id)
    .limit(PAGE + 1)
)
_USED = (
    sa.select(jobs.c.endpoint_id)
    .where(jobs.c.user_id == sa.bindparam("member"))
    .order_by(jobs.c.created_at.desc())
    .limit(LATELY)
)


class History:
    """The jobs of each member. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, member: int, mark: Mark = NEWEST) -> Page:
        """The member's jobs beside the mark; the newest where there is no more than a page of newer."""
        given = {"member": member, "at": mark.at, "beside": mark.job_id}

        def work(db: sa.Connection) -> Page:
            if mark.is_newer:
                rows = db.execute(_NEWER, given).all()
                if len(rows) > PAGE:
                    return _page(rows[:PAGE][::-1], has_newer=True, has_older=True)
            newest = {"member": member, "at": NEWEST.at, "beside": NEWEST.job_id}
            rows = db.execute(_OLDER, newest if mark.is_newer else given).all()
            is_first = mark.is_newer or mark == NEWEST
            return _page(rows[:PAGE], has_newer=not is_first, has_older=len(rows) > PAGE)

        return await self._database.run(work)

    async def used(self, member: int) -> list[str]:
        """The ids of the endpoints that the member used of late, the latest first."""

        def work(db: sa.Connection) -> list[str]:
            return [*dict.fromkeys(db.execute(_USED, {"member": member}).scalars())]

        return await self._database.run(work)


def _page(rows: Sequence[Any], *, has_newer: bool, has_older: bool) -> Page:
    """The rows that this version can read, and the marks beside the first and the last of all."""
    found: list[Job] = []
    for row in rows:
        with suppress(StorageError):
            found.append(job_of(row))
    if not rows:  # what was older is gone: the newest are
        first = Mark(at=FIRST, job_id="", is_newer=True)
        return Page(jobs=(), newer=first if has_newer else None)
    newer = Mark(at=rows[0].created_at, job_id=rows[0].id, is_newer=True)
    older = Mark(at=rows[-1].created_at, job_id=rows[-1].id)
    return Page(
        jobs=tuple(found), newer=newer if has_newer else None, older=older if has_older else None
    )
