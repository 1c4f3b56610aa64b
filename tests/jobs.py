"""Jobs for tests: every argument has a default."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bot.jobs.job import Grant, Job, JobStatus, Origin, OriginKind
from bot.jobs.kinds import KINDS, Kind
from bot.jobs.limits import Usage
from bot.jobs.queue import Claim
from bot.jobs.request import FieldKind, Input, Request, Value
from bot.jobs.store import JobStore

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALL = tuple(JobStatus)


@dataclass
class HandClock:
    """A clock that a test moves by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def steady_s(self) -> float:
        return (self.now - NOON).total_seconds()


def anything(_usage: Usage) -> None:
    """Refuses nothing."""


async def add(store: JobStore, job: Job) -> Job:
    """Put the job into the table."""
    assert await store.add(job, anything)
    return job


async def take(
    store: JobStore, statuses: Collection[JobStatus], *, now: datetime, lease_s: float, limit: int
) -> list[Claim]:
    """Claim rows of these statuses that are due, up to so many, whoever's they are."""
    kinds = {KINDS.get(status, Kind.CONCLUDE) for status in statuses}
    if JobStatus.ACCEPTED in statuses:
        kinds.add(Kind.BEGIN)
    agenda = await store.queue.due(now)
    ids = [row.id for row in agenda.rows if row.kind in kinds][:limit]
    return await store.queue.claim(ids, now=now, lease_s=lease_s)


def plans_of(store: JobStore, *, are_many: bool = False) -> list[str]:
    """How the database carries out what it is asked from now on; PostgreSQL, as if rows were many.

    `are_many`: they are.
    """
    plans: list[str] = []
    engine = store._database._engine
    how = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"

    def explain(_db: object, cursor: Any, text: str, given: Any, *_more: object) -> None:
        if text.startswith(("SELECT", "UPDATE", "DELETE")):
            if how == "EXPLAIN" and not are_many:
                cursor.execute("SET LOCAL enable_seqscan = off")
            rows = cursor.execute(f"{how} {text}", given).fetchall()
            plans.extend(row[-1] for row in rows)

    sa.event.listen(engine, "before_cursor_execute", explain)
    return plans


def make_origin(**changes: Any) -> Origin:
    event_id = changes.get("event_id", uuid4().int >> 66)
    given: dict[str, Any] = {
        "kind": OriginKind.COMMAND,
        "key": f"interaction:{event_id}",
        "event_id": event_id,
        "user_id": 7,
        "channel_id": 30,
        "guild_id": 3,
        "file_limit_bytes": 10 * 2**20,
    }
    return Origin(**(given | changes))


def make_request(**changes: Any) -> Request:
    given: dict[str, Any] = {
        "endpoint_id": "PrOhEE",
        "endpoint_name": "CNY-SnakeYear",
        "command": "cny-snakeyear",
        "cover_url": "https://example.com/cover.png",
        "credits": None,
        "values": (Value(field_id="seed_56", name="seed", kind=FieldKind.SEED, text="20"),),
        "inputs": (
            Input(
                field_id="load_image_22",
                name="image",
                filename="me.png",
                url="https://example.com/me.png",
            ),
        ),
    }
    return Request(**(given | changes))


def make_grant(**changes: Any) -> Grant:
    given: dict[str, Any] = {
        "application_id": 1,
        "token": "a-secret-token",
        "expires_at": NOON + timedelta(minutes=15),
    }
    return Grant(**(given | changes))


def make_job(**changes: Any) -> Job:
    given: dict[str, Any] = {
        "id": uuid4().hex,
        "status": JobStatus.ACCEPTED,
        "origin": changes.pop("origin", None) or make_origin(),
        "request": make_request(),
        "created_at": NOON,
        "changed_at": NOON,
        "due_at": NOON,
    }
    return Job(**(given | changes))
