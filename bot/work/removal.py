"""What is there of a deleted job goes: its messages, its pictures, and what its row says of them."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.discord.lost import Lost
from bot.discord.messenger import Messenger
from bot.errors import DiscordBusy, DiscordError, MessageGone
from bot.files.archive import Archive
from bot.jobs.ages import is_over
from bot.jobs.forgetting import Forgetting
from bot.jobs.job import Job
from bot.work.delivery import PATIENCE
from bot.work.held import Held
from bot.work.polling import put_off

log = logging.getLogger(__name__)

# What was stored so lately may be another job's, too, whose row is about to name it.
SETTLED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Removal:
    """The step of a job in `deleted`: made again until nothing is left, it changes nothing more."""

    forgetting: Forgetting
    archive: Archive
    messenger: Messenger
    lost: Lost
    now: Callable[[], datetime]

    async def step(self, held: Held) -> Job:
        """The job with nothing left of it, or due again."""
        if busy := await self._withdrawn(held):
            log.info("job %s: its messages are not gone yet: %s", held.job.id, busy)
        are_gone = await self._drop(held.job)
        if busy and not is_over(held.job, PATIENCE):
            return put_off(held.job, self.now(), busy.retry_after_s)
        if not are_gone or held.job.tries == 0:
            return replace(held.job, tries=held.job.tries + 1, due_at=self.now() + SETTLED)
        await self.forgetting.unname(held.job.id)
        return held.job.emptied()

    async def _withdrawn(self, held: Held) -> DiscordBusy | None:
        """What is against it for now; None once the messages are gone, or cannot be removed."""
        try:
            for there, message_id in [*await self._unnoted(held.job), *_messages(held.job)]:
                await held.check()
                try:
                    with suppress(MessageGone):
                        await self.messenger.withdraw(there, message_id)
                except DiscordBusy:
                    raise
                except DiscordError as error:
                    log.warning("job %s: message %d stays: %s", held.job.id, message_id, error)
        except DiscordBusy as error:
            return error
        return None

    async def _unnoted(self, job: Job) -> list[tuple[Job, int]]:
        """The messages that show it once more, and whose ids nobody lived to note."""
        found: list[tuple[Job, int]] = []
        for there, place in ((job.at(each), each) for each in job.posted.again):
            if place.message_id:
                continue
            try:
                answers = await self.lost.answers(there, place.event_id)
                found += [(there, message_id) for message_id in answers]
            except DiscordBusy:
                raise
            except DiscordError as error:
                log.warning("job %s: an answer is not looked for: %s", job.id, error)
        return found

    async def _drop(self, job: Job) -> bool:
        """Remove the files that no other row names; whether every row is known not to."""
        if await self.forgetting.name_more():
            return False  # of rows of an earlier version it is not known yet
        are_all = await self.forgetting.disinherit(job)
        keys = await self.forgetting.unnamed(job.stored_keys, but=job.id)
        await self.archive.drop(keys, self.now() - SETTLED)
        return are_all


def _messages(job: Job) -> Iterator[tuple[Job, int]]:
    """All its messages, each with the job as one of that place; its reply comes last."""
    posted = job.posted
    yield from ((job.at(each), each.message_id) for each in posted.again if each.message_id)
    if posted.notice_id is not None:
        yield job, posted.notice_id
    yield from ((job, each) for each in reversed(posted.message_ids))
