"""InstantStudio against the sandbox's service, over real sockets."""

import asyncio
import gzip
import json
import logging
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import MaybeTaken, NotTaken, Reason, Rejected, StudioError, Unavailable
from bot.files import outside
from bot.files.outside import Outside
from bot.sandbox.studio.server import StudioSandbox
from bot.studio import answers
from bot.studio import client as module
from bot.studio.answers import StudioJob
from bot.studio.client import Deadlines, InstantStudio, Upload
from tests.samples.pictures import picture

KEY = "sandbox-key"
SOON = Deadlines(connect_s=0.5, submit_s=0.5, status_s=0.5, download_s=0.5)


@pytest.fixture
async def service() -> AsyncIterator[StudioSandbox]:
    async with StudioSandbox() as sandbox:
        yield sandbox


@asynccontextmanager
async def client(url: str, **options: Any) -> AsyncIterator[InstantStudio]:
    given: dict[str, Any] = {"url": url, "key": SecretStr(KEY), "requests_per_second": 500.0}
    async with Outside.open() as way_out:
        yield InstantStudio(way_out, **(given | options))


@pytest.fixture
async def studio(service: StudioSandbox) -> AsyncIterator[InstantStudio]:
    async with client(service.url) as found:
        yield found


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    path = tmp_path / "me.png"
    path.write_bytes(picture())
    return Upload(field_id="load_image_22", filename="me.png", media_type="image/png", path=path)


async def submit(studio: InstantStudio, upload: Upload, seed: str = "20") -> StudioJob:
    return await studio.submit("PrOhEE", [("seed_56", seed)], [upload])


async def test_a_form_is_posted_as_documented(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    fields = [("data[flux#56][seed]", "20"), ("text_7", '新年, "quoted"\nand two lines')]
    job = await studio.submit("PrOhEE", fields, [upload])
    (post,) = service.posts
    assert (job.state, job.job_id) == ("pending", next(iter(service.jobs)))
    assert [(p.name, p.filename, p.data) for p in post.parts] == [
        ("data[flux#56][seed]", None, b"20"),
        ("text_7", None, '新年, "quoted"\nand two lines'.encode()),
        ("load_image_22", "me.png", upload.path.read_bytes()),
    ]
    assert post.parts[2].content_type == "image/png"
    assert post.headers["Authorization"] == f"Bearer {KEY}"
    assert post.headers["Content-Type"].startswith("multipart/form-data; boundary=")


async def test_a_form_without_a_picture_is_multipart_all_the_same(
    service: StudioSandbox, studio: InstantStudio
) -> None:
    await studio.submit("PrOhEE", [("seed_56", "20")], [])
    assert service.posts[0].headers["Content-Type"].startswith("multipart/form-data")


async def test_a_job_is_followed_to_its_images(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    service.seconds = dict.fromkeys(service.seconds, 0.0)
    job = await submit(studio, upload)
    job = await studio.status(job.job_id)
    assert job.state == "succeeded"
    assert job.image_urls == tuple(f"{service.origin}/files/{job.job_id}/{n}" for n in (1, 2))
    async with studio.download(job.image_urls[0]) as chunks:
        data = b"".join([chunk async for chunk in chunks])
    assert data.startswith(b"\xff\xd8")


SUBMIT_ERRORS: list[tuple[int, type[StudioError], Reason]] = [
    (302, Rejected, Reason.REFUSED),
    (400, Rejected, Reason.BAD_FIELD),
    (401, Rejected, Reason.KEY_REFUSED),
    (402, Rejected, Reason.NO_CREDITS),
    (403, Rejected, Reason.KEY_REFUSED),
    (404, Rejected, Reason.UNKNOWN_ENDPOINT),
    (408, MaybeTaken, Reason.MAYBE_CHARGED),
    (413, Rejected, Reason.TOO_LARGE),
    (415, Rejected, Reason.REFUSED),
    (422, Rejected, Reason.BAD_FIELD),
    (429, NotTaken, Reason.SERVICE_DOWN),
    (500, MaybeTaken, Reason.MAYBE_CHARGED),
    (502, MaybeTaken, Reason.MAYBE_CHARGED),
    (503, NotTaken, Reason.SERVICE_DOWN),
    (504, MaybeTaken, Reason.MAYBE_CHARGED),
]


@pytest.mark.parametrize("expected", SUBMIT_ERRORS, ids=lambda row: str(row[0]))
async def test_a_posts_error_says_whether_it_was_taken(
    service: StudioSandbox,
    studio: InstantStudio,
    upload: Upload,
    expected: tuple[int, type[StudioError], Reason],
) -> None:
    status, kind, reason = expected
    service.fail_next("submit", status=status, body='{"error": "because"}')
    with pytest.raises(StudioError) as caught:
        await submit(studio, upload)
    error = caught.value
    assert type(error) is kind
    assert (error.reason, error.status, error.detail) == (reason, status, "because")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>welcome</html>",
        "{}",
        "[]",
        '{"job_id": "a',
        '{"job_id": 5, "job_state": "pending"}',
        '{"job_id": "../x", "job_state": "pending"}',
        "x" * (2**20 + 1),
        "[" * 2**20,
    ],
    ids=["empty", "html", "no keys", "list", "cut", "number", "path", "huge", "deep"],
)
async def test_a_post_answered_without_a_job_was_perhaps_taken(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, body: str
) -> None:
    service.fail_next("submit", status=200, body=body)
    with pytest.raises(MaybeTaken):
        await submit(studio, upload)
    service.fail_next("status", status=200, body=body)
    with pytest.raises(Unavailable):
        await studio.status("a")


