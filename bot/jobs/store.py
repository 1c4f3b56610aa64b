"""The job table, which is also the queue: rows, leases, and the transactions around them.

A row is written in three ways. `add` puts it there. A worker claims it, and may `save` it as long
as the lease of that claim is the row's. `change` overrules whoever holds the lease: it is for what
must be recorded whatever happened meanwhile.
"""

import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.errors import LeaseLost, StorageError
from bot.jobs.database import Database
from bot.jobs.job import TERMINAL, Job, JobStatus
from bot.jobs.tables import ROW, columns, job_of, jobs, messages, notes, write_note
from bot.jobs.usage import Usage, insert

log = logging.getLogger(__name__)

T = TypeVar("T")


def utc_now() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job and the lease under which it may be saved."""

    job: Job
    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is left to do: unfinished jobs by endpoint and status, and the rows that wait for a step.

    `due` rows are due and nobody works on them, the oldest for `oldest_due_s` seconds.
    """

    unfinished: Mapping[tuple[str, JobStatus], int]
    due: int
    oldest_due_s: float


class JobStore:
    """Jobs on SQLite or PostgreSQL. Raises StorageError where the database cannot be used.

    Leases run on `lease_clock`: real time, whatever clock says when a row is due.
    """

    def __init__(self, database: Database, lease_clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._lease_clock = lease_clock

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, lease_clock: Callable[[], datetime] = utc_now
    ) -> AsyncIterator["JobStore"]:
        """A store on the database at `url`, with its tables; SetupError for a newer one."""
        async with Database.open(url) as database:
            yield cls(database, lease_clock)

    async def add(self, job: Job, allow: Callable[[Usage], None]) -> bool:
        """Put a new row there; False where its origin is known already.

        `allow` sees the member's usage in the same transaction, and raises to refuse.
        """

        def work(db: sa.Connection) -> bool:
            return insert(db, job, allow)

        return bool(await self._added(work))

    async def add_again(
        self, source_id: str, make: Callable[[Job | None], Job], allow: Callable[[Usage], None]
    ) -> Job | None:
        """The row that was made of another one, all in one transaction; None, and raises, as `add`."""

        def work(db: sa.Connection) -> Job | None:
            job = make(_load(db, source_id))
            return job if insert(db, job, allow) else None

        return await self._added(work)

    async def _added(self, work: Callable[[sa.Connection], T]) -> T | None:
        try:
            return await self._database.run(work)
        except StorageError as error:
            if isinstance(error.__cause__, IntegrityError):
                return None
            raise

    async def get(self, job_id: str) -> Job | None:
        """The job, or None."""
        return await self._database.run(lambda db: _load(db, job_id))

    async def knows(self, origin_key: str) -> bool:
        """Whether there is a row of this origin."""
        query = sa.select(jobs.c.id).where(jobs.c.origin_key == origin_key)
        return await self._database.run(lambda db: db.execute(query).first() is not None)

    async def by_message(self, message_id: int) -> Job | None:
        """The job that one of our messages in Discord belongs to, or None."""

        def work(db: sa.Connection) -> Job | None:
            query = sa.select(messages.c.job_id).where(messages.c.message_id == message_id)
            found = db.execute(query).scalar_one_or_none()
            return _load(db, found) if found else None

        return await self._database.run(work)

    async def claim(
        self, statuses: Collection[JobStatus], *, now: datetime, lease_s: float, limit: int
    ) -> list[Claim]:
        """Take up to `limit` due rows for `lease_s` seconds, those that wait longest first.

        Of those that waited while nobody worked, the oldest job comes first.
        """
        waited = jobs.c.due_at < now - CAUGHT_UP
        due = (
            sa.select(jobs.c.id, *ROW)
            # What is found is looked at once more when it is locked: it may have been done meanwhile.
            .where(jobs.c.id.in_(_found(now)), sa.or_(jobs.c.due_at <= now, jobs.c.redraw))
            .where(self._unheld())
            .where(_UNINDEXED_STATUS.in_(statuses))
            .order_by(sa.case((waited, jobs.c.created_at), else_=jobs.c.due_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        lease = uuid4().hex
        until = self._lease_clock() + timedelta(seconds=lease_s)

        def work(db: sa.Connection) -> list[Claim]:
            rows = db.execute(due).all()
            if rows:
                taken = sa.update(jobs).where(jobs.c.id.in_([row.id for row in rows]))
                db.execute(taken.values(lease=lease, lease_until=until))
            return [Claim(job=job, lease=lease) for row in rows if (job := _claimed(db, row, now))]

        return await self._database.run(work)

    def _unheld(self) -> sa.ColumnElement[bool]:
        return sa.or_(jobs.c.lease.is_(None), jobs.c.lease_until <= self._lease_clock())

    async def renew(self, claim: Claim, *, lease_s: float) -> None:
        """Hold the claim for that long from now; LeaseLost where somebody else has the row."""
        until = self._lease_clock() + timedelta(seconds=lease_s)
        renewal = _leased(claim).values(lease_until=until)
        await self._database.run(lambda db: _check_lease(claim, db.execute(renewal).rowcount))

    async def release(self, claim: Claim) -> None:
        """Let go of the row as it stands; nothing where somebody else has it."""
        await self._execute(_leased(claim).values(lease=None))

    async def save(self, claim: Claim, job: Job) -> None:
        """Write the job back and let go of it; LeaseLost where somebody else has the row."""
        await self._database.run(lambda db: _write(db, claim, job, lease=None))

    async def keep(self, claim: Claim, job: Job) -> Claim:
        """Write the job back without letting go; the claim on what is there now."""
        await self._database.run(lambda db: _write(db, claim, job, lease=claim.lease))
        return replace(claim, job=job)

    async def change(self, job_id: str, edit: Callable[[Job], Job]) -> Job | None:
        """Rewrite a row whoever holds it, and end that claim; None where there is no such row.

        Where `edit` gives the job back as it is, nobody loses a claim.
        """
        return await self._database.run(lambda db: _change(db, job_id, edit))

    async def record(
        self, job_id: str, studio_id: str, edit: Callable[[Job, bool], Job]
    ) -> Job | None:
        """As `change`, once the service gave this id; `edit` is told whether another row has it."""

        def work(db: sa.Connection) -> Job | None:
            if db.dialect.name == "postgresql":  # whoever is given the same id waits for this one
                key = sa.func.hashtext(studio_id)
                db.execute(sa.select(sa.func.pg_advisory_xact_lock(STUDIO_IDS, key)))
            query = sa.select(jobs.c.id).where(jobs.c.studio_id == studio_id, jobs.c.id != job_id)
            is_anothers = db.execute(query.limit(1)).first() is not None
            return _change(db, job_id, lambda job: edit(job, is_anothers))

        return await self._database.run(work)

    async def redraw(self, job_id: str) -> None:
        """Make the row due for one more rendering, beside whoever holds it."""
        await self._execute(sa.update(jobs).where(jobs.c.id == job_id).values(redraw=True))

    async def next_due(self, statuses: Collection[JobStatus]) -> datetime | None:
        """When the next row that nobody holds is due; None where there is none."""
        query = sa.select(sa.func.min(jobs.c.due_at)).where(
            jobs.c.due_at.is_not(None), jobs.c.lease.is_(None), _UNINDEXED_STATUS.in_(statuses)
        )
        return await self._database.run(lambda db: db.execute(query).scalar_one_or_none())

    async def backlog(self, now: datetime) -> Backlog:
        """How much is left to do."""
        kinds = (jobs.c.endpoint_id, jobs.c.status)
        unfinished = (
            sa.select(*kinds, sa.func.count())
            .where(jobs.c.status.in_(frozenset(JobStatus) - TERMINAL))
            .group_by(*kinds)
        )
        waiting = sa.select(sa.func.count(), sa.func.min(jobs.c.due_at)).where(
            jobs.c.due_at <= now, self._unheld()
        )

        def work(db: sa.Connection) -> Backlog:
            counts = {(row[0], JobStatus(row[1])): row[2] for row in db.execute(unfinished)}
            due, oldest = db.execute(waiting).one()
            oldest_s = (now - oldest).total_seconds() if oldest else 0.0
            return Backlog(unfinished=counts, due=due, oldest_due_s=oldest_s)

        return await self._database.run(work)

    async def drop_grants(self, before: datetime) -> int:
        """Forget the interaction tokens that ended before then; how many there were."""
        over = sa.select(jobs.c.id).where(jobs.c.grant_until < before)
        row = sa.update(jobs).where(jobs.c.id.in_(_free(over)))
        return await self._execute(row.values(grant=None, grant_until=None))

    async def prune(self, before: datetime) -> int:
        """Remove the rows that were made before then and have nothing left to do; how many."""
        old = sa.select(jobs.c.id).where(jobs.c.created_at < before, jobs.c.due_at.is_(None))

        def work(db: sa.Connection) -> int:
            ids = db.execute(_free(old.limit(AT_ONCE))).scalars().all()
            db.execute(sa.delete(jobs).where(jobs.c.id.in_(ids)))
            return len(ids)

        removed = 0
        while batch := await self._database.run(work):
            removed += batch
        return removed

    async def stored_keys(self) -> set[str]:
        """The archive's keys of all files that a row still names."""
        keys: set[str] = set()
        last = ""
        while page := await self._page(last):
            keys |= {key for _, job in page for key in job.stored_keys}
            last, _ = page[-1]
        return keys

    async def _page(self, after: str) -> list[tuple[str, Job]]:
        page = sa.select(jobs.c.id, *ROW).where(jobs.c.id > after).order_by(jobs.c.id).limit(PAGE)
        return await self._database.run(
            lambda db: [(row.id, job_of(row)) for row in db.execute(page)]
        )

    async def note(self, key: str) -> str | None:
        """What `write_note` kept under this key, or None."""
        query = sa.select(notes.c.value).where(notes.c.key == key)
        return await self._database.run(lambda db: db.execute(query).scalar_one_or_none())

    async def write_note(self, key: str, value: str) -> None:
        """Keep a short text that must outlive a restart."""
        await self._database.run(lambda db: write_note(db, key, value))

    async def _execute(self, statement: sa.Update | sa.Delete) -> int:
        return await self._database.run(lambda db: db.execute(statement).rowcount)


PAGE = 200  # rows read in one transaction
AT_ONCE = 500  # rows removed in one: whoever waits for SQLite meanwhile has seconds only
# Few rows are due, and many have any one status: due_at is the index to search by.
_UNINDEXED_STATUS = jobs.c.status + ""
STUDIO_IDS = 1  # locks on the service's ids, apart from those on members
CAUGHT_UP = timedelta(seconds=30)  # a row that has been due for longer was left behind


def _found(now: datetime) -> sa.CompoundSelect[str]:
    """The ids of the rows that are due, and of those to be drawn again, each by its own index."""
    redraw: sa.ColumnElement[bool] = sa.literal_column("redraw")  # as the index has it
    due = sa.select(jobs.c.id).where(jobs.c.due_at <= now)
    return due.union(sa.select(jobs.c.id).where(redraw))


def _free(rows: sa.Select[str]) -> sa.Select[str]:
    """Those of many rows that no transaction holds: processes never wait for each other in a ring."""
    return rows.with_for_update(skip_locked=True)


def _claimed(db: sa.Connection, row: Any, now: datetime) -> Job | None:  # noqa: ANN401 - typed by its query
    """The job of a row just claimed; None, and nobody claims it again, where it is unreadable."""
    this = sa.update(jobs).where(jobs.c.id == row.id)
    try:
        job = job_of(row)
    except StorageError:
        log.exception("job %s: its row is left alone", row.id)
        db.execute(this.values(due_at=None, redraw=False, lease=None))
        return None
    if row.redraw:  # it stays owed until it is saved, whatever becomes of this claim
        job = replace(job, due_at=job.due_at or now)
        db.execute(this.values(redraw=False, **columns(job)))
    return job


def _load(db: sa.Connection, job_id: str, *, lock: bool = False) -> Job | None:
    query = sa.select(*ROW).where(jobs.c.id == job_id)
    row = db.execute(query.with_for_update() if lock else query).first()
    return job_of(row) if row else None


def _change(db: sa.Connection, job_id: str, edit: Callable[[Job], Job]) -> Job | None:
    job = _load(db, job_id, lock=True)
    if job is None:
        return None
    edited = edit(job)
    if edited is job:
        return job
    row = sa.update(jobs).where(jobs.c.id == job_id)
    db.execute(row.values(lease=None, **columns(edited)))
    _index_messages(db, edited)
    return edited


def _leased(claim: Claim) -> sa.Update:
    return sa.update(jobs).where(jobs.c.id == claim.job.id, jobs.c.lease == claim.lease)


def _check_lease(claim: Claim, rows: int) -> None:
    if rows != 1:
        raise LeaseLost(f"job {claim.job.id}: its lease is gone")


def _write(db: sa.Connection, claim: Claim, job: Job, *, lease: str | None) -> None:
    result = db.execute(_leased(claim).values(lease=lease, **columns(job)))
    _check_lease(claim, result.rowcount)
    _index_messages(db, job)


def _index_messages(db: sa.Connection, job: Job) -> None:
    ids = job.posted.message_ids
    if not ids:
        return
    query = sa.select(messages.c.message_id).where(messages.c.job_id == job.id)
    known = set(db.execute(query).scalars())
    fresh = [{"message_id": i, "job_id": job.id} for i in ids if i not in known]
    if fresh:
        db.execute(sa.insert(messages), fresh)
