"""More jobs than may be asked for, in virtual time: one ceiling for all calls, submits first.

A job whose end is noticed makes room for the next one, so that so many are always there.
"""

import random
from dataclasses import dataclass, field
from heapq import heappop, heappush
from statistics import fmean, quantiles
from typing import Protocol

from bot.jobs.durations import Known
from bot.studio.pace import CROWD
from bot.work.crowd import Crowd
from bot.work.polling import next_question_s, worth
from tests.bench.ages import log_normal, working

PER_SECOND = 10.0
BEGINS_S, LASTS_S = 1500.0, 3000.0  # what counts, and how long
WORLD = log_normal(0.25)
PAST = 30


@dataclass(eq=False)
class Running:
    """A job at the service."""

    number: int
    began_at: float
    took_s: float
    asked_at: float


@dataclass
class Outcome:
    """How late ends were noticed, how late questions went, and how long submits waited."""

    running: int
    delays_s: list[float] = field(default_factory=list)
    lates_s: list[float] = field(default_factory=list)
    submits_s: list[float] = field(default_factory=list)

    @property
    def turn_s(self) -> float:
        """How long it takes to ask for all of them once."""
        return self.running / PER_SECOND

    def delay_s(self, which: str) -> float:
        return fmean(self.delays_s) if which == "mean" else quantiles(self.delays_s, n=20)[-1]


class Asking(Protocol):
    """A way to choose the next question."""

    def add(self, job: Running, now: float) -> None: ...

    def next(self, now: float) -> tuple[Running, float] | None:
        """The job to ask for now, and since when it is due; None: nobody."""

    def ended(self, job: Running) -> None: ...


def evenly(running: int, seed: int) -> Outcome:
    """All in turn."""
    return played(running, seed, _Evenly())


def worthwhile(running: int, seed: int) -> Outcome:
    """As the bot does."""
    known = WORLD.known(random.Random(f"past {seed}"), PAST)
    return played(running, seed, _Worthwhile(known))


def played(running: int, seed: int, asking: Asking) -> Outcome:
    """One call after the other, as often as the ceiling lets them."""
    rng, found, now = random.Random(seed), Outcome(running), 0.0
    submits = [0.0] * running  # since when each waits
    number = 0
    while now < BEGINS_S + LASTS_S:
        counts = now >= BEGINS_S
        if submits:
            since = submits.pop()
            if counts:
                found.submits_s.append(now - since)
            asking.add(Running(number, now, WORLD.draw(rng), now), now)
            number += 1
        elif chosen := asking.next(now):
            job, due_at = chosen
            if counts:
                found.lates_s.append(now - due_at)
            if now - job.began_at >= job.took_s:
                if counts:
                    found.delays_s.append(now - job.began_at - job.took_s)
                asking.ended(job)
                submits.append(now)
            else:
                job.asked_at = now
                asking.add(job, now)
        now += 1 / PER_SECOND
    return found


class _Evenly:
    def __init__(self) -> None:
        self._line: list[tuple[float, int, Running]] = []

    def add(self, job: Running, now: float) -> None:
        heappush(self._line, (now, job.number, job))

    def next(self, now: float) -> tuple[Running, float] | None:
        del now
        if not self._line:
            return None
        since, _, job = heappop(self._line)
        return job, since

    def ended(self, job: Running) -> None: ...


class _Worthwhile:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._crowd = Crowd()
        self._planned: list[tuple[float, int, Running]] = []
        self._due: list[tuple[float, int, Running]] = []

    def add(self, job: Running, now: float) -> None:
        if now == job.began_at:  # it was asked for once before it was seen working
            self._crowd.asked(str(job.number), 1.0, is_crowded=bool(self._due))
        progress = working(now - job.began_at)
        alone_s = next_question_s(progress, self._known)
        in_s = next_question_s(progress, self._known, self._crowd.stretch)
        in_s = max(alone_s, min(in_s, self._crowd.longest_s(PER_SECOND)))
        heappush(self._planned, (now + in_s, job.number, job))

    def next(self, now: float) -> tuple[Running, float] | None:
        while self._planned and self._planned[0][0] <= now:
            heappush(self._due, heappop(self._planned))
        if not self._due:
            return None
        is_crowded = len(self._due) > CROWD
        due_at, _, job = heappop(self._due)
        progress = working(job.asked_at - job.began_at)
        value = worth(progress, self._known, min(now - job.began_at, job.took_s))
        self._crowd.asked(str(job.number), value, is_crowded=is_crowded)
        return job, due_at

    def ended(self, job: Running) -> None:
        self._crowd.leave(str(job.number))
