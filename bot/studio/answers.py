"""What each answer of the service means: a job, or one of our errors.

Whether a POST may be sent once more is decided by one table, `MEANINGS`.
"""

import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

import yarl

from bot.errors import MaybeTaken, NotTaken, Rejected, StudioError, Unavailable
from bot.files.outside import Home
from bot.reasons import Reason
from bot.studio.replies import (
    MAX_DETAIL,
    Answer,
    StudioJob,
    detail_of,
    id_of,
    is_json,
    job_in,
    retry_after_s,
)

log = logging.getLogger(__name__)

_REASONS = {
    400: Reason.BAD_FIELD,
    401: Reason.KEY_REFUSED,
    402: Reason.NO_CREDITS,
    403: Reason.KEY_REFUSED,
    404: Reason.UNKNOWN_ENDPOINT,
    413: Reason.TOO_LARGE,
    422: Reason.BAD_FIELD,
}


class Meaning(StrEnum):
    """What comes of a POST; each but the first is one of our errors."""

    JOB = "a job"
    AGAIN = "not taken: sent again later"
    REFUSED = "not taken: it ends, and nothing was charged"
    PERHAPS = "maybe charged: never sent again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was seen of a POST: whether its body was whole, its answer, and the job named there."""

    is_whole: bool
    answer: Answer | None = None
    job: StudioJob | None = None
    trouble: str = ""  # where there is no answer

    @property
    def status(self) -> int:
        """The answer's, or 0."""
        return self.answer.status if self.answer else 0

    @property
    def retry_after_s(self) -> float | None:
        """How long the answer asks to wait, or None."""
        return self.answer.retry_after_s if self.answer else None

    @property
    def leads_to_a_job(self) -> bool:
        """Whether its Location looks like a job's address, on whichever host."""
        return bool(self.answer and _job_part(self.answer))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was seen, what it means, and why."""

    seen: str
    means: Meaning
    why: str
    holds: Callable[[Sent], bool]


_MOVED = {301, 302, 307, 308}
_GONE_ON = {408, 409, 425, 499}
_JOB_PART = re.compile(r"[\w-]{1,100}")

# The first row that holds is what it means; docs/operating.md has the same table.
MEANINGS = (
    Row(
        "2xx that names the job · 2xx or 3xx to `…/jobs/<id>` at the service's own scheme, host and port",
        Meaning.JOB,
        "what has a name was made; all else can be asked for",
        lambda sent: sent.job is not None,
    ),
    Row(
        "303 to anything else, or to nothing · 301, 302, 307 or 308 to any other `…/jobs/…`",
        Meaning.PERHAPS,
        "it was carried out, and nothing says which job came of it",
        lambda sent: sent.status == 303 or (sent.status in _MOVED and sent.leads_to_a_job),
    ),
    Row(
        "301, 302, 307, 308",
        Meaning.REFUSED,
        "it has to go elsewhere, and was not sent there; the log has the address",
        lambda sent: sent.status in _MOVED,
    ),
    Row(
        "429",
        Meaning.AGAIN,
        "a limit is looked at before the work begins",
        lambda sent: sent.status == 429,
    ),
    Row(
        "any other 4xx but 408, 409, 425 and 499",
        Meaning.REFUSED,
        "the request itself is refused; the body decides the sentence alone",
        lambda sent: sent.status // 100 == 4 and sent.status not in _GONE_ON,
    ),
    Row(
        "503 with `Retry-After`",
        Meaning.AGAIN,
        "who says when to come again has not begun",
        lambda sent: sent.status == 503 and sent.retry_after_s is not None,
    ),
    Row(
        "no connection · one that ended, or was cut, before the whole body was out · any other error before that",
        Meaning.AGAIN,
        "nobody can read a form without its last line",
        lambda sent: not sent.is_whole and (sent.answer is None or sent.status >= 400),
    ),
    Row(
        "408, 409, 425, 499",
        Meaning.PERHAPS,
        "it was given up, or met another one: what had begun may go on",
        lambda sent: sent.status in _GONE_ON,
    ),
    Row(
        "503 without `Retry-After` · any other 5xx",
        Meaning.PERHAPS,
        "routers say so, too, while what is behind them goes on",
        lambda sent: sent.status // 100 == 5,
    ),
    Row(
        "anything else: 2xx without a job, a connection that ended after the body, …",
        Meaning.PERHAPS,
        "nothing says that it was not taken",
        lambda _sent: True,
    ),
)

_KINDS: Mapping[Meaning, tuple[type[StudioError], Reason]] = {
    Meaning.AGAIN: (NotTaken, Reason.SERVICE_DOWN),
    Meaning.REFUSED: (Rejected, Reason.REFUSED),
    Meaning.PERHAPS: (MaybeTaken, Reason.MAYBE_CHARGED),
}


def meaning_of(sent: Sent) -> Meaning:
    """What the table says."""
    return next(row.means for row in MEANINGS if row.holds(sent))


def outcome(sent: Sent) -> StudioJob:
    """The job that a POST became; NotTaken, MaybeTaken, Rejected."""
    if sent.job:
        return sent.job
    meaning, answer = meaning_of(sent), sent.answer
    kind, reason = _KINDS[meaning]
    if meaning is Meaning.REFUSED:
        reason = _REASONS.get(sent.status, reason)
    if answer and meaning is Meaning.REFUSED and sent.status in _MOVED:
        log.error(
            "%s: redirected to %s, and not followed: is INSTANT_STUDIO_URL still right?",
            answer.call,
            _plain(answer),
        )
    raise kind(
        f"submit: {sent.status or sent.trouble}",
        reason=reason,
        status=sent.status,
        retry_after_s=sent.retry_after_s,
        detail=detail_of(answer) if answer else None,
    )


def job_made(answer: Answer, base: yarl.URL) -> StudioJob | None:
    """The job that a POST's answer names, though it may be cut off after its id; or None."""
    if answer.status // 100 == 2:
        with suppress(ValueError):
            return job_in(answer, base)
        with suppress(ValueError):
            return _pending(id_of(answer))
    is_at_home = answer.location and Home(url=base).holds(answer.location)
    if answer.status // 100 in {2, 3} and is_at_home:
        part = _job_part(answer)
        return _pending(part) if _JOB_PART.fullmatch(part) else None
    return None


