import pytest

from bot.jobs.limits import LEAST, Limits, Measure, Reached, Usage
from tests.jobs import NOON

ALL = Limits(jobs=3, credits_per_day=15, all_credits_per_day=100, all_jobs_per_day=50)
AGAIN = f"<t:{int(NOON.timestamp())}:R>"


def used(**given: float) -> Usage:
    return Usage(**({"unfinished": 0, "credits": 0.0, "cost": 10.0} | given))  # type: ignore[arg-type]


REACHED: dict[str, tuple[Usage, Measure, float | None, str]] = {
    "jobs": (
        used(unfinished=4, credits=99),  # their own jobs are told of first
        Measure.JOBS,
        2,
        (
            "You have 4 unfinished jobs here, and 3 is the most at a time. Wait until one has ended,"
            f" {AGAIN} at the latest, then ask again."
        ),
    ),
    "credits": (
        used(credits=7.5),
        Measure.CREDITS,
        2.5,
        (
            "This costs 10 credits, and you have 7.5 of 15 left for these 24 hours."
            f" Try again {AGAIN}."
        ),
    ),
    "more than a member ever has": (
        used(cost=16.0),
        Measure.CREDITS,
        None,
        (
            "This costs 16 credits, and you have 15 for 24 hours: it cannot be run here unless the"
            " bot's owner changes that."
        ),
    ),
    "all credits": (
        used(all_credits=120),
        Measure.ALL_CREDITS,
        30,
        (
            "This costs 10 credits, and all members together have 0 of 100 left for these 24 hours."
            f" Try again {AGAIN}."
        ),
    ),
    "all jobs": (
        used(all_jobs=50),
        Measure.ALL_JOBS,
        1,
        f"All members together have 0 of 50 jobs left for these 24 hours. Try again {AGAIN}.",
    ),
}


@pytest.mark.parametrize(
    ("usage", "measure", "over", "sentence"), REACHED.values(), ids=REACHED.keys()
)
def test_what_is_reached_says_what_is_left_and_when_to_ask_again(
    usage: Usage, measure: Measure, over: float | None, sentence: str
) -> None:
    with pytest.raises(Reached) as found:
        ALL.check(usage)
    assert found.value.measure is measure
    assert found.value.over == (over if over is None else pytest.approx(over, abs=2 * LEAST))
    assert found.value.refusal(NOON).user_message == sentence


@pytest.mark.parametrize(
    ("limits", "usage"),
    [
        (ALL, used(unfinished=2, credits=5, all_credits=90, all_jobs=49)),
        (Limits(jobs=1), used(credits=1e9, all_credits=1e9, all_jobs=10**9)),
        (Limits(jobs=1, credits_per_day=0.3), used(credits=0.1 + 0.1, cost=0.1)),
    ],
    ids=("just enough", "no limit", "tenths"),
)
def test_what_is_not_reached_refuses_nobody(limits: Limits, usage: Usage) -> None:
    limits.check(usage)
