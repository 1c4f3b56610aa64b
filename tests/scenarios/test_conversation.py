"""The main job, as a member meets it."""

import re
from collections.abc import Callable

from PIL import Image

from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import (
    PNG,
    RERUN,
    Stage,
    described,
    fact,
    png,
    shown,
)


async def test_a_command_becomes_images_and_a_reaction_runs_it_again(
    stage: Stage, errors: Callable[[], list[str]]
) -> None:
    mei = stage.member()
    async with stage.bot():
        handle = await stage.slash(mei, seed=20)
        first = stage.discord.message(handle.message_id or 0)
        for state, words in (
            ("pending", "Sent to the service"),
            ("in_queue", "In the service's queue"),
            ("processing", "Working"),
        ):
            stage.studio.hold(state)
            await stage.discord.until(lambda w=words: w in described(first))  # type: ignore[misc]
        stage.studio.release()
        await stage.ended(first)

        assert not handle.ephemeral
        assert handle.response == 4  # a message, and never a deferred answer
        assert shown(first) == [
            "**Waiting for a turn**",
            "**Sent to the service**",
            "**In the service's queue**",
            "**Working**",
            "**Done**",
        ]
        names = [attachment.filename for attachment in first.attachments]
        assert names == ["cny-snakeyear-seed20-1.jpg", "cny-snakeyear-seed20-2.jpg"]
        assert fact(first, "seed") == "`20`"
        assert re.fullmatch(r"<t:\d+:R>", fact(first.revisions[0], "asked"))
        assert [attachment.description for attachment in first.attachments] == [
            "CNY-SnakeYear (1 of 2)",
            "CNY-SnakeYear (2 of 2)",
        ]
        assert not any(revision.embeds for revision in first.revisions)

        await mei.react(first, RERUN)
        second = await stage.ended(await stage.reply_to(first))
        assert second.attachments
        assert fact(second, "seed") not in {"`20`", ""}

        stage.studio.fail_job_next("out of memory")
        third = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await stage.ended(third)
        assert described(third) == (
            "**Failed.** The service could not finish this job. It may have been charged;"
            " the bot's owner can look it up.\n> out of memory"
        )
        assert [c["label"] for row in third.components for c in row["components"]] == [
            "Run again",
            "Change…",
            "More…",
        ]

    assert_posts(stage)
    assert images_of(stage, first) != images_of(stage, second)
    assert errors() == []


def assert_posts(stage: Stage) -> None:
    """The exact forms that the service received."""
    seeds = stage.seeds()
    assert len(set(seeds)) == 3
    for post, seed in zip(stage.studio.posts, seeds, strict=True):
        parts = [(part.name, part.filename, part.content_type, part.data) for part in post.parts]
        assert post.endpoint == "PrOhEE"
        assert parts == [
            ("seed_56", None, "text/plain; charset=utf-8", (seed or "").encode()),
            ("load_image_22", "me.png", "image/png", PNG),
        ]
        assert post.headers["Authorization"] == "Bearer sandbox-key"
        assert post.headers["Content-Type"].startswith("multipart/form-data; boundary=")


def images_of(stage: Stage, message: Message) -> list[bytes]:
    """The bytes of a result."""
    return [stage.discord.file(attachment) for attachment in message.attachments]


async def test_an_event_that_comes_twice_is_one_job(stage: Stage) -> None:
    mei = stage.member()
    stage.discord.deliver_twice = True
    async with stage.bot():
        handle = await stage.slash(mei)
        message = await stage.ended(stage.discord.message(handle.message_id or 0))
        await mei.react(message, RERUN)
        await stage.ended(await stage.reply_to(message))
        await mei.post(f"{stage.discord.bot_mention} seed 5", files=[png()])
        posted = stage.discord.messages()[-1]
        await stage.ended(await stage.reply_to(posted))
    assert len(stage.studio.posts) == 3


async def test_many_images_go_into_several_messages_in_order(stage: Stage) -> None:
    stage.studio.endpoints["PrOhEE"] = 23
    mei = stage.member()
    async with stage.bot():
        handle = await stage.slash(mei, seed=7)
        first = await stage.ended(stage.discord.message(handle.message_id or 0))
        messages = [m for m in stage.discord.messages() if m.author is stage.discord.bot_user]
        await stage.discord.until(lambda: all(RERUN in m.reactions for m in messages))
        await mei.react(messages[2], RERUN)
        await stage.reply_to(messages[2])
    names = [[a.filename for a in m.attachments] for m in messages]
    numbers = [range(1, 11), range(11, 21), range(21, 24)]
    assert names == [[f"cny-snakeyear-seed7-{n}.jpg" for n in batch] for batch in numbers]
    assert [m.reply_to for m in messages[1:]] == [first.id, first.id]


async def test_a_file_over_the_limit_is_made_smaller_and_links_the_original(stage: Stage) -> None:
    noise = Image.frombytes("RGB", (400, 400), bytes(range(256)) * (400 * 400 * 3 // 256))
    path = stage.data_dir.parent / "noise.bmp"
    noise.save(path)
    stage.studio.outputs[2] = (path.read_bytes(), "image/bmp")
    stage.discord.announced_upload_limit_bytes = 100_000
    stage.discord.real_upload_limit_bytes = 50_000
    async with stage.bot():
        handle = await stage.slash(stage.member())
        message = await stage.ended(stage.discord.message(handle.message_id or 0))
    assert [a.size <= 50_000 for a in message.attachments] == [True, True]
    job = next(iter(stage.studio.jobs))
    assert described(message) == (
        f"**Done**\nImage 2 was made smaller to fit: [the original](<{stage.studio.origin}/files/"
        f"{job}/2>)."
    )
