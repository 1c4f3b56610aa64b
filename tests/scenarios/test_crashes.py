"""kill -9 at the worst moments: the same reply ends well, and no job is sent twice."""

import asyncio
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from bot.sandbox.discord import server
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.requests import Exchange
from bot.sandbox.trouble import Pause, anything
from tests.scenarios.conftest import COMMAND, RERUN, ROOT, Stage, described, has_files, png, replied

MAYBE = (
    "**Failed.** The bot could not see whether the service took this job. It may have been charged,"
    " so it was not sent twice. Run it again if you want to."
)


async def killed_at(
    stage: Stage,
    pause: Pause,
    *,
    is_answered: bool = True,
    mei: Member | None = None,
    **options: Any,
) -> Message | None:
    """Mei's command, whose bot is killed where the pause is; then the pause ends."""
    mei = mei or stage.member()
    async with stage.process() as bot:
        handle = await mei.slash(COMMAND, image=png(), seed=20, **options)
        if is_answered:
            await handle.responded()
        await pause.reached()
        await bot.kill()
    pause.drop()
    return handle.message


async def restarted(stage: Stage, message: Message) -> Message:
    """The reply at the end of its job, after one more start."""
    async with stage.process():
        return await stage.ended(message)


async def test_killed_between_row_and_answer_nothing_is_charged(stage: Stage) -> None:
    pause = stage.discord.pause(server.CALLBACK)
    message = await killed_at(stage, pause, is_answered=False)
    assert message is None
    async with stage.process():
        await looked_for_reply(stage)
        mei = stage.member()
        await stage.ended(stage.discord.message((await stage.slash(mei)).message_id or 0))
    assert len(stage.studio.posts) == 1


async def test_killed_before_the_id_is_noted_the_reply_is_found_after_its_token_is_over(
    stage: Stage,
) -> None:
    message = await killed_at(stage, stage.discord.pause(server.CALLBACK, when="after"))
    assert message
    stage.discord.advance(minutes=16)  # of which the bot's own process knows nothing
    await restarted(stage, message)
    assert len(message.attachments) == 2
    assert stage.seeds() == ["20"]


async def test_a_bot_in_another_process_learns_that_a_token_is_over(stage: Stage) -> None:
    stage.studio.hold("processing")
    async with stage.process():
        message = replied(await stage.slash(stage.member()))
        await stage.discord.until(lambda: "Working" in described(message))
        stage.discord.advance(minutes=16)
        stage.studio.release()
        await stage.ended(message)
    assert 401 in {each.status for each in stage.discord.requests}
    assert len(message.attachments) == 2


