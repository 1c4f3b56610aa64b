from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.job import InLine, JobStatus, Output, Posted
from bot.jobs.kinds import Kind, Waiting, waiting_of
from bot.jobs.request import Stored
from tests.jobs import NOON, make_job, make_request

KEPT = Stored(key="k", size_bytes=1, media_type="image/png")
POSTED = Posted(message_ids=(5,))
OUTPUTS = tuple(Output(url=f"https://{name}.example/1") for name in ("a", "b", "c"))
FETCHED = replace(
    make_request(), inputs=tuple(replace(i, stored=KEPT) for i in make_request().inputs)
)
WAITS: dict[str, tuple[dict[str, Any], Kind, str | None]] = {
    "no reply yet": ({}, Kind.LOOK, "example.com"),
    "a picture of Discord's": ({"posted": POSTED}, Kind.BEGIN, "example.com"),
    "nothing to fetch": ({"posted": POSTED, "request": FETCHED}, Kind.BEGIN, None),
    "in line": (
        {"posted": POSTED, "request": FETCHED, "line": InLine(place=1, at=NOON)},
        Kind.TURN,
        None,
    ),
    "perhaps sent": ({"status": JobStatus.SUBMITTING}, Kind.LOOK, None),
    "running": ({"status": JobStatus.RUNNING}, Kind.ASK, None),
    "its images": (
        {"status": JobStatus.DOWNLOADING, "outputs": OUTPUTS},
        Kind.DOWNLOAD,
        "a.example",
    ),
    "another image's turn": (
        {"status": JobStatus.DOWNLOADING, "outputs": OUTPUTS, "tries": 4},
        Kind.DOWNLOAD,
        "b.example",
    ),
    "the one that is missing": (
        {
            "status": JobStatus.DOWNLOADING,
            "outputs": (
                replace(OUTPUTS[0], stored=KEPT),
                replace(OUTPUTS[1], is_lost=True),
                OUTPUTS[2],
            ),
        },
        Kind.DOWNLOAD,
        "c.example",
    ),
    "an address that is none": (
        {"status": JobStatus.DOWNLOADING, "outputs": (Output(url="http://[x"),)},
        Kind.DOWNLOAD,
        None,
    ),
    "a host that no column takes": (
        {"status": JobStatus.DOWNLOADING, "outputs": (Output(url="http://x\0y.example/"),)},
        Kind.DOWNLOAD,
        None,
    ),
    "to be posted": ({"status": JobStatus.DELIVERING}, Kind.DELIVER, None),
    "ended": ({"status": JobStatus.FAILED}, Kind.CONCLUDE, None),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_row_says_whom_and_what_its_next_step_keeps_busy(name: str) -> None:
    given, kind, host = WAITS[name]
    job = make_job(**given)
    assert waiting_of(job) == Waiting(job.id, kind, member=7, channel=30, host=host)
