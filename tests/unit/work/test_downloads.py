"""What is saved of a result, from a service over real sockets, and how long it is asked for what does not come."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.errors import Unavailable
from bot.files.archive import FolderArchive
from bot.jobs.job import Job, JobStatus, Output
from bot.jobs.progress import Progress
from bot.reasons import Reason
from bot.sandbox.clock import Clock
from bot.sandbox.studio.jobs import StudioJob, Submission
from bot.sandbox.studio.server import StudioSandbox
from bot.work import downloads as module
from bot.work.downloads import CUT_TRIES, PAGE_TRIES, Downloads
from tests.jobs import NOON, make_job
from tests.samples.pictures import png_header
from tests.samples.results import ENDLESS, KINDS, PAGES
from tests.unit.studio.conftest import client

HOUR = timedelta(hours=1)
PNG = KINDS["PNG"][0]
PAGE = {"status": 200, "body": PAGES[0], "content_type": "image/png"}
OF_OLD: dict[str, Any] = {"match": lambda request: request.query_string == "old", "times": 1000}
ROOMY = cast("Any", SimpleNamespace(check_output=lambda: None))
HALF = {"status": 200, "body": PNG[: len(PNG) // 2], "content_type": "image/png"}


@dataclass
class Row:
    """A row that is held, and how often it was written."""

    job: Job
    writes: list[Job] = field(default_factory=list)

    def note(self, job: Job) -> None:
        self.job = job

    async def keep(self, job: Job) -> None:
        self.job = job
        self.writes.append(job)


@dataclass
class Scene:
    """A finished job of the service, and the step that saves it."""

    service: StudioSandbox
    downloads: Downloads
    row: Row

    async def step(self) -> Job:
        self.row.job = await self.downloads.step(cast("Any", self.row))
        return self.row.job

    async def steps(self) -> int:
        """Step until it is over; how many it took."""
        for number in range(1, 100):
            if (await self.step()).status is not JobStatus.DOWNLOADING:
                return number
        pytest.fail("it never ends")

    def told(self) -> tuple[str, ...]:
        """Where the service says that the images are."""
        (job,) = self.service.jobs.values()
        return tuple(self.service.payload(job)["image_urls"])

    def asked(self) -> int:
        """How often the service was asked where they are."""
        return sum("/jobs/" in path for _, path, _ in self.service.requests)

    def offer(self, *urls: str) -> None:
        self.row.job = replace(self.row.job, outputs=tuple(Output(url=url) for url in urls))


class HandMoved(Clock):
    """It goes on by hand alone: what is signed twice is signed for the same second."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.moved_s)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock = HandMoved()
    async with StudioSandbox(clock) as service, client(service.url) as studio:
        service.outputs = {1: (PNG, "image/png"), 2: (PNG, "image/png")}
        job = StudioJob("j-1", Submission("PrOhEE", {}, []), clock.now(), 2, state="succeeded")
        service.jobs[job.id] = job
        now = clock.now()
        progress = Progress(job_id=job.id, state="succeeded", submitted_at=now, ask_at=now)
        row = make_job(status=JobStatus.DOWNLOADING, changed_at=now, progress=progress)
        archive = FolderArchive(tmp_path / "archive")
        found = Scene(service, Downloads(studio, archive, ROOMY, clock.now), Row(row))
        found.offer(*found.told())
        yield found


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
    downloads = Downloads(cast("Any", None), cast("Any", None), ROOMY, lambda: NOON)
    later = downloads._later(job, Unavailable("download: 500", reason=Reason.IMAGES_GONE))
    assert later.status is status


async def test_whatever_the_service_hands_out_is_kept_as_what_it_is(scene: Scene) -> None:
    files = list((KINDS | ENDLESS).values())
    scene.service.outputs = dict(enumerate(((data, "image/png") for data, _, _ in files), 1))
    scene.service.jobs["j-1"].images = len(files)
    scene.offer(*scene.told())
    assert await scene.steps() == 1
    stored = [output.stored for output in scene.row.job.outputs]
    assert [(each.media_type, each.size_bytes) for each in stored if each] == [
        (media_type, len(data)) for data, media_type, _ in files
    ]


async def test_an_address_that_has_run_out_is_asked_for_anew_at_once(scene: Scene) -> None:
    scene.service.lease = timedelta(minutes=5)
    scene.offer(*scene.told())
    scene.service.clock.advance(minutes=6)
    assert await scene.steps() == 1
    assert scene.asked() == 1
    assert [output.url for output in scene.row.job.outputs] == list(scene.told())


@pytest.mark.parametrize(
    "trouble", [{"status": status} for status in (400, 401, 403, 404, 410)] + [PAGE]
)
async def test_what_is_refused_is_asked_for_anew_before_it_is_waited_for(
    scene: Scene, trouble: dict[str, Any]
) -> None:
    scene.offer(*(url + "?old" for url in scene.told()))
    scene.service.fail_next("download", **trouble, **OF_OLD)
    assert await scene.steps() == 1
    assert scene.asked() == 1
    assert all(output.stored and not output.misses for output in scene.row.job.outputs)


