"""What a member and all together have under way and have spent, counted as one more row is added."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs import quotas as set_in_discord
from bot.jobs.counting import ALL, COUNTS, EVERYWHERE, MINE, SPENT_FOR, given
from bot.jobs.job import Job
from bot.jobs.limits import Quota, Reached, Usage
from bot.jobs.quotas import free_at
from bot.jobs.tables import ROW, columns, index, job_of, jobs, spent

_INSERT = sa.insert(jobs)
TOTALS = 2  # a lock on what all members have, apart from those on members
_LOCK_MEMBER = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("member", type_=sa.BigInteger)))
_LOCK_TOTALS = sa.select(sa.func.pg_advisory_xact_lock(TOTALS, 0))


def insert(
    db: sa.Connection,
    job: Job,
    allow: Callable[[Usage], None],
    *,
    totals: bool = False,
    quotas: Sequence[Quota] = (),
) -> bool:
    """Put a new row there that `allow` and the quotas do not refuse; False where its origin is known.

    What all members have spent is counted where `totals` says so. Where `allow` says that a limit
    is reached, Refused says until when.
    """
    if db.dialect.name == "postgresql":
        # Two requests, each in a transaction of its own, must see each other: those of one member,
        # and where they share a limit, of all.
        db.execute(_LOCK_MEMBER, {"member": job.origin.user_id})
        if totals or any(each.is_shared and not each.is_here for each in quotas):
            db.execute(_LOCK_TOTALS)
        set_in_discord.lock(db, quotas)
    about = given(job.origin.user_id, job.created_at, origin_key=job.origin.key)
    usage = _counted(db, about, cost=job.request.credits or 0.0, totals=totals)
    if usage is None:
        return False
    try:
        allow(usage)
    except Reached as reached:
        count = EVERYWHERE[reached.measure]
        raise reached.refusal(free_at(db, count, reached.over, about)) from None
    set_in_discord.check(db, job, quotas)
    db.execute(_INSERT, {"id": job.id, **columns(job)})
    index(db, job)
    return True


def usage_of(
    db: sa.Connection,
    user_id: int,
    now: datetime,
    *,
    totals: bool,
    quotas: Sequence[Quota] = (),
) -> Usage:
    """What the member has now, and all members, where `totals` says so; and of these quotas."""
    found = _counted(db, given(user_id, now), totals=totals)
    usage = found or Usage(unfinished=0, credits=0.0)
    return replace(usage, quotas=tuple(set_in_discord.left(db, user_id, now, quotas)))


def remember(db: sa.Connection, ids: Sequence[str], now: datetime) -> None:
    """Keep what these jobs have cost for the rest of their day: their rows are about to go."""
    a_day_ago = now - SPENT_FOR
    db.execute(sa.delete(spent).where(spent.c.at <= a_day_ago))
    lately = sa.select(
        jobs.c.id, jobs.c.user_id, jobs.c.credits, jobs.c.created_at, jobs.c.guild_id
    )
    lately = lately.where(jobs.c.id.in_(ids), COUNTS, jobs.c.created_at > a_day_ago)
    into = ["job_id", "user_id", "credits", "at", "guild_id"]
    db.execute(sa.insert(spent).from_select(into, lately))


def input_bytes(db: sa.Connection, user_id: int, since: datetime) -> int:
    """How large the pictures are that the member's rows since then name, each counted once."""
    mine = sa.select(*ROW).where(jobs.c.user_id == user_id, jobs.c.created_at > since)
    sizes: dict[str, int] = {}
    for row in db.execute(mine):
        with suppress(StorageError):  # a row that cannot be read is somebody else's trouble
            files = [wanted.stored for wanted in job_of(row).request.inputs]
            sizes |= {file.key: file.size_bytes for file in files if file}
    return sum(sizes.values())


def _counted(
    db: sa.Connection, about: dict[str, object], *, cost: float = 0.0, totals: bool = False
) -> Usage | None:
    """What is used; None where the origin is known already."""
    mine = db.execute(MINE, about).one()
    if mine.known:
        return None
    every = db.execute(ALL, about).one() if totals else None
    return Usage(
        unfinished=mine.unfinished,
        credits=mine.credits,
        cost=cost,
        all_credits=every.credits if every else 0.0,
        all_jobs=every.jobs if every else 0,
    )
