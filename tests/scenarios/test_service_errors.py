"""What the service is sent, and one that is in trouble for long; the rest is in test_service_table."""

from bot.sandbox.discord.files import File
from tests.samples.pictures import picture
from tests.scenarios.conftest import Stage, asked, described, stage_tick


async def test_a_service_that_takes_nothing_is_asked_ever_less_often(stage: Stage) -> None:
    stage.studio.fail_next("submit", status=429, times=1000)
    async with stage.bot() as app:
        await asked(stage)
        for _turn in range(20):
            stage.discord.advance(seconds=3)
            await stage_tick(app)
    tries = [method for method, _, _ in stage.studio.requests if method == "POST"]
    assert 2 <= len(tries) <= 7  # in a minute: after 2, 4, 8, 16 and 32 s


async def test_a_job_that_never_ends_is_given_up(stage: Stage) -> None:
    stage.settings["JOB_TIMEOUT_MINUTES"] = "60"
    stage.studio.hold("in_queue")
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(lambda: "In the service's queue" in described(message))
        stage.discord.advance(minutes=61)
        await stage.ended(message)
    assert described(message) == (
        "**Failed.** The service took too long, so the bot stopped asking. It may have been"
        " charged; the bot's owner can look it up."
    )


async def test_a_heic_from_a_phone_is_converted(stage: Stage) -> None:
    heic = File("IMG_0001.HEIC", picture("HEIF"))
    async with stage.bot():
        handle = await stage.slash(stage.member(), image=heic)
        await stage.ended(stage.discord.message(handle.message_id or 0))
    (post,) = stage.studio.posts
    part = next(part for part in post.parts if part.filename)
    assert (part.filename, part.content_type) == ("IMG_0001.jpg", "image/jpeg")
    assert part.data.startswith(b"\xff\xd8")
