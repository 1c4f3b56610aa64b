"""InstantStudio against the sandbox's service, over real sockets."""

import asyncio
import logging
import time

import pytest
from pydantic import SecretStr

from bot.errors import MaybeTaken, NotTaken, Rejected, StudioError, TooSlow, Unavailable
from bot.jobs.request import FieldKind
from bot.reasons import Reason
from bot.sandbox.studio.server import StudioSandbox
from bot.studio import deadlines, pace
from bot.studio.client import InstantStudio
from bot.studio.deadlines import Deadlines
from bot.studio.form import Upload
from tests.samples.field_ids import FIELD_IDS
from tests.unit.studio.conftest import KEY, client, submit

SOON = Deadlines(connect_s=0.5, submit_s=0.5, status_s=0.5, download_s=0.5)


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


async def test_every_id_is_posted_as_it_is_written(
    service: StudioSandbox, studio: InstantStudio
) -> None:
    ids = [each for each, (_, kind) in FIELD_IDS.items() if kind is not FieldKind.IMAGE]
    await studio.submit("PrOhEE", [(each, "5") for each in ids], [])
    (post,) = service.posts
    assert [part.name for part in post.parts] == ids


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


async def test_a_slow_service_is_waited_for_longer_the_next_time_and_for_other_jobs(
    service: StudioSandbox, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "AMPLE", 1000.0)
    least_s = 0.2
    async with client(service.url, deadlines=Deadlines(status_s=least_s)) as studio:
        job = await submit(studio, upload)
        for is_cut in (False, True):
            service.fail_next("status", is_silent=True, is_cut=is_cut)
            with pytest.raises(TooSlow):
                await studio.status(job.job_id)
        for slow, is_last in ((5, False), (0, True), (0, False)):
            pause = service.pause("status", when="after")
            question = asyncio.create_task(studio.status(job.job_id, slow=slow, is_last=is_last))
            await pause.reached()
            await asyncio.sleep(least_s)
            pause.release()
            assert (await question).job_id == job.job_id


def test_the_deadline_of_a_question_doubles_and_ends() -> None:
    most = Deadlines()
    found = [most.of_status(slow, is_last=False) for slow in range(8)]
    assert found == [15, 30, 60, 120, 240, 480, 480, 480]
    assert most.of_status(0, is_last=True) == 600


@pytest.mark.parametrize(
    ("slow", "lately_s", "expected"),
    [(0, 0.1, 15), (0, 7, 15), (0, 30, 60), (1, 3, 30), (3, 30, 120), (0, 599, 480)],
)
def test_a_job_that_was_never_asked_for_is_waited_for_as_long_as_others_took(
    slow: int, lately_s: float, expected: float
) -> None:
    assert Deadlines().of_status(slow, lately_s=lately_s, is_last=False) == expected


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"error": "job not found"}', Rejected),
        ("{}", Rejected),
        ("<html>Not Found</html>", Unavailable),
        ("404 page not found", Unavailable),
        ("404", Unavailable),
        ("", Unavailable),
    ],
)
async def test_only_json_says_that_a_job_is_unknown(
    service: StudioSandbox, studio: InstantStudio, body: str, kind: type[StudioError]
) -> None:
    service.fail_next("status", status=404, body=body)
    with pytest.raises(StudioError) as caught:
        await studio.status("a")
    assert type(caught.value) is kind


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
    monkeypatch.setattr(pace, "SUBMITS_FIRST_S", 0.1)
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


@pytest.mark.parametrize("asked", [1, 2], ids=["with the key", "with a made-up one"])
async def test_a_service_that_does_not_say_is_no_proof(service: StudioSandbox, asked: int) -> None:
    async with client(service.url) as studio:
        for status in (404, 500)[-asked:]:
            service.fail_next("status", status=status)
        with pytest.raises(Unavailable):
            await studio.check_key()
    assert len(service.requests) == asked


@pytest.mark.parametrize("path", ["/api", "", "/api/v1/jobs"])
async def test_an_address_that_refuses_no_key_may_be_wrong(
    service: StudioSandbox, path: str
) -> None:
    for key in (KEY, "wrong"):
        async with client(service.origin + path, key=SecretStr(key)) as studio:
            with pytest.raises(Rejected, match="this address may be wrong"):
                await studio.check_key()
