"""What the owner sees of all jobs at one look: how many wait, run and have failed, and the spending."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs.job import Job, JobStatus
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
    """One look. `failed` counts what ended without its images in the last hour, by why."""

    waiting: int
    running: int
    failed: Mapping[str, int]
    usage: Usage


def overview(db: sa.Connection, now: datetime) -> Overview:
    """How it is at this moment."""
    left = sa.select(jobs.c.status, sa.func.count()).where(jobs.c.status.in_(UNFINISHED))
    counts = {row[0]: row[1] for row in db.execute(left.group_by(jobs.c.status))}
    waiting = counts.pop(JobStatus.ACCEPTED, 0)
    return Overview(
        waiting=waiting,
        running=sum(counts.values()),
        failed=_failed(db, now),
        usage=usage_of(db, _NOBODYS, now, totals=True),
    )


def _failed(db: sa.Connection, now: datetime) -> Mapping[str, int]:
    newest = jobs.c.created_at.desc()
    ended = sa.select(*ROW).where(jobs.c.status.in_(_FAILED), jobs.c.created_at > now - _OLDEST)
    found: Counter[str] = Counter()
    for row in db.execute(ended.order_by(newest).limit(_MOST)):
        with suppress(StorageError):  # a row that cannot be read is told of in the log
            job = job_of(row)
            found.update([_why(job)] if job.changed_at > now - LATELY else [])
    return found


def _why(job: Job) -> str:
    return str(job.failure.reason if job.failure else job.status)
