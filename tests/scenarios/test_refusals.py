"""What is refused in one sentence, before anything is charged: pictures, places, limits."""

import json
import math
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.sandbox.discord.files import File
from bot.sandbox.discord.messages import Message
from tests.markdown import kinds, seen, sent
from tests.samples.pictures import png_header
from tests.scenarios.conftest import PNG, ROOT, Stage, custom_ids, moved_on, png, replied


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (File("me.png", b""), "me.png is empty."),
        (File("me.png", bytes(50 * 2**20 + 1)), "me.png is larger than 50 MiB."),
        (
            File("me.png", png_header(20_000, 10)),
            "me.png is 20,000 × 10 pixels; at most 16,383 a side and 60 megapixels are taken.",
        ),
    ],
)
async def test_what_the_description_shows_is_refused_to_the_member_alone(
    stage: Stage, file: File, sentence: str
) -> None:
    async with stage.bot():
        handle = await stage.slash(stage.member(), image=file)
    assert handle.ephemeral
    assert handle.message
    assert handle.message.content == f"{sentence} Nothing was charged; please send another picture."
    assert stage.studio.posts == []


FOLLOW_UP = "POST /webhooks/{application_id}/{token}"
WITHDRAW = "DELETE /webhooks/{application_id}/{token}/messages/{message_id}"
NO_PICTURE = "me.png is not a picture. Nothing was charged; please send another picture."


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"just some text", "me.png is not a picture."),
        (PNG[: len(PNG) // 2], "me.png is damaged."),
        (
            png_header(30_000, 30_000),
            "me.png has too many pixels.",
        ),
    ],
    ids=("text", "cut off", "huge"),
)
async def test_what_only_the_bytes_show_is_said_to_the_member_alone_and_the_reply_goes(
    stage: Stage, data: bytes, sentence: str
) -> None:
    async with stage.bot():
        handle = await stage.slash(stage.member(), image=File("me.png", data))
        told = await stage.refused(replied(handle))
    assert not handle.ephemeral
    assert told == f"{sentence} Nothing was charged; please send another picture."
    assert stage.discord.messages() == []
    assert stage.studio.posts == []


async def test_the_sentence_stands_before_the_reply_goes_and_is_said_once(stage: Stage) -> None:
    stage.discord.fail_next(WITHDRAW, status=503)
    async with stage.bot() as app:
        reply = replied(await stage.slash(stage.member(), image=File("me.png", b"text")))
        await stage.discord.until(lambda: alone(stage))
        await moved_on(stage, app, lambda: reply.is_deleted)
    assert [message.content for message in alone(stage)] == [NO_PICTURE]


async def test_where_nobody_can_be_told_alone_the_reply_is_the_sentence(stage: Stage) -> None:
    mei, text = stage.member(), File("me.png", b"text")
    async with stage.bot():
        reply = await stage.reply_to(await mei.post(stage.discord.bot_mention, files=[text]))
        await stage.discord.until(lambda: reply.content == NO_PICTURE)
        stage.discord.fail_next(FOLLOW_UP, status=404, code=10015)
        late = replied(await stage.slash(mei, image=text))
        await stage.discord.until(lambda: late.content == NO_PICTURE)
    assert alone(stage) == []
    assert [custom_ids(each)[0].split(":")[0] for each in (reply, late)] == ["more", "more"]


def alone(stage: Stage) -> list[Message]:
    """What one person alone sees."""
    return [each for each in stage.discord.all_messages.values() if each.is_ephemeral]


@pytest.mark.parametrize(
    ("permissions", "named"),
    [
        (["view_channel"], "View Channel"),
        (["send_messages"], "Send Messages"),
        (["attach_files"], "Attach Files"),
        (["read_message_history"], "Read Message History"),
        (["attach_files", "send_messages"], "Send Messages, Attach Files"),
    ],
)
async def test_a_missing_permission_is_told_to_the_member_alone(
    stage: Stage, permissions: list[str], named: str
) -> None:
    mei = stage.member()
    stage.discord.deny(stage.discord.channel, *permissions)
    async with stage.bot():
        handle = await stage.slash(mei)
    assert handle.ephemeral
    assert replied(handle).content == (
        f"The bot needs these permissions in this channel: {named}."
        " Ask someone who manages the server."
    )
    assert stage.studio.posts == []


async def test_a_member_without_credits_for_it_is_told_so(stage: Stage, tmp_path: Path) -> None:
    document = json.loads((ROOT / "endpoints" / "cny-snakeyear.json").read_text())
    path = tmp_path / "snake.json"
    path.write_text(json.dumps(document | {"credits": 10}))
    stage.settings |= {"ENDPOINTS": str(path), "CREDITS_PER_MEMBER_PER_DAY": "15"}
    mei = stage.member()
    async with stage.bot() as app:
        first = await stage.ended(replied(await stage.slash(mei)))
        refused = await stage.slash(mei)
        again = await free_again(app, first, timedelta(days=1))
        stage.discord.advance(minutes=24 * 60 + 1)
        other_day = await stage.slash(mei)
    assert refused.ephemeral
    assert replied(refused).content == (
        f"This costs 10 credits, and you have 5 of 15 left for these 24 hours. Try again {again}."
    )
    assert not other_day.ephemeral


