"""How long images are asked for that do not come."""

from datetime import timedelta
from typing import Any, cast

import pytest

from bot.errors import Reason, Unavailable
from bot.jobs.job import Job, JobStatus, Output, Progress
from bot.work.downloads import Downloads
from tests.jobs import NOON, make_job

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "status"), [(0, JobStatus.DOWNLOADING), (23, JobStatus.DOWNLOADING), (25, JobStatus.FAILED)]
)  # fmt: skip
def test_a_job_that_took_more_than_a_day_has_its_images_asked_for_a_day_more(
    hours: int, status: JobStatus
) -> None:
    long_ago = NOON - 30 * HOUR
    job: Job = make_job(
        status=JobStatus.DOWNLOADING,
        created_at=long_ago,
        age_s=hours * HOUR.total_seconds(),
        trouble_s=HOUR.total_seconds(),
        outputs=(Output(url="https://studio.example/1"),),
        progress=Progress(job_id="x", state="succeeded", submitted_at=long_ago, ask_at=NOON),
    )
    downloads = Downloads(cast("Any", None), cast("Any", None), lambda: NOON)
    later = downloads._later(job, Unavailable("download: 500", reason=Reason.IMAGES_GONE))
    assert later.status is status
