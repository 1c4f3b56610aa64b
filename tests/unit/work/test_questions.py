"""What ends a job that is paid for, and what only looks like its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from bot.errors import Rejected, StudioError, TooSlow, Unavailable
from bot.jobs.ages import aged
from bot.jobs.clocks import Seen
from bot.jobs.durations import Known
from bot.jobs.job import Job, JobStatus
from bot.jobs.progress import Estimate, Progress, Took
from bot.reasons import Reason
from bot.studio.pace import Pace
from bot.studio.replies import End, StudioJob
from bot.work.questions import Questions
from tests.jobs import NOON, make_job

HOUR_S = 3600.0
TIMEOUT = timedelta(hours=24)
GONE = Rejected("status: 404", reason=Reason.JOB_GONE, status=404)
DOWN = Unavailable("status: 503", reason=Reason.SERVICE_DOWN, status=503)
SLOW = TooSlow("status: TimeoutError", reason=Reason.SERVICE_DOWN)
RUNS = StudioJob(job_id="j-1", state="processing")
EMPTY = StudioJob(job_id="j-1", state="succeeded", end=End.PERHAPS)
IMAGES = StudioJob(job_id="j-1", state="succeeded", image_urls=("/1",), end=End.SURE)
SOME = replace(IMAGES, state="resting", end=End.PERHAPS)
CANCELLED = StudioJob(job_id="j-1", state="cancelled", error="by hand", end=End.PERHAPS)
Answer = StudioJob | StudioError
NOBODY_SETS_IT = timedelta()


@dataclass
class Asked:
    """A service that gives one answer after the other, and a job that is asked for when it is due."""

    answers: Iterator[Answer]
    job: Job = field(
        default_factory=lambda: make_job(
            status=JobStatus.RUNNING,
            progress=Progress(job_id="j-1", state="pending", submitted_at=NOON, ask_at=NOON),
        )
    )
    wall: timedelta = NOBODY_SETS_IT  # by which the clock on the wall is wrong
    passed_s: float = 0.0
    known: Known = ()
    pace: Pace = field(default_factory=lambda: Pace(10.0))
    how: list[dict[str, Any]] = field(default_factory=list)

    async def status(self, _job_id: str, _member: int, **how: Any) -> StudioJob:
        self.how.append(how)
        answer = next(self.answers)
        if isinstance(answer, StudioError):
            raise answer
        return answer

    async def of(self, _endpoint_id: str, _now: datetime) -> Known:
        return self.known

    async def once(self) -> Job:
        """The job when it is due the next time."""
        now = NOON + self.wall + timedelta(seconds=self.passed_s)
        seen = Seen(at=now, steady_s=self.passed_s, boot="here")
        asking = Questions(
            studio=cast("Any", self),
            durations=cast("Any", self),
            now=lambda: now,
            timeout=TIMEOUT,
        )
        self.job = aged(await asking.step(aged(self.job, seen)), seen)
        if self.job.due_at:
            self.passed_s += max(0.0, (self.job.due_at - now).total_seconds())
        return self.job

    async def ended(self, most: int = 4000) -> Job:
        """The job once it is no longer asked for."""
        for _question in range(most):
            if (await self.once()).status is not JobStatus.RUNNING:
                break
        return self.job


def always(*answers: Answer) -> Iterator[Answer]:
    while True:
        yield from answers


ENDS: dict[str, tuple[Callable[[], Iterator[Answer]], Reason | None, float, int]] = {
    "unknown": (lambda: always(GONE), Reason.JOB_GONE, HOUR_S, 10),
    "unknown, and away": (lambda: always(DOWN, DOWN, GONE), Reason.JOB_GONE, HOUR_S, 30),
    "away": (lambda: always(DOWN), Reason.TIMED_OUT, 24 * HOUR_S, 200),
    "slow": (lambda: always(SLOW), Reason.TIMED_OUT, 24 * HOUR_S, 200),
    "known now and then": (lambda: always(*[GONE] * 9, RUNS), Reason.TIMED_OUT, 24 * HOUR_S, 99),
    "not the same end twice": (lambda: always(GONE, EMPTY), Reason.NO_IMAGES, 24 * HOUR_S, 99),
    "nothing but a state": (lambda: always(RUNS), Reason.TIMED_OUT, 24 * HOUR_S, 99),
    "done, without images": (lambda: always(EMPTY), Reason.NO_IMAGES, 300.0, 3),
    "ended, and no success": (lambda: always(CANCELLED), Reason.FAILED, 300.0, 3),
    "images, and no end": (lambda: always(SOME), None, 300.0, 3),
    "images one answer later": (lambda: iter([EMPTY, IMAGES]), None, 2.0, 2),
    "images after nine that know nothing": (lambda: iter([*[GONE] * 9, IMAGES]), None, 500.0, 10),
}


@pytest.mark.parametrize(("answers", "reason", "least_s", "least"), ENDS.values(), ids=ENDS)
async def test_a_paid_job_ends_by_what_stays_so(
    answers: Callable[[], Iterator[Answer]], reason: Reason | None, least_s: float, least: int
) -> None:
    asked = Asked(answers())
    job = await asked.ended()
    assert (job.failure.reason if job.failure else None) is reason
    assert job.status is (JobStatus.FAILED if reason else JobStatus.DOWNLOADING)
    assert asked.passed_s >= least_s
    assert len(asked.how) >= least


@pytest.mark.parametrize("jump", [timedelta(hours=48), timedelta(hours=-2), timedelta(seconds=-50)])
@pytest.mark.parametrize("answer", [GONE, DOWN, EMPTY, RUNS], ids=["404", "503", "empty", "state"])
async def test_a_clock_that_is_set_ends_no_job_and_stalls_none(
    answer: Answer, jump: timedelta
) -> None:
    asked = Asked(always(answer))
    for _question in range(3):
        await asked.once()
    asked.wall = jump
    questions = len(asked.how)
    assert (await asked.once()).status is JobStatus.RUNNING
    assert (await asked.once()).status is JobStatus.RUNNING
    assert len(asked.how) == questions + 2
    assert asked.passed_s <= 62  # 2, 4, 8, 16 and 32 s


async def test_a_bot_that_was_away_asks_for_a_while_before_it_gives_a_job_up() -> None:
    asked = Asked(iter([RUNS, GONE, DOWN, DOWN, DOWN, SLOW, IMAGES]))
    await asked.once()
    asked.passed_s += 48 * HOUR_S
    assert (await asked.ended()).status is JobStatus.DOWNLOADING


async def test_a_slow_service_is_waited_for_longer_each_time_and_longest_at_the_end() -> None:
    asked = Asked(iter([SLOW, SLOW, RUNS, SLOW, RUNS, IMAGES]))
    for _question in range(5):
        await asked.once()
    asked.passed_s += 25 * HOUR_S
    assert (await asked.ended()).status is JobStatus.DOWNLOADING
    told = [(each["slow"], each["is_last"]) for each in asked.how]
    assert told == [(n, False) for n in (0, 1, 2, 2, 3)] + [(3, True)]


async def test_a_reply_that_is_late_says_so_without_a_question() -> None:
    works = replace(RUNS, started_at=NOON.isoformat(), sent_at=NOON)
    known = tuple(Took(queueing_s=0.0, processing_s=20.0 + each) for each in range(9))
    asked = Asked(always(works), known=known)
    while not (job := await asked.once()).progress or not estimate_of(job).ready_at:
        assert asked.passed_s < 30
    ready_at = estimate_of(job).ready_at
    questions, before = 0, job
    while estimate_of(job).ready_at:
        questions, before = len(asked.how), job
        job = await asked.once()
        assert asked.passed_s < 60
    assert before.due_at == ready_at
    assert before.progress
    assert job.due_at == before.progress.ask_at
    assert len(asked.how) == questions


def estimate_of(job: Job) -> Estimate:
    assert job.progress
    assert job.progress.estimate
    return job.progress.estimate


@pytest.mark.parametrize("end", [IMAGES, CANCELLED], ids=["images", "cancelled"])
async def test_a_job_that_has_ended_has_told_how_long_it_took(end: StudioJob) -> None:
    ended = NOON + timedelta(seconds=2)
    last = replace(end, started_at=NOON.isoformat(), completed_at=ended.isoformat(), end=End.SURE)
    asked = Asked(iter([RUNS, RUNS, replace(last, sent_at=ended)]))
    progress = (await asked.ended()).progress
    assert progress
    has_failed = end is CANCELLED
    assert progress.took == Took(queueing_s=0.0, processing_s=2.0, has_failed=has_failed)
