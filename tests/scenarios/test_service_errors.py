"""What a member and the owner read when the service, or the way to it, is in trouble."""

import asyncio
import logging
import re
from collections.abc import Callable

import pytest

from bot.sandbox.client import File
from tests.samples.pictures import picture
from tests.scenarios.conftest import Stage, asked, described, stage_tick

MAYBE = "It may have been charged, so it was not sent twice. Run it again if you want to."


@pytest.mark.parametrize(
    ("trouble", "sentence", "line"),
    [
        ({"status": 400}, "does not accept one of the values. Nothing was charged.\n> because", "400: because"),
        ({"status": 401}, "does not accept this bot's key. Nothing was charged; the bot's owner has to look at it.\n> because", "401: because"),
        ({"status": 402}, "has no credits left at the service. Nothing was charged; try again once they are topped up.\n> because", "402: because"),
        ({"status": 403}, "does not accept this bot's key. Nothing was charged; the bot's owner has to look at it.\n> because", "403: because"),
        ({"status": 404}, "no longer knows this endpoint. Nothing was charged; the bot's owner has to look at it.\n> because", "404: because"),
        ({"status": 413}, "larger than the service takes. Nothing was charged; send a smaller one.\n> because", "413: because"),
        ({"status": 418}, "The service refused this job. Nothing was charged.\n> because", "418: because"),
        ({"status": 422}, "does not accept one of the values. Nothing was charged.\n> because", "422: because"),
        ({"status": 500}, f"{MAYBE}\n> because", "500: because"),
        ({"status": 504, "body": "<html>Bad gateway</html>"}, MAYBE, "504: None"),
        ({"status": 200, "body": "<html>Welcome</html>"}, MAYBE, "answered 200 without a job"),
        ({"status": 200, "body": ""}, MAYBE, "answered 200 without a job"),
        ({"is_reset": True}, MAYBE, "submitting → failed"),
        ({"is_reset": True, "accept": True}, MAYBE, "submitting → failed"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)  # fmt: skip
async def test_a_post_that_fails_is_told_once_and_not_sent_again(
    stage: Stage,
    caplog: pytest.LogCaptureFixture,
    trouble: dict[str, object],
    sentence: str,
    line: str,
) -> None:
    caplog.set_level(logging.INFO)
    stage.studio.fail_next("submit", **({"body": '{"error": "because"}'} | trouble))
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    text = described(message)
    assert text.startswith("**Failed.** ")
    assert text.endswith(sentence)
    assert any(line in record.getMessage() for record in caplog.records)
    posts = [path for method, path, _ in stage.studio.requests if method == "POST"]
    assert len(posts) == 1
    assert [c["label"] for row in message.components for c in row["components"]] == ["Run again"]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_post_that_was_surely_not_taken_is_sent_again(stage: Stage, status: int) -> None:
    stage.studio.fail_next("submit", status=status, headers={"Retry-After": "0"})
    async with stage.bot():
        await stage.ended(await asked(stage))
    assert len(stage.studio.posts) == 1  # of two that were sent
    assert len([1 for method, _, _ in stage.studio.requests if method == "POST"]) == 2


async def test_a_service_that_takes_nothing_is_asked_ever_less_often(stage: Stage) -> None:
    stage.studio.fail_next("submit", status=503, times=1000)
    async with stage.bot() as app:
        await asked(stage)
        for _turn in range(20):
            stage.discord.advance(seconds=3)
            await stage_tick(app)
    tries = [method for method, _, _ in stage.studio.requests if method == "POST"]
    assert 2 <= len(tries) <= 7  # in a minute: after 2, 4, 8, 16 and 32 s


async def test_a_service_that_is_away_for_hours_is_given_up(
    stage: Stage, unused_tcp_port: int
) -> None:
    stage.settings["INSTANT_STUDIO_URL"] = f"http://127.0.0.1:{unused_tcp_port}/api/v1"
    async with stage.bot():
        message = await asked(stage)
        stage.discord.advance(minutes=121)
        await stage.ended(message)
    assert described(message) == (
        "**Failed.** The service took no jobs for a long time, so the bot stopped trying. Nothing"
        " was charged; run it again later."
    )


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 401},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500},
        {"status": 502, "body": "<html>"},
        {"status": 200, "body": ""},
        {"status": 200, "body": '{"job_id": 1}'},
        {"is_reset": True, "times": 2},
    ],
    ids=str,
)
async def test_a_question_that_fails_is_asked_again(
    stage: Stage, trouble: dict[str, object]
) -> None:
    stage.studio.fail_next("status", **trouble)
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(lambda: len(stage.studio.requests) > 1)
        stage.discord.advance(seconds=10)
        await stage.ended(message)
    assert len(message.attachments) == 2


