"""What is a bucket's own: the way to it, other people's objects, and the start."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from obstore.exceptions import GenericError

import bot.files.bucket
from bot.errors import SetupError, StorageError
from bot.files.archive import NotKept
from bot.files.archives import archive_of
from bot.files.arrivals import LEFT_AFTER_S
from bot.files.bucket import (
    FOLDER,
    PART_BYTES,
    RETRIES,
    BucketArchive,
    Deadlines,
    _reason,
)
from bot.files.folders import new_file
from bot.jobs.request import Stored
from tests.buckets import SECRET, Bucket, LocalS3, opened, settings

HASTY = Deadlines(connect_s=0.2, call_s=0.2, transfer_s=0.3)
KEY = "0" * 64

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def kept(archive: BucketArchive, data: bytes = b"a picture") -> Stored:
    return await archive.put(once(data), limit_bytes=len(data))


async def fetched(archive: BucketArchive, stored: Stored) -> bytes:
    async with archive.local(stored) as path:
        return path.read_bytes()


async def shelf(archive: BucketArchive, number: int) -> list[str]:
    pages = archive.shelf(number, datetime.now(UTC) + timedelta(hours=1))
    return [key async for page in pages for key in page]


async def tried(archive: BucketArchive) -> list[str]:
    """What comes of everything that an archive does at its store."""
    calls: list[Coroutine[Any, Any, object]] = [
        kept(archive),
        fetched(archive, Stored(key=KEY, size_bytes=9, media_type="")),
        archive.delete(KEY),
        shelf(archive, 0),
    ]
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(each) for each in found} == {StorageError}
    return [str(each) for each in found]


@asynccontextmanager
async def answering(
    answer: Answer, data_dir: Path, deadlines: Deadlines | None = None
) -> AsyncIterator[BucketArchive]:
    """An archive whose store answers so, whatever it is asked."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        environ = {
            "ARCHIVE_URL": "s3://bucket",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
            "AWS_ACCESS_KEY_ID": "key-id",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": "the-session",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }
        yield BucketArchive(settings(data_dir, environ), deadlines or Deadlines())


async def test_a_store_that_does_not_answer_is_given_up_in_time(tmp_path: Path) -> None:
    release = asyncio.Event()

    async def silence(_request: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with answering(silence, tmp_path, HASTY) as archive:
        began = time.monotonic()
        await tried(archive)
        took_s = time.monotonic() - began
        release.set()
    assert took_s < 5


async def test_an_upload_in_many_slow_parts_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.files.bucket, "PART_BYTES", 1)

    async def slow(request: web.Request) -> web.Response:
        if "uploads" in request.query:
            names = "<Bucket>bucket</Bucket><Key>key</Key><UploadId>1</UploadId>"
            return web.Response(text=f"<Result>{names}</Result>")
        await asyncio.sleep(HASTY.call_s / 4)  # each of them in time
        return web.Response(headers={"ETag": '"1"'})

    async with answering(slow, tmp_path, HASTY) as archive:
        with pytest.raises(StorageError, match="no answer in time"):
            await kept(archive, bytes(20))


async def test_a_store_in_trouble_is_asked_again_but_not_for_ever(tmp_path: Path) -> None:
    asked: list[str] = []

    async def trouble(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response(status=503, text="<Error><Code>SlowDown</Code></Error>")

    async with answering(trouble, tmp_path) as archive:
        assert set(await tried(archive)) == {"archive: status 503 (SlowDown)"}
    assert {method: asked.count(method) for method in asked} == {
        "PUT": RETRIES + 1,
        "GET": 2 * (RETRIES + 1),
        "POST": RETRIES + 1,
    }


async def test_an_answer_that_breaks_off_is_a_storage_error(tmp_path: Path) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "9", "ETag": '"1"'})
        response.last_modified = datetime.now(UTC)
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport
        request.transport.close()
        return response

    async with answering(half, tmp_path) as archive:
        with pytest.raises(StorageError):
            await fetched(archive, Stored(key=KEY, size_bytes=9, media_type=""))
    assert list((tmp_path / "transfer").iterdir()) == []


async def test_the_settings_sign_each_request(tmp_path: Path) -> None:
    asked: list[web.Request] = []

    async def noting(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(headers={"ETag": '"1"'})

    async with answering(noting, tmp_path) as archive:
        await kept(archive)
    (request,) = asked
    signed = request.headers["Authorization"]
    assert "key-id/" in signed
    assert "/eu-central-1/s3/" in signed
    assert request.headers["x-amz-security-token"] == "the-session"


async def test_a_store_that_was_away_is_used_again(
    bucket: Bucket, s3: LocalS3, tmp_path: Path
) -> None:
    archive = await opened(bucket, tmp_path)
    stored = await kept(archive)
    with s3.away():
        assert set(await tried(archive)) == {"archive: it cannot be reached"}
    assert await fetched(archive, stored) == b"a picture"


async def test_a_key_that_is_refused_is_a_storage_error_without_what_the_store_said(
    bucket: Bucket, s3: LocalS3, tmp_path: Path
) -> None:
    archive = await opened(bucket, tmp_path)
    with s3.refusing():
        assert set(await tried(archive)) == {"archive: status 403 (InvalidAccessKeyId)"}
        with pytest.raises(StorageError) as caught:
            await kept(archive)
    # S3 sends a refused session token back, and log lines show causes.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_a_bucket_that_is_gone_is_not_taken_for_a_file_that_is_gone(
    s3: LocalS3, bucket: Bucket, tmp_path: Path
) -> None:
    archive = await opened(bucket, tmp_path)
    s3.drop(bucket)
    found = await tried(archive)
    assert set(found) == {"archive: status 404 (NoSuchBucket)"}


