"""Pictures that harm, are refused, or are no pictures: nobody else waits, and nothing is kept of them."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.app import App
from bot.files.helper import Helper, Limits, NotBegun
from bot.jobs.job import Job
from bot.sandbox.discord.files import File
from bot.sandbox.discord.messages import Message
from bot.work import room
from tests.samples.bombs import endless_heic
from tests.samples.looks import COLOURS, at_the_middle_of_each, difference, rgb, seen_rgb
from tests.samples.pictures import encoded, noise, picture
from tests.scenarios.conftest import (
    PNG,
    BotProcess,
    Stage,
    asked,
    described,
    moved_on,
    replied,
    stage_tick,
)
from tests.scenarios.test_monitor import WELL, watched

TOO_LONG = "me.heic takes too long to open. Nothing was charged; please send another"


def bomb() -> File:
    """A picture that takes very long to decode."""
    return File("me.heic", endless_heic(), "image/heic")


SOON_S = 15.0  # a stop waits five seconds for what runs
SENDING = {"JOBS_PER_MEMBER": "1000"}


async def given_to(stage: Stage, app: App, words: str, *messages: Message) -> None:
    """Let what is due later come, until one of the replies says so."""
    async with asyncio.timeout(30):
        while not any(words in described(each) for each in messages):
            stage.discord.advance(seconds=3)
            await stage_tick(app)


def kept(stage: Stage) -> set[str]:
    """The keys of all files in the archive."""
    return {each.name for each in (stage.data_dir / "archive").rglob("*") if each.is_file()}


async def test_one_members_hostile_pictures_hold_nobody_else_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.files.turns.SLICE_S", 0.2)
    stage.settings |= SENDING
    eve, mei = stage.member("Eve"), stage.member()
    async with stage.bot():
        hostile = [replied(await stage.slash(eve, image=bomb())) for _ in range(12)]
        for _job in range(2):
            await stage.ended(replied(await stage.slash(mei)), within_s=15)
        assert {described(each) for each in hostile} == {"**Waiting for a turn**"}
    assert len(stage.studio.posts) == 2


async def test_a_picture_that_takes_too_long_is_refused_and_costs_nothing(stage: Stage) -> None:
    async with stage.bot() as app:
        app.worker._steps.intake._looks._pictures._limits = Limits(wall_s=0.2)
        told = await stage.refused(replied(await stage.slash(stage.member("Eve"), image=bomb())))
    assert told.startswith(TOO_LONG)
    assert (stage.studio.posts, kept(stage)) == ([], set())


async def test_what_ends_the_process_is_handed_over_again_but_not_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, shared_helper: type[Helper]
) -> None:
    ask, left = shared_helper.ask, [0]

    async def ends(helper: Helper, line: bytes) -> bytes:
        """So many times there is no answer."""
        left[0] -= 1
        return b"" if left[0] >= 0 else await ask(helper, line)

    async def killed(_helper: Helper) -> int:
        return -9

    monkeypatch.setattr(shared_helper, "ask", ends)
    monkeypatch.setattr(shared_helper, "kill", killed)
    mei = stage.member()
    async with stage.bot() as app:
        left[0] = 2
        await given_to(stage, app, "Done", replied(await stage.slash(mei)))
        left[0] = 3
        refused = replied(await stage.slash(mei))
        await moved_on(stage, app, lambda: refused.is_deleted)
        assert (await stage.refused(refused)).startswith("me.png cannot be opened")
        for number, width in ((1, 180), (2, 190)):
            stage.studio.outputs[number] = (encoded(noise((width, 180)), "PNG"), "image/png")
        stage.discord.announced_upload_limit_bytes = 90_000
        stage.studio.hold("processing")
        paid = replied(await stage.slash(mei))
        await stage.discord.until(lambda: len(stage.studio.posts) == 2)
        left[0] = 3  # of the first of two
        stage.studio.release()
        await given_to(stage, app, "Image 1 is too large for Discord: [the original]", paid)
        row = await app.bot.store.by_message(paid.id)
    assert row
    assert row.handed == ()
    assert "Image 1 is too large for Discord: [the original](<" in described(paid)
    assert [each.filename.rpartition(".")[2] for each in paid.attachments] == ["webp"]
    assert len(stage.studio.posts) == 2


async def test_a_row_says_what_is_looked_at_and_no_longer_once_it_was(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, shared_helper: type[Helper]
) -> None:
    ask, rows = shared_helper.ask, list[Job]()

    async with stage.bot() as app:

        async def watched(helper: Helper, line: bytes) -> bytes:
            rows.append((await app.bot.store._page(""))[0][1])
            return await ask(helper, line)

        monkeypatch.setattr(shared_helper, "ask", watched)
        message = await stage.ended(await asked(stage))
        end = await app.bot.store.by_message(message.id)
    assert end
    assert end.handed == ()
    wanted = end.request.inputs[0].stored
    assert wanted
    assert [row.handed for row in rows] == [(wanted.key,)]


async def test_what_is_refused_is_never_kept_and_what_is_converted_is_kept_once(
    stage: Stage,
) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        for data in (b"just some text", PNG[: len(PNG) // 2], b"\0" * 300_000):
            await stage.refused(replied(await stage.slash(mei, image=File("me.png", data))))
        assert kept(stage) == set()
        heic = File("me.heic", picture("HEIF"))
        last = replied(await stage.slash(mei, image=heic))
        await stage.ended(last)
        job = await app.bot.store.by_message(last.id)
    assert job
    assert kept(stage) == job.stored_keys
    assert list((stage.data_dir / "transfer").iterdir()) == []


async def test_what_a_file_is_is_told_by_its_bytes_alone(stage: Stage) -> None:
    mei = stage.member()
    tiff = encoded(rgb(), "TIFF")
    files = [
        File("photo", tiff),
        File("photo.png", tiff, "application/octet-stream"),
        File("photo.jpg", tiff, "text/plain"),
        File("photo.mp4", tiff),
    ]
    async with stage.bot():
        for file in files:
            question = await mei.post(f"{stage.discord.bot_mention} seed 1", files=[file])
            await stage.ended(await stage.reply_to(question))
    parts = [next(each for each in post.parts if each.filename) for post in stage.studio.posts]
    assert [(each.filename, each.content_type) for each in parts] == [
        ("photo.png", "image/png")
    ] * 4
    assert difference(at_the_middle_of_each(parts[0].data), seen_rgb(COLOURS)) == 0


async def test_a_members_pictures_and_the_archive_have_a_ceiling(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.settings |= {"MIB_PER_MEMBER_PER_DAY": "0.3"}
    mei, large = stage.member(), File("me.png", encoded(noise((400, 300)), "PNG"))
    async with stage.bot() as app:
        await stage.ended(replied(await stage.slash(mei, image=large)))
        told = await stage.refused(replied(await stage.slash(mei)))
        assert told.startswith("You have sent 0.3 MiB of pictures within 24")
        await stage.ended(replied(await stage.slash(stage.member("Ana"))))
        stage.discord.advance(minutes=25 * 60)
        stage.studio.hold("processing")
        waits = replied(await stage.slash(mei))
        await stage.discord.until(lambda: len(stage.studio.posts) == 3)
        monkeypatch.setattr(room, "FREE_BYTES", 2**60)
        stage.studio.release()
        await stage.discord.until(lambda: "Saving the images" in described(waits))
        told = await stage.refused(replied(await stage.slash(stage.member("Bob"))))
        assert told.startswith("The bot has no room left for pictures.")
        monkeypatch.setattr(room, "FREE_BYTES", 0)
        await given_to(stage, app, "Done", waits)
    assert len(waits.attachments) == 2
    assert len(stage.studio.posts) == 3


async def test_a_job_waits_where_nothing_can_look_at_its_picture(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Helper.begun

    async def fails(_limits: Limits) -> Helper:
        raise NotBegun("it does not begin")

    monkeypatch.setattr(Helper, "begun", fails)
    async with watched(stage) as watch:
        message = await asked(stage)
        looks = watch.app.worker._steps.intake._looks._pictures
        await stage.discord.until(lambda: looks.fault)
        assert await watch.health() == (503, WELL | {"pictures": "it does not begin"})
        monkeypatch.setattr(Helper, "begun", begun)
        await given_to(stage, watch.app, "Done", message)
        assert await watch.health() == (200, WELL)


def lookers(bot: BotProcess) -> set[int]:
    """The processes that look at pictures for this bot."""
    children = (pid for pid, (_, parent) in processes().items() if parent == bot.process.pid)
    return {pid for pid in children if b"bot.files.looking" in command_of(pid)}


def processes() -> dict[int, tuple[str, int]]:
    """The state and the parent of each."""
    found = {}
    for about in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent, *_ = about.read_text().rpartition(") ")[2].split()
            found[int(about.parent.name)] = (state, int(parent))
    return found


def command_of(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.05)


async def test_nothing_is_lost_where_the_process_or_the_bot_is_killed_while_it_looks(
    stage: Stage,
) -> None:
    async with stage.process(name="one") as one:
        bad = replied(await stage.slash(stage.member("Eve"), image=bomb()))
        await until(lambda: lookers(one))
        (first,) = lookers(one)
        os.kill(first, signal.SIGKILL)
        await stage.ended(replied(await stage.slash(stage.member())))
        await until(lambda: lookers(one) - {first})
        (second,) = lookers(one)
        await one.kill()
        await until(lambda: processes().get(second, ("Z", 1))[0] == "Z")
    async with stage.process(name="two") as two:
        await stage.ended(replied(await stage.slash(stage.member())))
        await until(lambda: lookers(two))
        began_s = time.monotonic()
        assert await two.terminate() == 0
        assert time.monotonic() - began_s < SOON_S
    assert described(bad) == "**Waiting for a turn**"
    assert len(stage.studio.posts) == 2
