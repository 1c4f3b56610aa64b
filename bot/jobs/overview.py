"""What is seen of jobs at one look, of all or of a server's: those that wait, run and failed; spending."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs.counting import IN_SERVER, given
from bot.jobs.job import Job, JobStatus
from bot.jobs.ledger import Used
from bot.jobs.limits import Usage
from bot.jobs.queue import UNFINISHED
from bot.jobs.tables import ROW, job_of, jobs
from bot.jobs.usage import usage_of

LATELY = timedelta(hours=1)
_OLDEST = timedelta(days=2)  # of the jobs that may have failed lately
_MOST = 500  # rows that are read for it
_FAILED = (JobStatus.FAILED, JobStatus.UNDELIVERABLE)
_NOBODYS = 0  # member


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One look. `failed` counts what ended without its images in the last hour, by why.

    `members` are those of one server, with what each has used there in 24 hours.
    """

    waiting: int
    running: int
    failed: Mapping[str, int]
    usage: Usage
    members: Mapping[int, Used] = field(default_factory=dict)


def overview(db: sa.Connection, now: datetime, server: int | None = None) -> Overview:
    """How it is at this moment; where a server is given, of what was asked for there alone."""
    there = [] if server is None else [jobs.c.guild_id == server]
    # By the index of what has not ended: all that a server ever asked for is far more.
    these = [] if server is None else [sa.func.coalesce(jobs.c.guild_id, 0) == server]
    left = sa.select(jobs.c.status, sa.func.count()).where(jobs.c.status.in_(UNFINISHED), *these)
    counts = {row[0]: row[1] for row in db.execute(left.group_by(jobs.c.status))}
    waiting = counts.pop(JobStatus.ACCEPTED, 0)
    members = {} if server is None else _members(db, server, now)
    every = usage_of(db, _NOBODYS, now, totals=True) if server is None else _together(members)
    return Overview(
        waiting=waiting,
        running=sum(counts.values()),
        failed=_failed(db, now, *there),
        usage=every,
        members=members,
    )


def _members(db: sa.Connection, server: int, now: datetime) -> Mapping[int, Used]:
    """What each has used in a server within 24 hours."""
    rows = db.execute(IN_SERVER, given(_NOBODYS, now, server=server))
    return {user_id: Used(number, much) for user_id, number, much in rows}


def _together(members: Mapping[int, Used]) -> Usage:
    used = members.values()
    all_credits, all_jobs = sum(each.credits for each in used), sum(each.jobs for each in used)
    return Usage(unfinished=0, credits=0.0, all_credits=all_credits, all_jobs=all_jobs)


def _failed(db: sa.Connection, now: datetime, *there: sa.ColumnElement[bool]) -> Mapping[str, int]:
    newest, lately = jobs.c.created_at.desc(), jobs.c.created_at > now - _OLDEST
    ended = sa.select(*ROW).where(jobs.c.status.in_(_FAILED), lately, *there)
    found: Counter[str] = Counter()
    for row in db.execute(ended.order_by(newest).limit(_MOST)):
        with suppress(StorageError):  # a row that cannot be read is told of in the log
            job = job_of(row)
            found.update([_why(job)] if job.changed_at > now - LATELY else [])
    return found


def _why(job: Job) -> str:
    return str(job.failure.reason if job.failure else job.status)