async def test_a_member_at_the_limit_is_told_so(stage: Stage) -> None:
    stage.settings["JOBS_PER_MEMBER"] = "1"
    mei, ana = stage.member("Mei"), stage.member("Ana")
    stage.studio.hold("pending")
    async with stage.bot() as app:
        first = replied(await stage.slash(mei))
        refused = await stage.slash(mei)
        other = await stage.slash(ana)
        again = await free_again(app, first, timedelta(hours=2))
        assert refused.message
        assert refused.message.content == (
            "You have 1 unfinished job here, and 1 is the most at a time. Wait until one has"
            f" ended, {again} at the latest, then ask again."
        )
        assert refused.ephemeral
        assert not other.ephemeral


async def free_again(app: App, message: Message, span: timedelta) -> str:
    """How Discord is told when the message's job no longer counts."""
    job = await app.bot.store.by_message(message.id)
    assert job
    return f"<t:{math.ceil((job.created_at + span).timestamp())}:R>"


async def test_a_command_in_a_thread_needs_what_a_thread_needs(stage: Stage) -> None:
    mei = stage.member()
    thread = stage.discord.add_thread(stage.discord.channel, "snakes")
    stage.discord.deny(stage.discord.channel, "send_messages")
    async with stage.bot():
        handle = await stage.slash(mei, channel=thread)
        await stage.ended(stage.discord.message(handle.message_id or 0))
        stage.discord.deny(thread, "send_messages_in_threads")
        refused = await stage.slash(mei, channel=thread)
    assert refused.ephemeral
    assert refused.message
    assert refused.message.content == (
        "The bot needs these permissions in this channel: Send Messages in Threads."
        " Ask someone who manages the server."
    )
    assert len(stage.studio.posts) == 1


UNKIND = (
    "[Claim your free Nitro](https://evil.example/login)",
    "https://evil.example/login?a",
    "seed [20](https://evil.example)",
    "@everyone <@&1> # big **bold**",
    "discord.gg/evil </snake:1> <t:0:R> ||x|| \u202egnp.exe x\\",
)


@pytest.mark.parametrize("text", UNKIND)
async def test_what_a_member_wrote_is_read_in_the_answer_and_does_not_work_there(
    stage: Stage, text: str
) -> None:
    mei = stage.member()
    async with stage.bot():
        asked = await mei.post(f"{stage.discord.bot_mention} snake {text}", files=[png()])
        content = (await stage.reply_to(asked)).content
    assert set(kinds(content)) <= {"code"}  # the names of the options are ours
    assert sent(content) == []
    words = text.removeprefix("seed ").replace("<@&1>", "").replace("\u202e", "").split()
    assert [word for word in words if word not in seen(content)] == []
    assert stage.studio.posts == []


@pytest.mark.parametrize("text", UNKIND)
async def test_what_the_service_and_a_document_say_is_read_and_does_not_work(
    stage: Stage, tmp_path: Path, text: str
) -> None:
    document = json.loads((ROOT / "endpoints" / "cny-snakeyear.json").read_text())
    path = tmp_path / "snake.json"
    path.write_text(json.dumps(document | {"name": f"Snake {text}", "coverUrl": None}))
    stage.settings |= {"ENDPOINTS": str(path), "NOTIFY_AFTER_MINUTES": "0.0001"}
    stage.studio.fail_job_next(text)
    mei = stage.member()
    async with stage.bot():
        asked = await mei.post(stage.discord.bot_mention, files=[png()])
        reply = await stage.ended(await stage.reply_to(asked))
        notice = await stage.reply_to(reply)
    assert kinds(reply.content) == ["bold", "small", "code", "bold", "quote"]
    assert kinds(notice.content) == ["mention"]
    assert sent(reply.content) == []
    assert sent(notice.content) == [mei.mention]


async def test_a_file_that_is_no_picture_is_named_and_its_name_does_not_work(stage: Stage) -> None:
    name, shown = (
        "www.evil.example__a__[x](y) @everyone.png",
        "www.evil.example__a__xy_everyone.png",
    )
    async with stage.bot():
        told = replied(await stage.slash(stage.member(), image=File(name, b"")))
        asked = await stage.member("Ana").post(
            stage.discord.bot_mention, files=[File(name, b"just some text")]
        )
        reply = await stage.reply_to(asked)
        await stage.discord.until(lambda: "picture" in reply.content)
    assert seen(told.content).startswith(f"{shown} is empty.")
    assert kinds(told.content) == []
    assert seen(reply.content).startswith(f"{shown} is not a picture.")
    assert kinds(reply.content) == []
