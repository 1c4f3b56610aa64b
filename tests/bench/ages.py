"""How long jobs take, in virtual time: distributions, and ways to ask for one job."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from math import erfc, exp, floor, log, pi, sqrt
from statistics import fmean, quantiles

from bot.jobs.durations import Known
from bot.jobs.progress import Progress, Took
from bot.work.odds import Curve
from bot.work.polling import next_delay_s, next_question_s

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
POINTS = 2000
BACKOFF_MOST_S = 60.0

Ask = Callable[[float], float]  # a job's age at one question to the seconds until the next


@dataclass(frozen=True)
class Bump:
    """Jobs that take so long at the median, spread so far."""

    part: float
    median_s: float
    sigma: float


@dataclass(frozen=True)
class Ages:
    """A distribution of how long jobs take: log-normal, or several of these together."""

    bumps: tuple[Bump, ...]

    def draw(self, rng: random.Random) -> float:
        (bump,) = rng.choices(self.bumps, [each.part for each in self.bumps])
        return bump.median_s * exp(rng.gauss(0.0, bump.sigma))

    def known(self, rng: random.Random, count: int) -> Known:
        """What is remembered of so many of them."""
        return tuple(Took(queueing_s=0.0, processing_s=self.draw(rng)) for _ in range(count))

    def optimum(self) -> Curve:
        """The curve √hazard of who knows the distribution, for one question a unit of its worth."""
        lows = [log(each.median_s) - 5.5 * each.sigma for each in self.bumps]
        highs = [log(each.median_s) + 5.5 * each.sigma for each in self.bumps]
        low, high = min(lows), max(highs)
        xs = [low + (high - low) * n / POINTS for n in range(POINTS + 1)]
        ages = [0.0, *map(exp, xs)]
        rates = [0.0, *(sqrt(self._hazard(x)) for x in xs)]
        pieces = (
            (b - a) * (m + n) / 2
            for (a, b), (m, n) in zip(pairwise(ages), pairwise(rates), strict=True)
        )
        return Curve(ages, list(accumulate(pieces, initial=0.0)))

    def _hazard(self, x: float) -> float:
        density = left = 0.0
        for each in self.bumps:
            z = (x - log(each.median_s)) / each.sigma
            density += each.part * exp(-z * z / 2) / (each.sigma * sqrt(2 * pi))
            left += each.part * erfc(z / sqrt(2)) / 2
        return density / left / exp(x)


def log_normal(sigma: float, median_s: float = 210.0) -> Ages:
    return Ages((Bump(1.0, median_s, sigma),))


def fixed(seconds: float) -> Ask:
    return lambda _age_s: seconds


def backoff(age_s: float) -> float:
    """1, 2, 4 … s: as long as the job is old, and one more."""
    return min(age_s + 1.0, BACKOFF_MOST_S)


def table(age_s: float) -> float:
    """As the bot asks where nothing is known."""
    return next_delay_s(age_s=age_s, state="processing")


def ours(known: Known, stretch: float = 1.0) -> Ask:
    return lambda age_s: next_question_s(working(age_s), known, stretch)


def working(age_s: float, began_s: float = 0.0) -> Progress:
    """A job that was seen working at that age."""
    return Progress(
        job_id="", state="processing", submitted_at=NOON, ask_at=NOON, told_s=age_s, began_s=began_s
    )


@dataclass(frozen=True)
class Noticed:
    """How late the end of each job was noticed, and after how many questions."""

    delays_s: Sequence[float]
    requests: float

    @property
    def mean_s(self) -> float:
        return fmean(self.delays_s)

    @property
    def p95_s(self) -> float:
        return quantiles(self.delays_s, n=20)[-1]


def noticed(pairs: Sequence[tuple[Ask, float]]) -> Noticed:
    """Each job, asked for in its way until it has ended."""
    delays, requests = [], 0
    for ask, took_s in pairs:
        age_s = 0.0
        while age_s < took_s:
            age_s += ask(age_s)
            requests += 1
        delays.append(age_s - took_s)
    return Noticed(delays, requests / len(delays))


def at_best(curve: Curve, took: Sequence[float], requests: float) -> Noticed:
    """The same by the optimum that makes as many requests."""
    low, high = 0.01, 1000.0
    for _ in range(40):
        dense = sqrt(low * high)
        is_more = fmean(floor(curve.worth_at(each) * dense) + 1 for each in took) > requests
        low, high = (low, dense) if is_more else (dense, high)
    counts = [floor(curve.worth_at(each) * low) + 1 for each in took]
    delays = [curve.age_at(n / low) - each for n, each in zip(counts, took, strict=True)]
    return Noticed([max(0.0, each) for each in delays], fmean(counts))
