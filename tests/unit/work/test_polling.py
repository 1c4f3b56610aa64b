from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.durations import Known
from bot.jobs.progress import Progress, Took
from bot.work.polling import SOONEST_S, next_delay_s, next_question_s, retry_delay_s, worth
from tests.jobs import NOON


@pytest.mark.parametrize(
    ("age_s", "state", "delay_s"),
    [
        (0, "pending", 1),
        (10, "processing", 1),
        (11, "processing", 2),
        (61, "processing", 5),
        (61, "in_queue", 10),
        (301, "processing", 15),
        (301, "in_queue", 30),
        (1801, "processing", 30),
        (90_000, "in_queue", 30),
        (0, "never heard of", 1),
    ],
)
def test_a_job_is_asked_for_quickly_at_first_and_slowly_later(
    age_s: float, state: str, delay_s: float
) -> None:
    assert next_delay_s(age_s=age_s, state=state) == delay_s


@pytest.mark.parametrize(
    ("tries", "retry_after_s", "delay_s"),
    [
        (0, None, 2),
        (1, None, 4),
        (3, None, 16),
        (8, None, 300),
        (10_000, None, 300),
        (0, 7, 7),
        (9, 7, 7),
        (0, 0, 0.5),
        (0, 10**9, 3600),
    ],
)
def test_a_try_in_vain_waits_longer_each_time_or_as_it_was_asked_to(
    tries: int, retry_after_s: float | None, delay_s: float
) -> None:
    assert retry_delay_s(tries, retry_after_s) == delay_s


KNOWN = tuple(Took(queueing_s=1.0, processing_s=200.0 + each) for each in range(-20, 21, 4))


def working(worked_s: float, **changes: Any) -> Progress:
    """A job on which work began when it was 7 s old, as the service has just said."""
    progress = Progress(job_id="j", state="processing", submitted_at=NOON, ask_at=NOON)
    return replace(progress, **{"told_s": 7.0 + worked_s, "began_s": 7.0} | changes)


@pytest.mark.parametrize(
    ("progress", "known", "least_s", "most_s"),
    [
        (working(5), KNOWN[:4], 2.0, 2.0),
        (working(5, state="in_queue", began_s=None), KNOWN, 2.0, 2.0),
        (working(5), KNOWN, 20.0, 190.0),
        (working(150), KNOWN, 10.0, 45.0),
        (working(200), KNOWN, SOONEST_S, 3.0),
        (working(5000), KNOWN, 30.0, 30.0),
    ],
    ids=["too few known", "not begun", "far from the end", "before it", "at it", "beyond"],
)
def test_a_job_is_asked_for_when_it_is_likely_to_have_ended(
    progress: Progress, known: Known, least_s: float, most_s: float
) -> None:
    assert least_s <= next_question_s(progress, known) <= most_s


@pytest.mark.parametrize("progress", [working(5), working(200), working(5000)])
@pytest.mark.parametrize("known", [(), KNOWN])
@pytest.mark.parametrize("stretch", [1.0, 2.5, 20.0])
def test_a_question_comes_once_the_time_since_the_last_is_worth_as_much_as_the_crowd_lets_it(
    progress: Progress, known: Known, stretch: float
) -> None:
    in_s = next_question_s(progress, known, stretch)
    assert worth(progress, known, progress.told_s + in_s) == pytest.approx(stretch, rel=0.02)
    assert worth(progress, known, progress.told_s) == 0.0
