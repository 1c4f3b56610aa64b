"""What the owner sees of all jobs at one look."""

from datetime import timedelta

from bot.jobs.job import Failure, Job, JobStatus
from bot.jobs.limits import Usage
from bot.jobs.overview import Overview
from bot.jobs.store import JobStore
from bot.reasons import Reason
from tests.jobs import NOON, add, make_job

LONG_AGO = NOON - timedelta(hours=2)


def failed(reason: Reason, **changes: object) -> Job:
    return make_job(status=JobStatus.FAILED, failure=Failure(reason=reason), **changes)


async def test_what_waits_runs_and_has_failed_lately_is_counted(store: JobStore) -> None:
    assert (await store.overview(NOON)).usage == Usage(unfinished=0, credits=0)
    for job in (
        make_job(),
        make_job(status=JobStatus.RUNNING),
        make_job(status=JobStatus.DELIVERING),
        make_job(status=JobStatus.DELIVERED),
        failed(Reason.KEY_REFUSED),
        failed(Reason.KEY_REFUSED, created_at=LONG_AGO),
        failed(Reason.TIMED_OUT, created_at=LONG_AGO, changed_at=LONG_AGO),
        make_job(status=JobStatus.UNDELIVERABLE),
    ):
        await add(store, job)
    seen = await store.overview(NOON)
    assert (seen.waiting, seen.running, seen.usage.all_jobs) == (1, 2, 5)
    assert seen == Overview(
        waiting=1, running=2, failed={"key_refused": 2, "undeliverable": 1}, usage=seen.usage
    )
