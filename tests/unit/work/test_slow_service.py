"""How often a service is called that takes long for each answer: in virtual time."""

import asyncio
import selectors
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest

from bot.jobs.ages import aged
from bot.jobs.clocks import Seen
from bot.jobs.durations import Known
from bot.jobs.job import JobStatus
from bot.jobs.kinds import Kind, Waiting
from bot.jobs.progress import Progress
from bot.studio.pace import Pace
from bot.studio.replies import StudioJob
from bot.work.lanes import Lane, slots
from bot.work.questions import Questions
from bot.work.worker import IDLE_S
from tests.jobs import NOON, make_job

WARM_S, COUNTED_S = 15.0, 40.0
PER_SECOND = 10
LEAST = 0.98  # of what may be
LEAST_S = 1e-6  # that a turn of the loop takes


class _AtOnce(selectors.DefaultSelector):
    """Time goes on by as much as is waited for, at once."""

    passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passed_s += max(timeout or 0.0, LEAST_S)
        found: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _AtOnce()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.passed_s


class _Service:
    """Calls begin as lanes and pace let them, and are answered so late; the jobs never end."""

    def __init__(self, kind: Kind, answer_s: float) -> None:
        self.called_at: list[float] = []
        self._kind, self._answer_s = kind, answer_s
        self._pace = Pace(PER_SECOND)
        self._lane = Lane(partial(slots, kind, self._pace))
        self._idle: dict[str, Waiting] = {}
        self._ended = asyncio.Event()

    async def play(self, rows: Sequence[Waiting], until_s: float) -> None:
        self._idle = {row.id: row for row in rows}
        while asyncio.get_running_loop().time() < until_s:
            self._ended.clear()
            for row in self._lane.choose(self._idle.values()):
                del self._idle[row.id]
                task = asyncio.create_task(self._call(row))
                self._lane.enter(task, row)
                task.add_done_callback(self._left)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), IDLE_S)
        for task in self._lane.tasks:
            task.cancel()

    async def _call(self, row: Waiting) -> None:
        call: Callable[..., object] = (
            self._pace.question if self._kind is Kind.ASK else self._pace.submit
        )
        async with call(row.member):  # type: ignore[attr-defined]
            self.called_at.append(asyncio.get_running_loop().time())
            await asyncio.sleep(self._answer_s)
        self._idle[row.id] = row

    def _left(self, task: asyncio.Task[None]) -> None:
        self._lane.leave(task)
        self._ended.set()


def waiting(kind: Kind, jobs: int, members: int) -> list[Waiting]:
    return [Waiting(f"{n}", kind, n % members, channel=7) for n in range(jobs)]


@pytest.mark.parametrize("members", [1, 500])
@pytest.mark.parametrize("answer_s", [3.0, 30.0])
@pytest.mark.parametrize("kind", [Kind.ASK, Kind.BEGIN])
def test_a_service_that_takes_long_for_each_answer_is_called_as_often_as_may_be(
    kind: Kind, answer_s: float, members: int
) -> None:
    jobs, counts_from_s = int(answer_s * PER_SECOND) + 100, answer_s + WARM_S
    with asyncio.Runner(loop_factory=_Loop) as runner:
        service = _Service(kind, answer_s)
        runner.run(service.play(waiting(kind, jobs, members), counts_from_s + COUNTED_S))
    calls = [at for at in service.called_at if at >= counts_from_s]
    assert LEAST <= len(calls) / COUNTED_S / PER_SECOND <= 1.02


class _Asked:
    """Jobs that never end, each asked for when the bot's own rules say, and answered so late."""

    def __init__(self, answer_s: float) -> None:
        self.pace = Pace(PER_SECOND)
        self.called_at: list[float] = []
        self._answer_s = answer_s
        self._questions = Questions(
            studio=cast("Any", self),
            durations=cast("Any", self),
            now=self._now,
            timeout=timedelta(days=1),
        )

    def _now(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time())

    async def of(self, _endpoint_id: str, _now: datetime) -> Known:
        return ()

    async def status(self, job_id: str, member: int, **_how: object) -> StudioJob:
        async with self.pace.question(member):
            self.called_at.append(asyncio.get_running_loop().time())
            await asyncio.sleep(self._answer_s)
        self.pace.answered(self._answer_s)
        return StudioJob(job_id=job_id, state="processing")

    async def play(self, jobs: int, until_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(until_s), asyncio.TaskGroup() as tasks:
                for number in range(jobs):
                    tasks.create_task(self._ask_for(f"{number}"))

    async def _ask_for(self, job_id: str) -> None:
        begun = self._now()
        progress = Progress(job_id=job_id, state="pending", submitted_at=begun, ask_at=begun)
        job = make_job(id=job_id, status=JobStatus.RUNNING, progress=progress)
        while job.due_at:
            await asyncio.sleep(max(0.0, (job.due_at - self._now()).total_seconds()))
            steady_s = asyncio.get_running_loop().time()
            seen = Seen(at=self._now(), steady_s=steady_s, boot="here")
            job = await self._questions.step(aged(job, seen))


@pytest.mark.parametrize(("answer_s", "jobs"), [(0.1, 180), (3.0, 180), (30.0, 450)])
def test_of_many_jobs_as_many_are_asked_for_as_may_be_though_nobody_knows_when_they_end(
    answer_s: float, jobs: int
) -> None:
    with asyncio.Runner(loop_factory=_Loop) as runner:
        service = _Asked(answer_s)
        runner.run(service.play(jobs, 160.0))
    calls = [at for at in service.called_at if at >= 80.0]
    assert LEAST <= len(calls) / 80.0 / PER_SECOND <= 1.02
