"""The limits that are set in Discord: counted and held as one more row is added, beside `.env`'s."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.jobs.counting import EVERYWHERE, HERE, Count, given
from bot.jobs.job import Job
from bot.jobs.limits import (
    OF_CREDITS,
    Left,
    Measure,
    Quota,
    Reached,
    hold,
)

SERVERS = 4  # locks on what all members of a server have, apart from those on members


def lock(db: sa.Connection, quotas: Sequence[Quota]) -> None:
    """Let whoever shares a server's quota be counted one after the other, on PostgreSQL."""
    for quota in quotas:
        if quota.is_here and quota.is_shared:
            key = sa.func.hashtext(str(quota.server))
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(SERVERS, key)))


def check(db: sa.Connection, job: Job, quotas: Sequence[Quota]) -> None:
    """Nothing, or Refused: what one more such job would be over, and until when."""
    for quota in quotas:
        about = given(job.origin.user_id, job.created_at, server=quota.server)
        for measure, count in _counts(quota):
            if measure in OF_CREDITS and job.request.credits is None:
                raise Refused(
                    "What this costs is not known, and credits are limited here: it cannot be run"
                    " until the bot's owner names its credits."
                )
            used, cost = db.execute(count.used, about).scalar_one(), job.request.credits or 0.0
            try:
                hold(measure, used, quota.most[measure], cost, is_here=quota.is_here)
            except Reached as reached:
                raise reached.refusal(free_at(db, count, reached.over, about)) from None


def left(db: sa.Connection, user_id: int, now: datetime, quotas: Sequence[Quota]) -> list[Left]:
    """What of each is used now, by the member and by all."""
    found = []
    for quota in quotas:
        about = given(user_id, now, server=quota.server)
        used = {
            measure: db.execute(count.used, about).scalar_one() for measure, count in _counts(quota)
        }
        found.append(Left(quota, used))
    return found


def _counts(quota: Quota) -> list[tuple[Measure, Count]]:
    """What it limits, each with the queries that count it."""
    queries = HERE if quota.is_here else EVERYWHERE
    return [(each, queries[each]) for each in Measure if each in quota.most]


def free_at(
    db: sa.Connection, count: Count, over: float | None, about: Mapping[str, Any]
) -> datetime | None:
    """When so much of what is counted counts no longer, where the oldest rows go first; or None."""
    at = db.execute(count.freed, {**about, "over": over}).scalar_one_or_none()
    return at + count.span if at else None
