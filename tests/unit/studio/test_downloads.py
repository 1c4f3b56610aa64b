"""What a result's address leads to, and where the key goes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Rejected, Unavailable
from bot.files import outside
from bot.reasons import Reason
from bot.sandbox.studio.server import StudioSandbox
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from bot.studio.replies import StudioJob
from tests.unit.studio.conftest import submit


async def finished(service: StudioSandbox, studio: InstantStudio, upload: Upload) -> StudioJob:
    service.seconds = dict.fromkeys(service.seconds, 0.0)
    return await studio.status((await submit(studio, upload)).job_id)


async def fetch(studio: InstantStudio, url: str, slow: int = 0) -> bytes:
    async with studio.download(url, slow=slow) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_a_redirected_image_is_found_and_the_key_stays_at_home(
    service: StudioSandbox,
    studio: InstantStudio,
    upload: Upload,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outside, "is_public", bool)  # elsewhere stands for a public host
    async with StudioSandbox(key="other") as elsewhere:
        job = await finished(service, studio, upload)
        elsewhere.jobs = service.jobs
        at_home = f"{service.origin}/redirect/files/{job.job_id}/1"
        away = f"{elsewhere.origin}/redirect/files/{job.job_id}/1"
        assert await fetch(studio, at_home) == await fetch(studio, away)
        homely = [headers for _, path, headers in service.requests if "/redirect" in path]
        foreign = [headers for _, _, headers in elsewhere.requests]
    assert ["Authorization" in headers for headers in homely] == [True]
    assert ["Authorization" in headers for headers in foreign] == [False, False]


async def test_five_redirects_are_followed(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    job = await finished(service, studio, upload)
    path = f"/files/{job.job_id}/1"
    found = await fetch(studio, service.origin + "/redirect" * 5 + path)
    assert found == await fetch(studio, service.origin + path)


async def test_relative_and_chinese_addresses_are_understood(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    service.image_address = lambda path: path.replace("/files", "../../files", 1) + "?名=副本.png"
    job = await finished(service, studio, upload)
    assert (await fetch(studio, job.image_urls[0])).startswith(b"\xff\xd8")


@pytest.mark.parametrize("way", ["", "/redirect", "/redirect/redirect"])
async def test_a_signed_address_is_asked_for_as_it_was_written(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, way: str
) -> None:
    service.lease = timedelta(minutes=5)
    job = await finished(service, studio, upload)
    url = job.image_urls[0].replace(service.origin, service.origin + way)
    assert await fetch(studio, url)
    with pytest.raises(Unavailable) as caught:
        await fetch(studio, url.replace("%2A", "*"))
    assert caught.value.status == 403


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "/files/1", "http://[/1", "{origin}/redirect/redirect/redirect/redirect/redirect/redirect/x"],
)  # fmt: skip
async def test_no_web_address_and_endless_redirects_are_refused(
    service: StudioSandbox, studio: InstantStudio, url: str
) -> None:
    with pytest.raises(Rejected) as caught:
        await fetch(studio, url.format(origin=service.origin))
    assert caught.value.reason is Reason.BAD_OUTPUT


@pytest.mark.parametrize(("status", "status_told"), [(404, 404), (500, 500)])
async def test_a_download_may_be_tried_again(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, status: int, status_told: int
) -> None:
    job = await finished(service, studio, upload)
    service.fail_next("download", status=status)
    with pytest.raises(Unavailable) as caught:
        await fetch(studio, job.image_urls[0])
    assert caught.value.status == status_told
    assert await fetch(studio, job.image_urls[0])


@pytest.mark.parametrize(
    "trouble",
    [
        {"is_reset": True, "times": 2},  # aiohttp itself asks once more
        {"is_cut": True, "status": 200},
        {"is_cut": True, "status": 200, "length": "chunks"},
    ],
    ids=["reset", "cut", "cut in chunks"],
)
async def test_a_broken_download_may_be_tried_again(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, trouble: dict[str, Any]
) -> None:
    job = await finished(service, studio, upload)
    service.fail_next("download", **trouble)
    with pytest.raises(Unavailable):
        await fetch(studio, job.image_urls[0])


async def test_a_host_that_is_slow_to_begin_is_waited_for_longer_after_each_try(
    service: StudioSandbox,
    studio: InstantStudio,
    upload: Upload,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outside, "READ_S", 0.3)
    url = (await finished(service, studio, upload)).image_urls[0]
    service.fail_next("download", is_silent=True)
    with pytest.raises(Unavailable):
        await fetch(studio, url)
    pause = service.pause("download")
    trying = asyncio.create_task(fetch(studio, url, slow=5))
    await pause.reached()
    await asyncio.sleep(outside.READ_S)
    pause.release()
    assert (await trying).startswith(b"\xff\xd8")
