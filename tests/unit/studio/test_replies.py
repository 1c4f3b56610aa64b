"""What is read of the service's replies: a state, a time to wait, a reason."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.errors import Rejected, Unavailable
from bot.sandbox.studio.server import StudioSandbox
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from tests.unit.studio.conftest import submit


async def test_a_state_is_shown_without_what_a_terminal_would_obey(
    service: StudioSandbox, studio: InstantStudio
) -> None:
    service.fail_next("status", status=200, body='{"job_id": "a", "job_state": "\\u001b[2Jx"}')
    assert (await studio.status("a")).state == "[2Jx"


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