@pytest.mark.parametrize(
    "body",
    [
        '{"job_id": "a", "job_st',
        '{"job_id": "a", "job_state": ""}',
        '{"job_id": "a", "job_state": "succeeded", "image_urls": [1]}',
        json.dumps({"job_id": "a", "job_state": "succeeded", "image_urls": ["a"] * 1001}),
    ],
    ids=["cut", "no state", "urls", "too many"],
)
async def test_a_post_answered_with_a_jobs_id_was_taken_whatever_else_is_wrong(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, body: str
) -> None:
    service.fail_next("submit", status=200, body=body)
    assert await submit(studio, upload) == StudioJob(job_id="a", state="pending")
    service.fail_next("status", status=200, body=body)
    with pytest.raises(Unavailable):
        await studio.status("a")


@pytest.mark.parametrize("status", [200, 422])
async def test_a_reply_that_unpacks_to_much_more_is_cut_off(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, status: int
) -> None:
    body = gzip.compress(b" " * 2**26)
    packed = {"status": status, "body": body, "headers": {"Content-Encoding": "gzip"}}
    service.fail_next("submit", **packed)
    service.fail_next("status", **packed)
    tracemalloc.start()
    try:
        with pytest.raises(MaybeTaken):
            await submit(studio, upload)
        with pytest.raises(Unavailable):
            await studio.status("a")
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


async def test_a_state_is_shown_without_what_a_terminal_would_obey(
    service: StudioSandbox, studio: InstantStudio
) -> None:
    service.fail_next("status", status=200, body='{"job_id": "a", "job_state": "\\u001b[2Jx"}')
    assert (await studio.status("a")).state == "[2Jx"


async def test_a_refused_connection_was_surely_not_taken(
    upload: Upload, unused_tcp_port: int
) -> None:
    async with client(f"http://127.0.0.1:{unused_tcp_port}/api/v1") as studio:
        with pytest.raises(NotTaken):
            await submit(studio, upload)
        with pytest.raises(Unavailable):
            await studio.status("a")


async def test_a_reset_or_a_silence_was_perhaps_taken(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    service.fail_next("submit", is_reset=True)
    with pytest.raises(MaybeTaken):
        await submit(studio, upload)
    pause = service.pause("submit", when="after")
    async with client(service.url, deadlines=SOON) as hurried:
        with pytest.raises(MaybeTaken):
            await submit(hurried, upload)
    pause.drop()
    assert len(service.posts) == 1


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (401, Unavailable, Reason.KEY_REFUSED),
        (404, Rejected, Reason.JOB_GONE),
        (429, Unavailable, Reason.SERVICE_DOWN),
        (500, Unavailable, Reason.SERVICE_DOWN),
        (302, Unavailable, Reason.SERVICE_DOWN),
    ],
)
async def test_a_question_can_be_asked_again_unless_the_job_is_unknown(
    service: StudioSandbox,
    studio: InstantStudio,
    status: int,
    kind: type[StudioError],
    reason: Reason,
) -> None:
    service.fail_next("status", status=status)
    with pytest.raises(StudioError) as caught:
        await studio.status("a")
    assert (type(caught.value), caught.value.reason) == (kind, reason)


def in_two_minutes() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least_s", "most_s"),
    [(lambda: "7", 7, 7), (lambda: "1.5", 1.5, 1.5), (in_two_minutes, 60, 120)],
)
async def test_a_wish_to_wait_is_passed_on(
    service: StudioSandbox,
    studio: InstantStudio,
    header: Callable[[], str],
    least_s: float,
    most_s: float,
) -> None:
    service.fail_next("status", status=429, headers={"Retry-After": header()})
    with pytest.raises(Unavailable) as caught:
        await studio.status("a")
    assert caught.value.retry_after_s is not None
    assert least_s <= caught.value.retry_after_s <= most_s


