"""The service's answers, and what each means: a job, or one of our errors."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import yarl
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from bot.errors import MaybeTaken, NotTaken, Reason, Rejected, StudioError, Unavailable
from bot.logs import hide

log = logging.getLogger(__name__)

MAX_DETAIL = 300
MAX_IMAGES = 1000  # each is a line of the job's row, which is written anew with each

_REASONS = {
    400: Reason.BAD_FIELD,
    401: Reason.KEY_REFUSED,
    402: Reason.NO_CREDITS,
    403: Reason.KEY_REFUSED,
    404: Reason.UNKNOWN_ENDPOINT,
    413: Reason.TOO_LARGE,
    422: Reason.BAD_FIELD,
}
_PERHAPS_TAKEN = {408}
_SURELY_NOT_TAKEN = {429, 503}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioJob:
    """The service's word on a job; `error` is its reason where it gave one."""

    job_id: str
    state: str
    image_urls: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole; `key` is what must not be shown though it be in it."""

    status: int
    body: bytes
    retry_after_s: float | None
    call: str  # for the log
    key: str = field(default="", repr=False)


class _Taken(BaseModel):
    """What shows that a job was taken; unknown keys are the service's own business."""

    model_config = ConfigDict(extra="ignore", strict=True)

    job_id: str = Field(pattern=r"^[\w-]{1,100}$")  # it becomes a part of a path


class _Reply(_Taken):
    """A job as the service writes it."""

    job_state: str = Field(min_length=1, max_length=100)
    image_urls: list[str] | None = Field(default=None, max_length=MAX_IMAGES)


def submitted(answer: Answer, base: yarl.URL) -> StudioJob:
    """The job that was taken, of an answer that may be cut off after its id; MaybeTaken."""
    with suppress(ValueError):
        return job_in(answer, base)
    try:
        taken = _Taken.model_validate(from_json(answer.body, allow_partial=True))
    except ValueError as error:
        raise MaybeTaken(
            "submit: not a job", reason=Reason.MAYBE_CHARGED, status=answer.status
        ) from error
    return StudioJob(job_id=taken.job_id, state="pending")  # the rest can be asked for


def job_in(answer: Answer, base: yarl.URL) -> StudioJob:
    """The job, its addresses seen from `base`; ValueError where the answer is no whole one."""
    try:
        reply = _Reply.model_validate_json(answer.body)
    except ValueError:
        log.warning("%s: status %d without a whole job", answer.call, answer.status)
        raise
    return StudioJob(
        job_id=reply.job_id,
        state=_printable(reply.job_state) or "?",
        image_urls=tuple(_joined(base, url) for url in reply.image_urls or ()),
        error=detail_of(answer),
    )


def submit_error(answer: Answer) -> StudioError:
    """What a POST's answer says that took no job: NotTaken, MaybeTaken, Rejected."""
    kind: Callable[..., StudioError] = Rejected
    reason = _REASONS.get(answer.status, Reason.REFUSED)
    if answer.status in _SURELY_NOT_TAKEN:
        kind, reason = NotTaken, Reason.SERVICE_DOWN
    elif answer.status >= 500 or answer.status in _PERHAPS_TAKEN:
        kind, reason = MaybeTaken, Reason.MAYBE_CHARGED
    return kind(
        f"submit: {answer.status}",
        reason=reason,
        status=answer.status,
        retry_after_s=answer.retry_after_s,
        detail=detail_of(answer),
    )


def status_error(answer: Answer) -> StudioError:
    """What an answer says that is no state: Unavailable, or Rejected for an unknown job."""
    if answer.status == 404:
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


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long the service asks to wait, or None."""
    # https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Retry-After
    text = headers.get("Retry-After", "")
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None


def detail_of(answer: Answer) -> str | None:
    """The reason that a body gives under a usual name, on one line, or None."""
    try:
        body = json.loads(answer.body)
        if not isinstance(body, dict):
            return None
        found = next(
            (body[key] for key in ("error", "message", "errors", "detail") if body.get(key)), None
        )
        text = hide(_printable(_flat(found)), [answer.key])
    except (ValueError, RecursionError):
        return None
    return text[:MAX_DETAIL] or None


def _joined(base: yarl.URL, text: str) -> str:
    try:
        return str(base.join(yarl.URL(text)))
    except ValueError:
        return text  # its download says that it is none, and costs no other


def _printable(text: str) -> str:
    """The text on one line, without what a terminal or a reader would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _flat(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_flat(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(each) for each in value)
    return "" if value is None else str(value)
