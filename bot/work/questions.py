"""The step of a job in `running`: the service is asked, and what it says is judged.

A job that is paid for is given up for what stays so, never for what may pass.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.errors import Rejected, TooSlow, Unavailable
from bot.jobs.ages import is_lasting, is_older
from bot.jobs.durations import Durations, Known
from bot.jobs.job import Job, JobStatus, Output
from bot.jobs.progress import Doubt, Progress
from bot.reasons import Reason
from bot.studio.client import InstantStudio
from bot.studio.reading import OVER, SUCCEEDED
from bot.studio.replies import End, StudioJob
from bot.work.crowd import AT_MOST, IN_TURN, Crowd
from bot.work.estimates import estimated, still_said
from bot.work.polling import is_foreseen, next_question_s, put_off, worth
from bot.work.timing import told, took

log = logging.getLogger(__name__)

SOON = timedelta(seconds=5)  # so long a question waits for its time, if it comes early
# How often an answer that ends a job has to come, and for how long.
ENOUGH: Mapping[Reason, tuple[int, timedelta]] = {
    Reason.JOB_GONE: (10, timedelta(hours=1)),
    Reason.NO_IMAGES: (3, timedelta(minutes=5)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Asks when it is time to; `timeout` is how long a job may take at the service."""

    studio: InstantStudio
    durations: Durations
    now: Callable[[], datetime]
    timeout: timedelta
    crowd: Crowd = field(default_factory=Crowd)

    async def step(self, job: Job) -> Job:
        """The job after one more question, or as it is where that has time."""
        if job.progress is None:
            msg = f"job {job.id} is {job.status} without the service's id"
            raise ValueError(msg)
        now, progress = self.now(), still_said(job.progress, self.now())
        has_time = timedelta() < progress.ask_at - now <= SOON
        if has_time or (progress is not job.progress and now < progress.ask_at):
            return _due(replace(job, progress=progress))
        after = await self._asked(job, progress)
        if after.status is not job.status:
            self.crowd.leave(job.id)
        return after

    async def _asked(self, job: Job, progress: Progress) -> Job:
        # The bot may have been away for long: what has ended meanwhile is not too late.
        is_late = is_older(job, self.timeout)
        known = await self.durations.of(job.request.endpoint_id, self.now())
        is_crowded = self.studio.pace.is_crowded
        try:
            answer = await self.studio.status(
                progress.job_id, job.origin.user_id, slow=progress.slow, is_last=is_late
            )
        except Rejected as error:
            return self._doubted(job, progress, error.reason, is_late=is_late)
        except Unavailable as error:
            if is_late and is_lasting(job):
                return job.failed(Reason.TIMED_OUT, at=self.now())
            slow = progress.slow + isinstance(error, TooSlow)
            return self._again(job, replace(progress, slow=slow), error.retry_after_s)
        after = self._told(job, progress, answer, known)
        self.crowd.asked(job.id, worth(progress, known, _ended_s(after)), is_crowded=is_crowded)
        return after

    def _told(self, job: Job, progress: Progress, answer: StudioJob, known: Known) -> Job:
        now, is_late = self.now(), is_older(job, self.timeout)
        if answer.end is End.SURE:
            return _ended(job, answer, at=now)
        if answer.end is End.PERHAPS:
            doubted = self._doubted(job, progress, Reason.NO_IMAGES, is_late=is_late)
            return doubted if doubted.status is job.status else _ended(job, answer, at=now)
        if is_late:
            return job.failed(Reason.TIMED_OUT, at=now)
        seen = told(progress, answer, job.age_s)
        return self._goes_on(job, estimated(progress, seen, known, now), known)

    def _goes_on(self, job: Job, progress: Progress, known: Known) -> Job:
        """The job asked for once it is likely to have ended."""
        alone_s = next_question_s(progress, known)
        in_s = next_question_s(progress, known, self.crowd.stretch)
        turns, pace = AT_MOST if is_foreseen(progress, known) else IN_TURN, self.studio.pace
        longest_s = self.crowd.longest_s(pace.per_second, turns) - pace.answer_s
        in_s = max(alone_s, min(in_s, longest_s))
        progress = replace(progress, ask_at=self.now() + timedelta(seconds=in_s), doubt=None)
        return _due(replace(job, progress=progress, tries=0))

    def _doubted(self, job: Job, progress: Progress, reason: Reason, *, is_late: bool) -> Job:
        """The job asked for again; failed once that answer has come often, and for long."""
        doubt = once_more(progress.doubt, reason, job.trouble_s)
        if has_stayed(doubt, job.trouble_s) or (is_late and is_lasting(job)):
            return job.failed(reason, at=self.now())
        log.warning("job %s: asked for once more, as it may be over: %s", job.id, reason)
        return self._again(job, replace(progress, doubt=doubt))

    def _again(self, job: Job, progress: Progress, retry_after_s: float | None = None) -> Job:
        later = put_off(job, self.now(), retry_after_s)
        return _due(replace(later, progress=replace(progress, ask_at=later.due_at or self.now())))


def _ended_s(job: Job) -> float:
    """The age at which the service had ended it; its age now where it has not."""
    took = job.progress.took if job.progress else None
    return took.queueing_s + took.processing_s if took else job.age_s


def _due(job: Job) -> Job:
    """The job due for its next question; before that where it will have to say that it is late."""
    if job.progress is None:
        return job
    said = job.progress.estimate
    times = (job.progress.ask_at, said.ready_at if said else None)
    return replace(job, due_at=min(each for each in times if each))


def once_more(doubt: Doubt | None, reason: Reason, trouble_s: float) -> Doubt:
    """The doubt after one more answer that would end the job for this reason."""
    if doubt is None or doubt.reason is not reason:
        return Doubt(reason=reason, from_s=trouble_s)
    return replace(doubt, times=doubt.times + 1)


def has_stayed(doubt: Doubt, trouble_s: float) -> bool:
    """Whether that answer came often, and for long."""
    times, span = ENOUGH[doubt.reason]
    return doubt.times >= times and trouble_s - doubt.from_s >= span.total_seconds()


def _offered(job: Job, urls: Sequence[str]) -> tuple[Output, ...]:
    """What there is to be downloaded; of a job that is asked for once more, what it lacks."""
    if len(job.outputs) != len(urls):
        return tuple(Output(url=url) for url in urls)
    return tuple(replace(output, url=url) for output, url in zip(job.outputs, urls, strict=True))


def _ended(job: Job, answer: StudioJob, *, at: datetime) -> Job:
    if job.progress and not job.is_resumed:
        ended = replace(
            told(job.progress, answer, job.age_s), took=took(job.progress, answer, job.age_s)
        )
        job = replace(job, progress=ended)
    if answer.image_urls:
        outputs = _offered(job, answer.image_urls)
        return replace(job.moved(JobStatus.DOWNLOADING, at=at), outputs=outputs)
    has_failed = answer.state in OVER or (answer.state != SUCCEEDED and answer.error)
    return job.failed(Reason.FAILED if has_failed else Reason.NO_IMAGES, at=at, detail=answer.error)