@pytest.mark.parametrize("header", ["soon", "-1", f"Mon, 01 Jan {10**20} 00:00:00 GMT"])
async def test_a_wish_to_wait_that_is_no_time_is_none(
    service: StudioSandbox, studio: InstantStudio, header: str
) -> None:
    service.fail_next("status", status=429, headers={"Retry-After": header})
    with pytest.raises(Unavailable) as caught:
        await studio.status("a")
    assert caught.value.retry_after_s is None


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ('{"error": "out of\\n memory"}', "out of memory"),
        ('{"message": "no"}', "no"),
        ('{"errors": {"seed_56": ["is no number", null]}}', "seed_56: is no number,"),
        ('{"detail": [{"loc": "a", "msg": "b"}]}', "loc: a; msg: b"),
        ('{"error": null, "other": 1}', None),
        ('["error"]', None),
        ('{"error": ' + "[" * 900 + "]" * 900 + "}", None),
        ("[" * 2**20, None),
        ('{"error": "\\u001b[2Jall \\u202egone\\ud800"}', "[2Jall gone"),
        ("<html>", None),
        ('{"error": "' + "x" * 999 + '"}', "x" * 300),
    ],
    ids=[
        *("error", "message", "errors", "detail", "null", "list", "deep", "too deep"),
        *("unprintable", "html", "long"),
    ],
)
async def test_a_reason_is_read_from_the_usual_keys(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, body: str, detail: str | None
) -> None:
    service.fail_next("submit", status=422, body=body)
    with pytest.raises(Rejected) as caught:
        await submit(studio, upload)
    assert caught.value.detail == detail


async def test_every_error_has_its_line_for_the_owner(
    service: StudioSandbox,
    studio: InstantStudio,
    upload: Upload,
    caplog: pytest.LogCaptureFixture,
    unused_tcp_port: int,
) -> None:
    caplog.set_level(logging.WARNING)
    service.fail_next("submit", status=402, body='{"error": "no credits"}')
    with pytest.raises(Rejected):
        await submit(studio, upload)
    service.fail_next("submit", is_reset=True)
    with pytest.raises(MaybeTaken):
        await submit(studio, upload)
    async with client(f"http://127.0.0.1:{unused_tcp_port}/api/v1") as away:
        with pytest.raises(NotTaken):
            await submit(away, upload)
    refused, broken, missed = [r.getMessage() for r in caplog.records]
    assert refused == "POST /api/v1/jobs: status 402: no credits"
    assert broken.startswith("POST /api/v1/jobs: broken off: ")
    assert missed == "POST /api/v1/jobs: not connected: ClientConnectorError"


async def finished(service: StudioSandbox, studio: InstantStudio, upload: Upload) -> StudioJob:
    service.seconds = dict.fromkeys(service.seconds, 0.0)
    return await studio.status((await submit(studio, upload)).job_id)


async def fetch(studio: InstantStudio, url: str) -> bytes:
    async with studio.download(url) as chunks:
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


async def test_a_broken_download_may_be_tried_again(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    job = await finished(service, studio, upload)
    service.fail_next("download", is_reset=True, times=2)  # aiohttp itself asks once more
    with pytest.raises(Unavailable):
        await fetch(studio, job.image_urls[0])


async def test_the_ceiling_holds_and_submits_go_first(
    service: StudioSandbox, upload: Upload
) -> None:
    times: list[float] = []
    service.subscribe(lambda _kind, _call: times.append(time.monotonic()))
    async with client(service.url, requests_per_second=20) as studio:
        questions = [asyncio.create_task(studio.status("a")) for _ in range(12)]
        await asyncio.sleep(0)  # the first goes at once, the others wait
        async with studio.turn():
            submitted = await submit(studio, upload)
        assert submitted.state == "pending"
        await asyncio.gather(*questions, return_exceptions=True)
    kinds = [method for method, _, _ in service.requests]
    assert kinds.index("POST") <= 2
    # Thirteen requests have twelve pauses of 50 ms between them; none of them went in a burst.
    assert times[-1] - times[0] > 0.5


async def test_questions_are_asked_though_submits_never_cease(
    service: StudioSandbox, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SUBMITS_FIRST_S", 0.1)
    async with client(service.url, requests_per_second=20) as studio:

        async def submits() -> None:
            for _ in range(10):
                async with studio.turn():
                    await submit(studio, upload)

        under_way = [asyncio.create_task(submits()) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Rejected):
            await studio.status("a")
        assert not all(task.done() for task in under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


@pytest.mark.parametrize(
    ("key", "reason"), [(KEY, None), ("wrong", Reason.KEY_REFUSED)], ids=["right", "wrong"]
)
async def test_a_key_is_checked_without_a_job(
    service: StudioSandbox, key: str, reason: Reason | None
) -> None:
    async with client(service.url, key=SecretStr(key)) as studio:
        if reason is None:
            await studio.check_key()
        else:
            with pytest.raises(Rejected) as caught:
                await studio.check_key()
            assert caught.value.reason is reason
    service.fail_next("status", status=500)
    async with client(service.url) as studio:
        with pytest.raises(Unavailable):
            await studio.check_key()


def test_the_table_of_errors_is_the_whole_table() -> None:
    assert set(answers._REASONS) <= {status for status, _, _ in SUBMIT_ERRORS}
