"""What the service sends back, read: a job, a reason, a time to wait, an address."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import yarl

from bot.files.addresses import joined
from bot.logs import hide
from bot.studio.reading import (
    FAILED,
    OVER,
    SUCCEEDED,
    WORKING,
    addresses_in,
    has_ended,
    id_in,
    is_of_a_job,
    names_an_id,
    stamps_in,
    state_in,
    told,
    whole,
)

log = logging.getLogger(__name__)

MAX_DETAIL = 300
MAX_STATE = 100
HALF_A_SECOND = timedelta(seconds=0.5)  # a date in a header is cut off to seconds
MAX_IMAGES = 10_000  # each is a line of the job's row


class End(StrEnum):
    """Whether an answer is the job's last one; it may be, where only a part of it says so."""

    NOT_YET = "not yet"
    PERHAPS = "perhaps"
    SURE = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioJob:
    """The service's word on a job; `error` is its reason where it gave one.

    Its stamps are as it writes them, by its own clock; so is the moment at which it sent this.
    """

    job_id: str
    state: str
    image_urls: tuple[str, ...] = ()
    error: str | None = None
    end: End = End.NOT_YET
    started_at: str | None = None
    completed_at: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, perhaps cut off; `key` is what must not be shown though it be in it."""

    status: int
    body: bytes | bytearray
    retry_after_s: float | None
    call: str  # for the log
    location: yarl.URL | None = None  # where it leads to
    is_late: bool = False  # the rest of it did not come in time
    sent_at: datetime | None = None  # as its own clock says
    key: str = field(default="", repr=False)


def job_in(answer: Answer, base: yarl.URL, job_id: str | None = None) -> StudioJob:
    """The job, its addresses seen from `base`; ValueError where the answer is no whole one.

    An answer without an id is about the one that was asked for.
    """
    try:
        said = told(answer.body)
        found_id = id_in(said) if names_an_id(said) else job_id
        state, addresses = state_in(said), addresses_in(said)
        if not addresses and state not in WORKING and not is_of_a_job(said):
            state = None  # it says of itself how it went
    except ValueError:
        found_id, state, addresses = None, None, []
    if found_id is None or state is None:
        log.warning("%s: status %d without a whole job", answer.call, answer.status)
        raise ValueError("no job")
    if len(addresses) > MAX_IMAGES:
        log.warning("%s: the first %d of %d images", answer.call, MAX_IMAGES, len(addresses))
    started_at, completed_at = stamps_in(said)
    return StudioJob(
        job_id=found_id,
        state=_printable(state)[:MAX_STATE] or "?",
        image_urls=tuple(joined(str(base), url) for url in addresses[:MAX_IMAGES]),
        error=None if addresses else detail_of(answer),
        end=_end(state, has_ended=has_ended(said), has_images=bool(addresses)),
        started_at=started_at,
        completed_at=completed_at,
        sent_at=answer.sent_at,
    )


def _end(state: str, *, has_ended: bool, has_images: bool) -> End:
    """What the whole answer says of the end: the state's word, the time of the end, and images."""
    is_working = state in WORKING
    if has_images and (has_ended or state in {SUCCEEDED, FAILED}):
        return End.SURE
    if state == FAILED:
        return End.SURE
    if is_working:
        return End.NOT_YET  # what is there may still change
    is_over = state in {SUCCEEDED, *OVER}
    return End.PERHAPS if has_images or has_ended or is_over else End.NOT_YET


def id_of(answer: Answer) -> str:
    """The id of the job in an answer that may be cut off after it; ValueError."""
    try:
        found = id_in(told(answer.body))
    except ValueError:
        found = id_in(told(answer.body, is_whole=False), is_whole=False)
    if found is None:
        raise ValueError("no id")
    return found


def is_json(answer: Answer) -> bool:
    """Whether its body is a JSON object, as programs write it, and not a page."""
    try:
        return isinstance(whole(answer.body), dict)
    except ValueError:
        return False


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long the service asks to wait, or None."""
    # https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Retry-After
    text = headers.get("Retry-After", "")
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    at = _date(text)
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at else None


def sent_at(headers: Mapping[str, str]) -> datetime | None:
    """When it was sent, by the clock of whoever sent it, or None."""
    at = _date(headers.get("Date", ""))
    return at + HALF_A_SECOND if at else None


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else None


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
        body = whole(answer.body)
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