@pytest.mark.parametrize("old", ["http://10.0.0.1/1", "file:///etc/passwd", "http://[/1"])
async def test_where_nothing_can_be_is_asked_for_anew_before_an_image_is_lost(
    scene: Scene, old: str
) -> None:
    scene.offer(old, scene.told()[1])
    scene.service.fail_next("status", status=503)
    first = await scene.step()
    assert [output.is_settled for output in first.outputs] == [False, True]
    assert await scene.steps() == 1
    assert scene.row.job.outputs[0].stored
    scene.service.image_address = lambda path: old if path.endswith("/1") else path
    scene.offer(*scene.told())
    scene.row.job = replace(scene.row.job, status=JobStatus.DOWNLOADING)
    await scene.step()
    assert scene.row.job.outputs[0].is_lost


async def test_a_host_that_has_to_be_waited_for_is_not_asked_sooner(scene: Scene) -> None:
    scene.service.lease = timedelta(minutes=5)
    scene.offer(*scene.told())
    wait = {"headers": {"Retry-After": "60"}, "match": lambda request: "/1" in request.path}
    scene.service.fail_next("download", status=429, **wait)
    job = await scene.step()
    assert (scene.asked(), job.due_at and job.due_at > scene.service.clock.now() + HOUR / 90) == (
        0,
        True,
    )
    scene.service.clock.advance(minutes=6)
    assert (await scene.step()).status is JobStatus.DELIVERING
    assert scene.asked() == 1


async def test_before_images_are_given_up_the_service_is_asked_once_more(scene: Scene) -> None:
    day_s = 25 * HOUR.total_seconds()
    scene.row.job = replace(scene.row.job, age_s=day_s, trouble_s=day_s, tries=300)
    scene.offer(*(url + "?old" for url in scene.told()))
    scene.service.fail_next("download", status=503, **OF_OLD)
    assert await scene.steps() == 1
    assert all(output.stored for output in scene.row.job.outputs)
    assert scene.asked() == 1


@pytest.mark.parametrize(
    "half",
    [
        HALF,
        HALF | {"is_cut": True},
        HALF | {"is_cut": True, "length": "chunks"},
        HALF | {"is_cut": True, "length": "none"},
        HALF | {"body": png_header(40, 30)},
        HALF | {"body": b""},
        PAGE,
    ],
    ids=[
        "whole to HTTP",
        "too short",
        "in chunks",
        "without a length",
        "a header",
        "empty",
        "page",
    ],
)
async def test_a_result_that_is_cut_or_a_page_is_fetched_again(
    scene: Scene, half: dict[str, Any]
) -> None:
    scene.service.fail_next("download", times=2, **half)
    assert 2 <= await scene.steps() <= 3
    stored = [output.stored for output in scene.row.job.outputs]
    assert [each.size_bytes for each in stored if each] == [len(PNG)] * 2


async def test_what_is_cut_each_time_is_kept_as_it_is(scene: Scene) -> None:
    scene.service.outputs[1] = (PNG[:-20], "image/png")
    assert await scene.steps() == CUT_TRIES
    stored = scene.row.job.outputs[0].stored
    assert stored
    assert (stored.media_type, stored.size_bytes) == ("image/png", len(PNG) - 20)


@pytest.mark.parametrize("data", [PAGES[1], b""], ids=["page", "empty"])
async def test_a_page_in_place_of_an_image_is_never_kept(scene: Scene, data: bytes) -> None:
    scene.service.outputs[1] = (data, "image/png")
    assert await scene.steps() == PAGE_TRIES
    assert [output.is_lost for output in scene.row.job.outputs] == [True, False]


async def test_what_is_more_than_is_kept_is_not_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_OUTPUT_BYTES", 10)
    assert await scene.steps() == 1
    assert scene.row.job.status is JobStatus.DELIVERING
    assert [output.is_too_large for output in scene.row.job.outputs] == [True, True]


async def test_a_row_of_many_images_is_not_written_with_each(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WRITES", 5)
    scene.offer(*(scene.told() * 15))
    assert await scene.steps() == 1
    assert all(output.stored for output in scene.row.job.outputs)
    assert 5 <= len(scene.row.writes) <= 8


async def test_short_leases_of_many_images_are_renewed_as_long_as_some_come(scene: Scene) -> None:
    scene.service.fail_next("download", status=403, match=lambda request: "/2" in request.path)
    scene.row.job = replace(scene.row.job, tries=9)
    first = await scene.step()
    assert (first.tries, first.status) == (1, JobStatus.DOWNLOADING)
    assert await scene.steps() == 1
