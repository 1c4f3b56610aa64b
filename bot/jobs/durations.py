"""How long the jobs of each endpoint took of late: one small row an endpoint, the newest job last."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.dialects import postgresql, sqlite

from bot.jobs.database import Database
from bot.jobs.job import Job, JobStatus
from bot.jobs.progress import Took
from bot.jobs.recent import Latest
from bot.jobs.tables import durations

MOST = 48  # jobs of an endpoint that are remembered
ENOUGH = 5  # fewer say nothing
IN_A_ROW = 3  # so many that are unlike all before mean that the workflow is another one
LIKE = 1.1  # so much longer or shorter than any before is still like them
READ_AGAIN = timedelta(seconds=10)
ENDPOINTS = 256  # whose jobs' durations are kept in memory

Known = tuple[Took, ...]

_KNOWN: TypeAdapter[Known] = TypeAdapter(Known)


class Durations:
    """What the table says; StorageError where that cannot be read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: Latest[str, tuple[datetime, Known]] = Latest(ENDPOINTS)

    async def of(self, endpoint_id: str, now: datetime) -> Known:
        """How long the endpoint's jobs took, as it was a few seconds ago."""
        read_at, known = self._read.get(endpoint_id, (None, ()))
        if read_at and timedelta() <= now - read_at < READ_AGAIN:
            return known
        known = await self._database.run(lambda db: _load(db, endpoint_id))
        self._read.put(endpoint_id, (now, known))
        return known


def learn(db: sa.Connection, before: Job, job: Job) -> None:
    """Remember how long the job took, where the service has just ended it."""
    took = job.progress.took if job.progress else None
    is_new = before.status is JobStatus.RUNNING and job.status is not JobStatus.RUNNING
    if took is None or not is_new:
        return
    known = with_one(_load(db, job.request.endpoint_id, lock=True), took)
    written = {"endpoint_id": job.request.endpoint_id, "known": _KNOWN.dump_json(known).decode()}
    db.execute(_WRITE[db.dialect.name], written)


def with_one(known: Known, took: Took) -> Known:
    """What is known with one more; no more than the newest where the workflow has changed."""
    known = (*known, took)[-MOST:]
    return known[-IN_A_ROW:] if strangers(known) == IN_A_ROW else known


def strangers(known: Known) -> int:
    """How many of the newest worked for a time unlike any before."""
    older = [each.processing_s for each in known[:-IN_A_ROW]]
    if len(older) < ENOUGH:
        return 0
    low, high = min(older) / LIKE, max(older) * LIKE
    return sum(not low <= each.processing_s <= high for each in known[-IN_A_ROW:])


def _load(db: sa.Connection, endpoint_id: str, *, lock: bool = False) -> Known:
    query = _LOCKED if lock else _OF
    found = db.execute(query, {"this_id": endpoint_id}).scalar_one_or_none()
    try:
        return _KNOWN.validate_json(found) if found else ()
    except ValidationError:
        return ()  # it is learned anew


_OF = sa.select(durations.c.known).where(durations.c.endpoint_id == sa.bindparam("this_id"))
_LOCKED = _OF.with_for_update()
_SQLITE, _POSTGRESQL = sqlite.insert(durations), postgresql.insert(durations)
_KEY = ("endpoint_id",)
_WRITE = {
    "sqlite": _SQLITE.on_conflict_do_update(_KEY, set_={"known": _SQLITE.excluded.known}),
    "postgresql": _POSTGRESQL.on_conflict_do_update(
        index_elements=_KEY, set_={"known": _POSTGRESQL.excluded.known}
    ),
}
