"""What the service sends back, read: a job, a reason, a time to wait, an address."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import yarl
from pydantic import BaseModel, ConfigDict, Field

from bot.files.addresses import joined
from bot.logs import hide

log = logging.getLogger(__name__)

MAX_DETAIL = 300
MAX_IMAGES = 10_000  # each is a line of the job's row


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioJob:
    """The service's word on a job; `error` is its reason where it gave one."""

    job_id: str
    state: str
    image_urls: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, perhaps cut off; `key` is what must not be shown though it be in it."""

    status: int
    body: bytes | bytearray
    retry_after_s: float | None
    call: str  # for the log
    location: yarl.URL | None = None  # where it leads to
    key: str = field(default="", repr=False)


class Taken(BaseModel):
    """What shows that a job was taken; unknown keys are the service's own business."""

    model_config = ConfigDict(extra="ignore", strict=True)

    job_id: str = Field(pattern=r"^[\w-]{1,100}$")  # it becomes a part of a path


class _Reply(Taken):
    """A job as the service writes it."""

    job_state: str = Field(min_length=1, max_length=100)
    image_urls: list[str] | None = None


def job_in(answer: Answer, base: yarl.URL) -> StudioJob:
    """The job, its addresses seen from `base`; ValueError where the answer is no whole one."""
    try:
        reply = _Reply.model_validate_json(answer.body)
    except ValueError:
        log.warning("%s: status %d without a whole job", answer.call, answer.status)
        raise
    urls = reply.image_urls or []
    if len(urls) > MAX_IMAGES:
        log.warning("%s: of %d images %d are taken", answer.call, len(urls), MAX_IMAGES)
    return StudioJob(
        job_id=reply.job_id,
        state=_printable(reply.job_state) or "?",
        image_urls=tuple(joined(str(base), url) for url in urls[:MAX_IMAGES]),
        error=detail_of(answer),
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


def location_of(headers: Mapping[str, str], seen_from: yarl.URL) -> yarl.URL | None:
    """The web address that an answer leads to, or None."""
    try:
        url = seen_from.join(yarl.URL(headers.get("Location", "")))
    except ValueError:
        return None
    return (
        url if "Location" in headers and url.scheme in {"http", "https"} and url.raw_host else None
    )


def detail_of(answer: Answer) -> str | None:
    """The reason that a body gives under a usual key, on one line, or None."""
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


def _printable(text: str) -> str:
    """The text on one line, without what a terminal or a reader would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _flat(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_flat(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(each) for each in value)
    return "" if value is None else str(value)
