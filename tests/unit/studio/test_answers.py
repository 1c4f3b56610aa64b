"""What each answer of the service means."""

import gzip
import re
import tracemalloc
from pathlib import Path

import pytest

from bot.errors import MaybeTaken, NotTaken, Rejected, StudioError, Unavailable
from bot.reasons import Reason
from bot.sandbox.studio.server import StudioSandbox
from bot.studio import answers
from bot.studio.client import InstantStudio
from bot.studio.deadlines import Deadlines
from bot.studio.form import Upload
from bot.studio.replies import StudioJob
from tests.unit.studio.conftest import client, submit

ROOT = Path(__file__).parents[3]

SUBMIT_ERRORS: list[tuple[int, type[StudioError], Reason]] = [
    (300, MaybeTaken, Reason.MAYBE_CHARGED),
    (301, Rejected, Reason.REFUSED),
    (302, Rejected, Reason.REFUSED),
    (303, MaybeTaken, Reason.MAYBE_CHARGED),
    (304, MaybeTaken, Reason.MAYBE_CHARGED),
    (307, Rejected, Reason.REFUSED),
    (308, Rejected, Reason.REFUSED),
    (400, Rejected, Reason.BAD_FIELD),
    (401, Rejected, Reason.KEY_REFUSED),
    (402, Rejected, Reason.NO_CREDITS),
    (403, Rejected, Reason.KEY_REFUSED),
    (404, Rejected, Reason.UNKNOWN_ENDPOINT),
    (408, MaybeTaken, Reason.MAYBE_CHARGED),
    (409, MaybeTaken, Reason.MAYBE_CHARGED),
    (410, Rejected, Reason.REFUSED),
    (413, Rejected, Reason.TOO_LARGE),
    (415, Rejected, Reason.REFUSED),
    (422, Rejected, Reason.BAD_FIELD),
    (425, MaybeTaken, Reason.MAYBE_CHARGED),
    (429, NotTaken, Reason.SERVICE_DOWN),
    (451, Rejected, Reason.REFUSED),
    (499, MaybeTaken, Reason.MAYBE_CHARGED),
    (500, MaybeTaken, Reason.MAYBE_CHARGED),
    (502, MaybeTaken, Reason.MAYBE_CHARGED),
    (503, MaybeTaken, Reason.MAYBE_CHARGED),
    (504, MaybeTaken, Reason.MAYBE_CHARGED),
    (599, MaybeTaken, Reason.MAYBE_CHARGED),
]


@pytest.mark.parametrize("expected", SUBMIT_ERRORS, ids=lambda row: str(row[0]))
async def test_a_posts_error_says_whether_it_was_taken(
    service: StudioSandbox,
    studio: InstantStudio,
    upload: Upload,
    expected: tuple[int, type[StudioError], Reason],
) -> None:
    status, kind, reason = expected
    detail = None if status == 304 else "because"  # which has no body
    service.fail_next("submit", status=status, body='{"error": "because"}')
    with pytest.raises(StudioError) as caught:
        await submit(studio, upload)
    error = caught.value
    assert type(error) is kind
    assert (error.reason, error.status, error.detail) == (reason, status, detail)


@pytest.mark.parametrize("status", [429, 503])
async def test_who_asks_to_come_again_took_nothing(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, status: int
) -> None:
    service.fail_next("submit", status=status, headers={"Retry-After": "7"})
    with pytest.raises(NotTaken) as caught:
        await submit(studio, upload)
    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("header", ["", "soon", "-1"])
async def test_a_503_that_does_not_say_when_to_come_again_was_perhaps_taken(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, header: str
) -> None:
    service.fail_next("submit", status=503, headers={"Retry-After": header})
    with pytest.raises(MaybeTaken):
        await submit(studio, upload)


@pytest.mark.parametrize(
    "body",
    [
        '{"job_id": "a", "job_state": "pending"}',
        "<html>Forbidden</html>",
        "",
        "x" * (2**20 + 1),
        b"\xff\x00",
    ],
    ids=["a job", "html", "empty", "huge", "no text"],
)
async def test_a_refusal_is_one_whatever_its_body_says(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, body: str | bytes
) -> None:
    service.fail_next("submit", status=403, body=body, content_type="text/html")
    with pytest.raises(Rejected) as caught:
        await submit(studio, upload)
    assert (caught.value.reason, caught.value.detail) == (Reason.KEY_REFUSED, None)


