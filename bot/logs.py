"""Log lines: their format, their level, the job they are about, and nothing secret in them.

What Python itself would print – of errors that nobody caught, of warnings – becomes a log line, too.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO
from urllib.parse import quote

HIDDEN = "[hidden]"
LINE = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
LEAST = {
    "discord": logging.INFO,
    "aiohttp": logging.INFO,
    "asyncio": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "PIL": logging.INFO,
}

# What is secret by its form, whoever says it; what stands before it stays.
# https://docs.discord.com/developers/interactions/receiving-and-responding#followup-messages
_SLASH = r"(?:\\?/|%(?:25)*2F)"  # also of JSON, and percent-encoded
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"((?:interactions|webhooks){_SLASH}\d+{_SLASH})[^\s/\\?#'\"<>]+",
        r"()aW50ZXJhY3Rpb246[\w+/=%-]+",  # base64 of `interaction:`
        r"(token\\?['\"]?\s*[:=]\s*\\?['\"])[^'\"\s\\]{8,}",
        r"([?&][\w.-]*token=)[^&#\s'\"<>]+",
        r"(authorization\W{1,6}(?:b['\"])?(?:bot|bearer|basic)(?:\s|%20)+)[^'\"\r\n]+",
        r"(://[^\s/:@'\"]*:)[^\s/@'\"]+(?=@)",  # a password in an address
    )
)

_job: ContextVar[str | None] = ContextVar("job", default=None)


def follow(job_id: str) -> None:
    """Let every later line of this task name the job, whichever library says it."""
    _job.set(job_id)


def hide(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets, and without what is one by its form."""
    for secret in filter(None, secrets):
        text = text.replace(secret, HIDDEN)
    for form in _FORMS:
        text = form.sub(rf"\g<1>{HIDDEN}", text)
    return text


class NoSecrets(logging.Formatter):
    """Names the job that is followed, and hides what is secret, in tracebacks, too."""

    def __init__(self, secrets: Sequence[str], *, is_json: bool = False, line: str = LINE) -> None:
        super().__init__(line)
        written = {each for secret in secrets for each in _as_written(secret)}
        self._secrets = sorted(written, key=len, reverse=True)  # one may be a part of another
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
        return hide(text, self._secrets)


class Stderr(logging.StreamHandler[TextIO]):
    """Says of a line that cannot be formatted where it stands; Python would print its values."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own
        """Write that in place of the line."""
        error = sys.exc_info()[0]
        name = error.__name__ if error else "an error"
        with suppress(OSError, ValueError):  # nobody reads it any more
            self.stream.write(f"{record.pathname}:{record.lineno}: a line is left out: {name}\n")


def set_up_logs(level: str, style: str, secrets: Sequence[str]) -> None:
    """Log to stderr from this level on, as text, `plain` text or `json`, with the secrets hidden.

    Libraries say less: debug lines of discord.py and info lines of SQLAlchemy carry interaction
    tokens, and Alembic lists its own plugins.
    """
    handler = Stderr()
    line = "%(message)s" if style == "plain" else LINE
    handler.setFormatter(NoSecrets(secrets, is_json=style == "json", line=line))
    wanted = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=wanted, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(wanted, least))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = sys.unraisablehook = _left


def _uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    error = error or kind()
    logging.getLogger().critical("nobody caught this", exc_info=error.with_traceback(trace))


def _left(given: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
    _uncaught(given.exc_type, given.exc_value, given.exc_traceback)


def _as_written(secret: str) -> set[str]:
    """The secret as it stands in a text, an address, a Python string and a JSON string."""
    return {secret, quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1]}
