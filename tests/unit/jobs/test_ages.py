"""How old a row is, whatever its clocks say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.jobs.ages import aged, is_over
from bot.jobs.clocks import Seen
from bot.jobs.job import JobStatus
from tests.jobs import NOON, make_job

SECOND = timedelta(seconds=1)
DAY_S = 86_400.0
BEFORE = Seen(at=NOON, steady_s=100.0, boot="here")
# What passed on the wall and on the steady clock, and where: what is counted, and of a trouble.
PASSED = {
    "the wait": (30, 30, "here", 30, 30),
    "two days in which nobody asked": (2 * DAY_S, 2 * DAY_S, "here", 2 * DAY_S, 30),
    "a clock that was set two days ahead": (2 * DAY_S, 30, "here", 30, 30),
    "a clock that was set two hours back": (-7200, 30, "here", 30, 30),
    "less than the wait": (3, 3, "here", 3, 3),
    "two days until the next start": (2 * DAY_S, 5, "again", 30, 30),
    "less than the wait, elsewhere": (3, 10**6, "elsewhere", 3, 3),
    "a clock that is behind, elsewhere": (-7200, 0, "elsewhere", 0, 0),
    "a steady clock that is not": (30, -50, "here", 0, 0),
}


@pytest.mark.parametrize(
    ("wall_s", "steady_s", "boot", "age_s", "trouble_s"), PASSED.values(), ids=PASSED
)
def test_a_row_is_older_by_what_passed_and_its_trouble_by_no_more_than_its_wait(
    wall_s: float, steady_s: float, boot: str, age_s: float, trouble_s: float
) -> None:
    seen = Seen(at=NOON + wall_s * SECOND, steady_s=100.0 + steady_s, boot=boot)
    job = make_job(seen=BEFORE, due_at=NOON + 30 * SECOND, tries=1, age_s=5.0, trouble_s=7.0)
    assert aged(job, seen) == replace(job, seen=seen, age_s=5.0 + age_s, trouble_s=7.0 + trouble_s)
    well = replace(job, tries=0)
    assert aged(well, seen) == replace(well, seen=seen, age_s=5.0 + age_s, trouble_s=0.0)


def test_a_row_is_new_in_each_status_but_where_it_is_turned_back() -> None:
    job = make_job(seen=BEFORE, age_s=50.0, trouble_s=20.0, tries=3)
    assert aged(make_job(), BEFORE).age_s == 0.0
    sent = job.turned(JobStatus.SUBMITTING, at=NOON)
    back = sent.turned(JobStatus.ACCEPTED, at=NOON)
    assert back == job
    taken = sent.moved(JobStatus.RUNNING, at=NOON)
    assert (taken.seen, taken.age_s, taken.trouble_s, taken.tries) == (None, 0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("age_s", "trouble_s", "is_so"),
    [(DAY_S, 900, False), (DAY_S + 1, 599, False), (DAY_S + 1, 600, True), (0, 10**6, False)],
)
def test_only_trouble_that_does_not_pass_ends_what_is_old(
    age_s: float, trouble_s: float, *, is_so: bool
) -> None:
    job = make_job(age_s=age_s, trouble_s=trouble_s)
    assert is_over(job, timedelta(days=1)) is is_so
