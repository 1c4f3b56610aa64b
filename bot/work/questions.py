"""The step of a job in `running`: the service is asked, and what it says is judged.

A job that is paid for is given up for what stays so, never for what may pass.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import Rejected, TooSlow, Unavailable
from bot.jobs.ages import is_lasting, is_older
from bot.jobs.job import Doubt, Job, JobStatus, Output, Progress
from bot.reasons import Reason
from bot.studio.client import InstantStudio
from bot.studio.reading import FAILED, SUCCEEDED
from bot.studio.replies import End, StudioJob
from bot.work.polling import next_delay_s, put_off

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
    now: Callable[[], datetime]
    timeout: timedelta

    async def step(self, job: Job) -> Job:
        """The job after one more question, or as it is where that has time."""
        if job.progress is None:
            msg = f"job {job.id} is {job.status} without the service's id"
            raise ValueError(msg)
        if timedelta() < job.progress.ask_at - self.now() <= SOON:
            return replace(job, due_at=job.progress.ask_at)
        return await self._asked(job, job.progress)

    async def _asked(self, job: Job, progress: Progress) -> Job:
        # The bot may have been away for long: what has ended meanwhile is not too late.
        is_late = is_older(job, self.timeout)
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
        return self._told(job, progress, answer, is_late=is_late)

    def _told(self, job: Job, progress: Progress, answer: StudioJob, *, is_late: bool) -> Job:
        now = self.now()
        if answer.end is End.SURE:
            return _ended(job, answer, at=now)
        if answer.end is End.PERHAPS:
            doubted = self._doubted(job, progress, Reason.NO_IMAGES, is_late=is_late)
            return doubted if doubted.status is job.status else _ended(job, answer, at=now)
        if is_late:
            return job.failed(Reason.TIMED_OUT, at=now)
        ask_at = now + timedelta(seconds=next_delay_s(age_s=job.age_s, state=answer.state))
        progress = replace(progress, state=answer.state, ask_at=ask_at, doubt=None)
        return replace(job, progress=progress, due_at=ask_at, tries=0)

    def _doubted(self, job: Job, progress: Progress, reason: Reason, *, is_late: bool) -> Job:
        """The job asked for again; failed once that answer has come often, and for long."""
        doubt = once_more(progress.doubt, reason, job.trouble_s)
        if has_stayed(doubt, job.trouble_s) or (is_late and is_lasting(job)):
            return job.failed(reason, at=self.now())
        log.warning("job %s: asked for once more, as it may be over: %s", job.id, reason)
        return self._again(job, replace(progress, doubt=doubt))

    def _again(self, job: Job, progress: Progress, retry_after_s: float | None = None) -> Job:
        later = put_off(job, self.now(), retry_after_s)
        return replace(later, progress=replace(progress, ask_at=later.due_at or self.now()))


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
    if answer.image_urls:
        outputs = _offered(job, answer.image_urls)
        return replace(job.moved(JobStatus.DOWNLOADING, at=at), outputs=outputs)
    has_failed = answer.state == FAILED or (answer.state != SUCCEEDED and answer.error)
    return job.failed(Reason.FAILED if has_failed else Reason.NO_IMAGES, at=at, detail=answer.error)
