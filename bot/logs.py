"""Log lines: their format, their level, the job they are about, and nothing secret in them."""

import json
import logging
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime

HIDDEN = "[hidden]"
LEAST = {
    "discord": logging.INFO,
    "aiohttp": logging.INFO,
    "asyncio": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "PIL": logging.INFO,
}

_job: ContextVar[str | None] = ContextVar("job", default=None)


def follow(job_id: str) -> None:
    """Let every later line of this task name the job, whichever library says it."""
    _job.set(job_id)


class NoSecrets(logging.Formatter):
    """Names the job that is followed, and hides every known secret, in tracebacks, too."""

    def __init__(self, secrets: Sequence[str], *, is_json: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = secrets
        self._is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        """The line; as JSON an object with `at`, `level`, `logger` and `message`.

        `job` and `error`, a traceback, are there where there is one.
        """
        return self._as_json(record) if self._is_json else self._hidden(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own
        """The first line, which names the job by itself or is made to."""
        job_id = _job.get()
        if job_id and job_id not in record.message:
            record.message = f"job {job_id}: {record.message}"
        return super().formatMessage(record)

    def _as_json(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        if job_id := _job.get():
            found["job"] = job_id
        found["message"] = self._hidden(record.getMessage())
        if record.exc_info:
            found["error"] = self._hidden(self.formatException(record.exc_info))
        return json.dumps(found, ensure_ascii=False)

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


def set_up_logs(level: str, style: str, secrets: Sequence[str]) -> None:
    """Log to stderr from this level on, as text or `json`, with the secrets hidden.

    Libraries say less: debug lines of discord.py and info lines of SQLAlchemy carry interaction
    tokens, and Alembic lists its own plugins.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(NoSecrets(secrets, is_json=style == "json"))
    wanted = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=wanted, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(wanted, least))
