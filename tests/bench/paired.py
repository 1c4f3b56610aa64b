"""What is measured beside a baseline: one run of each by turns, and the ratio of each two."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.report import Goal

QUIET = 1.5  # programs that want to run; with more of them others are at work


@dataclass(frozen=True)
class Paired:
    """What was measured, each beside the baseline of the same moments."""

    what: str
    than: str
    unit: str
    pairs: Sequence[tuple[float, float]]

    @property
    def ratios(self) -> list[float]:
        """One for each pair, the lowest first."""
        return sorted(one / other for one, other in self.pairs)

    def goal(self, most: float) -> Goal:
        """The median of the ratios, held against the most that it may be."""
        ours, others = (median(side) for side in zip(*self.pairs, strict=True))
        what = f"{self.what}: {ours:.3g} {self.unit}, beside {self.than}: {others:.3g} {self.unit}"
        return Goal(what, median(self.ratios), most, (self.ratios[0], self.ratios[-1]))


def circumstances(began_with: float) -> str:
    """On what machine it was measured, and whether others were at work on it when it began."""
    now, _, _ = os.getloadavg()
    quiet = "quiet" if began_with < QUIET else "**not quiet**: other programs were at work on it"
    loads = f"{began_with:.1f} at the start ({quiet}) and {now:.1f} at the end, its own among it"
    return f"Measured on {os.cpu_count()} processors, with a load of {loads}."


def load() -> float:
    """How many programs have wanted to run in the last minute."""
    return os.getloadavg()[0]
