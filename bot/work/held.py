"""A claimed job while its step runs: what the row says now, and the right to act for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from bot.errors import LeaseLost, StorageError
from bot.jobs.job import Job
from bot.jobs.places import Places
from bot.jobs.queue import Claim, Queue

LEASE_S = 20.0


class Held:
    """One claim. Its methods raise LeaseLost once somebody else has the row."""

    def __init__(self, queue: Queue, claim: Claim, lease_s: float = LEASE_S) -> None:
        self._queue = queue
        self._claim = claim
        self._lease_s = lease_s
        self.job = claim.job

    def note(self, job: Job) -> None:
        """Go on with the job as it is now, which is written with whatever comes next."""
        self.job = job

    async def keep(self, job: Job) -> None:
        """Write the job, and go on holding it."""
        self._claim = await self._queue.keep(self._claim, job)
        self.job = job

    async def enter(self, places: Places, job: Job, now: datetime) -> bool:
        """As `keep`, of a job that goes to the service now; False where there is no place for it."""
        claim = await places.enter(self._claim, job, now)
        if claim is not None:
            self._claim, self.job = claim, claim.job
        return claim is not None

    async def save(self, job: Job) -> None:
        """Write the job, and let go of it."""
        await self._queue.save(self._claim, job)

    async def check(self) -> None:
        """Look that the row is still ours, right before an effect on the outside."""
        await self._queue.check(self._claim, lease_s=self._lease_s)

    async def let_go(self) -> None:
        """Free the row for whoever comes next, as it stands."""
        await self._queue.release(self._claim)

    @asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Keep the lease alive while the block runs."""
        renewal = asyncio.create_task(self._renew(), name=f"lease {self.job.id}")
        try:
            yield
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal

    async def _renew(self) -> None:
        # A lease that could not be renewed is noticed by the step itself, at its next effect.
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                await self._queue.renew(self._claim, lease_s=self._lease_s)
            except LeaseLost:
                return
            except StorageError:
                continue  # the database may be back before the lease ends
