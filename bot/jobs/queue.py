"""The job table as a queue: which rows are due, who holds them, and for how long.

A worker claims a row, and may save it as long as the lease of that claim is the row's.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bot.errors import LeaseLost, StorageError
from bot.jobs.clocks import APART
from bot.jobs.database import Database
from bot.jobs.durations import learn
from bot.jobs.job import TERMINAL, Job, JobStatus
from bot.jobs.kinds import KINDS, Kind, Waiting
from bot.jobs.observer import NOBODY, Observer
from bot.jobs.tables import ROW, Utc, columns, index, job_of, jobs, notes, write_note

log = logging.getLogger(__name__)

CAUGHT_UP = timedelta(seconds=30)  # a row that has been due for longer was left behind
# A service that takes nothing is waited for so long; then nothing holds a row back from its end.
SUBMIT_PATIENCE = timedelta(hours=2)
MOST = 200  # rows of a kind that are looked at in one turn

UNFINISHED = frozenset(JobStatus) - TERMINAL
LONGEST_WAIT = timedelta(hours=2)  # nothing waits for longer: a row that is due later is due
LONGEST_LEASE = timedelta(seconds=30)  # the same of a lease: another clock gave it
UNREADABLE_FOR = timedelta(hours=1)  # so long a row waits for a version that can read it

# What the worker asks in each of its turns; made once, as making it takes longer than the answer.
_IS_LATE = jobs.c.due_at <= sa.bindparam("now")
_IS_ABSURD = jobs.c.due_at > sa.bindparam("at_last")
_IS_DUE = sa.or_(_IS_LATE, _IS_ABSURD)
_IS_UNHELD = sa.or_(
    jobs.c.lease.is_(None),
    jobs.c.lease_until <= sa.bindparam("real_now"),
    jobs.c.lease_until > sa.bindparam("no_lease"),
)
_IS_OWED: sa.ColumnElement[bool] = sa.literal_column("redraw")  # as the index has it
# The rows that are due, and those to be drawn again, each by its own index.
_FOUND = sa.union(*(sa.select(jobs.c.id).where(each) for each in (_IS_LATE, _IS_ABSURD, _IS_OWED)))
_MAY_STEP = sa.and_(sa.or_(_IS_DUE, jobs.c.redraw), _IS_UNHELD)
_WAITED = jobs.c.due_at < sa.bindparam("left_behind")
_IS_OVERDUE = jobs.c.created_at < sa.bindparam("overdue")
_ACCEPTED = sa.case(
    (_IS_OVERDUE, Kind.LOOK.value), else_=sa.func.coalesce(jobs.c.kind, Kind.LOOK.value)
)
# Of a row that the version before has written, the status alone is to be believed.
_KIND = sa.case(
    {status.value: kind.value for status, kind in KINDS.items()}
    | {JobStatus.ACCEPTED.value: _ACCEPTED},
    value=jobs.c.status,
    else_=Kind.CONCLUDE.value,
)


_KINDS = {kind.value: kind for kind in Kind}  # a newer version may know more


def _due() -> sa.Select[str, str, int, int | None, str | None]:
    """The rows that may be claimed: of each kind each member's first, then their second, and so on."""
    since = sa.case((_WAITED, jobs.c.created_at), else_=jobs.c.due_at)
    columns = (jobs.c.id, _KIND.label("kind"), jobs.c.user_id, jobs.c.channel_id, jobs.c.host)
    rows = sa.select(*columns, since.label("since")).where(jobs.c.id.in_(_FOUND), _MAY_STEP)
    row = rows.subquery()
    place = sa.func.row_number().over(
        partition_by=(row.c.kind, row.c.user_id), order_by=(row.c.since, row.c.id)
    )
    placed = sa.select(row, place.label("place")).subquery()
    number = sa.func.row_number().over(
        partition_by=placed.c.kind, order_by=(placed.c.place, placed.c.since, placed.c.id)
    )
    numbered = sa.select(placed, number.label("number")).subquery()
    found = numbered.c
    return (
        sa.select(found.id, found.kind, found.user_id, found.channel_id, found.host)
        .where(found.number <= sa.bindparam("most", type_=sa.Integer))
        .order_by(found.place, found.since, found.id)
    )


