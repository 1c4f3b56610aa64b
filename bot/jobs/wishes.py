"""What members want of a job that is there: to see it, to cancel it, to delete what came of it.

Each is one short transaction before the answer to a press. What is to be done for it in Discord and
with files, the worker does.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.errors import AlreadyTold, Refused, StorageError
from bot.jobs.grants import granted, live_grant
from bot.jobs.job import Grant, Job, JobStatus, Place
from bot.jobs.observer import Observer
from bot.jobs.patience import in_time
from bot.jobs.store import JobStore

log = logging.getLogger(__name__)

MOST_AGAIN = 50  # messages that show a result once more

NOT_KEPT = "This job is no longer kept."
NOT_READ = "The bot's database does not answer now. Press again in a minute."
IN_DOUBT = (
    "The bot could not see in time whether this was done. Look at the reply in a minute, and press"
    " again if nothing has changed."
)
NOT_KNOWN = "The bot could not see in time whether this was done. Press again in a minute."

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Presser:
    """Who pressed a button: `moderates` is the channel where they may manage messages, or None.

    `message_id` is the message that the button is on; `has_begun`: by what that says, its job is
    at the service; `is_alone`: they alone see it.
    """

    user_id: int
    message_id: int
    moderates: int | None = None
    has_begun: bool = False
    is_alone: bool = False


class Wishes:
    """Raises Refused with the sentence for who pressed."""

    def __init__(
        self,
        store: JobStore,
        *,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        observer: Observer,
    ) -> None:
        self._store = store
        self._now = now
        self._wake = wake
        self._observer = observer

    async def job(self, job_id: str) -> Job:
        """The job as it is."""
        return kept(await read(self._store.get(job_id)))

    async def cancel(self, job_id: str, presser: Presser) -> Job:
        """The job, cancelled: what is not sent yet ends here, uncharged; all else goes on unposted."""
        ended: list[tuple[Job, Job]] = []

        def end(job: Job) -> Job:
            _check_may_cancel(job, presser)
            if job.status is not JobStatus.ACCEPTED:
                return job
            posted = job.posted
            if job.message_id is None:  # whoever answered has not noted it yet
                seen, is_hidden = (presser.message_id,), presser.is_alone
                posted = replace(posted, message_ids=seen, is_hidden=is_hidden)
            cancelled = replace(job.moved(JobStatus.CANCELLED, at=self._now()), posted=posted)
            ended.append((job, cancelled))
            return cancelled

        job = await self._done(job_id, self._store.cancel(job_id, end))
        for before, after in ended:
            self._observer.advanced(before, after)
        log.info("job %s: cancelled by who asked: %s", job_id, job.status)
        return job

    async def get(self, job_id: str, presser: Presser, grant: Grant) -> Job:
        """The job, whose reply is drawn by this press's token, and its images handed out."""

        def edit(job: Job) -> Job:
            if job.origin.user_id != presser.user_id:
                raise Refused("Only who asked for this can get it.")
            if not presser.is_alone and not job.origin.is_apart:
                raise Refused("Only where nobody else sees this it can be got so.")
            if job.status is JobStatus.DELETED:
                return job
            anew = granted(job, grant, presser.message_id, self._now())
            if anew is job:  # whoever is at it goes on
                return job
            return replace(anew, posted=replace(anew.posted, is_hidden=presser.is_alone))

        job = kept(await self._done(job_id, self._store.change(job_id, edit)))
        if job.grant == grant:
            log.info("job %s: who asked wants to see how it is", job_id)
        elif job.status is JobStatus.SUBMITTING and live_grant(job, self._now()) is None:
            raise Refused("It is on its way to the service now: press again in a minute.")
        elif job.status is JobStatus.DELIVERED and not job.posted.is_owed:
            raise Refused("All of it is here already.")
        return job

    async def delete(self, job_id: str, presser: Presser) -> Job:
        """The job, of which the worker removes all that is there."""

        def edit(job: Job) -> Job:
            check_may_delete(job, presser)
            if job.status is JobStatus.DELETED:
                return job
            return job.moved(JobStatus.DELETED, at=self._now())

        job = await self._done(job_id, self._store.change(job_id, edit))
        log.info("job %s: deleted by member %d", job_id, presser.user_id)
        return job

    async def shown(
        self, job_id: str, place: Place | None, check: Callable[[Job], None] = lambda _job: None
    ) -> Job:
        """The job, of which is noted where its images are shown once more, at first by which event.

        Refused where they are not to be any more, or `check` does. What is hidden has no place.
        """

        def edit(job: Job) -> Job:
            check(kept(job))
            return job if job.is_hidden or place is None else _shown_at(job, place)

        return await self._done(job_id, self._store.change(job_id, edit))

    async def forget(self, user_id: int) -> None:
        """Let all go that is kept of the member: the worker sees to it, through any restart."""
        try:
            ended = await _in_time(self._store.leaving.ask(user_id, self._now()))
        except (TimeoutError, StorageError) as error:
            log.warning("member %d: not known to be forgotten: %r", user_id, error)
            raise Refused(NOT_KNOWN) from error
        finally:
            self._wake()
        for before, after in ended:
            self._observer.advanced(before, after)
        log.info("member %d: is being forgotten, as they want", user_id)

    async def _done(self, job_id: str, work: Awaitable[Job | None]) -> Job:
        """What the transaction leaves; Refused where it is not known whether it was carried out."""
        try:
            job = await _in_time(work)
        except (TimeoutError, StorageError) as error:
            log.warning("job %s: a press is not known to be carried out: %r", job_id, error)
            raise Refused(IN_DOUBT) from error
        finally:
            self._wake()
        if job is None:
            raise Refused(NOT_KEPT)
        return job


