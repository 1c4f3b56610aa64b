"""Who may see what there is of a job. Pure."""

from bot.errors import Refused
from bot.jobs.job import Job, JobStatus


def check_may_see(job: Job, user_id: int) -> None:
    """Nothing, or Refused: what is hidden, who asked alone has seen."""
    if job.is_hidden and job.origin.user_id != user_id:
        raise Refused("Only who asked for this can see it.")


def check_may_see_images(job: Job, user_id: int) -> None:
    """Nothing, or Refused: what was not posted for all, who asked alone is to see or to use."""
    check_may_see(job, user_id)
    if job.status is not JobStatus.DELIVERED and job.origin.user_id != user_id:
        raise Refused("Only who asked for this can see what was not posted.")
