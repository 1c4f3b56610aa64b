"""The service's replies: whatever comes, one of our errors, or a job that can be shown and kept."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import yarl
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord.reply import draw
from bot.errors import StudioError
from bot.files.outside import BadAddress, _web_address
from bot.jobs.durations import Durations
from bot.jobs.job import Job, JobStatus
from bot.jobs.progress import Progress, Took
from bot.jobs.tables import columns, job_of
from bot.sandbox.discord.rules import check_message
from bot.studio.answers import Sent, job_made, outcome
from bot.studio.client import InstantStudio
from bot.studio.pace import Pace
from bot.studio.replies import (
    MAX_DETAIL,
    MAX_IMAGES,
    Answer,
    StudioJob,
    detail_of,
    job_in,
    location_of,
    retry_after_s,
)
from bot.work.questions import Questions
from tests.fuzz.strategies import bodies, characters, texts, written
from tests.jobs import NOON, make_job

URL = "https://studio.test/api/v1"
BASE = yarl.URL(f"{URL}/")
ADDRESSES = ("/files/1.png", "http://[", "//", "http://a..b/", "http://xn--/", "\x00", "data:,", "")
PENDING = {"job_id": "0b0e-4a", "job_state": "in_queue", "image_urls": None}
DONE = PENDING | {"job_state": "succeeded", "image_urls": [f"{URL}/1.png", *ADDRESSES]}
FAILED = PENDING | {"job_state": "failed", "error": "out of memory", "errors": {"seed": ["is big"]}}
REFUSED = {"error": {"message": "no credits", "details": [1, None]}, "detail": "no"}

replies = bodies(PENDING, DONE, FAILED, REFUSED)
statuses = st.sampled_from(
    [200, 201, 204, 302, 303, 400, 401, 402, 404, 408, 422, 429, 500, 503, 999]
)
addresses = st.sampled_from(ADDRESSES) | texts | st.builds("http://{}/".format, texts)
KNOWN = tuple(Took(queueing_s=0.5, processing_s=20.0 + n) for n in range(6))
dates = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Mon", "x"]),
    st.integers(),
    st.sampled_from(["Jan", "Dec", "x"]),
    *[st.integers()] * 4,
    st.sampled_from(["GMT", "+0000", "-99999999"]),
)


def told(job: Job, answer: StudioJob) -> Job:
    """The row after this answer."""
    asking = Questions(
        studio=cast("InstantStudio", SimpleNamespace(pace=Pace(10.0))),
        durations=cast("Durations", None),
        now=lambda: NOON,
        timeout=timedelta(hours=1),
    )
    assert job.progress
    return asking._told(job, job.progress, answer, KNOWN)


def check_kept_and_shown(job: Job) -> None:
    drawing = draw(job)
    check_message({"content": drawing.text}, [], limit_bytes=2**20)
    row = SimpleNamespace(**columns(job), redraw=False, cancelled=False)
    assert job_of(row) == job
    assert "\x00" not in f"{columns(job)}"


def running(answer: StudioJob) -> Job:
    progress = Progress(job_id=answer.job_id, state=answer.state, submitted_at=NOON, ask_at=NOON)
    return make_job(status=JobStatus.RUNNING, progress=progress)


@given(body=replies, status=statuses, is_whole=st.booleans())
@example(body=b'{"error": ' * 5_000, status=400, is_whole=True)
def test_any_answer_to_a_submit_is_a_job_or_one_of_our_errors(
    body: bytes, status: int, *, is_whole: bool
) -> None:
    answer = Answer(status, body, None, "POST /jobs")
    sent = Sent(is_whole=is_whole, answer=answer, job=job_made(answer, BASE))
    try:
        job = outcome(sent)
    except StudioError as error:
        failed = make_job().failed(error.reason, at=NOON, detail=error.detail)
        check_kept_and_shown(failed)
    else:
        check_kept_and_shown(running(job))


@given(status=statuses, location=addresses)
@example(status=302, location="https://studio.test/api/v1/jobs/0b0e-4a")
def test_any_address_that_a_submit_is_led_to_is_a_job_or_one_of_our_errors(
    status: int, location: str
) -> None:
    where = location_of({"Location": location}, BASE / "jobs")
    answer = Answer(status, b"", None, "POST /jobs", where)
    try:
        job = outcome(Sent(is_whole=True, answer=answer, job=job_made(answer, BASE)))
    except StudioError:
        return
    check_kept_and_shown(running(job))


@given(body=replies)
@example(body=written(DONE | {"image_urls": [""] * 1000}))
@example(body=written(DONE | {"image_urls": ["https://studio.test/\ud83d.png"]}))
def test_any_state_of_a_job_can_be_shown_and_kept(body: bytes) -> None:
    try:
        answer = job_in(Answer(200, body, None, "GET /jobs/x"), BASE)
    except ValueError:
        return
    assert len(answer.image_urls) <= MAX_IMAGES
    job = told(running(answer), answer)
    check_kept_and_shown(job)
    if job.outputs:
        over = replace(job, status=JobStatus.DELIVERED)
        check_kept_and_shown(over)


@given(body=replies)
def test_any_body_gives_one_line_of_reason_or_none(body: bytes) -> None:
    detail = detail_of(Answer(400, body, None, "POST /jobs"))
    if detail is not None:
        assert 0 < len(detail) <= MAX_DETAIL
        assert detail.splitlines() == [detail]
        detail.encode()


@given(text=dates | texts | st.from_regex(r"\d+(\.\d+)?", alphabet=characters))
@example(text="Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
def test_any_retry_after_is_seconds_or_nothing(text: str) -> None:
    seconds = retry_after_s({"Retry-After": text})
    assert seconds is None or seconds >= 0


@given(text=addresses, seen_from=st.none() | st.just(yarl.URL(URL)))
@example(text="http://xn--/", seen_from=None)
def test_any_address_is_one_of_the_web_or_rejected(text: str, seen_from: yarl.URL | None) -> None:
    try:
        url = _web_address(text, seen_from=seen_from)
    except BadAddress as error:
        assert str(error) == "no web address"
    else:
        assert url.scheme in {"http", "https"}
