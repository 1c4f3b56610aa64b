"""The job table: rows, and the transactions around them.

A row is written in three ways. `add` puts it there. A worker claims it, and may save it as long as
its lease lasts (`queue.py`). `change` overrules whoever holds the lease: it is for what must be
recorded whatever happened meanwhile.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.errors import StorageError
from bot.jobs.added import Added
from bot.jobs.clocks import APART, Clocks
from bot.jobs.database import Database
from bot.jobs.drafts import Drafts
from bot.jobs.durations import Durations
from bot.jobs.forgetting import Forgetting, free
from bot.jobs.history import History
from bot.jobs.house import House
from bot.jobs.job import Job, Origin
from bot.jobs.known import Known
from bot.jobs.leaving import Leaving
from bot.jobs.ledger import Ledger
from bot.jobs.limits import Quota, Usage
from bot.jobs.overview import Overview, overview
from bot.jobs.places import Places
from bot.jobs.queue import Queue, beat
from bot.jobs.rows import ANOTHERS, CANCEL, change, load, named_by, refused
from bot.jobs.tables import (
    ROW,
    job_of,
    jobs,
    notes,
    write_note,
)
from bot.jobs.usage import input_bytes, insert, usage_of

T = TypeVar("T")


PAGE = 200  # rows read in one transaction
STUDIO_IDS = 1  # locks on the service's ids, apart from those on members


class JobStore:
    """Jobs on SQLite or PostgreSQL. Raises StorageError where the database cannot be used."""

    def __init__(
        self, database: Database, lease_clock: Callable[[], datetime] | None = None
    ) -> None:
        self._database = database
        self._clocks = Clocks()  # of leases: nobody moves it but the database
        self._lease_clock = lease_clock or self._clocks.now
        self.queue = Queue(database, self._lease_clock)
        self.forgetting = Forgetting(database)
        self.durations = Durations(database)
        self.drafts = Drafts(database)
        self.history = History(database)
        self.leaving = Leaving(database)
        self.house = House(database)
        self.added = Added(database)
        self.ledger = Ledger(database)
        self.known = Known(self._clocks.steady if lease_clock is None else lease_clock)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, lease_clock: Callable[[], datetime] | None = None
    ) -> AsyncIterator["JobStore"]:
        """A store on the database at `url`, with its tables; SetupError for a newer one."""
        async with Database.open(url) as database:
            yield cls(database, lease_clock)

    async def add(
        self,
        job: Job,
        allow: Callable[[Usage], None],
        *,
        totals: bool = False,
        quotas: Sequence[Quota] = (),
    ) -> bool:
        """Put a new row there; False where its origin is known already.

        `allow` sees the member's usage in the same transaction, and raises to refuse; `totals`:
        what all members together have used, too. The quotas are held beside it.
        """

        def work(db: sa.Connection) -> bool:
            return insert(db, job, allow, totals=totals, quotas=quotas)

        if not await self._added(work):
            return False
        self.known.took(job.id)
        return True

    async def add_again(
        self,
        source_id: str,
        make: Callable[[Job | None], Job],
        allow: Callable[[Usage], None],
        *,
        totals: bool = False,
        quotas: Sequence[Quota] = (),
    ) -> Job | None:
        """The row that was made of another one, all in one transaction; None, and raises, as `add`."""

        def work(db: sa.Connection) -> Job | None:
            job = make(load(db, source_id))
            return job if insert(db, job, allow, totals=totals, quotas=quotas) else None

        job = await self._added(work)
        if job:
            self.known.took(job.id)
        return job

    async def _added(self, work: Callable[[sa.Connection], T]) -> T | None:
        try:
            return await self._database.run(work)
        except StorageError as error:
            if isinstance(error.__cause__, IntegrityError):
                return None
            raise

    async def has_run(self, origin: Origin, since: datetime) -> bool:
        """Whether a row was made of this event since then, though it may have ended already.

        An ended reaction frees its key for the next one.
        """
        key = jobs.c.origin_key
        query = sa.select(jobs.c.id).where(
            jobs.c.user_id == origin.user_id,
            jobs.c.created_at >= since,
            sa.or_(key == origin.key, key.startswith(f"{origin.key}:", autoescape=True)),
        )
        return await self._database.run(lambda db: db.execute(query).first() is not None)

    def places(self, most: int | None, timeout: timedelta) -> Places:
        """The places at the service, where a job may stay for so long."""
        return Places(self._database, most, timeout)

    async def input_bytes(self, user_id: int, since: datetime) -> int:
        """How large the pictures are that the member's rows since then name."""
        return await self._database.run(lambda db: input_bytes(db, user_id, since))

    async def refuse(self, refusal: Job) -> Job:
        """Put a closed row there, so that nothing comes of its event; the row that is there then.

        A row of the same id that waits for its reply is closed, unless somebody looks into it.
        """

        def work(db: sa.Connection) -> Job:
            return refused(db, refusal, self._lease_clock())

        try:
            return await self._database.run(work)
        except StorageError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
        return await self._database.run(work)  # it was committed just now

    async def get(self, job_id: str) -> Job | None:
        """The job, or None."""
        return await self._database.run(lambda db: load(db, job_id))

    async def seen_by(
        self,
        user_id: int,
        job_id: str,
        now: datetime,
        *,
        totals: bool = False,
        quotas: Sequence[Quota] = (),
    ) -> tuple[Job | None, Usage]:
        """The job, or None; and what who looks at it has under way and has spent.

        `totals`: what all members together have, too. And what is left of the quotas.
        """

        def work(db: sa.Connection) -> tuple[Job | None, Usage]:
            return load(db, job_id), usage_of(db, user_id, now, totals=totals, quotas=quotas)

        return await self._database.run(work)

    async def overview(self, now: datetime) -> Overview:
        """What the owner sees of all jobs."""
        return await self._database.run(lambda db: overview(db, now))

    async def overview_here(self, server: int, now: datetime) -> Overview:
        """What is to be seen of the jobs that were asked for in a server."""
        return await self._database.run(lambda db: overview(db, now, server))

    async def find(self, name: str) -> list[str]:
        """The ids of the jobs that begin so, two at most; or of the one that the service calls so."""
        begins_so = jobs.c.id.startswith(name, autoescape=True)
        query = sa.select(jobs.c.id).where(begins_so | (jobs.c.studio_id == name)).limit(2)
        return await self._database.run(lambda db: list(db.execute(query).scalars()))

    async def by_message(self, message_id: int) -> Job | None:
        """The job that one of our messages in Discord belongs to, or None."""

        def work(db: sa.Connection) -> Job | None:
            found = named_by(db, message_id)
            return load(db, found) if found else None

        return await self._database.run(work)

    async def change(self, job_id: str, edit: Callable[[Job], Job]) -> Job | None:
        """Rewrite a row whoever holds it, and end that claim; None where there is no such row.

        Where `edit` gives the job back as it is, nobody loses a claim.
        """
        return await self._database.run(lambda db: change(db, job_id, edit))

    async def cancel(self, job_id: str, end: Callable[[Job], Job]) -> Job | None:
        """Note, beside whoever holds the row, that who asked wants the job no more; the row then.

        `end` is as the edit of `change`: it gives the row that ends here, or one that goes on as it
        is. None where there is no such row.
        """

        def work(db: sa.Connection) -> Job | None:
            job = change(db, job_id, end)
            if job is None or job.is_cancelled:
                return job
            db.execute(CANCEL, {"this_id": job_id})
            return replace(job, is_cancelled=True)

        return await self._database.run(work)

    async def record(
        self, job_id: str, studio_id: str, edit: Callable[[Job, bool], Job]
    ) -> Job | None:
        """As `change`, once the service gave this id; `edit` is told whether another row has it."""

        def work(db: sa.Connection) -> Job | None:
            if db.dialect.name == "postgresql":  # whoever is given the same id waits for this one
                key = sa.func.hashtext(studio_id)
                db.execute(sa.select(sa.func.pg_advisory_xact_lock(STUDIO_IDS, key)))
            given = {"studio_id": studio_id, "this_id": job_id}
            is_anothers = db.execute(ANOTHERS, given).first() is not None
            return change(db, job_id, lambda job: edit(job, is_anothers))

        return await self._database.run(work)

    async def redraw(self, job_id: str) -> None:
        """Make the row due for one more rendering, beside whoever holds it."""
        await self._execute(sa.update(jobs).where(jobs.c.id == job_id).values(redraw=True))

    async def drop_grants(self, before: datetime) -> int:
        """Forget the interaction tokens that ended before then; how many there were."""
        over = sa.select(jobs.c.id).where(jobs.c.grant_until < before)
        row = sa.update(jobs).where(jobs.c.id.in_(free(over)))
        return await self._execute(row.values(grant=None, grant_until=None))

    async def _page(self, after: str) -> list[tuple[str, Job]]:
        page = sa.select(jobs.c.id, *ROW).where(jobs.c.id > after).order_by(jobs.c.id).limit(PAGE)
        return await self._database.run(
            lambda db: [(row.id, job_of(row)) for row in db.execute(page)]
        )

    async def note(self, key: str) -> str | None:
        """What `write_note` kept under this key, or None."""
        query = sa.select(notes.c.value).where(notes.c.key == key)
        return await self._database.run(lambda db: db.execute(query).scalar_one_or_none())

    async def beat(self, key: str, now: datetime) -> None:
        """Keep a life sign; what is due goes back with a clock that went back since the last one."""
        await self._database.run(lambda db: beat(db, key, now))

    async def time(self) -> datetime | None:
        """What a database that processes share says it is; None of a file."""
        return await self._database.time()

    async def keep_time(self, clocks: Clocks) -> None:
        """Let them, and leases, go by the database's time where processes share it; else by the wall's."""
        began = clocks.steady()
        right = await self.time()
        took = clocks.steady() - began
        if right is None:
            clocks.follow(clocks.wall())
        elif took < APART:  # a late answer says little
            clocks.follow(right + took / 2)
            self._clocks.set(right + took / 2)

    async def write_note(self, key: str, value: str) -> None:
        """Keep a short text that must outlive a restart."""
        await self._database.run(lambda db: write_note(db, key, value))

    async def _execute(self, statement: sa.Update | sa.Delete) -> int:
        return await self._database.run(lambda db: db.execute(statement).rowcount)
