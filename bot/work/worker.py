"""The loop: claim the rows that are due, carry out one step of each, write them back."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.errors import LeaseLost, StorageError
from bot.jobs.ages import aged
from bot.jobs.clocks import Clocks
from bot.jobs.heartbeat import HEARTBEAT_S
from bot.jobs.job import Job
from bot.jobs.kinds import Kind, Waiting, waiting_of
from bot.jobs.rush import Rush
from bot.jobs.store import JobStore
from bot.logs import follow
from bot.work.held import LEASE_S, Held
from bot.work.lanes import Lane, slots
from bot.work.resuming import is_given_up
from bot.work.steps import Steps

log = logging.getLogger(__name__)

IDLE_S = 1.0  # how late a due row may be noticed when nothing wakes the loop
TURN_S = 0.01  # what happens within this time is one turn's
RUSH_S = 0.5  # so long new steps wait for commands that are not answered yet
FORGET = timedelta(seconds=1)  # between two looks at members who are being forgotten
DRAIN_S = 5.0  # how long steps may go on after stop; an answer to a POST has its own deadline


class Worker:
    """Advances jobs until it is stopped; one of these a process."""

    def __init__(  # noqa: PLR0913 - what it works on, and by which rules
        self,
        store: JobStore,
        steps: Steps,
        *,
        clocks: Clocks,
        heartbeat: str,
        rush: Rush,
        lease_s: float = LEASE_S,
    ) -> None:
        self._store = store
        self._steps = steps
        self._clocks = clocks
        self._now = clocks.now
        self._heartbeat = heartbeat
        self._rush = rush
        self._lease_s = lease_s
        self._awake = asyncio.Event()
        self._is_stopping = False
        self._has_ended = asyncio.Event()
        self._has_ended.set()
        self._lanes = {kind: Lane(partial(slots, kind, steps.studio.pace)) for kind in Kind}
        self._has_left = False  # rows that are due, for which there was no room
        self._lane_of: dict[asyncio.Task[None], Lane] = {}
        self._beat_at: datetime | None = None  # this and the next by the steady clock
        self._forget_at: datetime | None = None  # the same
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
                idle_s = await self._turn()
            except StorageError:
                log.exception("the database cannot be used; trying again")
                idle_s = IDLE_S
            except Exception:  # as of a machine without threads
                log.exception("a turn broke off; trying again")
                idle_s = IDLE_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), idle_s)
            await asyncio.sleep(TURN_S)
            await self._rush.over(RUSH_S)

    async def stop(self) -> None:
        """Take nothing new; wait for what runs, and for the answer to a form that is out.

        A form that is still on its way is cut off, and its job goes on after the next start.
        """
        self._is_stopping = True
        self._steps.studio.cut_uploads()
        self.wake()
        await self._has_ended.wait()  # a turn under way may still start steps
        tasks = {task: row.id for lane in self._lanes.values() for task, row in lane.tasks.items()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
        for task in late:
            if tasks[task] not in self._steps.posting:
                task.cancel()
        if late:
            await asyncio.wait(late)

    async def _turn(self) -> float:
        """Start the steps that are due, as far as there is room; how long nothing more may be due."""
        await self._steps.receipts.catch_up()  # before anybody takes such a job for lost
        await self._beat()
        await self._forget()
        await self._steps.places.call(self._now())
        agenda = await self._store.queue.due(self._now())
        chosen = self._chosen(agenda.rows)
        started = await self._started(chosen) if chosen and not self._is_stopping else 0
        self._has_left = started < len(agenda.rows)
        if agenda.next_at is None:
            return IDLE_S
        return min(IDLE_S, max(0.0, (agenda.next_at - self._now()).total_seconds()))

    def _chosen(self, rows: Sequence[Waiting]) -> dict[str, Waiting]:
        """The rows whose steps are to start, each lane's in turn, by their ids."""
        found: dict[str, Waiting] = {}
        for kind, lane in self._lanes.items():
            found |= {row.id: row for row in lane.choose(r for r in rows if r.kind is kind)}
        return found

    async def _started(self, chosen: Mapping[str, Waiting]) -> int:
        """How many of them could be claimed: another process may have been quicker."""
        queue = self._store.queue
        claims = await queue.claim(list(chosen), now=self._now(), lease_s=self._lease_s)
        for claim in claims:
            older = replace(claim, job=aged(claim.job, self._clocks.seen()))
            self._start(chosen[claim.job.id], Held(queue, older, self._lease_s))
        return len(claims)

    def _start(self, row: Waiting, held: Held) -> None:
        task = asyncio.create_task(self._advance(held), name=f"job {row.id}")
        self._lanes[row.kind].enter(task, row)
        self._lane_of[task] = self._lanes[row.kind]
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        lane = self._lane_of.pop(task)
        job_id = lane.tasks[task].id
        lane.leave(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("job %s: a step broke off", job_id, exc_info=error)
        if self._has_left:
            self.wake()

    async def _beat(self) -> None:
        steady = self._clocks.steady()
        if self._beat_at and steady - self._beat_at < timedelta(seconds=HEARTBEAT_S):
            return
        await self._store.keep_time(self._clocks)
        await self._store.beat(self._heartbeat, self._now())
        await self._store.drop_grants(self._clocks.early())
        self._beat_at = steady

    async def _forget(self) -> None:
        """Go on with members who want to be forgotten, here or in another process."""
        leaving, steady = self._store.leaving, self._clocks.steady()
        if leaving.is_asked or self._forget_at is None or self._forget_at <= steady:
            is_left = await leaving.go_on(self._now())
            self._forget_at = steady + (FORGET if is_left else timedelta(seconds=HEARTBEAT_S))

    async def _advance(self, held: Held) -> None:
        job_id = held.job.id
        follow(job_id)
        try:
            async with held.renewed():
                await self._advance_on(held)
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

    async def _advance_on(self, held: Held) -> None:
        """One step, and the next ones as long as there is room for them: each is written first."""
        while (job := await self._outcome(held)) is not None:
            job = aged(job, self._clocks.seen())
            before, goes_on = held.job, self._goes_on(held.job, job)
            await (held.keep(job) if goes_on else held.save(job))
            self._steps.observer.advanced(before, job)
            self._log_change(before, job)
            if self._steps.places.are_freed(before, job):
                self.wake()
            if not goes_on:
                self._wake_by(job.due_at)
                return
        self.wake()  # the step has written the row itself

    def _goes_on(self, before: Job, job: Job) -> bool:
        """Whether the job's next step is due, and may start at once; this task is in its lane then."""
        row, task = waiting_of(job), asyncio.current_task()
        if row.kind is waiting_of(before).kind or self._is_stopping:
            return False
        if job.due_at is None or job.due_at > self._now():
            return False
        lane = self._lanes[row.kind]
        if task is None or not lane.has_room_for(row):
            return False
        self._lane_of[task].leave(task)
        lane.enter(task, row)
        self._lane_of[task] = lane
        return True

    def _wake_by(self, due_at: datetime | None) -> None:
        """Turn once the row is due; what is due later is seen in the next turn."""
        if due_at is None:
            return
        in_s = (due_at - self._now()).total_seconds()
        if in_s < IDLE_S:
            asyncio.get_running_loop().call_later(max(0.0, in_s), self.wake)

    async def _outcome(self, held: Held) -> Job | None:
        try:
            job = await self._steps.advance(held)
            return replace(job, crashes=0) if job and job.crashes else job
        except StorageError:
            raise
        except Exception as error:
            log.exception("job %s: an unforeseen error in %s", held.job.id, held.job.status)
            return self._steps.after_crash(held.job, error)

    def _log_change(self, before: Job, after: Job) -> None:
        if after.status is before.status:
            return
        reason = f" ({after.failure.reason})" if after.failure else ""
        log.info("job %s: %s → %s%s", after.id, before.status, after.status, reason)
        if is_given_up(after):
            level = logging.ERROR if after.failure else logging.WARNING
            again = f"python -m bot resume {after.id[:12]}"
            log.log(
                level, "job %s: it is paid for, and given up; to try again: %s", after.id, again
            )
