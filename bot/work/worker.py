"""The loop: claim the rows that are due, carry out one step of each, write them back."""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import LeaseLost, StorageError
from bot.jobs.ages import aged
from bot.jobs.clocks import Clocks
from bot.jobs.heartbeat import HEARTBEAT_S
from bot.jobs.job import Job, JobStatus
from bot.jobs.store import JobStore
from bot.logs import follow
from bot.work.held import LEASE_S, Held
from bot.work.steps import Steps

log = logging.getLogger(__name__)

IDLE_S = 1.0  # how late a due row may be noticed when nothing wakes the loop
DRAIN_S = 5.0  # how long steps may go on after stop; an answer to a POST has its own deadline
POLL_SLOTS = 8
WORK_SLOTS = 16


class Lane:
    """So many steps at once for the rows of these statuses."""

    def __init__(self, statuses: Collection[JobStatus], slots: int) -> None:
        self.statuses = statuses
        self.slots = slots
        self.tasks: dict[asyncio.Task[None], str] = {}  # with the id of its job

    @property
    def free(self) -> int:
        """How many more steps may start."""
        return self.slots - len(self.tasks)


class Worker:
    """Advances jobs until it is stopped; one of these a process."""

    def __init__(
        self,
        store: JobStore,
        steps: Steps,
        *,
        clocks: Clocks,
        heartbeat: str,
        lease_s: float = LEASE_S,
    ) -> None:
        self._store = store
        self._steps = steps
        self._clocks = clocks
        self._now = clocks.now
        self._heartbeat = heartbeat
        self._lease_s = lease_s
        self._awake = asyncio.Event()
        self._is_stopping = False
        self._has_ended = asyncio.Event()
        self._has_ended.set()
        # Polls wait for the service's answers; deliveries must not wait behind them.
        others = frozenset(JobStatus) - {JobStatus.RUNNING}
        self._lanes = (
            Lane({JobStatus.RUNNING}, POLL_SLOTS),
            Lane(others, WORK_SLOTS),
        )
        self._beat_at: datetime | None = None  # this and the next by the steady clock
        self.turned_at: datetime | None = None  # for whoever watches it

    def wake(self) -> None:
        """Look for due rows now."""
        self._awake.set()

    async def run(self) -> None:
        """Work until `stop`; trouble with the database is waited out."""
        self._has_ended.clear()
        try:
            await self._loop()
        finally:
            self._has_ended.set()

    async def _loop(self) -> None:
        while not self._is_stopping:
            self._awake.clear()
            self.turned_at = self._clocks.steady()
            try:
                await self._turn()
                idle_s = await self._idle_s()
            except StorageError:
                log.exception("the database cannot be used; trying again")
                idle_s = IDLE_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), idle_s)

    async def stop(self) -> None:
        """Take nothing new; wait for what runs, and for the answer to a form that is out.

        A form that is still on its way is cut off, and its job goes on after the next start.
        """
        self._is_stopping = True
        self._steps.studio.cut_uploads()
        self.wake()
        await self._has_ended.wait()  # a turn under way may still start steps
        tasks = {task: job_id for lane in self._lanes for task, job_id in lane.tasks.items()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
        for task in late:
            if tasks[task] not in self._steps.posting:
                task.cancel()
        if late:
            await asyncio.wait(late)

    async def _turn(self) -> None:
        await self._steps.receipts.catch_up()  # before anybody takes such a job for lost
        await self._beat()
        for lane in self._lanes:
            if lane.free > 0 and not self._is_stopping:
                claims = await self._store.queue.claim(
                    lane.statuses, now=self._now(), lease_s=self._lease_s, limit=lane.free
                )
                for claim in claims:
                    older = replace(claim, job=aged(claim.job, self._clocks.seen()))
                    self._start(lane, Held(self._store.queue, older, self._lease_s))

    def _start(self, lane: Lane, held: Held) -> None:
        task = asyncio.create_task(self._advance(held), name=f"job {held.job.id}")
        lane.tasks[task] = held.job.id
        task.add_done_callback(lambda done: self._ended(lane, done))

    def _ended(self, lane: Lane, task: asyncio.Task[None]) -> None:
        job_id = lane.tasks.pop(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("job %s: a step broke off", job_id, exc_info=error)
        self.wake()

    async def _idle_s(self) -> float:
        free = [status for lane in self._lanes if lane.free > 0 for status in lane.statuses]
        due = await self._store.queue.next_due(free)
        if due is None:
            return IDLE_S
        return min(IDLE_S, max(0.02, (due - self._now()).total_seconds()))

    async def _beat(self) -> None:
        steady = self._clocks.steady()
        if self._beat_at and steady - self._beat_at < timedelta(seconds=HEARTBEAT_S):
            return
        self._clocks.follow(await self._store.time() or self._clocks.wall())
        await self._store.beat(self._heartbeat, self._now())
        await self._store.drop_grants(self._now())
        self._beat_at = steady

    async def _advance(self, held: Held) -> None:
        job_id = held.job.id
        follow(job_id)
        try:
            async with held.renewed():
                job = await self._outcome(held)
            if job is not None:
                job = aged(job, self._clocks.seen())
                await held.save(job)
                self._steps.observer.advanced(held.job, job)
                self._log_change(held.job, job)
        except LeaseLost:
            # Whoever has the row now may have drawn it before our last edit arrived.
            log.warning("job %s: somebody else has it now", job_id)
            with suppress(StorageError):
                await self._store.redraw(job_id)
        except StorageError:
            log.exception("job %s: its row cannot be written; its lease will run out", job_id)
        except asyncio.CancelledError:
            with suppress(StorageError):
                await held.let_go()
            raise

    async def _outcome(self, held: Held) -> Job | None:
        try:
            job = await self._steps.advance(held)
            return replace(job, crashes=0) if job and job.crashes else job
        except StorageError:
            raise
        except Exception:
            log.exception("job %s: an unforeseen error in %s", held.job.id, held.job.status)
            return self._steps.after_crash(held.job)

    def _log_change(self, before: Job, after: Job) -> None:
        if after.status is before.status:
            return
        reason = f" ({after.failure.reason})" if after.failure else ""
        log.info("job %s: %s → %s%s", after.id, before.status, after.status, reason)
