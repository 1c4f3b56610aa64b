"""What the process that looks at pictures is asked, and what it answers: a line of JSON each."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.files.bounds import Fault


class Work(StrEnum):
    """What is to be done with a file."""

    INPUT = "input"  # look at it, and make it one that the service takes
    FIT = "fit"  # make it smaller
    THUMBNAIL = "thumbnail"  # make it very small


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A file to look at; what is made of it goes to `out`, with at most so many bytes."""

    work: Work
    path: str
    out: str
    limit_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the file turned out to be; `made` is the type of what is in `out`, where there is any."""

    fault: Fault | None = None
    media_type: str = ""
    width_px: int = 0
    height_px: int = 0
    made: str = ""


READY = b"ready\n"  # the first line, before any answer


def line_of(said: Order | Answer) -> bytes:
    """As it is sent."""
    return json.dumps(asdict(said)).encode() + b"\n"


def order_of(line: bytes) -> Order:
    """The order of a line."""
    given = json.loads(line)
    return Order(**{**given, "work": Work(given["work"])})


def answer_of(line: bytes) -> Answer:
    """The answer of a line; ValueError where it is none."""
    try:
        given = json.loads(line)
        return Answer(**{**given, "fault": Fault(given["fault"]) if given["fault"] else None})
    except (TypeError, KeyError) as error:
        raise ValueError("no answer") from error