_DUE = _due()
_NEXT_DUE = sa.select(sa.func.min(jobs.c.due_at)).where(
    jobs.c.due_at > sa.bindparam("now"), jobs.c.lease.is_(None)
)
# What was chosen is looked at once more when it is locked: it may have been done meanwhile.
_CHOSEN = (
    sa.select(jobs.c.id, *ROW)
    .where(jobs.c.id.in_(sa.bindparam("ids", expanding=True)), _MAY_STEP)
    .with_for_update(skip_locked=True)
)
_TAKE = sa.update(jobs).where(jobs.c.id.in_(sa.bindparam("ids", expanding=True)))
_IS_MINE = (jobs.c.id == sa.bindparam("this_id"), jobs.c.lease == sa.bindparam("this_lease"))
_MINE = sa.update(jobs).where(*_IS_MINE)
_MY_LEASE = sa.select(jobs.c.lease_until, jobs.c.cancelled).where(*_IS_MINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job and the lease under which it may be saved."""

    job: Job
    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What is due, and when more will be, as far as that is known."""

    rows: Sequence[Waiting]
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is left to do: unfinished jobs by endpoint and status, and the rows that wait for a step.

    `due` rows are due and nobody works on them, the oldest for `oldest_due_s` seconds.
    """

    unfinished: Mapping[tuple[str, JobStatus], int]
    due: int
    oldest_due_s: float


class Queue:
    """The due rows of a database. Raises StorageError where that cannot be used.

    Leases run on `lease_clock`: real time, whatever clock says when a row is due.
    """

    def __init__(self, database: Database, lease_clock: Callable[[], datetime]) -> None:
        self._database = database
        self._lease_clock = lease_clock
        self.observer: Observer = NOBODY

    async def due(self, now: datetime, most: int = MOST) -> Agenda:
        """What waits for a step, in turns among members, at most so much of each kind.

        A member's rows are in the order in which they fell due; of those that waited while nobody
        worked, the oldest job comes first.
        """
        times = self._times(now) | {"left_behind": now - CAUGHT_UP, "most": most}
        times["overdue"] = now - SUBMIT_PATIENCE

        def work(db: sa.Connection) -> Agenda:
            rows = tuple(_waiting(*row) for row in db.execute(_DUE, times))
            return Agenda(rows=rows, next_at=db.execute(_NEXT_DUE, times).scalar_one_or_none())

        return await self._database.run(work)

    async def claim(self, ids: Collection[str], *, now: datetime, lease_s: float) -> list[Claim]:
        """Take these rows for `lease_s` seconds, in this order; those that are due and free."""
        lease, wanted = uuid4().hex, {**self._times(now), "ids": list(ids)}
        until = self._lease_clock() + timedelta(seconds=lease_s)

        def work(db: sa.Connection) -> list[Claim]:
            found = {row.id: row for row in db.execute(_CHOSEN, wanted)}
            if found:
                db.execute(_TAKE, {"ids": list(found), "lease": lease, "lease_until": until})
            rows = [found[job_id] for job_id in ids if job_id in found]
            jobs_read = [self._claimed(db, row, now) for row in rows]
            return [Claim(job=job, lease=lease) for job in jobs_read if job]

        return await self._database.run(work)

    def _times(self, now: datetime) -> dict[str, Any]:
        real_now = self._lease_clock()
        return {
            "now": now,
            "at_last": now + LONGEST_WAIT,
            "real_now": real_now,
            "no_lease": real_now + LONGEST_LEASE,
        }

    def _claimed(self, db: sa.Connection, row: Any, now: datetime) -> Job | None:  # noqa: ANN401 - typed by its query
        """The job of a row just claimed; None, and it is put off, where it cannot be read."""
        this = sa.update(jobs).where(jobs.c.id == row.id)
        try:
            job = job_of(row)
        except StorageError:
            log.exception("job %s: its row cannot be read by this version, and waits", row.id)
            self.observer.unreadable(row.id)
            later = now + UNREADABLE_FOR
            db.execute(this.values(due_at=later, redraw=False, lease=None))
            return None
        if row.redraw:  # it stays owed until it is saved, whatever becomes of this claim
            job = replace(job, due_at=job.due_at or now)
            db.execute(this.values(redraw=False, **columns(job)))
        return job

    async def recall(self, now: datetime) -> int:
        """Let what was put away unfinished, as older versions did, be due; how many rows."""
        is_put_away = jobs.c.status.in_(UNFINISHED) & jobs.c.due_at.is_(None)
        row = sa.update(jobs).where(is_put_away).values(due_at=now)
        return await self._database.run(lambda db: db.execute(row).rowcount)

    async def renew(self, claim: Claim, *, lease_s: float) -> None:
        """Hold the claim for that long from now; LeaseLost where somebody else has the row."""
        until = self._lease_clock() + timedelta(seconds=lease_s)
        await self._database.run(lambda db: _set(db, claim, lease_until=until))

    async def check(self, claim: Claim, *, lease_s: float) -> None:
        """Nothing where the row is ours for half of that time at least; LeaseLost where it is not.

        So it is, too, of a row that was cancelled since, which is let go of.
        """
        now = self._lease_clock()

        def work(db: sa.Connection) -> bool:
            found = db.execute(_MY_LEASE, _this(claim)).one_or_none()
            if found is None:
                raise LeaseLost(f"job {claim.job.id}: its lease is gone")
            is_cancelled = found.cancelled and not claim.job.is_cancelled
            if is_cancelled:
                _set(db, claim, lease=None)
            elif found.lease_until < now + timedelta(seconds=lease_s / 2):
                _set(db, claim, lease_until=now + timedelta(seconds=lease_s))
            return is_cancelled

        if await self._database.run(work):
            raise LeaseLost(f"job {claim.job.id}: it was cancelled meanwhile")

    async def release(self, claim: Claim) -> None:
        """Let go of the row as it stands; nothing where somebody else has it."""
        let_go = {**_this(claim), "lease": None}
        await self._database.run(lambda db: db.execute(_MINE, let_go).rowcount)

    async def save(self, claim: Claim, job: Job) -> None:
        """Write the job back and let go of it; LeaseLost where somebody else has the row."""
        await self._database.run(lambda db: write(db, claim, job, lease=None))

    async def keep(self, claim: Claim, job: Job) -> Claim:
        """Write the job back without letting go; the claim on what is there now."""
        await self._database.run(lambda db: write(db, claim, job, lease=claim.lease))
        return replace(claim, job=job)

    async def backlog(self, now: datetime) -> Backlog:
        """How much is left to do."""
        kinds = (jobs.c.endpoint_id, jobs.c.status)
        unfinished = (
            sa.select(*kinds, sa.func.count()).where(jobs.c.status.in_(UNFINISHED)).group_by(*kinds)
        )
        waiting = sa.select(sa.func.count(), sa.func.min(jobs.c.due_at)).where(_IS_DUE, _IS_UNHELD)
        times = self._times(now)

        def work(db: sa.Connection) -> Backlog:
            counts = {(row[0], JobStatus(row[1])): row[2] for row in db.execute(unfinished)}
            due, oldest = db.execute(waiting, times).one()
            oldest_s = (now - oldest).total_seconds() if oldest else 0.0
            return Backlog(unfinished=counts, due=due, oldest_due_s=oldest_s)

        return await self._database.run(work)


def beat(db: sa.Connection, key: str, now: datetime) -> None:
    """Note a life sign; where the last one is of later, what is due goes back with the clock."""
    query = sa.select(notes.c.value).where(notes.c.key == key)
    last = db.execute(query).scalar_one_or_none()
    with suppress(ValueError):  # no time of ours
        if last and (back := datetime.fromisoformat(last) - now) > APART:
            _set_back(db, now, back)
    write_note(db, key, now.isoformat())


def _set_back(db: sa.Connection, now: datetime, by: timedelta) -> None:
    now_us, by_us = sa.type_coerce(now, Utc), sa.literal(by // timedelta(microseconds=1))
    sooner = sa.type_coerce(jobs.c.due_at, sa.BigInteger) - by_us
    due_at = sa.case((sooner > now_us, sooner), else_=now_us)
    db.execute(sa.update(jobs).where(jobs.c.due_at > now).values(due_at=due_at))


def _waiting(job_id: str, kind: str, member: int, channel: int | None, host: str | None) -> Waiting:
    return Waiting(job_id, _KINDS.get(kind, Kind.LOOK), member, channel, host)


def _this(claim: Claim) -> dict[str, Any]:
    return {"this_id": claim.job.id, "this_lease": claim.lease}


def _set(db: sa.Connection, claim: Claim, **values: Any) -> None:  # noqa: ANN401 - of columns
    if db.execute(_MINE, {**_this(claim), **values}).rowcount != 1:
        raise LeaseLost(f"job {claim.job.id}: its lease is gone")


def write(db: sa.Connection, claim: Claim, job: Job, *, lease: str | None) -> None:
    """Write a claimed row; LeaseLost where somebody else has it."""
    _set(db, claim, lease=lease, **columns(job))
    index(db, job, claim.job)
    learn(db, claim.job, job)
