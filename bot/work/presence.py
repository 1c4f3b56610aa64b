"""What stands in Discord while a job runs, and what is still owed there once it has ended."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.discord.lost import Lost
from bot.discord.messenger import Messenger
from bot.discord.render import notice
from bot.discord.reply import OF_TEXT, Drawing, draw
from bot.discord.requests import TokenOver, Upload
from bot.errors import DiscordBusy, DiscordError, MessageGone
from bot.jobs.ages import is_over
from bot.jobs.grants import is_out_of_reach
from bot.jobs.job import Failure, Job, JobStatus, OriginKind, Posted
from bot.reasons import Reason
from bot.work.delivery import PATIENCE, without_further
from bot.work.held import Held
from bot.work.polling import put_off

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Draws jobs into their replies."""

    messenger: Messenger
    lost: Lost
    now: Callable[[], datetime]
    emoji: str
    notify_after: timedelta | None

    async def found(self, held: Held) -> Posted | None:
        """The reply of a job whose handler was cut off; sent now where no interaction waits.

        AlreadyTold, Contradicted where something else is the answer.
        """
        await held.check()
        posted = await self.lost.find(held.job)
        is_late = held.job.origin.kind in _ANSWERED_LATE and not held.job.is_cancelled
        if posted is None and is_late:
            return await self.messenger.reply(held.job)
        return posted

    async def show(self, held: Held, job: Job) -> Job:
        """The job with its reply drawn where it changed; a no from Discord waits for a change."""
        try:
            return await self._drawn(held, job)
        except TokenOver:
            return replace(job, grant=None)
        except DiscordError as error:
            log.warning("job %s: its reply was not edited: %s", job.id, error)
            return job if isinstance(error, DiscordBusy) else _shown(job, draw(job))

    async def conclude(self, held: Held) -> Job:
        """An ended job: its last drawing, its reaction and its notice, each until it stands."""
        job = held.job
        if job.message_id is None or job.failure == _ANOTHERS or is_out_of_reach(job, self.now()):
            return replace(job, due_at=None)
        try:
            if await self._is_withdrawn(held):
                return replace(held.job, due_at=None)
            if _is_unwanted(job := held.job):
                job = await without_further(held, self.messenger)  # whether or not a reply is there
            job = await self._drawn(held, job)
        except DiscordBusy as error:
            return self._later(held.job, error)
        except DiscordError as error:
            log.warning("job %s: its end cannot be shown: %s", job.id, error)
            return replace(job, due_at=None)
        return await self._made_known(held, job)

    async def _made_known(self, held: Held, job: Job) -> Job:
        """With its reaction and its notice; what a token alone reaches has none."""
        try:
            if not job.is_by_token:
                job = await self._with_reactions(held, job)
                job = await self._with_notice(held, job)
        except DiscordBusy as error:
            return self._later(job, error)
        return replace(job, due_at=None)

    async def _is_withdrawn(self, held: Held) -> bool:
        """Whether who asked alone was told what is wrong with their picture, and the reply is gone.

        As is said of what the picture's description shows. Of an interaction alone Discord can: else
        the reply says it.
        """
        job = held.job
        if job.is_hidden or job.failure is None or job.failure.reason is not Reason.BAD_INPUT:
            return False
        try:
            if not job.posted.told:
                await held.check()
                await self.messenger.alone.tell(job, draw(job))
                await held.keep(replace(job, posted=replace(job.posted, told=True)))
            await held.check()
            await self.messenger.withdraw(job)
        except MessageGone:
            return job.posted.told
        except DiscordBusy:
            raise
        except DiscordError as error:
            log.info("job %s: its reply says what is wrong: %s", job.id, error)
            return False
        return True

    async def _drawn(self, held: Held, job: Job) -> Job:
        drawing = draw(job)
        if drawing.digest == job.posted.shown or _is_done_by_an_embed(job):
            return job
        if is_out_of_reach(job, self.now()):  # who asked may press
            return job
        await held.check()
        # They may be there already: somebody was about to post them when it was cancelled.
        no_images: list[Upload] | None = [] if _is_unwanted(job) else None
        grant = await self.messenger.edit(job, drawing, no_images)
        return _shown(replace(job, grant=grant), drawing)

    async def _with_reactions(self, held: Held, job: Job) -> Job:
        if job.posted.reacted or job.status is not JobStatus.DELIVERED or not self.emoji:
            return job
        try:
            for message_id in job.posted.message_ids:
                await held.check()
                await self.messenger.react(job, message_id, self.emoji)
        except DiscordBusy:
            raise
        except DiscordError as error:
            log.info("job %s: no reaction under its result: %s", job.id, error)
        return replace(job, posted=replace(job.posted, reacted=True))

    async def _with_notice(self, held: Held, job: Job) -> Job:
        took = job.changed_at - job.created_at
        if job.posted.notified or self.notify_after is None or took < self.notify_after:
            return job
        if job.is_cancelled:
            return job  # nobody waits for it
        notice_id = None
        try:
            await held.check()
            notice_id = await self.messenger.notify(job, notice(job))
        except DiscordBusy:
            raise
        except DiscordError as error:
            log.info("job %s: nobody was told of its end: %s", job.id, error)
        return replace(job, posted=replace(job.posted, notified=True, notice_id=notice_id))

    def _later(self, job: Job, error: DiscordError) -> Job:
        if is_over(job, PATIENCE):
            return replace(job, due_at=None)
        level = logging.WARNING if error.retry_after_s is None else logging.INFO  # as it was told
        log.log(level, "job %s: not all of its end is there yet: %s", job.id, error)
        return put_off(job, self.now(), error.retry_after_s)


def _is_unwanted(job: Job) -> bool:
    """Whether nothing of the ended job is to be posted, as it was cancelled."""
    return job.status is JobStatus.CANCELLED or (job.is_terminal and job.is_cancelled)


def _is_done_by_an_embed(job: Job) -> bool:
    """Whether an earlier version has drawn its end: that stays as it is."""
    shown = job.posted.shown
    return job.status is JobStatus.DELIVERED and bool(shown) and not shown.startswith(OF_TEXT)


def _shown(job: Job, drawing: Drawing) -> Job:
    return replace(job, posted=replace(job.posted, shown=drawing.digest))


_ANOTHERS = Failure(reason=Reason.NOT_OURS)  # what stands in Discord is right, and not this row

# An interaction that got no answer in time is over; a message can be answered at any time.
_ANSWERED_LATE = frozenset({OriginKind.MESSAGE, OriginKind.REACTION})
