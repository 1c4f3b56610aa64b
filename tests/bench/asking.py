"""When jobs are asked for, in virtual time: how late their ends are noticed, after how many questions.

Nothing here depends on the machine: it is what the bot's own functions decide, for jobs at random.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median

from bot.jobs.durations import Known, with_one
from bot.jobs.progress import Took
from bot.work.estimates import estimated
from tests.bench.ages import (
    NOON,
    Ages,
    Ask,
    Bump,
    Noticed,
    at_best,
    backoff,
    fixed,
    log_normal,
    noticed,
    ours,
    table,
    working,
)
from tests.bench.crowded import evenly, worthwhile
from tests.bench.curves import Line, Panel, draw
from tests.bench.report import DOCS, Goal, Part, note

ROUNDS, MEMORIES, JOBS = 5, 60, 5
CHANGES = 8  # in a round
PAST = (0, 5, 30, 300)
SIGMAS = (0.1, 0.25, 0.5, 0.9)
AFTER = 30  # jobs after a change of the workflow
STRETCHES = (0.5, 1.0, 2.0, 4.0, 8.0)
RUNNING = (10, 30, 100, 300, 1000)

WORLDS: Mapping[str, Ages] = {
    **{f"log-normal, σ {sigma}": log_normal(sigma) for sigma in SIGMAS},
    "a mixture": Ages((Bump(0.7, 60.0, 0.15), Bump(0.3, 240.0, 0.15))),
}
WAYS: Mapping[str, Ask] = {
    **{f"every {seconds} s": fixed(seconds) for seconds in (1, 2, 5, 10)},
    "exponential backoff": backoff,
    "the table (as before)": table,
}
SHIFTS: Mapping[str, float] = {
    "3 times as fast": 70.0,
    "3 times as slow": 630.0,
    "10 times as fast": 21.0,
}


REMARKS = (
    """A job is one of about 210 s, as in the service's own example, unless a line says otherwise. It
is asked for from the moment on at which it was seen working; before that, and where fewer than five
jobs of its endpoint are known, by the table. The optimum knows the distribution, and asks as densely
as √hazard says.""",
    """**Jobs that take nearly the same time each** (σ 0.1): there the few questions before the end is
expected, which guard against a wrong memory, are the most beside the few that find it.""",
    """**A mixture of two kinds of jobs**: of thirty, few are of the rarer kind, and a curve through so
few is not the true one.""",
    """**The first job after a change to a much faster workflow** is noticed late, which weighs on those
after it, too: a memory that is trusted keeps its questions for when it expects the end, and more of
them before that would cost every job what the goal beside the optimum leaves. That job is remembered
at once, those after it are asked for early again, and with the third the old ones are forgotten.""",
    """**Under the ceiling** each job that is noticed makes room for a new one, whose submit goes before
