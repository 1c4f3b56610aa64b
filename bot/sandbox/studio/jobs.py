"""The jobs of the local service: how they are taken, move on by the clock, and what they give."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from bot.sandbox.clock import Clock
from bot.sandbox.pictures import render_output
from bot.sandbox.signatures import Signatures

Json = Any
KEPT_FOR = timedelta(hours=24)
STATES = ("pending", "in_queue", "processing", "succeeded")
ENDED = {"succeeded", "failed"}

# As Rails writes it for a file at a store with signed addresses.
NAMED = (
    "response-content-disposition=inline%3B%20filename%3D%22ComfyUI_00087_.png%22%3B%20filename"
    "%2A%3DUTF-8%27%27ComfyUI_00087__%25E5%2589%25AF%25E6%259C%25AC.png"
)
# The input's name is the last word but for the node's number.
_IMAGE = re.compile(r"(?<!max_)(?<!invert_)(image|mask)\d*(_[\d:]+|\])?$")
_SEED = re.compile(r"seed\d*(_[\d:]+|\])?$")


@dataclass(frozen=True)
class FormPart:
    """One part of a posted form, as it came."""

    name: str
    filename: str | None
    content_type: str | None
    data: bytes


@dataclass(eq=False)
class Submission:
    """One POST that arrived."""

    endpoint: str
    headers: dict[str, str]
    parts: list[FormPart]
    status: int = 0

    def text(self, name_part: str) -> str | None:
        """The text of the first part whose name holds this, or None."""
        return text_of(self.parts, name_part)


@dataclass(eq=False)
class StudioJob:
    """A job of the service."""

    id: str
    submission: Submission
    submitted_at: datetime
    images: int
    state: str = "pending"
    moved_at: datetime | None = None
    reason: Json = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    asked: int = 0


class Jobs:
    """All of them, and the endpoints that they run; `address` is where a path can be fetched."""

    def __init__(self, clock: Clock, address: Callable[[str], str]) -> None:
        self.clock = clock
        self.image_address = address
        self.lease: timedelta | None = None  # how long an address is good; None: it is not signed
        self._signatures = Signatures("Signature", end="~(*)'@/:+%2F")
        self.endpoints: dict[str, int] = {"PrOhEE": 2}  # and how many images each gives
        self.runs_others = False  # each with one image
        self.seconds = {"pending": 0.5, "in_queue": 0.5, "processing": 1.0}
        self.jobs: dict[str, StudioJob] = {}
        self.outputs: dict[int, tuple[bytes, str]] = {}  # by number: other bytes, and their type
        self.new_id: Callable[[], str] = lambda: str(uuid4())
        self.drawn: Callable[[StudioJob, int], bytes] = tinted
        self.held: str | None = None  # the state that no job gets beyond
        self._next_reason: Json = None

    def hold(self, state: str) -> None:
        """Let no job get beyond this state until `release`."""
        self.held = state

    def release(self) -> None:
        """Let the jobs go on."""
        self.held = None

    def fail_job_next(self, reason: Json = "out of memory") -> None:
        """Let the next job end as failed, with this as its `error`."""
        self._next_reason = reason

    @property
    def next_job_fails(self) -> bool:
        """Whether the next job will end as failed."""
        return self._next_reason is not None

    def begin(self, submission: Submission) -> StudioJob:
        """A new job."""
        images = self.endpoints.get(submission.endpoint, 1)
        job = StudioJob(self.new_id(), submission, self.clock.now(), images)
        job.reason, self._next_reason = self._next_reason, None
        self.jobs[job.id] = job
        return job

    def find(self, job_id: str) -> StudioJob | None:
        """The job, or None once it is no longer kept."""
        job = self.jobs.get(job_id)
        if job is None or self.clock.now() - job.submitted_at > KEPT_FOR:
            return None
        return job

    def move(self, job: StudioJob) -> None:
        """Move on by what the clock says; a held state lasts until it is released."""
        now = self.clock.now()
        job.moved_at = job.moved_at or job.submitted_at
        while job.state not in ENDED and job.state in self.seconds:
            due = job.moved_at + timedelta(seconds=self.seconds[job.state])
            if now < due:
                return
            if job.state == self.held:
                job.moved_at += now - due  # it ends now at the earliest
                return
            job.moved_at = due
            job.state = STATES[STATES.index(job.state) + 1]
            if job.state == "processing":
                job.started_at = due
            elif job.state == "succeeded":
                job.completed_at = due
                job.state = "failed" if job.reason is not None else "succeeded"

    def payload(self, job: StudioJob) -> Json:
        """A job as the service writes it down."""
        found: Json = {
            "job_id": job.id,
            "job_state": job.state,
            "started_at": _written(job.started_at),
            "completed_at": _written(job.completed_at),
        }
        if job.state == "succeeded":
            found["image_urls"] = [
                self.image_address(self._leased(f"/files/{job.id}/{number}"))
                for number in range(1, job.images + 1)
            ]
        if job.state == "failed":
            found["error"] = job.reason
        return found

    def hands_out(self, path: str) -> bool:
        """Whether it is good now, and written as it was."""
        if self.lease is None:
            return True
        until = re.search(r"&Expires=(\d+)", path)
        is_over = until is None or int(until[1]) < self.clock.now().timestamp()
        return self._signatures.hold(path) and not is_over

    def _leased(self, path: str) -> str:
        if self.lease is None:
            return path
        until = int((self.clock.now() + self.lease).timestamp())
        return self._signatures.signed(f"{path}?{NAMED}&Expires={until}")

    def output(self, job: StudioJob, number: int) -> tuple[bytes, str]:
        """One of a job's images, and its type; drawing it takes a while."""
        if number in self.outputs:
            return self.outputs[number]
        return self.drawn(job, number), "image/jpeg"


def tinted(job: StudioJob, number: int) -> bytes:
    """The first picture of the form, in the colours of its seed."""
    seed = int(job.submission.text("seed") or 0)
    files = [part.data for part in job.submission.parts if part.filename is not None]
    return render_output(files[0] if files else None, seed, number)


def wrong_parts(parts: list[FormPart]) -> Json:
    """What the service says of the first part that it does not take, or None."""
    for part in parts:
        if _IMAGE.search(part.name) and (part.filename is None or not part.data):
            return {part.name: ["is no image"]}
        if _SEED.search(part.name) and not part.data.isdigit():
            return {part.name: ["is no number"]}
    return None


def text_of(parts: list[FormPart], name_part: str) -> str | None:
    """The text of the first part whose name holds this, or None."""
    return next((part.data.decode() for part in parts if name_part in part.name), None)


def _written(at: datetime | None) -> str | None:
    eastern = timezone(timedelta(hours=8))
    return at.astimezone(eastern).isoformat(timespec="milliseconds") if at else None