async def test_a_large_file_goes_in_parts_and_comes_back(bucket: Bucket, tmp_path: Path) -> None:
    archive = await opened(bucket, tmp_path)
    data = os.urandom(2 * PART_BYTES + 1)
    stored = await kept(archive, data)
    tag = bucket.objects.head(bucket.name_of(stored.key))["e_tag"] or ""
    assert tag.endswith('-3"')
    assert await fetched(archive, stored) == data


@pytest.mark.parametrize("data", [b"b picture", b"a pict", b"a picture and more", b""])
async def test_an_object_that_was_tampered_with_is_not_kept(
    bucket: Bucket, tmp_path: Path, data: bytes
) -> None:
    archive = await opened(bucket, tmp_path)
    stored = await kept(archive)
    bucket.objects.put(bucket.name_of(stored.key), data)
    with pytest.raises(NotKept):
        await fetched(archive, stored)
    assert list((tmp_path / "transfer").iterdir()) == []


async def test_a_shelf_is_all_of_its_pages_and_nothing_of_the_others(
    bucket: Bucket, s3: LocalS3, tmp_path: Path
) -> None:
    archive = await opened(bucket, tmp_path)
    keys = [f"{first}{number:062x}" for first in ("7e", "7f", "80") for number in range(1100)]
    s3.fill(bucket, map(bucket.name_of, keys))
    assert await shelf(archive, 0x7F) == [key for key in keys if key.startswith("7f")]
    assert await shelf(archive, 0x00) == []
    assert len(await shelf(archive, 0x80)) == 1100


async def test_nothing_of_other_people_stands_on_a_shelf(
    bucket: Bucket, s3: LocalS3, tmp_path: Path
) -> None:
    archive = await opened(bucket, tmp_path)
    ours = bucket.name_of(KEY)
    others = [
        KEY,
        f"{FOLDER}/{KEY}",
        f"some/prefix/{KEY}",
        f"some/prefix/{FOLDER}-of-mine/{KEY}",
        f"{ours}.txt",
        f"{ours}/{KEY}",
        f"some/prefix/{FOLDER}/{KEY[1:]}",
        f"some/prefix/{FOLDER}/{KEY.replace('0', 'A')}",
    ]
    s3.fill(bucket, [ours, *others])
    assert await shelf(archive, int(KEY[:2], 16)) == [KEY]
    assert await archive.drop([KEY], datetime.now(UTC) + timedelta(hours=1)) == 1
    assert bucket.names() == sorted(others)


async def test_a_start_removes_what_a_killed_process_left(bucket: Bucket, tmp_path: Path) -> None:
    folder = tmp_path / "transfer"
    old, young = (new_file(folder) for _ in range(2))
    for file in (old, young):
        file.close()
    at = time.time() - LEFT_AFTER_S - 60
    os.utime(old.name, (at, at))
    await opened(bucket, tmp_path)
    assert [str(path) for path in folder.iterdir()] == [young.name]


async def test_a_start_leaves_nothing_in_the_bucket(bucket: Bucket, tmp_path: Path) -> None:
    await opened(bucket, tmp_path)
    assert bucket.names() == []


async def test_a_variable_that_is_empty_is_not_taken_for_a_value(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "")
    archive = await opened(bucket, tmp_path)
    assert await fetched(archive, await kept(archive)) == b"a picture"


async def fault(bucket: Bucket, data_dir: Path, **more: str) -> str:
    """The line with which the start ends."""
    with pytest.raises(SetupError) as caught:
        await opened(bucket, data_dir, **more)
    (line,) = caught.value.faults
    assert "\n" not in line
    assert SECRET not in line
    return line


async def test_a_bucket_that_cannot_be_used_stops_the_start_with_one_line(
    bucket: Bucket, s3: LocalS3, tmp_path: Path
) -> None:
    begins = f"{bucket.environment['ARCHIVE_URL']} cannot be used: "
    no_bucket = await fault(bucket, tmp_path, ARCHIVE_URL="s3://no-such-bucket")
    assert no_bucket == (
        "ARCHIVE_URL=s3://no-such-bucket cannot be used: status 404 (NoSuchBucket)."
    )
    with s3.refusing():
        refused = await fault(bucket, tmp_path)
    assert refused == f"ARCHIVE_URL={begins}status 403 (InvalidAccessKeyId)."
    with s3.away():
        away = await fault(bucket, tmp_path)
    assert away == f"ARCHIVE_URL={begins}it cannot be reached."
    half = await fault(bucket, tmp_path, AWS_SECRET_ACCESS_KEY="")
    assert half == f"ARCHIVE_URL={begins}Generic S3 error: Missing SecretAccessKey."


def test_a_machine_without_a_key_and_a_role_is_told_so() -> None:
    text = "Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token in 1ms"
    error = GenericError(f"{text} - HTTP error: error sending request")
    assert _reason(error) == "AWS_ACCESS_KEY_ID is not set, and this machine has no role"


async def test_a_start_without_the_extra_says_what_to_install(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "bot.files.bucket")
    with pytest.raises(
        SetupError, match=r"^ARCHIVE_URL needs obstore: .* pip install '.\[scale\]'"
    ):
        await archive_of(settings(tmp_path, bucket.environment))
