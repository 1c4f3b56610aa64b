"""What a job's next step is, and whom and what that keeps busy: seen without its document. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from bot.jobs.job import Job, JobStatus

MAX_HOST = 255  # characters


class Kind(StrEnum):
    """The kinds of steps."""

    LOOK = "look"  # whether its reply is there, or what became of its POST
    BEGIN = "begin"  # its inputs, and the POST
    TURN = "turn"  # the POST of a job that waits for a place at the service
    ASK = "ask"
    DOWNLOAD = "download"
    DELIVER = "deliver"
    CONCLUDE = "conclude"


# An accepted job begins once its reply is there, and may have to wait in line; what is not named here has ended.
KINDS: Mapping[JobStatus, Kind] = {
    JobStatus.ACCEPTED: Kind.LOOK,
    JobStatus.SUBMITTING: Kind.LOOK,
    JobStatus.RUNNING: Kind.ASK,
    JobStatus.DOWNLOADING: Kind.DOWNLOAD,
    JobStatus.DELIVERING: Kind.DELIVER,
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits for a step, and who and what is concerned by that."""

    id: str
    kind: Kind
    member: int
    channel: int | None = None
    host: str | None = None


def waiting_of(job: Job) -> Waiting:
    """The job as one that waits for its next step."""
    return Waiting(job.id, kind_of(job), job.origin.user_id, job.origin.channel_id, _host(job))


def kind_of(job: Job) -> Kind:
    """What the job's next step is."""
    if job.status is JobStatus.ACCEPTED and job.message_id is not None:
        return Kind.TURN if job.line else Kind.BEGIN
    return KINDS.get(job.status, Kind.CONCLUDE)


def _host(job: Job) -> str | None:
    """The host that the next step fetches from, or None."""
    urls: list[str] = []
    if job.status is JobStatus.ACCEPTED:
        urls = [wanted.url for wanted in job.request.inputs if wanted.stored is None]
    elif job.status is JobStatus.DOWNLOADING:
        urls = [job.outputs[index].url for index in job.missing]
    return _host_in(urls[0]) if urls else None


def _host_in(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host[:MAX_HOST] if host and host.isascii() and host.isprintable() else None