async def test_a_job_that_the_service_forgot_is_told(stage: Stage) -> None:
    stage.studio.hold("pending")
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: stage.studio.jobs)
        stage.studio.jobs.clear()
        async with asyncio.timeout(10):
            while "Failed" not in described(message):
                stage.discord.advance(seconds=20)
                await stage_tick(app)
    asked_for = [path for method, path, _ in stage.studio.requests if method == "GET"]
    assert len(asked_for) >= 4  # one slip would not have ended it
    assert described(message) == (
        "**Failed.** The service no longer knows this job, so its images are gone. It may have been"
        " charged; run it again if you still want them."
    )


async def test_a_state_never_heard_of_is_shown_as_it_is_and_asked_further(stage: Stage) -> None:
    stage.studio.hold("pending")
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(lambda: "Pending" in described(message))
        (job,) = stage.studio.jobs.values()
        job.state = "warming_up"
        await stage.discord.until(lambda: "warming" in described(message))
        assert described(message) == "**warming\\_up**"
        job.state = "processing"
        stage.studio.release()
        await stage.ended(message)
    assert len(message.attachments) == 2


async def test_a_job_that_never_ends_is_given_up(stage: Stage) -> None:
    stage.settings["JOB_TIMEOUT_MINUTES"] = "60"
    stage.studio.hold("in_queue")
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(lambda: "In queue" in described(message))
        stage.discord.advance(minutes=61)
        await stage.ended(message)
    assert described(message) == (
        "**Failed.** The service took too long, so the bot stopped asking. It may have been"
        " charged; the bot's owner can look it up."
    )


async def test_a_success_without_images_is_told(stage: Stage) -> None:
    stage.studio.endpoints["PrOhEE"] = 0
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert "it gave no images" in described(message)


async def test_a_download_that_fails_is_tried_again(stage: Stage) -> None:
    stage.studio.fail_next("download", status=404)
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(
            lambda: any("/files/" in path for _, path, _ in stage.studio.requests)
        )
        stage.discord.advance(seconds=10)
        await stage.ended(message)
    assert len(message.attachments) == 2


async def test_images_that_stay_away_for_a_day_are_gone(stage: Stage) -> None:
    stage.studio.fail_next("download", status=404, times=10)
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(
            lambda: any("/files/" in path for _, path, _ in stage.studio.requests)
        )
        stage.discord.advance(minutes=24 * 60 + 1)
        await stage.ended(message)
    assert described(message) == (
        "**Failed.** The service no longer hands out this job's images. Run it again if you still"
        " want them."
    )


async def test_an_image_that_is_none_is_left_out_and_told(stage: Stage) -> None:
    stage.studio.outputs[2] = (b"<html>not an image</html>", "image/png")
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert len(message.attachments) == 1
    assert described(message) == "**Done**\nImage 2 could not be saved from the service."


async def test_a_result_of_no_image_at_all_is_a_failure(stage: Stage) -> None:
    for number in (1, 2):
        stage.studio.outputs[number] = (b"<html>not an image</html>", "image/png")
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert described(message) == (
        "**Failed.** What the service handed out cannot be saved as an image. Run it again, or ask"
        " the bot's owner."
    )


async def test_images_behind_a_redirect_come(stage: Stage, errors: Callable[[], list[str]]) -> None:
    stage.studio.image_address = lambda path: f"{stage.studio.origin}/redirect{path}"
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert len(message.attachments) == 2
    assert errors() == []


async def test_a_video_is_posted_as_it_is(stage: Stage) -> None:
    video = b"\x00\x00\x00\x20ftypisom" + bytes(100)
    stage.studio.outputs[1] = (video, "video/mp4")
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    names = [attachment.filename for attachment in message.attachments]
    assert [re.sub(r"seed\d+", "seed", name) for name in names] == [
        "cny-snakeyear-seed-1.mp4",
        "cny-snakeyear-seed-2.jpg",
    ]


async def test_a_heic_from_a_phone_is_converted(stage: Stage) -> None:
    heic = File("IMG_0001.HEIC", picture("HEIF"))
    async with stage.bot():
        handle = await stage.slash(stage.member(), image=heic)
        await stage.ended(stage.discord.message(handle.message_id or 0))
    (post,) = stage.studio.posts
    part = next(part for part in post.parts if part.filename)
    assert (part.filename, part.content_type) == ("IMG_0001.jpg", "image/jpeg")
    assert part.data.startswith(b"\xff\xd8")
