"""A bot that keeps its pictures in a bucket: a job in it, in another process, and in its trouble."""

from pathlib import Path

import pytest

from bot.app import opened
from bot.errors import SetupError
from bot.settings import Settings
from tests.buckets import SECRET, Bucket, LocalS3
from tests.scenarios.conftest import Stage, asked, described, png, replied


@pytest.fixture(autouse=True)
def in_bucket(stage: Stage, bucket: Bucket) -> None:
    stage.settings |= bucket.environment


async def test_a_job_keeps_its_pictures_in_the_bucket_and_another_bot_runs_it_again(
    stage: Stage, bucket: Bucket, tmp_path: Path
) -> None:
    stage.settings["DATABASE_URL"] = f"sqlite:///{tmp_path / 'jobs.sqlite3'}"
    async with stage.bot():
        message = await stage.ended(await asked(stage))
    assert len(message.attachments) == 2
    kept = bucket.names()
    assert len(kept) == 3  # what Mei gave, and two images
    assert {bucket.name_of(Path(name).name) for name in kept} == set(kept)
    assert [path for path in stage.data_dir.rglob("*") if path.is_file()] == []

    stage.data_dir = tmp_path / "another machine"
    async with stage.bot():
        handle = await stage.member().press(message, "Run again")
        again = await stage.ended(replied(await handle.responded()))
    assert len(again.attachments) == 2
    pictures = [part.data for post in stage.studio.posts for part in post.parts if part.filename]
    assert pictures == [png().data] * 2


async def test_a_bucket_that_is_away_holds_a_job_up_until_it_is_back(
    stage: Stage, s3: LocalS3, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot(lease_s=0.3) as app:
        with s3.away():
            message = await asked(stage)
            await stage.discord.until(lambda: "archive: it cannot be reached" in caplog.text)
            assert (described(message), stage.studio.posts) == ("**Waiting for a turn**", [])
        app.worker.wake()
        await stage.ended(message)
    assert len(stage.studio.posts) == 1
    assert SECRET not in caplog.text


async def test_images_that_a_bucket_refuses_wait_until_it_takes_them(
    stage: Stage, s3: LocalS3, caplog: pytest.LogCaptureFixture
) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.bot(lease_s=0.3) as app:
        message = await asked(stage)
        await pause.reached()
        with s3.refusing():
            pause.release()
            await stage.discord.until(lambda: "status 403 (InvalidAccessKeyId)" in caplog.text)
        app.worker.wake()
        await stage.ended(message)
    assert len(message.attachments) == 2
    assert len(stage.studio.posts) == 1


async def test_a_picture_that_is_gone_from_the_bucket_is_asked_for_again(
    stage: Stage, bucket: Bucket
) -> None:
    async with stage.bot():
        message = await stage.ended(await asked(stage))
        bucket.objects.delete(bucket.names())
        handle = await stage.member().press(message, "Run again")
        again = replied(await handle.responded())
        await stage.discord.until(lambda: "Failed" in described(again))
    assert "Nothing was charged; please send it again." in described(again)
    assert len(stage.studio.posts) == 1


async def test_a_bucket_that_is_not_there_stops_the_start_with_one_sentence(stage: Stage) -> None:
    stage.settings["ARCHIVE_URL"] = "s3://no-such-bucket/prefix"
    with pytest.raises(SetupError) as caught:
        async with opened(Settings.from_env(stage.environment()), []):
            pass
    assert str(caught.value) == (
        "ARCHIVE_URL=s3://no-such-bucket/prefix cannot be used: status 404 (NoSuchBucket)."
    )
