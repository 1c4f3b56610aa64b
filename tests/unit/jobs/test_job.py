from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Reason
from bot.jobs.job import FOLLOWERS, TERMINAL, FieldKind, JobStatus, Posted, Seeds, Value
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


def test_the_first_message_is_the_reply() -> None:
    assert make_job().message_id is None
    assert make_job(posted=Posted(message_ids=(5, 6))).message_id == 5


def test_reseeding_draws_every_seed_anew_and_keeps_the_rest() -> None:
    text = Value(field_id="text_1", name="text", kind=FieldKind.STRING, text="a cat")
    seeds = [
        Value(field_id=f"seed_{n}", name=f"seed-{n}", kind=FieldKind.SEED, text="1") for n in "23"
    ]
    request = make_request(values=(text, *seeds))
    drawn = iter((8, 9))
    again = request.reseeded(lambda _low, _high: next(drawn))
    assert [value.text for value in again.values] == ["a cat", "8", "9"]
    assert (request.seed, again.seed) == ("1", "8")
    assert make_request(values=()).seed is None


def test_reseeding_draws_within_what_the_field_takes() -> None:
    seeds = Seeds(low=5, high=9)
    seed = Value(field_id="seed_1", name="seed", kind=FieldKind.SEED, text="7", seeds=seeds)
    request = make_request(values=(seed,))
    assert request.reseeded(lambda low, _high: low).seed == "5"
    assert request.reseeded(lambda _low, high: high).seed == "9"


def test_a_grant_hides_its_token() -> None:
    assert "a-secret-token" not in repr(make_grant())
