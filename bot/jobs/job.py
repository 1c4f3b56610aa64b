"""A job as one row: who asked for what, where it stands, and which status may follow which. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.jobs.clocks import Seen
from bot.jobs.progress import Progress
from bot.jobs.request import Request, Stored
from bot.reasons import Reason


class JobStatus(StrEnum):
    """Where a job stands with us; where it stands at the service is `Progress.state`."""

    ACCEPTED = "accepted"
    SUBMITTING = "submitting"
    RUNNING = "running"
    DOWNLOADING = "downloading"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"


TERMINAL = frozenset(
    {
        JobStatus.DELIVERED,
        JobStatus.UNDELIVERABLE,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
        JobStatus.DELETED,
    }
)

FOLLOWERS: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.ACCEPTED: frozenset({JobStatus.SUBMITTING, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.SUBMITTING: frozenset({JobStatus.ACCEPTED, JobStatus.RUNNING, JobStatus.FAILED}),
    JobStatus.RUNNING: frozenset({JobStatus.DOWNLOADING, JobStatus.FAILED}),
    JobStatus.DOWNLOADING: frozenset({JobStatus.DELIVERING, JobStatus.FAILED}),
    JobStatus.DELIVERING: frozenset(
        {JobStatus.DELIVERED, JobStatus.UNDELIVERABLE, JobStatus.CANCELLED}
    ),
    # It was cancelled while its images were on their way: they are taken away again.
    JobStatus.DELIVERED: frozenset({JobStatus.CANCELLED, JobStatus.DELETED}),
    JobStatus.UNDELIVERABLE: frozenset({JobStatus.DELETED}),
    # What arrives after the job was given up revives it: the service's id after *maybe charged*,
    # and the reply after *no reply*.
    JobStatus.FAILED: frozenset({JobStatus.RUNNING, JobStatus.ACCEPTED, JobStatus.DELETED}),
    JobStatus.CANCELLED: frozenset({JobStatus.RUNNING, JobStatus.DELETED}),
    JobStatus.DELETED: frozenset(),
}


class OriginKind(StrEnum):
    """What a member did."""

    COMMAND = "command"
    MESSAGE = "message"
    BUTTON = "button"
    REACTION = "reaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An interaction's token, good for fifteen minutes."""

    application_id: int
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, where, and by which event; `key` is unique among all jobs."""

    kind: OriginKind
    key: str
    event_id: int
    user_id: int
    channel_id: int
    guild_id: int | None
    file_limit_bytes: int
    reply_to: int | None = None
    again_of: int | None = None  # the message of the result that is run again
    made_of: str | None = None  # the id of that result's job
    shown_in: int | None = None  # the message that shows the pictures
    is_alone: bool = False  # nobody but who asked is to see the reply
    is_apart: bool = False  # the bot is not there: who asked has it for themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class InLine:
    """Where a job stands among those that wait here for a place at the service, as of then."""

    place: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One image of a result: where the service offers it, our copy, and what Discord gets.

    `attached` is the copy itself, or a smaller one where Discord's limit asks for it; None: not
    yet known. `is_lost`: never handed out; `is_too_large`: more than is kept; `is_left_out`: there
    was no message to put it into. `misses` counts what came in its place, or only a part of it.
    """

    url: str
    stored: Stored | None = None
    attached: Stored | None = None
    is_lost: bool = False
    is_left_out: bool = False
    is_too_large: bool = False
    misses: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether it needs not be asked for any more."""
        return self.stored is not None or self.is_lost or self.is_too_large

    @property
    def is_reduced(self) -> bool:
        """Whether Discord gets less than the original."""
        return self.attached is not None and self.attached != self.stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A message, and where it stands; of an answer whose id is not noted yet, the event's id alone."""

    channel_id: int
    guild_id: int | None
    message_id: int = 0
    event_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What stands in Discord: the ids of the job's messages, first reply first.

    `shown` is the digest of the reply's drawing; `limit_bytes` the size of a file that Discord
    was found to take where that is less than it had announced. `told`: who asked, and nobody else,
    was told how it ended. `notice_id` is the message by which they were mentioned at its end.
    `is_hidden`: Discord shows it to who asked alone. `is_owed`: its images wait for their press.
    `again`: where its images were shown once more.
    """

    message_ids: tuple[int, ...] = ()
    shown: str = ""
    limit_bytes: int | None = None
    reacted: bool = False
    notified: bool = False
    told: bool = False
    notice_id: int | None = None
    is_hidden: bool = False
    is_owed: bool = False
    again: tuple[Place, ...] = ()

    @property
    def every_id(self) -> tuple[int, ...]:
        """The ids of all messages that show the job."""
        return (*self.message_ids, *(each.message_id for each in self.again if each.message_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there are no images; `detail` is the service's own or a picture's sentence."""

    reason: Reason
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request on its way. `due_at` is the time of its next step; None: nothing left to do.

    `age_s` and `trouble_s` say how long it is in its status, and how long in vain; see `ages.py`.
    """

    id: str
    status: JobStatus
    origin: Origin
    request: Request
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None = None
    grant: Grant | None = None
    progress: Progress | None = None
    outputs: tuple[Output, ...] = ()
    posted: Posted = Posted()
    failure: Failure | None = None
    tries: int = 0
    crashes: int = 0  # unforeseen errors in a row
    handed: tuple[str, ...] = ()  # the file that is looked at, once for each try without an outcome
    is_resumed: bool = False  # by its owner, after it had ended
    seen: Seen | None = None  # when it was last written by whoever carries it on
    age_s: float = 0.0
    trouble_s: float = 0.0
    busy_until: datetime | None = None  # so long the service takes nothing, and members are told
    line: InLine | None = None  # it waits here until there is a place at the service
    waited_s: float = 0.0  # how old it was when it last did
    begun_at: datetime | None = None  # when it had its last turn to be sent
    is_cancelled: bool = False  # who asked wants nothing of it posted any more

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in TERMINAL

    @property
    def missing(self) -> list[int]:
        """Indexes of the images to be saved; with each try another one is the first."""
        missing = [i for i, output in enumerate(self.outputs) if not output.is_settled]
        first = self.tries % len(missing) if missing else 0
        return missing[first:] + missing[:first]

    @property
    def file_limit_bytes(self) -> int:
        """The largest file that Discord is believed to take for this job."""
        return self.posted.limit_bytes or self.origin.file_limit_bytes

    @property
    def message_id(self) -> int | None:
        """The first reply's id, once Discord gave it."""
        return self.posted.message_ids[0] if self.posted.message_ids else None

    @property
    def is_hidden(self) -> bool:
        """Whether who asked alone sees its reply: as Discord says, before that as it was asked."""
        return self.posted.is_hidden if self.posted.message_ids else self.origin.is_alone

    @property
    def is_by_token(self) -> bool:
        """Whether its reply is reached by an interaction's token alone, not by the bot's own."""
        return self.is_hidden or self.origin.is_apart

    @property
    def can_run_again(self) -> bool:
        """Whether its inputs are there for another run."""
        return all(wanted.stored for wanted in self.request.inputs)

    @property
    def stored_keys(self) -> set[str]:
        """The archive's keys of all its files."""
        files = [wanted.stored for wanted in self.request.inputs]
        for output in self.outputs:
            files += [output.stored, output.attached]
        return {file.key for file in files if file}

    def without_inputs(self, keys: Collection[str]) -> "Job":
        """The job without those of its pictures: not even where they were is known any more."""
        inputs = tuple(
            replace(each, stored=None, url="") if each.stored and each.stored.key in keys else each
            for each in self.request.inputs
        )
        return replace(self, request=replace(self.request, inputs=inputs))

    def emptied(self) -> "Job":
        """The job without what was asked and what came of it: who asked, when and its cost stay."""
        request = replace(self.request, values=(), inputs=(), cover_url=None)
        failure = replace(self.failure, detail=None) if self.failure else None
        return replace(self, request=request, failure=failure, outputs=(), grant=None, due_at=None)

    def at(self, place: Place) -> "Job":
        """The job as one that was asked for there, where the bot is."""
        origin = replace(self.origin, channel_id=place.channel_id, guild_id=place.guild_id)
        return replace(self, origin=replace(origin, is_apart=False))

    def followed_by(self, origin: Origin) -> Origin:
        """The origin of a job that is made of this one, which says where its reply is there."""
        is_there = self.origin.channel_id == origin.channel_id
        again_of = self.message_id if is_there and not self.is_hidden else None
        is_alone = origin.is_alone or self.is_hidden
        return replace(origin, again_of=again_of, made_of=self.id, is_alone=is_alone)

    def moved(self, status: JobStatus, *, at: datetime) -> "Job":
        """The job new in its next status, due at once; ValueError where that may not follow."""
        job = self.turned(status, at=at)
        return replace(job, tries=0, seen=None, age_s=0.0, trouble_s=0.0)

    def turned(self, status: JobStatus, *, at: datetime) -> "Job":
        """As `moved`, but no younger than it was, and in as much trouble."""
        if status not in FOLLOWERS[self.status]:
            msg = f"job {self.id}: {status} cannot follow {self.status}"
            raise ValueError(msg)
        return replace(self, status=status, changed_at=at, due_at=at, handed=())

    def failed(self, reason: Reason, *, at: datetime, detail: str | None = None) -> "Job":
        """The job given up for `reason`, due once more to say so."""
        failure = Failure(reason=reason, detail=detail)
        return replace(self.moved(JobStatus.FAILED, at=at), failure=failure)

    def closed(self, reason: Reason, *, at: datetime) -> "Job":
        """The job given up for `reason`, with nothing left to say of it."""
        return replace(self.failed(reason, at=at), due_at=None)
