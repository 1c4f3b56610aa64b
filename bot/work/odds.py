"""When a job is likely to have ended, by how long others of its endpoint were worked on. Pure.

Of all ways to ask so often, those ends are noticed soonest that are asked for as densely as the
square root of the hazard (Keller 1974; Barlow, Hunter and Proschan 1963). The hazard is that of the
known jobs, each taken for many like it, and of a few that are like none: so nothing goes unasked.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from math import erfc, exp, log, pi, sqrt

from bot.jobs.durations import Known, strangers

DENSITY = 4.5  # questions per square root of the hazard: one is worth 1/40 s of waiting
MOST_A_SECOND = 2.0
HALVED_AFTER = 40  # jobs, until one counts half
WIDTHS = (0.9, 0.6, 0.3, 0.15, 0.07)  # of a known job, as parts of all their spread
DOUBT = 3.0  # a narrower one has to foretell them so much better, as the logarithm goes
UNLIKE = 0.15  # so many of the next jobs, taken for one more, are like none
STRANGE = 0.3  # and so many for each of the newest that is
WIDE = 1.0  # these lie so far apart, as the logarithm goes
LEAST = 1e-9
NARROWEST = 0.01
SHORTEST_S = 0.1
_BEFORE, _AMONG = 60, 180  # points of the curve before the first known job, and from there on
_FAR = 4.0  # widths, beyond which nothing is expected


@dataclass(frozen=True, slots=True)
class Curve:
    """How many questions a job of that age is worth since its beginning, point by point."""

    ages_s: Sequence[float]
    worth: Sequence[float]

    @property
    def end_s(self) -> float:
        """The age at which all jobs that are known had ended."""
        return self.ages_s[-1]

    def worth_at(self, age_s: float) -> float:
        """How many questions until that age."""
        return _between(self.ages_s, self.worth, age_s)

    def age_at(self, worth: float) -> float:
        """The age at which it is worth so many; the last one where it never is."""
        return _between(self.worth, self.ages_s, worth)


@dataclass(frozen=True, slots=True)
class _Bump:
    """A part of the jobs, and where they end: the logarithm of their age, about."""

    part: float
    middle: float
    width: float

    def density(self, x: float) -> float:
        z = (x - self.middle) / self.width
        return self.part * exp(-z * z / 2) / (self.width * sqrt(2 * pi))

    def left(self, x: float) -> float:
        return self.part * erfc((x - self.middle) / (self.width * sqrt(2))) / 2


def weights(count: int) -> list[float]:
    """How much each of so many jobs counts, the newest last; together 1."""
    found = [0.5 ** (age / HALVED_AFTER) for age in reversed(range(count))]
    return [each / sum(found) for each in found]


@lru_cache(maxsize=256)
def curve_of(known: Known) -> Curve:
    """The curve of the jobs that are known, which are some."""
    bumps = _bumps([log(max(each.processing_s, SHORTEST_S)) for each in known], strangers(known))
    *likes, rest = bumps
    first = min(each.middle - _FAR * each.width for each in likes)
    last = max(each.middle + _FAR * each.width for each in likes)
    begin = min(rest.middle - _FAR * rest.width, first - 1)
    points = [*_steps(begin, first, _BEFORE), *_steps(first, last, _AMONG), last]
    ages = [0.0, *(exp(x) for x in points)]
    rates = [0.0, *(_rate(bumps, x) for x in points)]
    pieces = (
        (b - a) * (m + n) / 2
        for (a, b), (m, n) in zip(pairwise(ages), pairwise(rates), strict=True)
    )
    return Curve(ages, list(accumulate(pieces, initial=0.0)))


def _bumps(logs: Sequence[float], strange: int) -> list[_Bump]:
    """One for each, of the width that foretells each of them best by the others; and the rest."""
    found = [_smoothed(logs, width) for width in WIDTHS]
    foretold = [_foretold(bumps, logs) for bumps in found]
    enough = max(foretold) - DOUBT
    likes = next(bumps for bumps, each in zip(found, foretold, strict=True) if each >= enough)
    unlike = STRANGE * strange if strange else UNLIKE / (len(logs) + 2)
    middle = sum(each.part * each.middle for each in likes)
    return [
        *(replace(each, part=each.part * (1 - unlike)) for each in likes),
        _Bump(unlike, middle, WIDE),
    ]


def _smoothed(logs: Sequence[float], width: float) -> list[_Bump]:
    """One for each, as wide as that part of them all, and closer: together no wider than they are."""
    parts = weights(len(logs))
    middle = sum(part * x for part, x in zip(parts, logs, strict=True))
    spread = sqrt(sum(part * (x - middle) ** 2 for part, x in zip(parts, logs, strict=True)))
    closer = sqrt(1 - width * width)
    return [
        _Bump(part, middle + closer * (x - middle), max(width * spread, NARROWEST))
        for part, x in zip(parts, logs, strict=True)
    ]


def _foretold(bumps: Sequence[_Bump], logs: Sequence[float]) -> float:
    """How likely each is by the others: the logarithm."""
    return sum(
        log(max(sum(each.density(x) for each in bumps) - own.density(x), LEAST))
        for own, x in zip(bumps, logs, strict=True)
    )


def _rate(bumps: Sequence[_Bump], x: float) -> float:
    """Questions a second at that age."""
    hazard = sum(each.density(x) for each in bumps) / sum(each.left(x) for each in bumps) / exp(x)
    return min(DENSITY * sqrt(hazard), MOST_A_SECOND)


def _steps(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * number / count for number in range(count)]


def _between(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """What stands in `ys` where `x` would stand in `xs`, which rises."""
    index = min(max(bisect_left(xs, x), 1), len(xs) - 1)
    width = xs[index] - xs[index - 1]
    part = (x - xs[index - 1]) / width if width else 1.0
    return ys[index - 1] + (ys[index] - ys[index - 1]) * min(max(part, 0.0), 1.0)
