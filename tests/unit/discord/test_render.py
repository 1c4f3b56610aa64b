from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord import render
from bot.discord.render import draw, duration, further_text, notice, plain
from bot.discord.results import file_name, shown
from bot.errors import Reason, Refused
from bot.jobs.job import Failure, Job, JobStatus, Output, Progress, Stored
from tests.fuzz.strategies import characters
from tests.jobs import NOON, make_job, make_origin, make_request

STORED = Stored(key="a" * 64, size_bytes=10, media_type="image/png")
SMALLER = Stored(key="b" * 64, size_bytes=5, media_type="image/webp")
URL = "https://studio.example/a b(1).png"


def running(state: str) -> Job:
    progress = Progress(job_id="j", state=state, submitted_at=NOON, ask_at=NOON)
    return make_job(status=JobStatus.RUNNING, progress=progress)


def description(job: Job) -> str:
    return draw(job).embed.description or ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "**Pending**"),
        ("in_queue", "**In queue**"),
        ("processing", "**Processing**"),
        ("warming_up", "**warming\\_up**"),
        ("@everyone", "**@\u200beveryone**"),
        ("accepted", "**accepted**"),
        (" Accepted\u200b", "**Running: Accepted**"),
        ("Done", "**Running: Done**"),
    ],
)
def test_a_state_is_shown_in_words_and_an_unknown_one_as_it_is(state: str, words: str) -> None:
    assert description(running(state)) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (JobStatus.ACCEPTED, "**Accepted**"),
        (JobStatus.SUBMITTING, "**Accepted**"),
        (JobStatus.RUNNING, "**Running**"),
        (JobStatus.DOWNLOADING, "**Succeeded, saving the images**"),
        (JobStatus.DELIVERING, "**Succeeded, saving the images**"),
        (JobStatus.DELIVERED, "**Done**"),
    ],
)
def test_every_status_has_its_words(status: JobStatus, words: str) -> None:
    assert description(make_job(status=status)) == words


def test_a_failure_says_why_in_its_own_and_in_the_services_words() -> None:
    failure = Failure(reason=Reason.FAILED, detail="out of **memory**")
    job = make_job(status=JobStatus.FAILED, failure=failure)
    assert description(job) == (
        "**Failed.** The service could not finish this job.\n> out of \\*\\*memory\\*\\*"
    )


def test_the_embed_tells_who_asked_the_seed_and_since_when() -> None:
    embed = draw(make_job()).embed
    assert [(f.name, f.value) for f in embed.fields] == [
        ("Asked by", "<@7>"),
        ("Seed", "`20`"),
        ("Since", f"<t:{int(NOON.timestamp())}:R>"),
    ]
    assert embed.title == "CNY-SnakeYear"
    assert embed.thumbnail.url == "https://example.com/cover.png"


def test_what_an_endpoint_lacks_is_left_out() -> None:
    embed = draw(make_job(request=make_request(values=(), cover_url=None))).embed
    assert [f.name for f in embed.fields] == ["Asked by", "Since"]
    assert embed.thumbnail.url is None


def test_an_ended_job_shows_how_long_it_took_and_can_be_run_again() -> None:
    kept = replace(make_request().inputs[0], stored=STORED)
    job = make_job(
        status=JobStatus.DELIVERED,
        changed_at=NOON + timedelta(seconds=210),
        request=make_request(inputs=(kept,)),
    )
    drawing = draw(job)
    assert drawing.embed.fields[-1].value == "3 min 30 s"
    assert drawing.run_again == f"run-again:{job.id}"
    assert draw(make_job()).view() is None


def test_a_job_whose_picture_was_never_kept_has_no_button() -> None:
    failed = make_job().failed(Reason.BAD_INPUT, at=NOON, detail="me.png is empty.")
    assert draw(failed).run_again is None


def test_long_links_are_dropped_before_the_text_becomes_too_long() -> None:
    url = "https://studio.example/" + "a" * 600
    outputs = tuple(Output(url=url, stored=STORED, attached=SMALLER) for _ in range(10))
    lines = description(make_job(status=JobStatus.DELIVERED, outputs=outputs)).split("\n")
    assert sum(map(len, lines)) <= 4096
    assert [
        line.startswith(f"Image {n} was made smaller") for n, line in enumerate(lines[1:], 1)
    ] == [True] * 10
    assert lines[-1] == "Image 10 was made smaller to fit."


def test_images_that_discord_does_not_take_are_said_to_be_kept() -> None:
    assert description(make_job(status=JobStatus.UNDELIVERABLE)).startswith(
        "**Done**, but Discord did not take the images here."
    )


