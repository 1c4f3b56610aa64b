"""A job that waits here for a place at the service: what its row says then, and until when. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.jobs.ages import is_older
from bot.jobs.job import InLine, Job
from bot.reasons import Reason

RENEWED = timedelta(seconds=30)  # so often at most a reply says anew where its job stands
FAR = 10  # so many places further back it says so that much more seldom
SELDOM = timedelta(minutes=8)  # less than what `places` looks at
PATIENCE = timedelta(days=1)


def in_line(job: Job, place: int, now: datetime) -> Job:
    """The job, which waits at this place; given up after a day.

    Its patience with the service begins once it waits no longer.
    """
    if is_older(job, PATIENCE):
        return job.failed(Reason.NO_TURN, at=now)
    line = job.line
    if line is None or not timedelta() <= now - line.at < RENEWED:
        line = InLine(place=place, at=now)
    due_at = max(now, line.at) + renewed_after(line.place)
    return replace(job, line=line, waited_s=job.age_s, busy_until=None, due_at=due_at)


def renewed_after(place: int) -> timedelta:
    """When a job at this place looks for its place again, if nobody calls it."""
    return min(RENEWED * (1 + place // FAR), SELDOM)


def has_waited_since(job: Job, patience: timedelta) -> bool:
    """Whether it is for longer than that that it could go."""
    return is_older(job, patience + timedelta(seconds=job.waited_s))
