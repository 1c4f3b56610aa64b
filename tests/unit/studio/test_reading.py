"""A job in any reasonable JSON: whose it is, where it stands, and what came of it."""

import json
from typing import Any

import pytest
import yarl

from bot.sandbox.studio.server import StudioSandbox
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from bot.studio.replies import MAX_IMAGES, Answer, End, StudioJob, job_in
from tests.unit.studio.conftest import submit

BASE = yarl.URL("https://studio.test/api/v1/")
ONE, TWO = "https://files.test/1?sign=a%2Fb", "https://studio.test/2.png"
AT = "2026-11-25T13:51:00.829+08:00"


def job(said: Any) -> StudioJob:
    return job_in(Answer(200, json.dumps(said).encode(), None, "GET /jobs/x"), BASE, "x")


STATES = {
    "succeeded": ("succeeded", End.PERHAPS),
    "Succeeded": ("succeeded", End.PERHAPS),
    " SUCCEEDED ": ("succeeded", End.PERHAPS),
    "completed": ("succeeded", End.PERHAPS),
    "failed": ("failed", End.SURE),
    "FAILED": ("failed", End.SURE),
    "Failure": ("failed", End.SURE),
    "in-queue": ("in_queue", End.NOT_YET),
    "In Queue": ("in_queue", End.NOT_YET),
    "inQueue": ("in_queue", End.NOT_YET),
    "QUEUED": ("in_queue", End.NOT_YET),
    "Processing": ("processing", End.NOT_YET),
    "warming up": ("warming up", End.NOT_YET),
    "Errored": ("error", End.PERHAPS),
    "CANCELED": ("cancelled", End.PERHAPS),
    "Timed-Out": ("timed out", End.PERHAPS),
}


@pytest.mark.parametrize(("text", "state", "end"), [(k, *v) for k, v in STATES.items()])
def test_a_state_is_known_in_any_spelling(text: str, state: str, end: End) -> None:
    found = job({"job_id": "x", "job_state": text})
    assert (found.state, found.end) == (state, end)


ENDS = {
    "a success": ({"job_state": "succeeded", "image_urls": [ONE]}, End.SURE),
    "a success without images": ({"job_state": "succeeded", "image_urls": []}, End.PERHAPS),
    "a failure with images": ({"job_state": "failed", "image_urls": [ONE]}, End.SURE),
    "an unknown state": ({"job_state": "resting", "completed_at": None}, End.NOT_YET),
    "an unknown state, ended": ({"job_state": "resting", "completed_at": AT}, End.PERHAPS),
    "an unknown state, with images": ({"job_state": "resting", "image_urls": [ONE]}, End.PERHAPS),
    "both": ({"job_state": "resting", "completed_at": AT, "image_urls": [ONE]}, End.SURE),
    "a replica that is behind": (
        {"job_state": "processing", "completed_at": AT, "image_urls": [ONE]},
        End.SURE,
    ),
    "previews": ({"job_state": "processing", "image_urls": [ONE]}, End.NOT_YET),
    "a guess of the end": ({"job_state": "processing", "completed_at": AT}, End.NOT_YET),
}


@pytest.mark.parametrize(("said", "end"), ENDS.values(), ids=ENDS)
def test_the_end_is_read_from_the_whole_answer(said: dict[str, Any], end: End) -> None:
    assert job({"job_id": "x"} | said).end is end