def test_what_was_made_smaller_lost_or_left_out_is_said_with_a_link() -> None:
    outputs = (
        Output(url=URL, stored=STORED, attached=STORED),
        Output(url=URL, stored=STORED, attached=SMALLER),
        Output(url=URL, stored=STORED),
        Output(url=URL, is_lost=True),
        Output(url=URL, stored=STORED, is_left_out=True),
    )
    job = make_job(status=JobStatus.DELIVERED, outputs=outputs)
    link = "[the original](https://studio.example/a%20b%281%29.png)"
    assert description(job).split("\n") == [
        "**Done**",
        f"Image 2 was made smaller to fit: {link}.",
        f"Image 3 is too large for Discord: {link}.",
        "Image 4 could not be saved from the service.",
        f"Image 5 could not be posted here: {link}.",
    ]


def test_what_is_no_picture_or_too_large_to_be_kept_is_linked_to_as_it_was_written() -> None:
    url = "https://a.example/f?filename*=UTF-8''x%2F.wav&sig=A~b%3D"
    outputs = (
        Output(url=url, stored=replace(STORED, media_type="audio/wav")),
        Output(url=url, is_too_large=True),
    )
    job = make_job(status=JobStatus.DELIVERED, outputs=outputs)
    assert description(job).split("\n") == [
        "**Done**",
        f"File 1 is too large for Discord: [the original]({url}).",
        f"Image 2 is too large to be kept: [the original]({url}).",
    ]


def test_of_a_thousand_images_the_first_forty_that_came_are_shown() -> None:
    lost, here = Output(url=URL, is_lost=True), Output(url=URL, stored=STORED, attached=STORED)
    job = make_job(status=JobStatus.DELIVERED, outputs=(here, lost, *[here] * 1000, lost))
    assert shown(job) == (0, *range(2, 41))
    assert description(job).split("\n") == [
        "**Done**",
        "1,001 images came, and the first 40 are here. The others are kept: ask the bot's owner for them.",
        "Image 2 could not be saved from the service.",
        "Image 1003 could not be saved from the service.",
    ]


@pytest.mark.parametrize(
    ("hidden", "is_hidden"),
    [({"is_spoiler": True}, True), ({"filename": "SPOILER_a.png"}, True), ({}, False)],
)
def test_what_is_made_of_a_hidden_picture_is_called_so(
    hidden: dict[str, Any], *, is_hidden: bool
) -> None:
    plain_one = make_request().inputs[0]
    inputs = (plain_one, replace(plain_one, **hidden))
    output = Output(url="https://a.example/x.usdz?a", stored=STORED)
    job = make_job(request=make_request(inputs=inputs), outputs=(output, output))
    zipped = replace(STORED, media_type="application/zip")
    start = "SPOILER_" if is_hidden else ""
    assert file_name(job, 1, zipped) == f"{start}cny-snakeyear-seed20-2.usdz"
    assert file_name(job, 1, SMALLER) == f"{start}cny-snakeyear-seed20-2.webp"


@pytest.mark.parametrize("reason", [Reason.BAD_OUTPUT, Reason.IMAGES_GONE])
def test_nobody_is_told_to_pay_again_for_what_would_end_the_same(reason: Reason) -> None:
    for job in (
        make_job(status=JobStatus.FAILED, failure=Failure(reason=reason)),
        make_job(status=JobStatus.UNDELIVERABLE),
    ):
        assert "the bot's owner" in description(job)
        assert "run it again" not in description(job).lower()


def test_two_drawings_have_one_digest_exactly_when_they_look_the_same() -> None:
    job = make_job()
    assert draw(job).digest == draw(replace(job, status=JobStatus.SUBMITTING)).digest
    assert draw(job).digest != draw(running("pending")).digest


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min"), (210, "3 min 30 s"), (3600, "1 h"), (-5, "0 s")],
)
def test_a_time_span_is_told_in_words(seconds: float, text: str) -> None:
    assert duration(NOON, NOON + timedelta(seconds=seconds)) == text


def test_texts_of_messages_beside_the_reply() -> None:
    job = make_job(status=JobStatus.DELIVERED, origin=make_origin(user_id=5))
    assert notice(job) == "<@5> Your CNY-SnakeYear is done."
    failed = replace(job, status=JobStatus.FAILED)
    assert notice(failed) == "<@5> Your CNY-SnakeYear has ended without images."
    assert further_text(job, 2, 3) == f"CNY-SnakeYear, part 2 of 3 (job {job.id[:12]})"


def test_an_error_is_our_sentence_or_one_with_a_reference() -> None:
    assert render.error(Refused("Wait."), "5") == "Wait."
    assert len(render.error(Refused("x" * 3000), "5")) == render.MAX_SENTENCE
    assert render.error(ValueError("secret"), "5") == (
        "Something went wrong in the bot. Its owner can find it in the log as 5."
    )


@given(st.text(characters), st.integers(min_value=2, max_value=300))
def test_others_text_is_short_on_one_line_and_pings_nobody(text: str, limit: int) -> None:
    found = plain(text, limit)
    assert len(found) <= limit
    assert "\n" not in found
    assert "@everyone" not in found
