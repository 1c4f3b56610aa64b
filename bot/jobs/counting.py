"""The rows by which use is counted: a member's and all, everywhere and in one server. Queries.

All are built once: a burst of commands waits for them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from bot.jobs.job import TERMINAL, JobStatus
from bot.jobs.limits import OF_ALL, OF_CREDITS, Measure
from bot.jobs.tables import Utc, jobs, spent

SPENT_FOR = timedelta(days=1)  # a quota is one of 24 hours
WAITED_TOO_LONG = timedelta(hours=2)  # a job this old no longer counts against its member

# What was perhaps charged counts; of a row that a version before has written its status says it.
COUNTS = sa.func.coalesce(jobs.c.charged, jobs.c.status != JobStatus.FAILED).is_(sa.true())
_MY_JOBS = jobs.c.user_id == sa.bindparam("user_id")
_UNFINISHED = (_MY_JOBS, jobs.c.status.not_in(TERMINAL), jobs.c.created_at > sa.bindparam("lately"))
_LATELY = jobs.c.created_at > sa.bindparam("a_day_ago")
_SPENT_LATELY = spent.c.at > sa.bindparam("a_day_ago")
_MY_SPENT = spent.c.user_id == sa.bindparam("user_id")
_ONE = sa.literal_column("1.0", sa.Float)

Rows = Sequence[sa.Select[datetime, float]]  # each a time and an amount


class Count(NamedTuple):
    """How much of something is used now, and when `over` of it counts no longer."""

    used: sa.Select[float]
    freed: sa.Select[datetime]
    span: timedelta


def _count(measure: Measure, *, is_here: bool) -> Count:
    rows = _rows_of(measure, is_here=is_here)
    row = sa.union_all(*rows).subquery()
    used = sa.select(sa.func.coalesce(sa.func.sum(row.c.much), 0.0))
    return Count(used, _freed(rows), WAITED_TOO_LONG if measure is Measure.JOBS else SPENT_FOR)


def _rows_of(measure: Measure, *, is_here: bool) -> Rows:
    """What it counts; `is_here`: in the server of this id alone."""
    there: list[sa.ColumnElement[bool]] = []
    spent_there: list[sa.ColumnElement[bool]] = []
    if is_here:
        there = [jobs.c.guild_id == sa.bindparam("server")]
        spent_there = [spent.c.guild_id == sa.bindparam("server")]
    if measure is Measure.JOBS:
        return [_rows(jobs.c.created_at, _ONE, *_UNFINISHED, *there)]
    if measure not in OF_ALL:
        there, spent_there = [*there, _MY_JOBS], [*spent_there, _MY_SPENT]
    if measure in OF_CREDITS:
        return [
            _rows(jobs.c.created_at, jobs.c.credits, *there, _LATELY),
            _rows(spent.c.at, spent.c.credits, *spent_there, _SPENT_LATELY),
        ]
    return [
        _rows(jobs.c.created_at, _ONE, *there, _LATELY, COUNTS),
        _rows(spent.c.at, _ONE, *spent_there, _SPENT_LATELY),
    ]


def _rows(
    at: sa.ColumnElement[datetime], much: sa.ColumnElement[float], *where: sa.ColumnElement[bool]
) -> sa.Select[datetime, float]:
    return sa.select(at.label("at"), much.label("much")).where(*where)


def _freed(rows: Rows) -> sa.Select[datetime]:
    """The time of the row with which `over` is free, of rows of a time and an amount."""
    row = sa.union_all(*rows).subquery()
    sums = sa.select(row.c.at, sa.func.sum(row.c.much).over(order_by=row.c.at).label("freed"))
    found = sums.subquery()
    first = sa.func.min(found.c.at, type_=Utc)
    return sa.select(first).where(found.c.freed >= sa.bindparam("over", type_=sa.Float))


def _sum(of: sa.ColumnElement[float], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[float]:
    return sa.select(sa.func.coalesce(sa.func.sum(of), 0.0)).where(*where).scalar_subquery()


def _number(*where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).where(*where).scalar_subquery()


EVERYWHERE: Mapping[Measure, Count] = {each: _count(each, is_here=False) for each in Measure}
HERE: Mapping[Measure, Count] = {each: _count(each, is_here=True) for each in Measure}
# What each request needs, in as few questions as can be.
MINE = sa.select(
    _number(jobs.c.origin_key == sa.bindparam("origin_key")).label("known"),
    _number(*_UNFINISHED).label("unfinished"),
    (
        _sum(jobs.c.credits, _MY_JOBS, _LATELY) + _sum(spent.c.credits, _MY_SPENT, _SPENT_LATELY)
    ).label("credits"),
)
ALL = sa.select(
    (_sum(jobs.c.credits, _LATELY) + _sum(spent.c.credits, _SPENT_LATELY)).label("credits"),
    (_number(_LATELY, COUNTS) + _number(_SPENT_LATELY)).label("jobs"),
)
_THERE = (
    sa.select(jobs.c.user_id, jobs.c.credits)
    .where(jobs.c.guild_id == sa.bindparam("server"), _LATELY, COUNTS)
    .union_all(
        sa.select(spent.c.user_id, spent.c.credits).where(
            spent.c.guild_id == sa.bindparam("server"), _SPENT_LATELY
        )
    )
    .subquery()
)
# Who has used how much in a server within a day.
IN_SERVER = sa.select(_THERE.c.user_id, sa.func.count(), sa.func.sum(_THERE.c.credits)).group_by(
    _THERE.c.user_id
)


def given(
    user_id: int, at: datetime, *, server: int = 0, origin_key: str = ""
) -> dict[str, object]:
    """The parameters of all these queries, but how much is to be free."""
    lately = {"lately": at - WAITED_TOO_LONG, "a_day_ago": at - SPENT_FOR}
    return {"user_id": user_id, "server": server, "origin_key": origin_key, **lately}
