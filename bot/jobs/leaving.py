"""Members who want to be forgotten: from one short transaction on until nothing of them is left.

What they have under way is cancelled at once. The worker deletes what has ended, as *Delete* does,
and when that is done the rows go, too; what they have cost stays as a number for the rest of its day.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs.database import Database
from bot.jobs.forgetting import free
from bot.jobs.job import TERMINAL, Job, JobStatus
from bot.jobs.rows import change
from bot.jobs.tables import drafts, jobs, ledger, messages, notes, write_note
from bot.jobs.usage import remember

Ended = list[tuple[Job, Job]]

AT_ONCE = 50  # rows of a member in one transaction
MEMBERS_AT_ONCE = 3  # in one look: the jobs of others wait meanwhile
LEAVING = "leaving "  # the note's key goes on with their id; it says when they asked


class Leaving:
    """Who is being forgotten. `is_asked`: somebody wanted it here, and nobody has looked since."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = ""  # whose turn it was, by their note's key
        self.is_asked = True

    async def ask(self, user_id: int, now: datetime) -> Ended:
        """From now on let all go that is kept of the member, and nothing that they ask for later.

        The jobs that ended by that, uncharged, before and after.
        """

        def work(db: sa.Connection) -> Ended:
            # What was asked when a clock was ahead of ours was asked before, too.
            newest = db.execute(_NEWEST, {"member": user_id}).scalar()
            until = max(now, newest or now)
            write_note(db, f"{LEAVING}{user_id}", until.isoformat())
            db.execute(_DRAFTS, {"member": user_id})
            return _cancelled(db, {"member": user_id, "until": until}, now)

        ended = await self._database.run(work)
        self.is_asked = True
        return ended

    async def go_on(self, now: datetime) -> bool:
        """Take a few of them a step further, in turn; whether something is left of anybody."""
        self.is_asked = False
        given = {"behind": self._last}
        wanted = await self._database.run(lambda db: db.execute(_LEAVING, given).all())
        left = bool(self._last)  # of those who came before
        self._last = wanted[-1].key if len(wanted) == MEMBERS_AT_ONCE else ""
        left |= bool(self._last)
        for member, until in filter(None, (_leaver(*note) for note in wanted)):
            left |= await self._forget(member, until, now)
        return left

    async def _forget(self, member: int, until: datetime, now: datetime) -> bool:
        """Whether something of the member is left; where nothing is, the note goes, too."""
        theirs = {"member": member, "until": until}

        def work(db: sa.Connection) -> bool:
            _cancelled(db, theirs, now)
            rows = db.execute(_ENDED, theirs).all()
            gone = [row.id for row in rows if row.status == JobStatus.DELETED]
            remember(db, gone, now)
            db.execute(sa.delete(jobs).where(jobs.c.id.in_(gone)))
            for row in rows:
                if row.id not in gone:
                    with suppress(StorageError):  # of a version that is still to come
                        change(db, row.id, lambda job: _deleted(job, now))
            is_left = db.execute(_LEFT, theirs).first() is not None
            if not is_left:
                db.execute(_EARLIER_DRAFTS, theirs)
                db.execute(sa.delete(ledger).where(ledger.c.user_id == member))
                note = (notes.c.key == f"{LEAVING}{member}", notes.c.value == until.isoformat())
                db.execute(sa.delete(notes).where(*note))
            return is_left

        return await self._database.run(work)


def _leaver(key: str, value: str) -> tuple[int, datetime] | None:
    """Who wants to be forgotten, and up to when; None where that is no note of ours."""
    with suppress(ValueError):
        return int(key.removeprefix(LEAVING)), datetime.fromisoformat(value)
    return None


def _cancelled(db: sa.Connection, theirs: dict[str, Any], now: datetime) -> Ended:
    """Cancel what they have under way; the jobs that ended by that, as they were not sent yet."""
    ended: Ended = []

    def end(job: Job) -> Job:
        after = job.moved(JobStatus.CANCELLED, at=now)
        ended.append((job, after))
        return after

    for job_id in db.execute(_UNSENT, theirs).scalars().all():
        with suppress(StorageError):  # of a version that is still to come
            change(db, job_id, end)
    db.execute(_CANCEL_OTHERS, theirs)
    db.execute(_CANCEL, theirs)
    return ended


def _deleted(job: Job, now: datetime) -> Job:
    may_be = job.is_terminal and job.status is not JobStatus.DELETED
    return job.moved(JobStatus.DELETED, at=now) if may_be else job


_THEIRS = (
    jobs.c.user_id == sa.bindparam("member"),
    jobs.c.created_at <= sa.bindparam("until", type_=jobs.c.created_at.type),
)
_NEWEST = sa.select(sa.func.max(jobs.c.created_at)).where(jobs.c.user_id == sa.bindparam("member"))
_HAS_ENDED = jobs.c.status.in_(TERMINAL)
_IS_BEING_REMOVED = sa.and_(jobs.c.status == JobStatus.DELETED, jobs.c.due_at.is_not(None))
_ENDED = free(
    sa.select(jobs.c.id, jobs.c.status)
    .where(*_THEIRS, _HAS_ENDED, ~_IS_BEING_REMOVED)
    .order_by(jobs.c.created_at.desc())
    .limit(AT_ONCE)
)
_LEFT = sa.select(jobs.c.id).where(*_THEIRS).limit(1)
_IS_ACCEPTED, _IS_WANTED = jobs.c.status == JobStatus.ACCEPTED, jobs.c.cancelled.is_(sa.false())
_IS_ANSWERED = sa.exists().where(messages.c.job_id == jobs.c.id)
_UNSENT = free(sa.select(jobs.c.id).where(*_THEIRS, _IS_ACCEPTED, _IS_ANSWERED).limit(AT_ONCE))
_GOING_ON = free(
    sa.select(jobs.c.id).where(
        *_THEIRS, jobs.c.status.not_in({*TERMINAL, JobStatus.ACCEPTED}), _IS_WANTED
    )
)
# What has no reply that is known ends once it is found: that says so. Whoever looks for it was about
# to send the job.
_OTHERS = free(sa.select(jobs.c.id).where(*_THEIRS, _IS_ACCEPTED, _IS_WANTED))
_CANCEL_OTHERS = sa.update(jobs).where(jobs.c.id.in_(_OTHERS)).values(cancelled=True, lease=None)
_CANCEL = sa.update(jobs).where(jobs.c.id.in_(_GOING_ON)).values(cancelled=True, redraw=True)
_DRAFTS = sa.delete(drafts).where(drafts.c.user_id == sa.bindparam("member"))
_EARLIER_DRAFTS = _DRAFTS.where(
    drafts.c.created_at <= sa.bindparam("until", type_=drafts.c.created_at.type)
)
_LEAVING = (
    sa.select(notes.c.key, notes.c.value)
    .where(notes.c.key.startswith(LEAVING, autoescape=True), notes.c.key > sa.bindparam("behind"))
    .order_by(notes.c.key)
    .limit(MEMBERS_AT_ONCE)
)