@pytest.mark.parametrize("how", [{"is_cut": True}, {"is_cut": True, "is_silent": True}])
async def test_a_refusal_is_one_though_its_body_breaks_off(
    service: StudioSandbox, upload: Upload, how: dict[str, bool]
) -> None:
    service.fail_next("submit", status=422, **how)
    async with client(service.url, deadlines=Deadlines(submit_s=0.5)) as hurried:
        with pytest.raises(Rejected):
            await submit(hurried, upload)


@pytest.mark.parametrize("part", ["", "{}", '{"job_id": "44fefe50-25'])
async def test_an_answer_that_breaks_off_before_its_id_was_perhaps_taken(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, part: str
) -> None:
    service.fail_next("submit", status=200, body=part + " " * len(part), is_cut=True)
    with pytest.raises(MaybeTaken):
        await submit(studio, upload)


async def test_an_answer_that_breaks_off_after_its_id_was_taken(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    part = '{"job_id": "44fefe50", "job_st'
    service.fail_next("submit", status=200, body=part + " " * len(part), is_cut=True)
    assert await submit(studio, upload) == StudioJob(job_id="44fefe50", state="pending")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>welcome</html>",
        "{}",
        "[]",
        '{"job_id": "a',
        '{"job_id": 5.5, "job_state": "pending"}',
        '{"job_id": true, "job_state": "pending"}',
        '{"job_id": 123',
        '{"job_id": "..", "job_state": "pending"}',
        '{"job_id": "../x", "job_state": "pending"}',
        '{"job_id": "a b", "job_state": "pending"}',
        '{"job_id": "a?b", "job_state": "pending"}',
        '{"job_id": "a\\u0000", "job_state": "pending"}',
        '{"job_id": "a\\n", "job_state": "pending"}',
        '{"job_id": "", "job_state": "pending"}',
        '{"job_id": null, "job_state": "pending"}',
        '{"id": "req-1", "message": "thanks"}',
        "x" * (2**20 + 1),
        "[" * 2**20,
    ],
    ids=[
        *(
            "empty",
            "html",
            "no keys",
            "list",
            "cut",
            "fraction",
            "bool",
            "cut number",
            "dots",
            "path",
            "space",
            "query",
            "nul",
        ),
        *("line", "no id", "null", "a request's", "huge", "deep"),
    ],
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
    ],
    ids=["cut", "no state", "urls"],
)
async def test_a_post_answered_with_a_jobs_id_was_taken_whatever_else_is_wrong(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, body: str
) -> None:
    service.fail_next("submit", status=200, body=body)
    assert await submit(studio, upload) == StudioJob(job_id="a", state="pending")
    service.fail_next("status", status=200, body=body)
    with pytest.raises(Unavailable):
        await studio.status("a")


@pytest.mark.parametrize(("status", "kind"), [(200, MaybeTaken), (422, Rejected)])
async def test_a_reply_that_unpacks_to_much_more_is_cut_off(
    service: StudioSandbox,
    studio: InstantStudio,
    upload: Upload,
    status: int,
    kind: type[StudioError],
) -> None:
    body = gzip.compress(b" " * 2**26)
    packed = {"status": status, "body": body, "headers": {"Content-Encoding": "gzip"}}
    service.fail_next("submit", **packed, content_type="text/html")
    service.fail_next("status", **packed, content_type="text/html")
    tracemalloc.start()
    try:
        with pytest.raises(kind):
            await submit(studio, upload)
        assert tracemalloc.get_traced_memory()[1] < 2**23
        with pytest.raises(Unavailable):
            await studio.status("a")
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()


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


def test_operating_md_has_the_same_table() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    section = text.partition("\n### What an answer to the POST means\n")[2].partition("\n#")[0]
    written = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", section, re.MULTILINE)[1:]
    assert written == [(row.seen, row.means, row.why) for row in answers.MEANINGS]


def test_the_table_of_errors_is_the_whole_table() -> None:
    assert set(answers._REASONS) <= {status for status, _, _ in SUBMIT_ERRORS}
