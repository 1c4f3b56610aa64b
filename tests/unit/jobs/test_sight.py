from collections.abc import Callable

import pytest

from bot.errors import Refused
from bot.jobs.job import Job, JobStatus, Posted
from bot.jobs.sight import check_may_see, check_may_see_images
from tests.jobs import make_job

ASKER, OTHER = 7, 8
NEITHER = "Only who asked for this can see it."
NOT_IMAGES = "Only who asked for this can see what was not posted."


def refusal(check: Callable[[Job, int], None], job: Job, member: int) -> str:
    try:
        check(job, member)
    except Refused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("status", JobStatus)
def test_others_see_what_was_posted_for_all_and_who_asked_sees_it_all(status: JobStatus) -> None:
    for is_hidden in (False, True):
        job = make_job(status=status, posted=Posted(message_ids=(1,), is_hidden=is_hidden))
        assert {refusal(each, job, ASKER) for each in (check_may_see, check_may_see_images)} == {""}
        assert refusal(check_may_see, job, OTHER) == NEITHER * is_hidden
        of_images = "" if status is JobStatus.DELIVERED else NOT_IMAGES
        assert refusal(check_may_see_images, job, OTHER) == (NEITHER if is_hidden else of_images)
