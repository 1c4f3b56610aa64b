"""How much one member, and all members together, may have and spend: what is reached. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import BotError, Refused

LEAST = 1e-6  # credits: less is an error of adding


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a member has under way and has spent, and what one more job costs, in credits.

    `all_credits` and `all_jobs` are of all members in 24 hours, where they were counted.
    """

    unfinished: int
    credits: float
    cost: float = 0.0
    all_credits: float = 0.0
    all_jobs: int = 0


class Measure(StrEnum):
    """What is limited."""

    JOBS = "jobs"  # of a member, unfinished
    CREDITS = "credits"  # of a member
    ALL_CREDITS = "all credits"
    ALL_JOBS = "all jobs"


class Reached(BotError):
    """A limit is reached, until `over` of what it measures is free again; None: for good."""

    def __init__(self, measure: Measure, over: float | None, refused: Refused) -> None:
        super().__init__(f"limit: {measure}")
        self.measure = measure
        self.over = over
        self._refused = refused

    def refusal(self, free_at: datetime | None) -> Refused:
        """The sentence for the member, who reads there when to ask again."""
        return self._refused.but(when=free_at) if free_at else self._refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What members may have at a time, and within 24 hours; None: no limit."""

    jobs: int
    credits_per_day: float | None = None
    all_credits_per_day: float | None = None
    all_jobs_per_day: int | None = None

    @property
    def has_totals(self) -> bool:
        """Whether what all members have spent together is to be counted."""
        return self.all_credits_per_day is not None or self.all_jobs_per_day is not None

    def check(self, usage: Usage) -> None:
        """Nothing, or Reached: by the member's own limits first."""
        if usage.unfinished >= self.jobs:
            raise Reached(
                Measure.JOBS,
                usage.unfinished - self.jobs + 1,
                Refused(
                    "You have {unfinished} unfinished {noun} here, and {most} is the most at a"
                    " time. Wait until one has ended, {when} at the latest, then ask again.",
                    unfinished=usage.unfinished,
                    noun="job" if self.jobs == 1 else "jobs",
                    most=self.jobs,
                    when="later",
                ),
            )
        _check_credits(Measure.CREDITS, usage.credits, self.credits_per_day, usage.cost)
        _check_credits(Measure.ALL_CREDITS, usage.all_credits, self.all_credits_per_day, usage.cost)
        most = self.all_jobs_per_day
        if most is not None and usage.all_jobs >= most:
            raise Reached(
                Measure.ALL_JOBS,
                usage.all_jobs - most + 1,
                Refused(
                    "All members together have 0 of {most} jobs left for these 24 hours."
                    " Try again {when}.",
                    most=most,
                    when="later",
                ),
            )


def left_of(most: float, used: float) -> float:
    """What is left, to be told."""
    return round(max(0.0, most - used), 6)


def _check_credits(measure: Measure, used: float, most: float | None, cost: float) -> None:
    if most is None or used + cost <= most + LEAST:
        return
    who = "you have" if measure is Measure.CREDITS else "all members together have"
    if cost > most + LEAST:
        raise Reached(
            measure,
            None,
            Refused(
                "This costs {cost:g} credits, and {who} {most:g} for 24 hours: it cannot be run"
                " here unless the bot's owner changes that.",
                cost=cost,
                who=who,
                most=most,
            ),
        )
    raise Reached(
        measure,
        used + cost - most - LEAST,
        Refused(
            "This costs {cost:g} credits, and {who} {left:g} of {most:g} left for these 24 hours."
            " Try again {when}.",
            cost=cost,
            who=who,
            left=left_of(most, used),
            most=most,
            when="later",
        ),
    )
