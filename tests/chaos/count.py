"""What came of a run of chaos: of its messages, its rows and the service's POSTs."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields

from bot.jobs.job import TERMINAL, Job, JobStatus
from bot.sandbox.discord.messages import Message
from tests.chaos.faults import NOT_TAKEN
from tests.chaos.hands import Hands, asker_id, job_ids
from tests.scenarios.conftest import Stage

_SEED = re.compile(r"-seed(\d+)-")


@dataclass(kw_only=True)
class Wrongs:
    """What has to be 0, each."""

    jobs_with_more_than_one_post: int = 0
    succeeded_but_not_delivered: int = 0
    files_posted_twice: int = 0
    left_hanging: int = 0
    posted_though_unwanted: int = 0
    charged_though_cancelled_in_time: int = 0
    left_of_who_was_forgotten: int = 0
    lost_without_a_wish: int = 0


@dataclass(kw_only=True)
class Report:
    """What came of it."""

    seed: int
    asked: int = 0
    kills: int = 0
    database_away_s: float = 0.0
    calls: int = 0
    faults: int = 0
    spells_of_404: int = 0
    hanging_downloads: int = 0
    slowed: int = 0
    clock_jumps: int = 0
    answered: list[str] = field(default_factory=list)
    never_answered: list[str] = field(default_factory=list)
    accepted: int = 0
    delivered: int = 0
    ended_with_a_reason: list[str] = field(default_factory=list)
    cancelled: int = 0
    cancelled_in_time: int = 0
    deleted: int = 0
    members_forgotten: int = 0
    posts: int = 0
    wrongs: Wrongs = field(default_factory=Wrongs)
    about: list[str] = field(default_factory=list)  # a line for each message that is wrong

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, sent or posted twice, or left behind."""
        return self.wrongs == Wrongs()

    def lines(self) -> Iterator[str]:
        """One for each number."""
        every = {each.name: getattr(self, each.name) for each in fields(self)}
        wrongs, about = every.pop("wrongs"), every.pop("about")
        for name, value in (every | vars(wrongs)).items():
            said = ", ".join(value) if isinstance(value, list) else value
            yield f"{name.replace('_', ' '):<34}{said}"
        yield from about


