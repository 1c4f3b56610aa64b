from dataclasses import replace
from datetime import timedelta

import pytest

from bot.jobs.job import InLine, JobStatus
from bot.jobs.places import LONGEST
from bot.reasons import Reason
from bot.work.line import PATIENCE, RENEWED, SELDOM, has_waited_since, in_line, renewed_after
from tests.jobs import NOON, make_job

SECOND = timedelta(seconds=1)
THIRD = InLine(place=3, at=NOON)


@pytest.mark.parametrize(
    ("later", "line", "due_s"),
    [
        (0, THIRD, 30),
        (29, THIRD, 59),  # called, and somebody was quicker
        (30, InLine(place=2, at=NOON + 30 * SECOND), 60),
        (-60, InLine(place=2, at=NOON - 60 * SECOND), -30),  # the clock was set back
    ],
)
def test_a_place_is_told_anew_every_thirty_seconds_at_most(
    later: int, line: InLine, due_s: int
) -> None:
    job = make_job(line=THIRD, busy_until=NOON, age_s=40.0)
    found = in_line(job, 2, NOON + later * SECOND)
    due_at = NOON + due_s * SECOND
    assert found == replace(job, line=line, due_at=due_at, waited_s=40.0, busy_until=None)


@pytest.mark.parametrize(("place", "after_s"), [(1, 30), (9, 30), (10, 60), (99, 300), (5000, 480)])
def test_who_is_far_back_is_told_more_seldom(place: int, after_s: int) -> None:
    assert renewed_after(place) == after_s * SECOND


def test_whoever_is_in_line_is_looked_at_before_they_are_taken_to_be_in_trouble() -> None:
    assert RENEWED <= SELDOM < LONGEST


def test_after_a_day_in_line_a_job_ends_uncharged() -> None:
    job = make_job(line=THIRD, age_s=PATIENCE.total_seconds() + 1)
    ended = in_line(job, 1, NOON)
    assert ended.status is JobStatus.FAILED
    assert ended.failure
    assert ended.failure.reason is Reason.NO_TURN


@pytest.mark.parametrize(
    ("waited_s", "age_s", "has_waited"),
    [(0, 7200, False), (0, 7201, True), (9000, 9001, False), (9000, 16_201, True)],
)
def test_the_patience_with_the_service_begins_at_the_turn(
    waited_s: float, age_s: float, *, has_waited: bool
) -> None:
    job = make_job(waited_s=waited_s, age_s=age_s)
    assert has_waited_since(job, timedelta(hours=2)) is has_waited
