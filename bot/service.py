"""The use cases: take a request, note its reply, run a result again. And the limits."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from bot.errors import Refused, StorageError
from bot.jobs import Grant, Job, JobStatus, Origin, Posted, Request
from bot.render import draw
from bot.store import JobStore, Usage

log = logging.getLogger(__name__)

ACCEPT_S = 1.0  # the one short transaction before the answer
REPLY_DUE = timedelta(seconds=10)  # a row without its message is looked into after that


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one member may have; None: no quota."""

    jobs: int
    credits_per_day: float | None = None

    def check(self, usage: Usage, cost: float) -> None:
        """Nothing, or Refused with the sentence for the member."""
        if usage.unfinished >= self.jobs:
            noun = "job" if self.jobs == 1 else "jobs"
            raise Refused(
                f"You have {usage.unfinished} unfinished {noun} here, and {self.jobs} is the most"
                " at a time. Wait until one has ended, then ask again."
            )
        if self.credits_per_day is not None and usage.credits + cost > self.credits_per_day:
            left = max(0.0, self.credits_per_day - usage.credits)
            raise Refused(
                f"This costs {cost:g} credits, and you have {left:g} of {self.credits_per_day:g}"
                " left for these 24 hours. Try again later."
            )


class Service:
    """What the cogs call. Nothing here waits for anybody but the database."""

    def __init__(
        self,
        store: JobStore,
        limits: Limits,
        *,
        now: Callable[[], datetime],
        draw_seed: Callable[[], int],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._limits = limits
        self._now = now
        self.draw_seed = draw_seed
        self._wake = wake
        self._is_closed = False

    def close(self) -> None:
        """Take nothing new from now on."""
        self._is_closed = True

    async def accept(self, request: Request, origin: Origin, grant: Grant | None) -> Job | None:
        """The row of a new job, committed; None where its event is known already.

        Raises Refused where a limit is reached, StorageError where it cannot be written in time.
        """
        if self._is_closed:
            raise Refused("The bot is restarting. Nothing was charged; ask again in a minute.")
        now = self._now()
        job = Job(
            id=uuid4().hex,
            status=JobStatus.ACCEPTED,
            origin=origin,
            request=request,
            created_at=now,
            changed_at=now,
            due_at=now + REPLY_DUE,
            grant=grant,
        )
        cost = request.credits or 0.0
        try:
            async with asyncio.timeout(ACCEPT_S):
                added = await self._store.add(job, lambda usage: self._limits.check(usage, cost))
        except TimeoutError as error:
            raise StorageError("database: too slow to take a job") from error
        if added:
            log.info("job %s: accepted, %s for %s", job.id, request.command, origin.key)
        return job if added else None

    async def posted(self, job_id: str, message_id: int) -> None:
        """Note the message of a job's first reply, and let the job begin."""

        def edit(job: Job) -> Job:
            if job.message_id is not None:
                return job
            posted = Posted(message_ids=(message_id,), shown=draw(job).digest)
            return replace(job, posted=posted, due_at=self._now())

        await self._store.change(job_id, edit)
        self._wake()

    async def rerun(self, source: Job, origin: Origin, grant: Grant | None = None) -> Job | None:
        """A new job with the same inputs and new seeds; as `accept`, and Refused without inputs."""
        request = source.request
        if any(wanted.stored is None for wanted in request.inputs):
            raise Refused("The picture of this job is no longer kept; please send it again.")
        return await self.accept(request.reseeded(self.draw_seed), origin, grant)

    async def job_of(self, message_id: int) -> Job | None:
        """The job that one of the bot's messages belongs to, or None."""
        return await self._store.by_message(message_id)

    async def job(self, job_id: str) -> Job | None:
        """The job with this id, or None."""
        return await self._store.get(job_id)
