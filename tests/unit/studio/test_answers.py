"""What each answer of the service means."""

import gzip
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.errors import MaybeTaken, NotTaken, Reason, Rejected, StudioError, Unavailable
from bot.sandbox.studio.server import StudioSandbox
from bot.studio import answers
from bot.studio.answers import StudioJob
from bot.studio.client import InstantStudio, Upload
from tests.unit.studio.conftest import submit

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


def test_the_table_of_errors_is_the_whole_table() -> None:
    assert set(answers._REASONS) <= {status for status, _, _ in SUBMIT_ERRORS}
