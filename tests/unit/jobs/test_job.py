from dataclasses import replace
from datetime import timedelta

import pytest

from bot.jobs.job import FOLLOWERS, TERMINAL, Failure, JobStatus, Posted
from bot.jobs.request import FieldKind, Value
from bot.reasons import Reason
from tests.jobs import NOON, make_grant, make_job, make_request

LATER = NOON + timedelta(minutes=1)


def test_every_status_has_its_followers() -> None:
    assert set(FOLLOWERS) == set(JobStatus)


def test_moving_on_makes_the_job_due_at_once_with_fresh_tries() -> None:
    job = make_job(tries=3)
    moved = job.moved(JobStatus.SUBMITTING, at=LATER)
    assert moved == replace(
        job, status=JobStatus.SUBMITTING, changed_at=LATER, due_at=LATER, tries=0
    )


def test_a_status_that_may_not_follow_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="delivered cannot follow accepted"):
        make_job().moved(JobStatus.DELIVERED, at=LATER)


def test_a_failed_job_says_why_and_is_over() -> None:
    job = make_job().failed(Reason.BAD_INPUT, at=LATER, detail="It is empty.")
    assert job.is_terminal
    assert job.status in TERMINAL
    assert job.failure
    assert (job.failure.reason, job.failure.detail) == (Reason.BAD_INPUT, "It is empty.")


def test_of_what_is_deleted_no_sentence_stays_that_quotes_it() -> None:
    job = make_job().failed(Reason.MAYBE_CHARGED, at=LATER, detail="A red fox is not allowed.")
    assert job.emptied().failure == Failure(reason=Reason.MAYBE_CHARGED)


def test_the_first_message_is_the_reply() -> None:
    assert make_job().message_id is None
    assert make_job(posted=Posted(message_ids=(5, 6))).message_id == 5


def test_a_requests_seed_is_its_first() -> None:
    seeds = [
        Value(field_id=f"seed_{n}", name=f"seed-{n}", kind=FieldKind.SEED, text=n) for n in "23"
    ]
    assert make_request(values=tuple(seeds)).seed == "2"
    assert make_request(values=()).seed is None


def test_a_grant_hides_its_token() -> None:
    assert "a-secret-token" not in repr(make_grant())
