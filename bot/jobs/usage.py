"""What a member and all together have under way and have spent, counted as one more row is added."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs.job import TERMINAL, Job, JobStatus
from bot.jobs.limits import Measure, Reached, Usage
from bot.jobs.tables import ROW, Utc, columns, index, job_of, jobs, spent

SPENT_FOR = timedelta(days=1)  # a quota is one of 24 hours
_WAITED_TOO_LONG = timedelta(hours=2)  # a job this old no longer counts against its member
TOTALS = 2  # a lock on what all members have, apart from those on members


def insert(
    db: sa.Connection, job: Job, allow: Callable[[Usage], None], *, totals: bool = False
) -> bool:
    """Put a new row there that `allow` does not refuse; False where its origin is known already.

    What all members have spent is counted where `totals` says so. Where `allow` says that a limit
    is reached, Refused says until when.
    """
    if db.dialect.name == "postgresql":
        # Two requests, each in a transaction of its own, must see each other: those of one member,
        # and where they share a limit, of all.
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(job.origin.user_id)))
        if totals:
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(TOTALS, 0)))
    given = _given(job.origin.user_id, job.created_at, job.origin.key)
    usage = _counted(db, given, cost=job.request.credits or 0.0, totals=totals)
    if usage is None:
        return False
    try:
        allow(usage)
    except Reached as reached:
        raise reached.refusal(_free_at(db, reached, given)) from None
    db.execute(_INSERT, {"id": job.id, **columns(job)})
    index(db, job)
    return True


def usage_of(db: sa.Connection, user_id: int, now: datetime, *, totals: bool) -> Usage:
    """What the member has now, and all members, where `totals` says so."""
    found = _counted(db, _given(user_id, now), totals=totals)
    return found or Usage(unfinished=0, credits=0.0)


def remember(db: sa.Connection, ids: Sequence[str], now: datetime) -> None:
    """Keep what these jobs have cost for the rest of their day: their rows are about to go."""
    a_day_ago = now - SPENT_FOR
    db.execute(sa.delete(spent).where(spent.c.at <= a_day_ago))
    lately = sa.select(jobs.c.id, jobs.c.user_id, jobs.c.credits, jobs.c.created_at).where(
        jobs.c.id.in_(ids), COUNTS, jobs.c.created_at > a_day_ago
    )
    db.execute(sa.insert(spent).from_select(["job_id", "user_id", "credits", "at"], lately))


def input_bytes(db: sa.Connection, user_id: int, since: datetime) -> int:
    """How large the pictures are that the member's rows since then name, each counted once."""
    mine = sa.select(*ROW).where(jobs.c.user_id == user_id, jobs.c.created_at > since)
    sizes: dict[str, int] = {}
    for row in db.execute(mine):
        with suppress(StorageError):  # a row that cannot be read is somebody else's trouble
            files = [wanted.stored for wanted in job_of(row).request.inputs]
            sizes |= {file.key: file.size_bytes for file in files if file}
    return sum(sizes.values())


def _given(user_id: int, at: datetime, origin_key: str = "") -> dict[str, Any]:
    lately = {"lately": at - _WAITED_TOO_LONG, "a_day_ago": at - SPENT_FOR}
    return {"user_id": user_id, "origin_key": origin_key, **lately}


def _counted(
    db: sa.Connection, given: dict[str, Any], *, cost: float = 0.0, totals: bool = False
) -> Usage | None:
    """What is used; None where the origin is known already."""
    mine = db.execute(_MINE, given).one()
    if mine.known:
        return None
    every = db.execute(_ALL, given).one() if totals else None
    return Usage(
        unfinished=mine.unfinished,
        credits=mine.credits,
        cost=cost,
        all_credits=every.credits if every else 0.0,
        all_jobs=every.jobs if every else 0,
    )


def _free_at(db: sa.Connection, reached: Reached, given: dict[str, Any]) -> datetime | None:
    """When so much of what is measured counts no longer, where the oldest rows go first; or None."""
    query, span = _FREED[reached.measure]
    at = db.execute(query, {**given, "over": reached.over}).scalar_one_or_none()
    return at + span if at else None


# What was perhaps charged counts; of a row that a version before has written its status says it.
COUNTS = sa.func.coalesce(jobs.c.charged, jobs.c.status != JobStatus.FAILED).is_(sa.true())
_MY_JOBS = jobs.c.user_id == sa.bindparam("user_id")
_UNFINISHED = (_MY_JOBS, jobs.c.status.not_in(TERMINAL), jobs.c.created_at > sa.bindparam("lately"))
_LATELY = jobs.c.created_at > sa.bindparam("a_day_ago")
_SPENT_LATELY = spent.c.at > sa.bindparam("a_day_ago")
_MY_SPENT = spent.c.user_id == sa.bindparam("user_id")


def _sum(of: sa.ColumnElement[float], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[float]:
    return sa.select(sa.func.coalesce(sa.func.sum(of), 0.0)).where(*where).scalar_subquery()


def _number(*where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).where(*where).scalar_subquery()


def _freed(*rows: sa.Select[datetime, float]) -> sa.Select[datetime]:
    """The time of the row with which `over` is free, of rows of a time and an amount."""
    row = sa.union_all(*rows).subquery()
    sums = sa.select(row.c.at, sa.func.sum(row.c.much).over(order_by=row.c.at).label("freed"))
    found = sums.subquery()
    first = sa.func.min(found.c.at, type_=Utc)
    return sa.select(first).where(found.c.freed >= sa.bindparam("over", type_=sa.Float))


def _rows(
    at: sa.ColumnElement[datetime], much: sa.ColumnElement[float], *where: sa.ColumnElement[bool]
) -> sa.Select[datetime, float]:
    return sa.select(at.label("at"), much.label("much")).where(*where)


# All are built once: a burst of commands waits for them.
_ONE = sa.literal_column("1.0", sa.Float)
_INSERT = sa.insert(jobs)
_MINE = sa.select(
    _number(jobs.c.origin_key == sa.bindparam("origin_key")).label("known"),
    _number(*_UNFINISHED).label("unfinished"),
    (
        _sum(jobs.c.credits, _MY_JOBS, _LATELY) + _sum(spent.c.credits, _MY_SPENT, _SPENT_LATELY)
    ).label("credits"),
)
_ALL = sa.select(
    (_sum(jobs.c.credits, _LATELY) + _sum(spent.c.credits, _SPENT_LATELY)).label("credits"),
    (_number(_LATELY, COUNTS) + _number(_SPENT_LATELY)).label("jobs"),
)
_FREED = {
    Measure.JOBS: (_freed(_rows(jobs.c.created_at, _ONE, *_UNFINISHED)), _WAITED_TOO_LONG),
    Measure.CREDITS: (
        _freed(
            _rows(jobs.c.created_at, jobs.c.credits, _MY_JOBS, _LATELY),
            _rows(spent.c.at, spent.c.credits, _MY_SPENT, _SPENT_LATELY),
        ),
        SPENT_FOR,
    ),
    Measure.ALL_CREDITS: (
        _freed(
            _rows(jobs.c.created_at, jobs.c.credits, _LATELY),
            _rows(spent.c.at, spent.c.credits, _SPENT_LATELY),
        ),
        SPENT_FOR,
    ),
    Measure.ALL_JOBS: (
        _freed(
            _rows(jobs.c.created_at, _ONE, _LATELY, COUNTS),
            _rows(spent.c.at, _ONE, _SPENT_LATELY),
        ),
        SPENT_FOR,
    ),
}
