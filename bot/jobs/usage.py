"""What a member has under way and has spent, counted in the transaction that adds one more row."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs.job import TERMINAL, Job
from bot.jobs.tables import ROW, columns, index, job_of, jobs, spent

SPENT_FOR = timedelta(days=1)  # a quota is one of 24 hours
_WAITED_TOO_LONG = timedelta(hours=2)  # a job this old no longer counts against its member


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a member has under way and has spent, and what one more job costs, in credits."""

    unfinished: int
    credits: float
    cost: float = 0.0


def insert(db: sa.Connection, job: Job, allow: Callable[[Usage], None]) -> bool:
    """Put a new row there that `allow` does not refuse; False where its origin is known already."""
    if db.dialect.name == "postgresql":
        # Two requests of one member, each in a transaction of its own, must see each other.
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(job.origin.user_id)))
    seen = db.execute(
        _USAGE,
        {
            "user_id": job.origin.user_id,
            "origin_key": job.origin.key,
            "lately": job.created_at - _WAITED_TOO_LONG,
            "a_day_ago": job.created_at - SPENT_FOR,
        },
    ).one()
    if seen.known:
        return False
    cost = job.request.credits or 0.0
    allow(Usage(unfinished=seen.unfinished, credits=seen.credits, cost=cost))
    db.execute(_INSERT, {"id": job.id, **columns(job)})
    index(db, job)
    return True


def remember(db: sa.Connection, ids: Sequence[str], now: datetime) -> None:
    """Keep what these jobs have cost for the rest of their day: their rows are about to go."""
    a_day_ago = now - SPENT_FOR
    db.execute(sa.delete(spent).where(spent.c.at <= a_day_ago))
    lately = sa.select(jobs.c.id, jobs.c.user_id, jobs.c.credits, jobs.c.created_at).where(
        jobs.c.id.in_(ids), jobs.c.credits > 0, jobs.c.created_at > a_day_ago
    )
    db.execute(sa.insert(spent).from_select(["job_id", "user_id", "credits", "at"], lately))


def input_bytes(db: sa.Connection, user_id: int, since: datetime) -> int:
    """How large the pictures are that the member's rows since then name, each counted once."""
    mine = sa.select(*ROW).where(jobs.c.user_id == user_id, jobs.c.created_at > since)
    sizes: dict[str, int] = {}
    for row in db.execute(mine):
        with suppress(StorageError):  # a row that cannot be read is somebody else's trouble
            files = [wanted.stored for wanted in job_of(row).request.inputs]
            sizes |= {file.key: file.size_bytes for file in files if file}
    return sum(sizes.values())


def _usage() -> sa.Select[int, int, float]:
    mine = jobs.c.user_id == sa.bindparam("user_id")
    known = sa.select(sa.func.count()).where(jobs.c.origin_key == sa.bindparam("origin_key"))
    unfinished = sa.select(sa.func.count()).where(
        mine, jobs.c.status.not_in(TERMINAL), jobs.c.created_at > sa.bindparam("lately")
    )
    kept = sa.select(sa.func.coalesce(sa.func.sum(jobs.c.credits), 0.0)).where(
        mine, jobs.c.created_at > sa.bindparam("a_day_ago")
    )
    forgotten = sa.select(sa.func.coalesce(sa.func.sum(spent.c.credits), 0.0)).where(
        spent.c.user_id == sa.bindparam("user_id"), spent.c.at > sa.bindparam("a_day_ago")
    )
    return sa.select(
        known.scalar_subquery().label("known"),
        unfinished.scalar_subquery().label("unfinished"),
        (kept.scalar_subquery() + forgotten.scalar_subquery()).label("credits"),
    )


# Both are built once: a burst of commands waits for them.
_USAGE, _INSERT = _usage(), sa.insert(jobs)
