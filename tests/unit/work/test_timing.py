from datetime import timedelta
from typing import Any

import pytest

from bot.jobs.progress import Progress
from bot.studio.replies import StudioJob
from bot.work.timing import told, took
from tests.jobs import NOON

FAR = timedelta(days=400)  # their clock is not ours
BEGAN, ENDED = "2024-12-11T13:47:30.421+08:00", "2024-12-11T13:51:00.829+08:00"
PROGRESS = Progress(job_id="j", state="in_queue", submitted_at=NOON, ask_at=NOON, told_s=8.0)


def answer(state: str = "processing", sent_s: float | None = None, **stamps: Any) -> StudioJob:
    """What the service says, so many seconds after its noon."""
    sent_at = None if sent_s is None else NOON - FAR + timedelta(seconds=sent_s)
    return StudioJob(job_id="j", state=state, sent_at=sent_at, **stamps)


def at(seconds: float) -> str:
    return (NOON - FAR + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize(
    ("said", "began_s"),
    [
        (answer(sent_s=60, started_at=at(59)), 9.0),
        (answer(sent_s=60, started_at=at(30)), 8.0),
        (answer(sent_s=60, started_at=at(99)), 10.0),
        (answer(sent_s=60, started_at="soon"), 9.0),
        (answer(sent_s=60, started_at="2024-12-11T13:47:30"), 9.0),
        (answer(sent_s=60), 9.0),
        (answer(started_at=at(59)), 9.0),
        (answer("in_queue", sent_s=60, started_at=at(59)), None),
        (answer("resting", sent_s=60, started_at=at(59)), None),
    ],
    ids=[
        "a second ago",
        "before the last answer, which knew nothing of it",
        "in the future",
        "no time",
        "no zone",
        "unsaid",
        "nobody knows when it was sent",
        "waiting",
        "some other state",
    ],
)
def test_work_began_when_the_service_says_so_if_that_can_be(
    said: StudioJob, began_s: float | None
) -> None:
    assert told(PROGRESS, said, 10.0).began_s == began_s


def test_when_work_began_is_found_out_once_and_its_stamps_stay_as_written() -> None:
    first = told(PROGRESS, answer(sent_s=60, started_at=BEGAN), 10.0)
    later = told(first, answer(sent_s=99, completed_at=ENDED), 50.0)
    assert (later.began_s, later.told_s) == (first.began_s, 50.0)
    assert (later.started_at, later.completed_at) == (BEGAN, ENDED)


def test_a_job_that_was_given_up_and_goes_on_is_counted_anew() -> None:
    before = told(PROGRESS, answer(sent_s=60, started_at=at(30)), 500.0)
    after = told(before, answer(sent_s=90, started_at=at(30)), 4.0)
    assert (after.began_s, after.told_s) == (0.0, 4.0)


@pytest.mark.parametrize(
    ("said", "age_s", "expected"),
    [
        (answer(started_at=BEGAN, completed_at=ENDED), 230.408, (None, 210.408)),
        (answer(sent_s=60, started_at=at(30), completed_at=at(50)), 100.0, (70.0, 20.0)),
        (answer(sent_s=60, started_at=at(30), completed_at=at(70)), 100.0, (60.0, 40.0)),
        (
            answer(sent_s=60, started_at="2024-01-01T01", completed_at="2024-01-01T01:00:09"),
            9.0,
            (0.0, 9.0),
        ),
        (answer(sent_s=60, started_at=BEGAN, completed_at=ENDED), 150.0, None),
        (answer(sent_s=60, started_at=ENDED, completed_at=BEGAN), 100.0, None),
        (answer(sent_s=60, started_at=at(30), completed_at="2024-12-11T13:51:00"), 100.0, None),
        (answer(sent_s=60, completed_at=at(50)), 100.0, None),
        (answer(sent_s=60, started_at="\x00", completed_at="?"), 100.0, None),
    ],
    ids=[
        "the published example",
        "ten seconds before it was sent",
        "a clock that is ahead",
        "no zone",
        "longer than it is known",
        "ended before it began",
        "one zone",
        "no beginning",
        "no times",
    ],
)
def test_how_long_a_job_took_is_the_difference_of_its_stamps(
    said: StudioJob, age_s: float, expected: tuple[float | None, float] | None
) -> None:
    found = took(PROGRESS, said, age_s)
    if expected is None:
        assert found is None
        return
    queueing_s, processing_s = expected
    middle_s = (PROGRESS.told_s + age_s) / 2 - processing_s  # where nothing says when it ended
    wanted = max(0.0, middle_s) if queueing_s is None else queueing_s
    assert found
    assert (found.queueing_s, found.processing_s) == pytest.approx((wanted, processing_s))