async def read(reading: Awaitable[T]) -> T:
    """What is read for a press; Refused where that is not in time."""
    try:
        return await _in_time(reading)
    except (TimeoutError, StorageError) as error:
        log.warning("a job cannot be read for a press: %r", error)
        raise Refused(NOT_READ) from error


def kept(job: Job | None) -> Job:
    """The job; Refused where it is not there, or was deleted."""
    if job is None or job.status is JobStatus.DELETED:
        raise Refused(NOT_KEPT)
    return job


async def _in_time(work: Awaitable[T]) -> T:
    async with in_time():
        return await work


def _shown_at(job: Job, place: Place) -> Job:
    """The job with the place, in that of its event alone; Refused where there are too many.

    AlreadyTold where the event came once more: whoever had it first shows it.
    """
    events = {each.event_id for each in job.posted.again if each.event_id}
    if not place.message_id and place.event_id in events:
        raise AlreadyTold(f"interaction {place.event_id} is being answered")
    again = [
        each for each in job.posted.again if each.message_id or each.event_id != place.event_id
    ]
    if len(again) >= MOST_AGAIN:
        raise Refused("This was shown again too often already.")
    return replace(job, posted=replace(job.posted, again=(*again, place)))


def _check_may_cancel(job: Job, presser: Presser) -> None:
    if job.origin.user_id != presser.user_id:
        raise Refused("Only who asked for this can cancel it.")
    if job.is_terminal and not job.is_cancelled:
        raise Refused("This job has ended already.")
    if job.status is JobStatus.ACCEPTED and presser.has_begun:
        # Its row is of a table that was put back from a copy: what stands in Discord is right.
        raise Refused("The bot does not see now how far this job is, so it cannot be cancelled.")


def check_may_delete(job: Job, presser: Presser) -> None:
    """Nothing, or Refused with the sentence for who pressed."""
    is_moderated = not job.is_hidden and presser.moderates == job.origin.channel_id
    if job.origin.user_id != presser.user_id and not is_moderated:
        raise Refused("Only who asked for this, or who may manage messages here, can delete it.")
    if not job.is_terminal:
        raise Refused("This job has not ended. Cancel it, or wait until it has ended.")
