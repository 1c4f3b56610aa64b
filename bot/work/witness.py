"""What stands in Discord, as the second witness of what a row says before anything is done for it.

A row that says less than its reply is of a table that was put back from a copy, or has lost what was
committed; one whose reply is another's is a second bot's. The reply is right: nothing is sent, and
nothing drawn over it.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot.discord.lost import Lost
from bot.discord.signs import Sign
from bot.errors import AlreadyTold, Contradicted, DiscordBusy, DiscordError
from bot.jobs.ages import is_over
from bot.jobs.grants import is_out_of_reach
from bot.jobs.job import Job, JobStatus
from bot.jobs.known import Known
from bot.reasons import Reason
from bot.service import closed_by
from bot.work.delivery import PATIENCE
from bot.work.held import Held
from bot.work.polling import put_off
from bot.work.presence import Presence

log = logging.getLogger(__name__)

_NOT_YET_SENT = frozenset({Sign.FURTHER, Sign.DONE, Sign.ANOTHERS})
# A failed job may run again: its id arrived after it was given up.
_CONTRADICTS: Mapping[JobStatus, frozenset[Sign]] = {
    JobStatus.ACCEPTED: _NOT_YET_SENT,
    JobStatus.SUBMITTING: _NOT_YET_SENT,
    JobStatus.RUNNING: frozenset({Sign.DONE}),
    JobStatus.DOWNLOADING: frozenset({Sign.DONE}),
}
_PAID = frozenset({JobStatus.RUNNING, JobStatus.DOWNLOADING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Looks at a row's reply, once in each process that did not take it a moment ago."""

    presence: Presence
    lost: Lost
    known: Known
    now: Callable[[], datetime]

    async def instead(self, held: Held) -> Job | None:
        """The row as it is to be saved in place of its step; None where nothing is against that."""
        job = held.job
        if job.status is JobStatus.ACCEPTED and job.message_id is None:
            return await self._found(held)
        if job.status is JobStatus.ACCEPTED and is_out_of_reach(job, self.now()):
            return job.closed(Reason.OUT_OF_REACH, at=self.now())
        if (
            job.is_resumed
            or job.status not in _CONTRADICTS
            or job.message_id is None
            or self._is_known(job)
        ):
            return None
        try:
            sign = await self.lost.look(job)
        except DiscordError as error:
            return self._unseen(job, error)
        self.known.looked_at(job.id)
        return self._judged(job, sign)

    async def taken_back(self, job: Job) -> Job | None:
        """The row closed where its reply was deleted while it waited for its turn, else None."""
        if job.line is None and job.busy_until is None:
            return None
        with suppress(DiscordError):  # what cannot be seen is nobody's wish
            if await self.lost.look(job) is Sign.GONE:
                return self._judged(job, Sign.GONE)
        return None

    def _is_known(self, job: Job) -> bool:
        if job.status is JobStatus.ACCEPTED:
            return self.known.may_send(job.id)
        return job.status is not JobStatus.SUBMITTING and self.known.may_draw(job.id)

    def _judged(self, job: Job, sign: Sign) -> Job | None:
        if sign in _CONTRADICTS[job.status]:
            return closed_by(Contradicted(f"message {job.message_id} {sign}"), job, at=self.now())
        if job.status is JobStatus.ACCEPTED and sign is not Sign.ACCEPTED:
            log.warning("job %s: not sent, as message %s %s", job.id, job.message_id, sign)
            reason = Reason.OUT_OF_REACH if job.is_by_token else Reason.REPLY_GONE
            return job.closed(reason, at=self.now())
        return None

    async def _found(self, held: Held) -> Job:
        """A row without a message: its handler was cut off, so the reply is looked for."""
        job = held.job
        if self.known.is_in_doubt(job.id):
            return job.closed(Reason.NOT_TAKEN, at=self.now())
        try:
            posted = await self.presence.found(held)
        except (AlreadyTold, Contradicted) as error:
            return closed_by(error, job, at=self.now())
        except DiscordBusy as error:
            if not is_over(job, PATIENCE):
                log.warning("job %s: its reply is not found yet: %s", job.id, error)
                return put_off(job, self.now(), error.retry_after_s)
            posted = None
        except DiscordError:
            posted = None
        if posted is None:
            return job.closed(Reason.NO_REPLY, at=self.now())
        return replace(job, posted=posted, due_at=self.now(), tries=0)

    def _unseen(self, job: Job, error: DiscordError) -> Job | None:
        """A reply that cannot be looked at: waited for, but not for ever, and not by a paid job."""
        if job.status in _PAID:
            self.known.looked_at(job.id)
            return None
        if not is_over(job, PATIENCE):
            log.warning("job %s: its reply cannot be looked at yet: %s", job.id, error)
            return put_off(job, self.now(), error.retry_after_s)
        if job.status is JobStatus.ACCEPTED:
            return job.failed(Reason.REPLY_GONE, at=self.now())  # due, to say so
        return None
