from dataclasses import replace
from datetime import timedelta

import pytest

from bot.jobs.job import Failure, JobStatus, Posted
from bot.reasons import Reason
from bot.service import with_reply
from tests.jobs import NOON, make_job

LATER = NOON + timedelta(minutes=1)
POSTED = Posted(message_ids=(5,))


@pytest.mark.parametrize("status", JobStatus)
def test_a_reply_that_comes_late_begins_what_was_closed_for_want_of_it_and_nothing_else(
    status: JobStatus,
) -> None:
    for reason in (None, *Reason):
        failure = Failure(reason=reason) if reason else None
        job = make_job(status=status, failure=failure, due_at=None)
        is_late = status is JobStatus.FAILED and reason is Reason.NO_REPLY
        found = with_reply(job, POSTED, at=LATER)
        begun = replace(job, status=JobStatus.ACCEPTED, failure=None, changed_at=LATER)
        expected = begun if is_late else job
        assert found == replace(expected, posted=POSTED, due_at=LATER)
        assert with_reply(found, Posted(message_ids=(6,)), at=LATER) is found
