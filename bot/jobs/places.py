"""How many jobs may stand at the service at once, of all processes together, and whose turn is next.

Whoever finds no place waits in line here; members take turns. A job that ends, or is lost in a
crash, has left its place by what its row says.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa

from bot.jobs.database import Database
from bot.jobs.forgetting import free
from bot.jobs.job import Job, JobStatus
from bot.jobs.queue import Claim, write
from bot.jobs.tables import IS_IN_LINE, jobs
from bot.jobs.turns import Order

AT_SERVICE = frozenset({JobStatus.SUBMITTING, JobStatus.RUNNING})
LOCK = 3  # on the places, apart from those on members
# Who is not looked at again for longer is not in line, but in trouble: nobody waits for that.
LONGEST = timedelta(minutes=10)
LATE = timedelta(hours=1)  # so much longer than it may, a job is taken to stand at the service
REMEMBERED = timedelta(days=1)  # a member's last turn
FEW = 1000  # a line that is not longer is read at each look
SELDOM = 20.0  # a longer one is read again after so many times what it took

# A row that nobody can read never ends, and does not keep its place for ever.
_BEGUN_AT = sa.func.coalesce(jobs.c.begun_at, jobs.c.created_at)
_STANDING = sa.select(sa.func.count()).where(
    jobs.c.status.in_(AT_SERVICE), sa.bindparam("since", type_=jobs.c.begun_at.type) < _BEGUN_AT
)
_LINE = (
    sa.select(jobs.c.id, jobs.c.user_id)
    .where(IS_IN_LINE, jobs.c.due_at <= sa.bindparam("at_last"))
    .order_by(jobs.c.created_at, jobs.c.id)
)
_LAST_TURNS = (
    sa.select(jobs.c.user_id)
    .where(jobs.c.created_at > sa.bindparam("lately"), jobs.c.begun_at.is_not(None))
    .order_by(jobs.c.begun_at)
)


@dataclass(frozen=True, slots=True)
class _Line:
    """Those that waited as it was read, and who has left it since as far as this process knows."""

    order: Order
    until: float = 0.0  # by the steady clock it is good
    left: set[str] = field(default_factory=set)

    def first(self, number: int) -> list[str]:
        """Who is next, so many of them."""
        return [*islice((each for each in self.order if each not in self.left), number)]


class Places:
    """So many places; None: any number. Raises StorageError."""

    def __init__(self, database: Database, most: int | None, timeout: timedelta) -> None:
        self._database = database
        self.most = most
        self._lasting = timeout + LATE
        self._going: set[str] = set()  # of this process, and may stand there in a moment
        self._line = _Line(Order((), ()))

    @asynccontextmanager
    async def asked(self, job: Job, now: datetime) -> AsyncIterator[int]:
        """The job's place in line; 0 where it may go, and enter before the block ends."""
        place = 0 if self.most is None else await self._place(job, now)
        if place:
            yield place
            return
        self._going.add(job.id)
        try:
            yield 0
        finally:
            self._going.discard(job.id)

    async def _place(self, job: Job, now: datetime) -> int:
        def work(db: sa.Connection) -> int:
            line = self._line_at(db, now)
            place = line.order.place(job.id, job.origin.user_id) - len(line.left)
            return place - self._free(db, now)

        return max(0, await self._database.run(work) + len(self._going))

    async def enter(self, claim: Claim, job: Job, now: datetime) -> Claim | None:
        """Write the job, which stands at the service from then on; None where there is no place."""
        begun = replace(job, line=None, begun_at=now)

        def work(db: sa.Connection) -> bool:
            if self.most is not None:
                if db.dialect.name == "postgresql":  # whoever enters sees who has entered
                    db.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK, 0)))
                if self._free(db, now) <= 0:
                    return False
            write(db, claim, begun, lease=claim.lease)
            return True

        has_entered = await self._database.run(work)
        self._going.discard(job.id)
        if has_entered and job.id in self._line.order:
            self._line.left.add(job.id)
        return replace(claim, job=begun) if has_entered else None

    async def call(self, now: datetime) -> None:
        """Let those be due whose turn it is, as far as there are places."""

        def work(db: sa.Connection) -> None:
            if (places := self._free(db, now)) > 0 and (
                first := self._line_at(db, now).first(places)
            ):
                waits = (jobs.c.id.in_(first), IS_IN_LINE, jobs.c.due_at > now)
                called = free(sa.select(jobs.c.id).where(*waits))
                db.execute(sa.update(jobs).where(jobs.c.id.in_(called)).values(due_at=now))

        if self.most is not None:
            await self._database.run(work)

    def are_freed(self, before: Job, after: Job) -> bool:
        """Whether somebody who waits may take the place of the job, which has left it."""
        has_left = before.status in AT_SERVICE and after.status not in AT_SERVICE
        return self.most is not None and has_left

    def _free(self, db: sa.Connection, now: datetime) -> int:
        standing = db.execute(_STANDING, {"since": now - self._lasting}).scalar_one()
        return max(0, (self.most or 0) - standing)

    def _line_at(self, db: sa.Connection, now: datetime) -> _Line:
        """Those that wait; where they are many, as it was a moment ago."""
        began = time.monotonic()
        if began < self._line.until:
            return self._line
        waiting = [(row.id, row.user_id) for row in db.execute(_LINE, {"at_last": now + LONGEST})]
        lately = db.execute(_LAST_TURNS, {"lately": now - REMEMBERED}).scalars()
        order, ended = Order(waiting, lately), time.monotonic()
        until = ended + SELDOM * (ended - began) if len(order) > FEW else began
        self._line = _Line(order, until)
        return self._line