class Count:
    """Counts when all is at rest."""

    def __init__(self, stage: Stage, hands: Hands, rows: Sequence[Job]) -> None:
        ours = stage.discord.bot_user
        everything = stage.discord.all_messages.values()
        self._stage = stage
        self._hands = hands
        self._rows = {job.id: job for job in rows}
        self._messages = [m for m in everything if m.author is ours]
        self._of_seed = {job.request.seed: job.id for job in rows if job.request.seed}
        for message in self._messages:
            for job_id in _named(message):
                self._of_seed |= dict.fromkeys(_seeds(message), job_id)
        self._hanging = hands.hanging(self._rows)
        names = Counter(
            attachment.filename
            for message in self._messages
            if not self._is_copy(message)
            for attachment in message.attachments
            if _SEED.search(attachment.filename)  # a result's, and no thumbnail's
        )
        self._twice = {name for name, count in names.items() if count > 1}

    def fill(self, report: Report) -> None:
        """Write all numbers down."""
        hands, rows = self._hands, self._rows.values()
        reasons = Counter(job.failure.reason.value for job in rows if job.failure)
        report.asked = hands.asked
        report.answered = list(hands.lines())
        report.never_answered = hands.answered_less_than(1)
        report.accepted = sum(job.message_id is not None for job in rows)
        report.delivered = sum(job.status is JobStatus.DELIVERED for job in rows)
        report.ended_with_a_reason = [f"{reason} {count}" for reason, count in reasons.items()]
        report.cancelled = sum(job.is_cancelled for job in rows)
        report.cancelled_in_time = len(hands.uncharged)
        report.deleted = sum(job.status is JobStatus.DELETED for job in rows)
        report.members_forgotten = len(hands.forgotten)
        report.posts = len(self._stage.studio.attempts)
        report.wrongs = self._wrongs()
        report.about = [
            self._about(message) for message in self._messages if self._is_wrong(message)
        ]

    def is_somebody_left(self) -> bool:
        """Whether there are still rows of who was promised to be forgotten."""
        return any(map(self._should_be_forgotten, self._messages))

    def _is_wrong(self, message: Message) -> bool:
        names = {each.filename for each in message.attachments}
        return (
            bool(names & self._twice)
            or message in self._hanging
            or self._is_unwanted(message)
            or self._should_be_forgotten(message)
            or self._is_lost(message)
        )

    def _about(self, message: Message) -> str:
        """All that tells why the message is as it is."""
        jobs = [(each, self._rows.get(each)) for each in self._jobs_of(message)]
        rows = [
            f"{each}: {job and (str(job.status), job.is_cancelled, job.posted)}"
            for each, job in jobs
        ]
        files = [each.filename for each in message.attachments]
        said = [revision.content for revision in message.revisions]
        return f"{message.id} at {message.at} {message.metadata} {files} {said} {rows}"

    def _wrongs(self) -> Wrongs:
        rows = self._rows.values()
        sent = Counter(
            each.seed for each in self._stage.studio.attempts if each.status not in NOT_TAKEN
        )
        return Wrongs(
            jobs_with_more_than_one_post=sum(count > 1 for count in sent.values()),
            succeeded_but_not_delivered=sum(map(self._is_owed, rows)),
            files_posted_twice=len(self._twice),
            left_hanging=len(self._hanging) + sum(job.status not in TERMINAL for job in rows),
            posted_though_unwanted=sum(map(self._is_unwanted, self._messages)),
            charged_though_cancelled_in_time=sum(
                sent[job.request.seed] for job in rows if job.message_id in self._hands.uncharged
            ),
            left_of_who_was_forgotten=sum(map(self._should_be_forgotten, self._messages)),
            lost_without_a_wish=sum(map(self._is_lost, self._messages)),
        )

    def _is_copy(self, message: Message) -> bool:
        return (message.metadata or {}).get("id") in self._hands.copies

    def _is_owed(self, job: Job) -> bool:
        """Whether the service has made its images, and they are not there."""
        known = self._stage.studio.jobs.get(job.progress.job_id) if job.progress else None
        is_wanted = not job.is_cancelled and job.status is not JobStatus.DELETED
        has_succeeded = known is not None and known.state == "succeeded"
        return has_succeeded and is_wanted and job.status is not JobStatus.DELIVERED

    def _jobs_of(self, message: Message) -> set[str]:
        """The ids of the jobs that the message stands for, or has images of."""
        by_seed = {self._of_seed[seed] for seed in _seeds(message) if seed in self._of_seed}
        return {*_named(message), *by_seed}

    def _is_unwanted(self, message: Message) -> bool:
        """Whether it still stands there, or its images do, though nothing is to."""
        if message.is_deleted or message.is_ephemeral:
            return False
        jobs = [self._rows.get(job_id) for job_id in self._jobs_of(message)]
        has_images = bool(message.attachments) and not self._is_copy(message)
        is_in_reach = message.channel is not self._hands.apart  # once its token is over
        return any(
            is_in_reach
            if job is None or job.status is JobStatus.DELETED
            else job.is_cancelled and has_images
            for job in jobs
        )

    def _should_be_forgotten(self, message: Message) -> bool:
        """Whether there is a row of what somebody asked before they were promised to be forgotten."""
        at = self._hands.forgotten.get(asker_id(message) or 0)
        return bool(at and message.at < at and any(each in self._rows for each in _named(message)))

    def _is_lost(self, message: Message) -> bool:
        """Whether its job's row is gone, and who asked has never wanted that."""
        is_gone = any(each not in self._rows for each in _named(message))
        return is_gone and asker_id(message) not in self._hands.leaving


def _named(message: Message) -> set[str]:
    """The job that the message is a reply of: a refusal's row is kept for a minute alone."""
    if not message.attachments and "Nothing was charged" in message.content:
        return set()
    return job_ids(message)


def _seeds(message: Message) -> set[str]:
    return {seed for each in message.attachments for seed in _SEED.findall(each.filename)}