DONE = {"job_id": "x", "job_state": "succeeded"}
IMAGES: dict[str, tuple[Any, list[str]]] = {
    "a list": (DONE | {"image_urls": [ONE, "../../2.png"]}, [ONE, TWO]),
    "one alone": (DONE | {"image_urls": ONE}, [ONE]),
    "with gaps": (DONE | {"image_urls": [None, ONE, "", 7]}, [ONE]),
    "objects": (DONE | {"image_urls": [{"id": 1, "url": ONE, "alt": "a"}, {"href": TWO}]}, [ONE, TWO]),
    "by number": (DONE | {"image_urls": {"1": ONE, "2": TWO}}, [ONE, TWO]),
    "another key": (DONE | {"images": [{"image_url": ONE}]}, [ONE]),
    "in another case": (DONE | {"imageUrls": [ONE]}, [ONE]),
    "outputs beside a log": (DONE | {"output": "all is well", "urls": [ONE]}, [ONE]),
    "only a log": (DONE | {"output": "all is well"}, []),
    "in a job": ({"job": DONE | {"image_urls": [ONE]}, "ok": True}, [ONE]),
    "in a list of one job": ([DONE | {"image_urls": [ONE]}], [ONE]),
    "in a result beside it": (DONE | {"image_urls": [], "result": {"images": [{"url": ONE}]}}, [ONE]),
    "a result alone": (DONE | {"result": [ONE]}, [ONE]),
    "a list in the data": (DONE | {"data": [{"url": ONE}, {"url": TWO}]}, [ONE, TWO]),
    "an address of something else": (DONE | {"result": {"status": "/jobs/x"}}, []),
    "around the job": ({"data": DONE, "images": [ONE]}, [ONE]),
    "all but its id in the data": ({"job_id": "x", "data": {"state": "done", "urls": [ONE]}}, [ONE]),
    "in two wrappers": ({"status": "success", "data": {"job": DONE | {"output": ONE}}}, [ONE]),
}  # fmt: skip


@pytest.mark.parametrize(("said", "addresses"), IMAGES.values(), ids=IMAGES)
def test_addresses_are_found_as_a_neighbour_writes_them(said: Any, addresses: list[str]) -> None:
    assert list(job(said).image_urls) == addresses


@pytest.mark.parametrize(
    ("said", "job_id"),
    [
        ({"job_id": 712}, "712"),
        ({"jobId": "a.b:c"}, "a.b:c"),
        ({"Job-ID": "x"}, "x"),
        ({"id": "d92d32db"}, "d92d32db"),
        ({"data": {"uuid": "d92d32db", "state": "pending"}}, "d92d32db"),
        ({"status": "success", "data": {"job_id": "d92d32db", "state": "pending"}}, "d92d32db"),
        ({"id": 5, "status": 200, "data": {"id": "a1", "status": "pending"}}, "a1"),
        ({"id": 5, "data": [{"id": "a1", "status": "pending"}]}, "a1"),
        ({"id": 5, "result": {"job_id": "a1", "state": "pending"}, "data": None}, "a1"),
        ({}, "x"),
    ],
)
async def test_a_job_is_known_by_its_id_however_it_is_written(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, said: Any, job_id: str
) -> None:
    body = said if "data" in said else said | {"status": "pending"}
    assert job(body).job_id == job_id
    if said:
        service.fail_next("submit", status=200, body=json.dumps(body))
        assert (await submit(studio, upload)).job_id == job_id
        service.fail_next("status", status=200, body=json.dumps(body))
        assert (await studio.status(job_id.upper())).state == "pending"
        assert service.requests[-1][1] == f"/api/v1/jobs/{job_id.upper()}"


@pytest.mark.parametrize(
    "said",
    [
        {"status": "success", "data": {"job_id": "a1"}},
        {"job": {"id": "a1", "created_at": AT}},
        {"job_id": "a1", "status": 200},
    ],
)
async def test_a_post_is_answered_by_an_id_however_it_is_wrapped_and_no_state_is_made_up(
    service: StudioSandbox, studio: InstantStudio, upload: Upload, said: Any
) -> None:
    service.fail_next("submit", status=200, body=json.dumps(said))
    assert await submit(studio, upload) == StudioJob(job_id="a1", state="pending")


@pytest.mark.parametrize(
    "said",
    [
        {"status": "error", "message": "try later"},
        {"status": "fail", "data": None},
        {"status": "success", "data": {"job_id": "x"}},
        {"status": "ok", "data": []},
    ],
)
def test_how_the_answer_itself_went_says_nothing_of_the_job(said: Any) -> None:
    with pytest.raises(ValueError, match="no job"):
        job(said)


async def test_thousands_of_signed_addresses_are_read_and_more_are_cut(
    service: StudioSandbox, studio: InstantStudio
) -> None:
    urls = [f"{ONE}&{number}={'x' * 950}" for number in range(MAX_IMAGES + 1)]
    body = json.dumps(DONE | {"image_urls": urls})
    assert len(body) > 9 * 2**20
    service.fail_next("status", status=200, body=body)
    assert list((await studio.status("x")).image_urls) == urls[:MAX_IMAGES]
