"""How much one member, and all members together, may have and spend: what is reached. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import BotError, Refused, Working

LEAST = 1e-6  # credits: less is an error of adding
EVERY_SERVER = 0  # in the place of a server's id


class Measure(StrEnum):
    """What is limited, by the name of its setting; within 24 hours, but for the first."""

    JOBS = "jobs_per_member"  # unfinished
    MEMBER_JOBS = "jobs_per_member_per_day"
    CREDITS = "credits_per_member_per_day"
    ALL_CREDITS = "credits_per_day"
    ALL_JOBS = "jobs_per_day"


OF_CREDITS = frozenset({Measure.CREDITS, Measure.ALL_CREDITS})
OF_ALL = frozenset({Measure.ALL_CREDITS, Measure.ALL_JOBS})
Most = Mapping[Measure, float]
_IN_THIS_SERVER = [Working(" in this server")]


@dataclass(frozen=True, slots=True)
class Quota:
    """The most of each measure that is limited in Discord, in one server or in every."""

    server: int
    most: Most

    @property
    def is_here(self) -> bool:
        """Whether it is of one server alone."""
        return self.server != EVERY_SERVER

    @property
    def is_shared(self) -> bool:
        """Whether members share it, so that they must see each other's requests."""
        return not OF_ALL.isdisjoint(self.most)


@dataclass(frozen=True, slots=True)
class Left:
    """A quota, and what of it is used."""

    quota: Quota
    used: Most


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
    quotas: tuple[Left, ...] = ()


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
        hold(Measure.JOBS, usage.unfinished, self.jobs)
        hold(Measure.CREDITS, usage.credits, self.credits_per_day, usage.cost)
        hold(Measure.ALL_CREDITS, usage.all_credits, self.all_credits_per_day, usage.cost)
        hold(Measure.ALL_JOBS, usage.all_jobs, self.all_jobs_per_day)


def left_of(most: float, used: float) -> float:
    """What is left, to be told."""
    return round(max(0.0, most - used), 6)


def hold(
    measure: Measure,
    used: float,
    most: float | None,
    cost: float = 0.0,
    *,
    is_here: bool = False,
) -> None:
    """Nothing, or Reached where one more of such a cost is too much; `is_here`: in one server."""
    if most is None:
        return
    if measure in OF_CREDITS:
        _hold_credits(measure, used, most, cost, is_here=is_here)
    elif used >= most:
        raise Reached(measure, used - most + 1, _too_many(measure, used, most, is_here=is_here))


def _too_many(measure: Measure, used: float, most: float, *, is_here: bool) -> Refused:
    numbers = {"most": f"{most:.0f}", "when": "later"}
    if measure is Measure.JOBS:
        return Refused(
            "You have {unfinished} unfinished {noun} {place}, and {most} is the most at a"
            " time. Wait until one has ended, {when} at the latest, then ask again.",
            unfinished=f"{used:.0f}",
            noun="job" if used == 1 else "jobs",
            place="in this server" if is_here else "here",
            **numbers,
        )
    return Refused(
        "{who} 0 of {most} jobs left{where} for these 24 hours. Try again {when}.",
        who="All members together have" if measure in OF_ALL else "You have",
        where=_IN_THIS_SERVER * is_here,
        **numbers,
    )


def _hold_credits(
    measure: Measure, used: float, most: float, cost: float, *, is_here: bool
) -> None:
    if used + cost <= most + LEAST:
        return
    about = {
        "cost": cost,
        "who": "all members together have" if measure in OF_ALL else "you have",
        "most": most,
        "where": _IN_THIS_SERVER * is_here,
    }
    if cost > most + LEAST:
        never = Refused(
            "This costs {cost:g} credits, and {who} {most:g}{where} for 24 hours: it cannot be run"
            " here unless {whoever} changes that.",
            whoever="who manages this server" if is_here else "the bot's owner",
            **about,
        )
        raise Reached(measure, None, never)
    later = Refused(
        "This costs {cost:g} credits, and {who} {left:g} of {most:g} left{where} for these 24 hours."
        " Try again {when}.",
        left=left_of(most, used),
        when="later",
        **about,
    )
    raise Reached(measure, used + cost - most - LEAST, later)
