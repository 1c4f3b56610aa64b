"""A POST that is answered with an address: it is never followed, and may name the job."""

import logging
from collections.abc import Awaitable, Callable

import pytest

from bot.errors import MaybeTaken, Rejected
from bot.sandbox.studio.server import StudioSandbox
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from bot.studio.replies import StudioJob
from tests.unit.studio.conftest import submit

MOVED = (301, 302, 307, 308)
JOB = StudioJob(job_id="44fefe50-2547", state="pending")
Post = Callable[[], Awaitable[StudioJob]]


@pytest.fixture
def post(studio: InstantStudio, upload: Upload) -> Post:
    return lambda: submit(studio, upload)


@pytest.mark.parametrize("status", [201, 202, *MOVED, 303])
@pytest.mark.parametrize(
    "location",
    [
        "{origin}/api/v1/jobs/44fefe50-2547",
        "/api/v1/jobs/44fefe50-2547",
        "jobs/44fefe50-2547",
        "./jobs/44fefe50-2547/?page=1#top",
        "//127.0.0.1:{port}/jobs/44fefe50-2547",
        "{origin}/jobs/44fefe5%30-2547",
    ],
)
async def test_who_leads_to_a_job_at_the_service_has_made_it(
    service: StudioSandbox, post: Post, status: int, location: str
) -> None:
    address = location.format(origin=service.origin, port=service.port)
    service.fail_next("submit", status=status, body="", headers={"Location": address})
    assert await post() == JOB


async def test_a_job_that_an_address_named_is_asked_for(
    service: StudioSandbox, studio: InstantStudio, post: Post
) -> None:
    service.new_id = lambda: JOB.job_id
    location = {"Location": f"/api/v1/jobs/{JOB.job_id}"}
    service.fail_next("submit", status=303, accept=True, headers=location)
    job = await studio.status((await post()).job_id)
    assert (job.job_id, len(service.posts)) == (JOB.job_id, 1)


NO_JOB = [
    "/api/v1/jobs/a/edit",
    "/api/v1/jobs/1.json",
    "/api/v1/jobs/a%2Fb",
    "/api/v1/jobs/a%20b",
    "/api/v1/jobs/" + "a" * 101,
    "https://elsewhere.test/api/v1/jobs/44fefe50-2547",
    "https://127.0.0.1:{port}/api/v1/jobs/44fefe50-2547",
    "http://127.0.0.1:1/api/v1/jobs/44fefe50-2547",
    "//localhost:{port}/api/v1/jobs/44fefe50-2547",
]


@pytest.mark.parametrize("status", [302, 303, 307])
@pytest.mark.parametrize("location", NO_JOB)
async def test_who_leads_to_what_may_be_a_job_took_it_perhaps(
    service: StudioSandbox, post: Post, status: int, location: str
) -> None:
    headers = {"Location": location.format(port=service.port)}
    service.fail_next("submit", status=status, headers=headers)
    with pytest.raises(MaybeTaken):
        await post()
    assert [method for method, _, _ in service.requests] == ["POST"]


@pytest.mark.parametrize("headers", [{}, {"Location": "/api/v1/jobs"}, {"Location": "http://[/"}])
async def test_a_303_without_a_job_was_perhaps_taken(
    service: StudioSandbox, post: Post, headers: dict[str, str]
) -> None:
    service.fail_next("submit", status=303, headers=headers)
    with pytest.raises(MaybeTaken):
        await post()


@pytest.mark.parametrize("status", MOVED)
@pytest.mark.parametrize(
    "where",
    [
        (
            "https://me:pass@elsewhere.test/api/v1/jobs?endpoint=PrOhEE&token=t#here",
            "https://elsewhere.test/api/v1/jobs",
        ),
        ("/api/v2/jobs?endpoint=PrOhEE", "{origin}/api/v2/jobs"),
        ("/api/v1/jobs/", "{origin}/api/v1/jobs/"),
        ("login", "{origin}/api/v1/login"),
        ("/名", "{origin}/%E5%90%8D"),
        ("mailto:me@elsewhere.test", "nowhere"),
        ("http://[/", "nowhere"),
        (None, "nowhere"),
    ],
)
async def test_who_leads_elsewhere_took_nothing_and_the_log_has_the_address(
    service: StudioSandbox,
    post: Post,
    caplog: pytest.LogCaptureFixture,
    status: int,
    where: tuple[str | None, str],
) -> None:
    location, said = where
    headers = {} if location is None else {"Location": location}
    service.fail_next("submit", status=status, headers=headers)
    with pytest.raises(Rejected):
        await post()
    (error,) = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert error == (
        f"POST /api/v1/jobs: redirected to {said.format(origin=service.origin)}, and not followed:"
        " is INSTANT_STUDIO_URL still right?"
    )
    assert [method for method, _, _ in service.requests] == ["POST"]
