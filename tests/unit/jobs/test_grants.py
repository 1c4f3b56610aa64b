"""What the token of a press does to the row of a hidden job."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.jobs.grants import granted, is_out_of_reach
from bot.jobs.job import Grant, Job, JobStatus, Posted
from tests.jobs import NOON, make_job

OVER = Grant(application_id=1, token="a", expires_at=NOON)
LIVE = replace(OVER, token="b", expires_at=NOON + timedelta(minutes=9))
NEW = replace(OVER, token="c", expires_at=NOON + timedelta(minutes=15))
SAME = replace(OVER, token="d", expires_at=NEW.expires_at - timedelta(seconds=50))
LATER = NOON + timedelta(seconds=5)


def hidden(status: JobStatus, grant: Grant | None = OVER, **posted: Any) -> Job:
    told = replace(Posted(message_ids=(5, 6), shown="x", is_hidden=True), **posted)
    return replace(make_job(status=status, posted=told), grant=grant, due_at=None)


@pytest.mark.parametrize(
    ("status", "is_owed"),
    [
        (JobStatus.ACCEPTED, False),
        (JobStatus.RUNNING, False),
        (JobStatus.DOWNLOADING, False),
        (JobStatus.DELIVERING, False),
        (JobStatus.DELIVERED, True),
        (JobStatus.FAILED, False),
        (JobStatus.CANCELLED, False),
    ],
)
def test_it_is_the_rows_from_then_on_and_all_is_shown_anew(
    status: JobStatus, *, is_owed: bool
) -> None:
    for before in (OVER, LIVE) if status in {JobStatus.ACCEPTED, JobStatus.RUNNING} else (OVER,):
        job = granted(hidden(status, before), NEW, 5, NOON)
        assert (job.grant, job.due_at) == (NEW, NOON)
        assert job.posted == Posted(message_ids=(5,), is_hidden=True, is_owed=is_owed)


@pytest.mark.parametrize(
    "job",
    [
        hidden(JobStatus.SUBMITTING),
        hidden(JobStatus.SUBMITTING, LIVE),
        hidden(JobStatus.DELIVERING, LIVE),
        hidden(JobStatus.DOWNLOADING, LIVE),
        *(hidden(status, SAME) for status in (JobStatus.ACCEPTED, JobStatus.RUNNING)),
        hidden(JobStatus.DELIVERED, LIVE),
        replace(hidden(JobStatus.DELIVERED, LIVE, is_owed=True), due_at=LATER),
        replace(hidden(JobStatus.FAILED, LIVE), due_at=LATER),
    ],
    ids=lambda job: f"{job.status} {job.due_at}",
)
def test_nothing_that_is_at_it_is_cut_short_and_nothing_is_handed_out_twice(job: Job) -> None:
    assert granted(job, NEW, 5, NOON) is job


def test_a_reply_that_was_never_noted_is_the_one_that_was_pressed() -> None:
    for before in (OVER, SAME):
        job = granted(hidden(JobStatus.ACCEPTED, before, message_ids=()), NEW, 5, NOON)
        assert job.posted.message_ids == (5,)


def test_what_is_hidden_or_where_the_bot_is_not_is_out_of_reach_without_a_token() -> None:
    job = hidden(JobStatus.RUNNING)
    public = replace(job, posted=replace(job.posted, is_hidden=False))
    apart = replace(public, origin=replace(public.origin, is_apart=True))
    jobs = (job, replace(job, grant=LIVE), public, apart, replace(apart, grant=LIVE))
    assert [is_out_of_reach(each, NOON) for each in jobs] == [True, False, False, True, False]


def test_before_its_reply_is_there_it_is_as_hidden_as_was_asked_for() -> None:
    job = make_job(posted=Posted())
    asked = replace(job, origin=replace(job.origin, is_alone=True))
    assert (job.is_hidden, asked.is_hidden) == (False, True)
    assert not replace(asked, posted=Posted(message_ids=(5,))).is_hidden
    assert asked.followed_by(job.origin).is_alone
