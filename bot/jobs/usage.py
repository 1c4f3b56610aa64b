"""What a member has under way and has spent, counted in the transaction that adds one more row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from bot.jobs.job import TERMINAL, Job
from bot.jobs.tables import columns, jobs

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
            "a_day_ago": job.created_at - timedelta(days=1),
        },
    ).one()
    if seen.known:
        return False
    cost = job.request.credits or 0.0
    allow(Usage(unfinished=seen.unfinished, credits=seen.credits, cost=cost))
    db.execute(_INSERT, {"id": job.id, **columns(job)})
    return True


def _usage() -> sa.Select[int, int, float]:
    mine = jobs.c.user_id == sa.bindparam("user_id")
    known = sa.select(sa.func.count()).where(jobs.c.origin_key == sa.bindparam("origin_key"))
    unfinished = sa.select(sa.func.count()).where(
        mine, jobs.c.status.not_in(TERMINAL), jobs.c.created_at > sa.bindparam("lately")
    )
    spent = sa.select(sa.func.coalesce(sa.func.sum(jobs.c.credits), 0.0)).where(
        mine, jobs.c.created_at > sa.bindparam("a_day_ago")
    )
    return sa.select(
        known.scalar_subquery().label("known"),
        unfinished.scalar_subquery().label("unfinished"),
        spent.scalar_subquery().label("credits"),
    )


# Both are built once: a burst of commands waits for them.
_USAGE, _INSERT = _usage(), sa.insert(jobs)