async def looked_for_reply(stage: Stage) -> None:
    """The bot has asked Discord for the reply that never was."""
    await stage.discord.until(
        lambda: any("@original" in each.path for each in stage.discord.requests)
    )


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Where a bot is killed: the pause that its request meets there, and how many images come."""

    pause: Callable[[Stage], Pause]
    images: int = 2
    notice: bool = False


def at_discord(route: str, when: str, match: Callable[[Exchange], bool] = anything) -> Moment:
    """Before Discord carries a request of the route out, or before it is answered."""
    is_further = route == server.EDIT or match is is_further_line

    def pause(stage: Stage) -> Pause:
        if match is is_state:  # it is shown where a question meets it
            stage.studio.hold("processing")
        return stage.discord.pause(route, when=when, match=match)

    return Moment(
        pause=pause,
        images=12 if is_further else 2,
        notice=match is is_notice,
    )


def at_studio(call: str, when: str, match: Callable[[Any], bool] = anything) -> Moment:
    """Before the service carries a call out, or before it is answered."""
    return Moment(pause=lambda stage: stage.studio.pause(call, when=when, match=match))


def is_state(exchange: Exchange) -> bool:
    return not exchange.files


def is_further_line(exchange: Exchange) -> bool:
    return "part 2 of 2" in exchange.body.get("content", "")


def is_notice(exchange: Exchange) -> bool:
    return "is done" in exchange.body.get("content", "")


def is_second(request: Any) -> bool:
    return str(request.path).endswith("/2")


MOMENTS = {
    "between answer and message id": at_discord(server.CALLBACK, "after"),
    "before the input comes": at_discord(server.DOWNLOAD, "before"),
    "while the input comes": at_discord(server.DOWNLOAD, "after"),
    "before a state is shown": at_discord(server.EDIT_BY_TOKEN, "before", is_state),
    "after a state was shown": at_discord(server.EDIT_BY_TOKEN, "after", is_state),
    "before a question": at_studio("status", "before"),
    "after a question": at_studio("status", "after"),
    "before image 1 is saved": at_studio("download", "before"),
    "between image 1 and 2": at_studio("download", "before", is_second),
    "before image 2 is saved": at_studio("download", "after", is_second),
    "before a further message": at_discord(server.SEND, "before", is_further_line),
    "after a further message": at_discord(server.SEND, "after", is_further_line),
    "between a further message and its files": at_discord(server.EDIT, "before", has_files),
    "after a further message has its files": at_discord(server.EDIT, "after", has_files),
    "before the files are there": at_discord(server.EDIT_BY_TOKEN, "before", has_files),
    "after the files are there": at_discord(server.EDIT_BY_TOKEN, "after", has_files),
    "before the reaction": at_discord(server.REACT, "before"),
    "after the reaction": at_discord(server.REACT, "after"),
    "before the notice": at_discord(server.SEND, "before", is_notice),
    "after the notice": at_discord(server.SEND, "after", is_notice),
}


@pytest.mark.parametrize("name", MOMENTS)
async def test_killed_at_any_moment_the_same_reply_ends_with_the_images(
    stage: Stage, name: str
) -> None:
    moment = MOMENTS[name]
    stage.studio.endpoints["PrOhEE"] = moment.images
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001" if moment.notice else "0"
    message = await killed_at(stage, moment.pause(stage))
    stage.studio.release()
    assert message
    wanted = 1 if moment.images > 10 or moment.notice else 0

    def others() -> list[Message]:
        return [m for m in stage.discord.messages() if m is not message]

    async with stage.process():
        await stage.ended(message)
        await stage.discord.until(lambda: len(others()) >= wanted)
    names = [file.filename for m in (message, *others()) for file in m.attachments]
    assert names == [f"cny-snakeyear-seed20-{n}.jpg" for n in range(1, moment.images + 1)]
    assert len(others()) == wanted
    assert stage.seeds() == ["20"]
    assert [attempt.seed for attempt in stage.studio.attempts] == ["20"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_the_post_is_unanswered_it_is_never_sent_twice(
    stage: Stage, when: str
) -> None:
    message = await killed_at(stage, stage.studio.pause("submit", when=when))
    assert message
    await restarted(stage, message)
    assert described(message) == MAYBE
    assert len([path for method, path, _ in stage.studio.requests if method == "POST"]) == 1


async def test_killed_before_the_services_id_is_written_it_is_never_sent_twice(
    stage: Stage,
) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.process() as bot:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        with locked(stage):
            pause.release()
            await stage.studio.until(lambda: stage.studio.attempts)
            await bot.kill()
    await restarted(stage, message)
    assert described(message) == MAYBE
    assert stage.seeds() == ["20"]


@contextmanager
def locked(stage: Stage) -> Iterator[None]:
    """While the block runs nobody else can write to the database."""
    lock = sqlite3.connect(stage.data_dir / "jobs.sqlite3", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        lock.execute("ROLLBACK")
        lock.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_asked_to_stop_while_an_image_comes_it_is_gone_within_eight_seconds(
    stage: Stage, number: signal.Signals
) -> None:
    pause = stage.studio.pause("download")
    async with stage.process("-m", "bot") as bot:
        message = replied(await stage.slash(stage.member()))
        await pause.reached()
        bot.process.send_signal(number)
        assert await asyncio.wait_for(bot.process.wait(), 8) == 0
    pause.drop()
    await restarted(stage, message)
    assert len(message.attachments) == 2


async def test_stopped_politely_a_job_goes_on_after_the_next_start(stage: Stage) -> None:
    stage.studio.hold("in_queue")
    mei = stage.member()
    async with stage.process() as bot:
        message = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await stage.discord.until(lambda: "In the service's queue" in described(message))
        started = time.monotonic()
        assert await bot.terminate() == 0
        assert time.monotonic() - started < 8
    stage.studio.release()
    await restarted(stage, message)
    assert len(stage.studio.posts) == 1


async def test_asked_to_stop_while_discord_does_not_take_the_token_yet_it_is_gone_at_once(
    stage: Stage,
) -> None:
    pause = stage.discord.pause("GET /users/@me")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", env={"PYTHONPATH": str(ROOT), **stage.environment()}
    )
    await pause.reached()
    process.send_signal(signal.SIGTERM)
    try:
        assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_stopping_waits_for_a_post_in_flight(stage: Stage) -> None:
    pause = stage.studio.pause("submit", when="after")
    mei = stage.member()
    async with stage.process() as bot:
        message = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await pause.reached()
        bot.process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(bot.process.wait(), 6)
        assert bot.process.returncode is None
        pause.release()
        assert await bot.process.wait() == 0
    await restarted(stage, message)
    assert "Done" in described(message)
    assert len(stage.studio.posts) == 1


async def test_a_button_and_a_reaction_work_after_a_restart(stage: Stage) -> None:
    mei = stage.member()
    async with stage.process():
        message = stage.discord.message((await stage.slash(mei)).message_id or 0)
        await stage.ended(message)
    stage.discord.files.clear()  # Discord's links to inputs do not last
    async with stage.process():
        await mei.react(message, RERUN)
        await stage.ended(await stage.reply_to(message))
        handle = await (await mei.press(message, "Run again")).responded()
        again = await stage.ended(stage.discord.message(handle.message_id or 0))
    assert again.reply_to == message.id
    assert len(set(stage.seeds())) == 3
