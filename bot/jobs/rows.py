"""One row: read, changed whoever holds it, or closed before anything comes of its event."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from bot.jobs.job import Job, JobStatus
from bot.jobs.tables import ROW, columns, index, job_of, jobs, messages


def refused(db: sa.Connection, refusal: Job, now: datetime) -> Job:
    """See `JobStore.refuse`."""
    is_own = jobs.c.id == refusal.id
    query = (
        sa.select(jobs.c.lease, jobs.c.lease_until, *ROW)
        .where(is_own | (jobs.c.origin_key == refusal.origin.key))
        .order_by(sa.case((is_own, 0), else_=1))
        .with_for_update()
    )
    row = db.execute(query).first()
    if row is None:
        db.execute(sa.insert(jobs), {"id": refusal.id, **columns(refusal)})
        return refusal
    job, is_held = job_of(row), row.lease is not None and row.lease_until > now
    may_be_sent = job.status is not JobStatus.ACCEPTED or job.message_id is not None
    if job.id != refusal.id or may_be_sent or is_held:
        return job
    db.execute(sa.update(jobs).where(is_own).values(lease=None, **columns(refusal)))
    return refusal


_THIS = jobs.c.id == sa.bindparam("this_id")
_ROW_OF, _CHANGE = sa.select(*ROW).where(_THIS), sa.update(jobs).where(_THIS)
_LOCKED = _ROW_OF.with_for_update()
_OF_MESSAGE = sa.select(messages.c.job_id).where(
    messages.c.message_id == sa.bindparam("message_id")
)
CANCEL = _CHANGE.values(cancelled=True, redraw=True)
_IS_GIVEN = jobs.c.studio_id == sa.bindparam("studio_id")
ANOTHERS = sa.select(jobs.c.id).where(_IS_GIVEN, ~_THIS).limit(1)


def load(db: sa.Connection, job_id: str, *, lock: bool = False) -> Job | None:
    """The job, or None; `lock`: until the transaction ends it is nobody else's."""
    row = db.execute(_LOCKED if lock else _ROW_OF, {"this_id": job_id}).first()
    return job_of(row) if row else None


def named_by(db: sa.Connection, message_id: int) -> str | None:
    """The id of the job that one of our messages in Discord belongs to, or None."""
    return db.execute(_OF_MESSAGE, {"message_id": message_id}).scalar_one_or_none()


def change(db: sa.Connection, job_id: str, edit: Callable[[Job], Job]) -> Job | None:
    """See `JobStore.change`."""
    job = load(db, job_id, lock=True)
    if job is None:
        return None
    edited = edit(job)
    if edited is job:
        return job
    db.execute(_CHANGE, {"this_id": job_id, "lease": None, **columns(edited)})
    index(db, edited, job)
    return edited
