"""An interaction's token: for how long it is used, and what another one lets be done anew. Pure.

What one member alone sees, and what stands where the bot is not, is changed by such a token, and
never by the bot's own.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.jobs.job import Grant, Job, JobStatus

GRANT_MARGIN = timedelta(seconds=60)  # a token so near its end is not used any more
RENEWED = timedelta(minutes=1)  # one that lasts so much longer is worth another beginning


def live_grant(job: Job, now: datetime) -> Grant | None:
    """The interaction's token while it may be used, or None."""
    grant = job.grant
    return grant if grant and now < grant.expires_at - GRANT_MARGIN else None


def is_out_of_reach(job: Job, now: datetime) -> bool:
    """Whether its reply cannot be changed before who asked presses *Get the result*."""
    return job.is_by_token and live_grant(job, now) is None


def granted(job: Job, grant: Grant, message_id: int, now: datetime) -> Job:
    """The job with the token of a press on its reply, due to be drawn and handed out by it.

    As it is while it is sent, which nothing may cut short, and where its own token still does: so
    presses one after the other begin nothing anew.
    """
    if job.status is JobStatus.SUBMITTING or (live_grant(job, now) and _does(job, grant)):
        return job
    posted = replace(
        job.posted,
        message_ids=(job.message_id or message_id,),  # the others are of the token before
        shown="",
        is_owed=job.status is JobStatus.DELIVERED,
    )
    granted = replace(job, grant=grant, posted=posted, due_at=now)
    if not job.is_terminal:
        return granted
    return replace(granted, tries=0, seen=None, age_s=0.0, trouble_s=0.0)


def _does(job: Job, grant: Grant) -> bool:
    """Whether the job, whose token may be used, needs no other one."""
    if job.is_terminal:
        is_handed_out = job.status is JobStatus.DELIVERED and not job.posted.is_owed
        return is_handed_out or job.due_at is not None
    if job.status in {JobStatus.DOWNLOADING, JobStatus.DELIVERING}:
        return True
    is_as_long = job.grant is not None and grant.expires_at - job.grant.expires_at < RENEWED
    return is_as_long and job.message_id is not None