def _pending(job_id: str) -> StudioJob:
    return StudioJob(job_id=job_id, state="pending")  # the rest can be asked for


def _job_part(answer: Answer) -> str:
    """What follows `…/jobs/` in the address that it leads to, or nothing."""
    path = answer.location.raw_path if answer.location else ""
    _, jobs, rest = path.rpartition("/jobs/")
    return unquote(rest).rstrip("/") if jobs else ""


def _plain(answer: Answer) -> str:
    """The address that it leads to, for the log: without what may be a secret in it."""
    if answer.location is None:
        return "nowhere"
    return str(answer.location.with_user(None).with_query(None).with_fragment(None))[:MAX_DETAIL]


def status_error(answer: Answer) -> StudioError:
    """What an answer says that is no state: Unavailable, or Rejected for an unknown job."""
    if answer.status == 404 and is_json(answer):  # a page is of whoever stands in between
        return Rejected("status: 404", reason=Reason.JOB_GONE, status=404)
    return Unavailable(
        f"status: {answer.status}",
        reason=_REASONS.get(answer.status, Reason.SERVICE_DOWN),
        status=answer.status,
        retry_after_s=answer.retry_after_s,
    )


def download_error(status: int, headers: Mapping[str, str]) -> Unavailable:
    """What an answer says that is no file."""
    # A file may be late by a moment; what stays away is gone after a day of asking.
    is_gone = status in {400, 401, 403, 404, 410}
    return Unavailable(
        f"download: {status}",
        reason=Reason.IMAGES_GONE,
        status=status,
        retry_after_s=None if is_gone else retry_after_s(headers),
    )
