import pytest

from bot.jobs.durations import Known
from bot.jobs.progress import Took
from bot.work.odds import Curve, curve_of


def known(*processing_s: float) -> Known:
    return tuple(Took(queueing_s=0.0, processing_s=each) for each in processing_s)


def questions(curve: Curve, from_s: float, to_s: float) -> float:
    return curve.worth_at(to_s) - curve.worth_at(from_s)


NEAR_100 = known(*[90.0, 95.0, 100.0, 105.0, 110.0] * 6)


def test_questions_stand_where_jobs_have_ended_and_few_before() -> None:
    curve = curve_of(NEAR_100)
    assert questions(curve, 85, 115) > 10
    assert 0 < questions(curve, 1, 70) < 4


def test_between_two_kinds_of_jobs_few_are_asked_for() -> None:
    curve = curve_of(known(*[19.0, 20.0, 21.0, 190.0, 200.0, 210.0] * 6))
    assert questions(curve, 18, 23) > 3
    assert questions(curve, 50, 120) < questions(curve, 180, 220) / 3


@pytest.mark.parametrize("old", [NEAR_100, known(*[50.0, 95.0, 100.0, 105.0, 200.0] * 6)])
def test_a_stranger_among_the_newest_lets_the_rest_be_doubted(old: Known) -> None:
    before, after = curve_of((*old[3:], *old[:3])), curve_of((*old[1:], *known(12.0)))
    assert questions(after, 1, 45) > 3 * questions(before, 1, 45)


@pytest.mark.parametrize(
    "extreme",
    [
        known(*[20.0] * 5),
        known(*[0.0] * 5),
        known(*[86_400.0] * 48),
        known(0.0, 1.0, 1.0, 1.0, 86_400.0),
        known(*[0.01, 0.1, 1.0, 10.0, 1e9]),
    ],
    ids=["all alike", "nothing", "a day", "far apart", "farther"],
)
def test_whatever_is_known_the_curve_rises_and_ends(extreme: Known) -> None:
    curve = curve_of(extreme)
    assert list(curve.worth) == sorted(curve.worth)
    assert list(curve.ages_s) == sorted(curve.ages_s)
    assert 0 < curve.worth[-1] < float("inf")
    assert curve.age_at(curve.worth_at(curve.end_s / 2)) == pytest.approx(curve.end_s / 2, rel=0.01)
