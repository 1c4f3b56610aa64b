"""Jobs that were given up though they are paid for, and how one is taken up again. Pure."""

from dataclasses import replace
from datetime import datetime

from bot.errors import Refused
from bot.jobs.job import Job, JobStatus, OriginKind
from bot.jobs.progress import Progress
from bot.reasons import Reason

# Why a job that is paid for may end, though nobody said that it has failed.
GIVEN_UP = frozenset(
    {
        Reason.JOB_GONE,
        Reason.TIMED_OUT,
        Reason.NO_IMAGES,
        Reason.IMAGES_GONE,
        Reason.BAD_OUTPUT,
        Reason.INTERNAL,
    }
)


def is_given_up(job: Job) -> bool:
    """Whether it was paid for, and ended without images that may still be there."""
    if job.status is JobStatus.UNDELIVERABLE:
        return True
    reason = job.failure.reason if job.failure else None
    return job.progress is not None and reason in GIVEN_UP


def resumed(job: Job, *, at: datetime) -> Job:
    """The job as it goes on: asked for, downloaded or delivered again; it is never sent again.

    Refused where nothing can be done for it.
    """
    status = _next(job)
    origin = job.origin
    if origin.kind is OriginKind.REACTION:  # the member may have begun another run since
        origin = replace(origin, key=f"{origin.key}:{job.id}")
    anew = replace(job, tries=0, crashes=0, seen=None, age_s=0.0, trouble_s=0.0, failure=None)
    return replace(
        anew,
        status=status,
        origin=origin,
        changed_at=at,
        due_at=at,
        progress=_asked_at(job.progress, at),
        outputs=tuple(replace(o, is_lost=False, is_left_out=False) for o in job.outputs),
        is_resumed=True,
    )


def _next(job: Job) -> JobStatus:
    short = job.id[:12]
    if not job.is_terminal:
        raise Refused("Job {job} has not ended: it is {status}.", job=short, status=job.status)
    if job.status in {JobStatus.CANCELLED, JobStatus.DELETED} or job.is_cancelled:
        raise Refused("Job {job} was {status} by who asked for it.", job=short, status=job.status)
    if job.status is JobStatus.UNDELIVERABLE:
        return JobStatus.DELIVERING
    if job.status is JobStatus.DELIVERED:
        if any(output.is_lost for output in job.outputs):
            return JobStatus.DOWNLOADING
        if any(output.is_left_out for output in job.outputs):
            return JobStatus.DELIVERING
        raise Refused("Job {job} has been delivered, with all its images.", job=short)
    if job.progress is None:
        raise Refused(
            "Job {job} was not taken by the service, as far as the bot knows: there is nothing to"
            " ask for.",
            job=short,
        )
    is_our_fault = job.failure is not None and job.failure.reason is Reason.INTERNAL
    return JobStatus.DOWNLOADING if job.outputs and is_our_fault else JobStatus.RUNNING


def _asked_at(progress: Progress | None, at: datetime) -> Progress | None:
    return replace(progress, ask_at=at, doubt=None) if progress else None
