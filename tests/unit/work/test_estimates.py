from dataclasses import replace
from datetime import timedelta

import pytest

from bot.jobs.durations import Known
from bot.jobs.progress import Estimate, Progress, Took
from bot.work.estimates import estimated, still_said
from tests.jobs import NOON

FIRST = Progress(job_id="j", state="pending", submitted_at=NOON, ask_at=NOON)
WORKS = replace(FIRST, state="processing", told_s=3.0, began_s=1.0)
WAITS = replace(FIRST, state="in_queue", told_s=3.0)


def known(*processing_s: float, queueing_s: float = 10.0) -> Known:
    return tuple(Took(queueing_s=queueing_s, processing_s=each) for each in processing_s)


FAILED = [replace(each, has_failed=True) for each in known(*[7.0] * 9)]


def said(usual_s: float, in_s: float | None) -> Estimate:
    ready_at = None if in_s is None else NOON + timedelta(seconds=in_s)
    return Estimate(usual_s=usual_s, ready_at=ready_at)


@pytest.mark.parametrize(
    ("progress", "past", "expected"),
    [
        (WORKS, known(*[20.0] * 4), None),
        (WORKS, known(*[20.0] * 5), said(20.0, 18.0)),
        (WORKS, known(*[2.0] * 5), None),
        (WORKS, known(10.0, 20.0, 30.0, 40.0, 50.0), said(40.0, 38.0)),
        (replace(WORKS, told_s=36.0), known(10.0, 20.0, 30.0, 40.0, 50.0), said(40.0, 15.0)),
        (replace(WORKS, told_s=99.0), known(10.0, 20.0, 30.0, 40.0, 50.0), said(40.0, None)),
        (WAITS, known(*[20.0] * 5), said(30.0, 27.0)),
        (WORKS, (*known(*[20.0] * 5), *FAILED), said(20.0, 18.0)),
        (WORKS, (*known(*[20.0] * 4), *FAILED), None),
    ],
    ids=[
        "four known",
        "five",
        "of a moment nothing is said",
        "most are ready by then",
        "of those that took longer",
        "longer than any",
        "the queue is waited for, too",
        "those that failed say nothing of it",
        "nor do they make it enough",
    ],
)
def test_a_job_will_be_ready_as_most_others_were(
    progress: Progress, past: Known, expected: Estimate | None
) -> None:
    assert estimated(FIRST, progress, past, NOON).estimate == expected


def test_what_was_said_stands_until_the_state_changes() -> None:
    before = replace(WORKS, estimate=said(20.0, 18.0))
    at_once = replace(before, told_s=0.0)
    assert estimated(at_once, at_once, known(*[30.0] * 5), NOON) is at_once
    later = replace(before, told_s=9.0)
    assert estimated(before, later, known(*[60.0] * 9), NOON) is later
    waited = replace(WAITS, estimate=said(30.0, 27.0))
    begun = replace(WORKS, estimate=waited.estimate)
    assert estimated(waited, begun, known(*[20.0] * 9), NOON).estimate == said(20.0, 18.0)


@pytest.mark.parametrize(("passed_s", "is_over"), [(17.9, False), (18.0, True), (3600.0, True)])
def test_no_time_is_said_once_it_is_over(passed_s: float, *, is_over: bool) -> None:
    before = replace(WORKS, estimate=said(20.0, 18.0))
    after = still_said(before, NOON + timedelta(seconds=passed_s))
    assert after == (replace(before, estimate=said(20.0, None)) if is_over else before)
    assert still_said(after, NOON + timedelta(days=1)).estimate == said(20.0, None)
    assert still_said(WORKS, NOON) is WORKS