all questions. Downloads are not counted: the ceiling is not for them.""",
)


@dataclass(frozen=True)
class Measured:
    """One way to ask: what came of it, and how much later than at best, round by round."""

    what: str
    found: Noticed
    ratios: Sequence[float]

    @property
    def row(self) -> list[str]:
        ratio = f"{fmean(self.ratios):.2f} ({min(self.ratios):.2f}–{max(self.ratios):.2f})"
        found = self.found
        return [
            self.what,
            f"{found.mean_s:.2f}",
            f"{found.p95_s:.2f}",
            f"{found.requests:.1f}",
            ratio,
        ]


def main() -> None:
    """Measure, print every goal, and write docs/performance.md."""
    goals, tables = [], {}
    for name, world in WORLDS.items():
        measured = list(compared(world))
        tables[name] = [each.row for each in measured]
        goals += list(judged(name, {each.what: each for each in measured}))
    changed = list(changes())
    tables["a workflow that has changed (beside the table’s delay)"] = [row for row, _ in changed]
    goals += [*(goal for _, goal in changed), estimate_goal(), *crowd_goals()]
    draw(DOCS / "performance.svg", [by_requests(), by_running()])
    note(
        Part(
            name="asking",
            title="When jobs are asked for",
            goals=goals,
            tables=tables,
            picture="performance.svg",
            remarks=REMARKS,
        )
    )


def rounds(world: Ages, past: int) -> Iterator[tuple[list[Known], list[float]]]:
    """In each of the rounds, what is known, and how long the next jobs take."""
    for number in range(ROUNDS):
        rng = random.Random(f"{world} {past} {number}")
        known = [world.known(rng, past) for _ in range(MEMORIES)]
        rng = random.Random(f"{world} {number}")
        yield known, [world.draw(rng) for _ in range(MEMORIES * JOBS)]


def compared(world: Ages) -> Iterator[Measured]:
    """Each way to ask, beside the optimum at as many questions."""
    for what, ask in WAYS.items():
        yield measured(world, what, 0, lambda _known, ask=ask: ask)  # type: ignore[misc]
    for past in PAST:
        yield measured(world, f"{past} past jobs", past, ours)


def measured(world: Ages, what: str, past: int, way: Callable[[Known], Ask]) -> Measured:
    curve, found, ratios = world.optimum(), [], []
    for known, took in rounds(world, past):
        asks = [way(remembered(each)) for each in known for _ in range(JOBS)]
        found.append(noticed(list(zip(asks, took, strict=True))))
        ratios.append(found[-1].mean_s / at_best(curve, took, found[-1].requests).mean_s)
    delays = [delay for each in found for delay in each.delays_s]
    return Measured(what, Noticed(delays, fmean(each.requests for each in found)), ratios)


def remembered(past: Known) -> Known:
    """What is left of all these in the row of their endpoint."""
    known: Known = ()
    for took in past:
        known = with_one(known, took)
    return known


def judged(name: str, found: Mapping[str, Measured]) -> Iterator[Goal]:
    before, none, some = (
        found[key] for key in ("the table (as before)", "0 past jobs", "30 past jobs")
    )
    yield Goal(
        f"{name}: with 30 past jobs, the delay beside the optimum's at equal requests",
        fmean(some.ratios),
        1.1,
        (min(some.ratios), max(some.ratios)),
    )
    yield Goal(
        f"{name}: with none, the delay beside the table's",
        none.found.mean_s / before.found.mean_s,
        1.1,
    )


def changes() -> Iterator[tuple[list[str], Goal]]:
    """The jobs after a change, each of them learned from, and the first of them alone."""
    for name, median_s in SHIFTS.items():
        after = log_normal(0.25, median_s)
        jobs, firsts, ratios = [], [], []
        for number in range(ROUNDS):
            rng = random.Random(f"{name} {number}")
            one: list[tuple[Ask, float]] = []
            for _ in range(CHANGES):
                known = remembered(log_normal(0.25).known(rng, 30))
                lives = list(learning(known, [after.draw(rng) for _ in range(AFTER)]))
                firsts.append(lives[0])
                one += lives
            jobs += one
            ratios.append(noticed(one).mean_s / noticed(as_before(one)).mean_s)
        found, first, before = noticed(jobs), noticed(firsts), noticed(as_before(firsts))
        what = f"{name}: the {AFTER} jobs after it"
        yield (
            Measured(what, found, ratios).row,
            Goal(
                f"{what}, beside the table's delay", fmean(ratios), 2.0, (min(ratios), max(ratios))
            ),
        )
        ratio = first.mean_s / before.mean_s
        what = f"{name}: the first job after it"
        yield (
            Measured(what, first, [ratio]).row,
            Goal(f"{what}, beside the table's delay", ratio, 2.0),
        )


def learning(known: Known, jobs: Sequence[float]) -> Iterator[tuple[Ask, float]]:
    for took_s in jobs:
        yield ours(known), took_s
        known = with_one(known, Took(queueing_s=0.0, processing_s=took_s))


def as_before(jobs: Sequence[tuple[Ask, float]]) -> list[tuple[Ask, float]]:
    return [(table, took_s) for _, took_s in jobs]


def estimate_goal() -> Goal:
    """How wrong the time is that a reply says, at the median."""
    world, medians = log_normal(0.25), []
    for known, took in rounds(world, 30):
        wrong = []
        for index, took_s in enumerate(took):
            seen = working(1.0)
            said = estimated(working(0.0), seen, remembered(known[index // JOBS]), NOON).estimate
            if said and said.ready_at:
                ready_s = 1.0 + (said.ready_at - NOON) / timedelta(seconds=1)
                wrong.append(abs(ready_s - took_s) / took_s)
        medians.append(median(wrong))
    what = "the estimate in a reply, σ 0.25: the median of |said − true| / duration"
    return Goal(what, fmean(medians), 0.2, (min(medians), max(medians)))


def crowd_goals() -> Iterator[Goal]:
    for running in (100, 1000):
        pairs = [(worthwhile(running, seed), evenly(running, seed)) for seed in range(ROUNDS)]
        for name in ("mean", "95th of 100"):
            ratios = [a.delay_s(name) / b.delay_s(name) for a, b in pairs]
            ours_s, even_s = (fmean(each[n].delay_s(name) for each in pairs) for n in (0, 1))
            what = f"{running} running jobs, 10 requests a second: the {name} delay, {ours_s:.1f} s, beside round-robin's {even_s:.1f} s"
            yield Goal(what, fmean(ratios), 0.7, (min(ratios), max(ratios)))
        late = [max(a.lates_s) / a.turn_s for a, _ in pairs]
        yield Goal(
            f"{running} running jobs: the longest that a due question waits, in turns of all",
            max(late),
            1.0,
        )
        submits = [max(a.submits_s) for a, _ in pairs]
        yield Goal(
            f"{running} running jobs: the longest that a submit waits for questions, in s",
            max(submits),
            1.0,
        )


def by_requests() -> Panel:
    """The mean delay against requests a job, σ 0.25."""
    world = log_normal(0.25)
    sample = [world.draw(random.Random(n)) for n in range(4000)]
    best = [at_best(world.optimum(), sample, n) for n in (5, 10, 20, 40, 80, 160)]
    known = [measured(world, "", 30, lambda k, s=s: ours(k, s)).found for s in STRETCHES]  # type: ignore[misc]
    others = [noticed([(ask, each) for each in sample[:500]]) for ask in WAYS.values()]
    lines = [
        Line("the optimum", [(each.requests, each.mean_s) for each in best]),
        Line("with 30 past jobs", [(each.requests, each.mean_s) for each in known]),
        *(
            Line(name, [(each.requests, each.mean_s)])
            for name, each in zip(WAYS, others, strict=True)
        ),
    ]
    return Panel("A job of about 210 s (σ 0.25)", "requests a job", "mean delay, s", lines)


def by_running() -> Panel:
    """The mean delay against running jobs, at 10 requests a second."""
    lines = [
        Line("an even round-robin", [(n, evenly(n, 0).delay_s("mean")) for n in RUNNING]),
        Line("where it is worth most", [(n, worthwhile(n, 0).delay_s("mean")) for n in RUNNING]),
    ]
    return Panel("At 10 requests a second", "running jobs", "mean delay, s", lines)


if __name__ == "__main__":
    main()
