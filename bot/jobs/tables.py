"""The database's tables. What is searched for is a column; the rest of a job is one document."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import StorageError
from bot.jobs.job import Failure, Grant, Job, JobStatus, OriginKind
from bot.jobs.kinds import MAX_HOST, Kind, waiting_of
from bot.reasons import Reason

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Utc(sa.TypeDecorator[datetime]):
    """An aware UTC datetime, kept as microseconds since 1970 so that every database sorts it."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> int | None:  # noqa: ARG002 - SQLAlchemy's
        """Microseconds."""
        return None if value is None else round(value.timestamp() * 1_000_000)

    def process_result_value(self, value: int | None, dialect: object) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """A datetime again, however absurd what stands there is: a row must not end a turn."""
        if value is None:
            return None
        try:
            return datetime.fromtimestamp(value / 1_000_000, UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            is_early = isinstance(value, int | float) and value < 0
            return FIRST if is_early else LAST


metadata = sa.MetaData()
IS_IN_LINE = sa.text(f"kind = '{Kind.TURN}'")

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("origin_key", sa.String(120), nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("endpoint_id", sa.Text, nullable=False),
    sa.Column("credits", sa.Float, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("due_at", Utc),
    sa.Column("redraw", sa.Boolean, nullable=False, default=False),
    sa.Column("cancelled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("lease", sa.String(32)),
    sa.Column("lease_until", Utc),
    sa.Column("grant", sa.Text),
    sa.Column("grant_until", Utc, index=True),
    sa.Column("studio_id", sa.String(100)),
    sa.Column("kind", sa.String(16)),
    sa.Column("channel_id", sa.BigInteger),
    sa.Column("host", sa.String(MAX_HOST)),
    sa.Column("charged", sa.Boolean),
    sa.Column("begun_at", Utc),
    sa.Column("guild_id", sa.BigInteger),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("jobs_due", "due_at"),
    sa.Index("jobs_status", "status", "endpoint_id"),
    sa.Index("jobs_member", "user_id", "created_at"),
    sa.Index("jobs_studio", "studio_id"),
    sa.Index("jobs_created", "created_at"),
    sa.Index("jobs_server", "guild_id", "created_at", "credits", "charged", "status", "user_id"),
    sa.Index("jobs_lately", "created_at", "credits", "charged", "status", "user_id", "begun_at"),
    sa.Index(
        "jobs_line",
        *("created_at", "id", "user_id", "due_at", "kind"),
        sqlite_where=IS_IN_LINE,
        postgresql_where=IS_IN_LINE,
    ),
    sa.Index(
        "jobs_redraw", "redraw", sqlite_where=sa.text("redraw"), postgresql_where=sa.text("redraw")
    ),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("job_id", sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
)

# Which rows name a file of the archive.
files = sa.Table(
    "files",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("job_id", sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# What jobs have cost that were forgotten before a day was over.
spent = sa.Table(
    "spent",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("credits", sa.Float, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("guild_id", sa.BigInteger),
    sa.Index("spent_member", "user_id", "at"),
    sa.Index("spent_lately", "at"),
)

# What was begun to be asked for, for a day.
drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.BigInteger, index=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("drafts_created", "created_at"),
)

# How long an endpoint's jobs took, the newest last.
durations = sa.Table(
    "durations",
    metadata,
    sa.Column("endpoint_id", sa.Text, primary_key=True),
    sa.Column("known", sa.Text, nullable=False),
)

# What jobs of each day (since 1970) have used whose rows are gone.
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("endpoint_id", sa.Text, primary_key=True),
    sa.Column("jobs", sa.Integer, nullable=False),
    sa.Column("credits", sa.Float, nullable=False),
)

# What the owner has set in Discord.
house_rules = sa.Table(
    "house_rules",
    metadata,
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("subject", sa.BigInteger, primary_key=True, autoincrement=False),
)

# What is set in Discord with a value, or for one server; server 0 stands for all.
bylaws = sa.Table(
    "bylaws",
    metadata,
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("server", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("value", sa.Text, nullable=False),
)

# Endpoints that the owner has added in Discord; without a document: one of a file's that is hidden.
added_endpoints = sa.Table(
    "added_endpoints",
    metadata,
    sa.Column("command", sa.String(100), primary_key=True),
    sa.Column("document", sa.Text),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# Where Alembic keeps the tables' version.
version = sa.Table(
    "alembic_version",
    metadata,
    sa.Column("version_num", sa.String(32), primary_key=True),
)

ROW = (jobs.c.document, jobs.c.grant, jobs.c.due_at, jobs.c.redraw, jobs.c.cancelled)

_JOB: TypeAdapter[Job] = TypeAdapter(Job)
_GRANT: TypeAdapter[Grant] = TypeAdapter(Grant)
_KEYS = re.compile(r"[0-9a-f]{64}")
# Columns of their own. A cancel is no part of what whoever holds the row writes back.
_KEPT_APART = {"grant", "due_at", "is_cancelled"}


def job_of(row: Any) -> Job:  # noqa: ANN401 - SQLAlchemy's rows are typed by their query
    """The job in a row that was selected by `ROW`; StorageError where it cannot be read."""
    try:
        job = _JOB.validate_json(row.document)
        grant = _GRANT.validate_json(row.grant) if row.grant else None
    except ValidationError as error:
        raise StorageError(f"database: a row with {error.error_count()} faults") from None
    except (TypeError, ValueError) as error:
        raise StorageError("database: a row without a document") from error
    posted = replace(job.posted, shown="") if row.redraw else job.posted
    return replace(
        job, grant=grant, due_at=row.due_at, posted=posted, is_cancelled=bool(row.cancelled)
    )


def keys_in(row: Any) -> set[str]:  # noqa: ANN401 - as above
    """The archive's keys of all files that the row names, though it may not be read otherwise."""
    try:
        return job_of(row).stored_keys
    except StorageError:
        return set(_KEYS.findall(str(row.document)))


def columns(job: Job) -> dict[str, Any]:
    """The columns that a job is written to."""
    waiting, is_charged = waiting_of(job), _is_charged(job)
    return {
        "origin_key": _origin_key(job),
        "status": job.status,
        "user_id": job.origin.user_id,
        "endpoint_id": job.request.endpoint_id,
        "credits": (job.request.credits or 0.0) if is_charged else 0.0,
        "created_at": job.created_at,
        "due_at": job.due_at,
        "grant": _GRANT.dump_json(job.grant).decode() if job.grant else None,
        "grant_until": job.grant.expires_at if job.grant else None,
        "studio_id": job.progress.job_id if job.progress else None,
        "kind": waiting.kind,
        "channel_id": waiting.channel,
        "host": waiting.host,
        "charged": is_charged,
        "begun_at": job.begun_at,
        "guild_id": job.origin.guild_id,
        "document": _JOB.dump_json(job, exclude=_KEPT_APART).decode(),
    }


def _origin_key(job: Job) -> str:
    # A reaction may start another run of the same result once this one has ended. One that was
    # refused keeps its place until it is due: whoever still writes it down comes too late.
    keeps = job.due_at is not None and job.failure == Failure(reason=Reason.NOT_TAKEN)
    ended = job.is_terminal and job.origin.kind is OriginKind.REACTION and not keeps
    return f"{job.origin.key}:{job.id}" if ended else job.origin.key


def _is_charged(job: Job) -> bool:
    if job.progress:
        return True
    if job.failure:
        return job.failure.reason is Reason.MAYBE_CHARGED
    return job.status not in {JobStatus.CANCELLED, JobStatus.DELETED}


def write_note(db: sa.Connection, key: str, value: str) -> None:
    """Put a note in place of the one under the same key."""
    insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    row = insert(notes).values(key=key, value=value)
    db.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def index(db: sa.Connection, job: Job, before: Job | None = None) -> None:
    """Let the job be found by each of its messages and files that it did not have before."""
    known = before.posted.every_id if before else ()
    fresh = [each for each in job.posted.every_id if each not in known]
    if fresh:
        db.execute(_NEW_MESSAGE, [{"message_id": each, "job_id": job.id} for each in fresh])
    name_files(db, job.id, job.stored_keys - (before.stored_keys if before else set()))


def name_files(db: sa.Connection, job_id: str, keys: Collection[str]) -> None:
    """Note that the row names these files of the archive, which it may have done before."""
    if keys:
        rows = [{"key": key, "job_id": job_id} for key in keys]
        db.execute(_NEW_FILE[db.dialect.name], rows)


# Made once, as each write of a row needs them.
_NEW_MESSAGE = sa.insert(messages)
_NEW_FILE = {
    "sqlite": sqlite.insert(files).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(files).on_conflict_do_nothing(),
}
