"""`python -m bot resume JOB`: a job that was given up though it is paid for is taken up again."""

from bot.errors import Refused
from bot.jobs.clocks import utc_now
from bot.jobs.job import Job, JobStatus
from bot.jobs.store import JobStore
from bot.settings import Settings
from bot.work.resuming import resumed

WORDS = {
    JobStatus.RUNNING: "asked for",
    JobStatus.DOWNLOADING: "downloaded",
    JobStatus.DELIVERING: "delivered",
}


async def resume(settings: Settings, name: str) -> int:
    """Write down that the job goes on, which the bot does; 0, or Refused."""
    async with JobStore.open(settings.database_url) as store:
        ids = await store.find(name)
        if len(ids) != 1:
            raise Refused(
                "{many} {name}: give more of its id." if ids else "{many} {name}.",
                many="Several jobs begin with" if ids else "There is no job",
                name=name,
            )
        now = await store.time() or utc_now()
        job = await store.change(ids[0], lambda job: resumed(job, at=now))
    _tell(ids[0], job)
    return 0


def _tell(job_id: str, job: Job | None) -> None:
    if job is None:
        raise Refused("Job {job} has just been removed.", job=job_id[:12])
    print(
        f"Job {job_id[:12]} is {WORDS[job.status]} again: within a second where the bot runs, else"
        " after its next start. Nothing is charged."
    )
