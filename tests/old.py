"""What a job table holds after years: many rows that have ended, put there by one statement each."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.jobs.engines import create_engine
from bot.jobs.job import Job, JobStatus, Output, Posted
from bot.jobs.progress import Progress, Took
from bot.jobs.request import Stored
from bot.jobs.tables import (
    ROW,
    Utc,
    columns,
    drafts,
    durations,
    files,
    jobs,
    messages,
    spent,
)
from tests.jobs import NOON, make_job

MEMBERS = 1000  # who asked for them, in turn
PATIENCE_S = 1800.0  # a million rows take a while
APART = timedelta(minutes=1)
PAGE = (
    sa.select(*ROW)
    .where(jobs.c.user_id == sa.bindparam("user_id"))
    .order_by(jobs.c.created_at.desc())
    .limit(10)
)  # of what a member asked for, the newest first


def delivered() -> Job:
    """A job with two images, as they end."""
    took = Took(queueing_s=2.0, processing_s=20.0)
    progress = Progress(job_id="j", state="succeeded", submitted_at=NOON, ask_at=NOON, took=took)
    copies = [Stored(key=str(n) * 64, size_bytes=2**20, media_type="image/png") for n in (1, 2)]
    url = "https://studio.example/outputs/1.png"
    return make_job(
        status=JobStatus.DELIVERED,
        due_at=None,
        begun_at=NOON,
        progress=progress,
        outputs=tuple(Output(url=url, stored=each, attached=each) for each in copies),
        posted=Posted(message_ids=(1,), shown="0" * 64, reacted=True),
    )


def fill(url: str, count: int) -> None:
    """Put so many old rows into each table of the database at this address."""
    engine = create_engine(url, PATIENCE_S)
    with engine.begin() as db:
        numbers = _numbers(count)
        for table, given in _old(db.dialect.name, numbers.c.number).items():
            rows = sa.select(*given.values()).select_from(numbers)
            db.execute(sa.insert(table).from_select(list(given), rows))
        number = sa.func.row_number().over(order_by=jobs.c.id)
        for table, named in ((messages, number), (files, jobs.c.id + jobs.c.id)):
            names = [column.name for column in table.c]
            db.execute(sa.insert(table).from_select(names, sa.select(named, jobs.c.id)))
    engine.dispose()
    vacuum(url)


def vacuum(url: str) -> None:
    """Let PostgreSQL look through what it has, as it does by itself in time; SQLite does not."""
    engine = create_engine(url, PATIENCE_S)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM ANALYZE")
            db.exec_driver_sql("CHECKPOINT")
    engine.dispose()


def _numbers(count: int) -> sa.CTE:
    first = sa.select(sa.literal(1, sa.BigInteger).label("number")).cte("numbers", recursive=True)
    return first.union_all(sa.select(first.c.number + 1).where(first.c.number < count))


def _old(dialect: str, number: sa.ColumnElement[int]) -> dict[sa.Table, dict[str, Any]]:
    """The columns of an old row of each table, made of its number."""
    text = sa.cast(number, sa.Text)
    at_random = sa.func.lower(sa.func.hex(sa.func.randomblob(16)))
    new = at_random if dialect == "sqlite" else sa.func.md5(text)
    yesterday = sa.literal(Utc().process_bind_param(NOON - timedelta(days=2), None), sa.BigInteger)
    at = yesterday - number * (APART // timedelta(microseconds=1))
    member, nothing = number % MEMBERS, sa.literal("{}")
    job = {name: sa.literal(each, jobs.c[name].type) for name, each in columns(delivered()).items()}
    own = {
        "id": new,
        "origin_key": sa.literal("old:") + text,
        "user_id": member,
        "created_at": at,
        "studio_id": sa.literal("old-") + text,
        "redraw": sa.false(),
    }
    return {
        jobs: job | own,
        spent: {"job_id": new, "user_id": member, "credits": sa.literal(1.0), "at": at},
        drafts: {"id": new, "created_at": at, "document": nothing},
        durations: {"endpoint_id": text, "known": nothing},
    }
