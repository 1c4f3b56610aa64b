"""*Cancel*: what is not sent yet is never charged, and nothing of what was cancelled is posted."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from bot.app import App
from bot.jobs.job import Job, JobStatus
from bot.jobs.store import JobStore
from bot.sandbox.discord import server
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.interactions import UPDATE_LATER, InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.trouble import Pause
from bot.settings import Settings
from tests.scenarios.conftest import (
    Stage,
    custom_ids,
    described,
    has_files,
    replied,
)
from tests.scenarios.tables import are_at_rest
from tests.scenarios.test_shared import LOST

T = TypeVar("T")
UNCHARGED = "**Cancelled.** Nothing was charged."
UNPOSTED = (
    "**Cancelled** after it was sent, so it was charged. Its images are kept, and not posted."
)
GOES_ON = (
    "**Cancelled** after it was sent: it goes on at the service, and was charged. Its images will be"
    " kept, and not posted."
)


async def pressed(member: Member, message: Message, label: str) -> InteractionHandle:
    return await (await member.press(message, label)).responded()


async def said(member: Member, message: Message, label: str) -> str:
    """The sentence that only who pressed sees."""
    handle = await pressed(member, message, label)
    assert handle.ephemeral
    return replied(handle).content


async def until(stage: Stage, message: Message, words: str) -> None:
    await stage.discord.until(lambda: words in described(message), within_s=20)


async def row_of(stage: Stage, message: Message) -> Job:
    settings = Settings.from_env(stage.environment())
    async with JobStore.open(settings.database_url) as store:
        found = await store.by_message(message.id)
    assert found
    return found


async def at_rest(app: App, message: Message) -> Job:
    """The row once nothing is left to do."""

    async def ended() -> Job | None:
        found = await app.bot.store.by_message(message.id)
        if found is None or not found.is_terminal or not await are_at_rest(app, found.id):
            return None
        return await app.bot.store.get(found.id)

    return await eventually(ended)


async def eventually(found: Callable[[], Awaitable[T | None]]) -> T:
    """What is found once it is true: of rows and files nobody is told that they change."""
    async with asyncio.timeout(20):
        while not (result := await found()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return result


async def test_what_is_not_sent_yet_ends_at_once_and_is_never_sent(stage: Stage) -> None:
    mei, ian = stage.member(), stage.member("Ian")
    pause = stage.discord.pause(server.DOWNLOAD)
    async with stage.bot() as app:
        message = replied(await stage.slash(mei))
        await pause.reached()
        assert await said(ian, message, "Cancel") == "Only who asked for this can cancel it."
        assert (await pressed(mei, message, "Cancel")).response == UPDATE_LATER
        await until(stage, message, UNCHARGED)
        pause.release()
        job = await at_rest(app, message)
        with pytest.raises(ClientRefused):
            await mei.press(message, "Cancel")
    assert (job.status, job.request.inputs[0].stored) == (JobStatus.CANCELLED, None)
    assert stage.studio.attempts == []


async def test_what_the_service_has_goes_on_and_is_kept_for_who_asked(stage: Stage) -> None:
    mei, ian = stage.member(), stage.member("Ian")
    stage.studio.hold("processing")
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001"
    async with stage.bot() as app:
        message = replied(await stage.slash(mei))
        await until(stage, message, "Working")
        assert await said(mei, message, "Cancel") == GOES_ON
        await until(stage, message, GOES_ON)
        assert [each.partition(":")[0] for each in custom_ids(message)] == ["more"]
        stage.studio.release()
        await until(stage, message, UNPOSTED)
        job = await at_rest(app, message)
        told = await pressed(ian, message, "More…")
        refusal = "Only who asked for this can see what was not posted."
        assert await said(ian, replied(told), "Originals") == refusal
        told = await pressed(mei, message, "More…")
        found = replied(await pressed(mei, replied(told), "Originals"))
        await stage.discord.until(lambda: len(found.attachments) == 2)
    assert [output.stored is not None for output in job.outputs] == [True, True]
    ours = [m for m in stage.discord.messages() if m.author.is_bot]
    assert [m.attachments for m in ours] == [[]]  # and no notice
    assert stage.seeds().count(job.request.seed) == 1


async def test_images_that_are_about_to_be_posted_are_taken_away_again(stage: Stage) -> None:
    mei = stage.member()
    stage.studio.endpoints["PrOhEE"] = 12
    pause = stage.discord.pause(server.EDIT_BY_TOKEN, match=has_files)
    async with stage.bot() as app:
        message = replied(await stage.slash(mei))
        await pause.reached()
        assert await said(mei, message, "Cancel") == GOES_ON
        pause.release()
        await until(stage, message, UNPOSTED)
        job = await at_rest(app, message)
    assert job.status is JobStatus.CANCELLED
    ours = [m for m in stage.discord.messages() if m.author.is_bot]
    assert [(m.id, m.attachments) for m in ours] == [(message.id, [])]


@pytest.mark.parametrize(
    ("trouble", "end", "attempts"),
    [
        ({}, UNPOSTED, 1),
        ({"status": 429}, UNCHARGED, 1),
        ({"status": 500}, "It may have been charged", 1),
        ({"status": 402}, "Nothing was charged", 1),
    ],
    ids=str,
)
async def test_cancelled_while_it_is_being_sent_the_answer_says_whether_it_was_charged(
    stage: Stage, trouble: dict[str, Any], end: str, attempts: int
) -> None:
    mei = stage.member()
    if trouble:
        stage.studio.fail_next("submit", **trouble)
    pause = stage.studio.pause("submit")
    async with stage.bot() as app:
        message = replied(await stage.slash(mei))
        await pause.reached()
        assert await said(mei, message, "Cancel") == GOES_ON
        pause.release()
        await until(stage, message, end)
        await at_rest(app, message)
    assert message.attachments == []
    assert len(stage.studio.attempts) == attempts


Moment = Callable[[Stage], Pause]
MOMENTS: dict[str, tuple[Moment, str]] = {
    "before the input comes": (lambda s: s.discord.pause(server.DOWNLOAD), UNCHARGED),
    "after a question": (lambda s: s.studio.pause("status", when="after"), UNPOSTED),
    "before image 1 is saved": (lambda s: s.studio.pause("download"), UNPOSTED),
    "before the files are there": (
        lambda s: s.discord.pause(server.EDIT_BY_TOKEN, match=has_files),
        UNPOSTED,
    ),
}


@pytest.mark.parametrize("name", MOMENTS)
async def test_killed_after_the_press_was_answered_it_stays_cancelled(
    stage: Stage, name: str
) -> None:
    pause_at, end = MOMENTS[name]
    pause = pause_at(stage)
    mei = stage.member()
    async with stage.process() as bot:
        message = replied(await stage.slash(mei))
        await pause.reached()
        await pressed(mei, message, "Cancel")
        await bot.kill()
    pause.drop()
    async with stage.process():
        await until(stage, message, end)
        await stage.discord.until(lambda: not message.attachments)
    assert len(stage.studio.attempts) == (end != UNCHARGED)


async def test_killed_before_a_press_is_answered_it_is_cancelled_or_not(stage: Stage) -> None:
    mei = stage.member()
    waiting = stage.discord.pause(server.DOWNLOAD)
    async with stage.process() as bot:
        message = replied(await stage.slash(mei))
        await waiting.reached()
        pause = stage.discord.pause(server.CALLBACK)
        await mei.press(message, "Cancel")
        await pause.reached()
        await bot.kill()
    waiting.drop()
    pause.drop()
    assert (await row_of(stage, message)).status is JobStatus.CANCELLED
    async with stage.process():
        await until(stage, message, UNCHARGED)
    assert stage.studio.attempts == []
    assert re.match(r"\*\*Cancelled", described(message))


async def test_another_process_cancels_what_a_standing_one_was_about_to_send(
    stage: Stage, postgresql_url: str
) -> None:
    stage.settings["DATABASE_URL"] = postgresql_url
    mei = stage.member()
    pause = stage.discord.pause(server.DOWNLOAD, when="after")
    async with stage.process(name="first") as first:
        message = replied(await stage.slash(mei))
        await pause.reached()
        first.stop()
        async with stage.process(name="second"):
            await pressed(mei, message, "Cancel")
            await until(stage, message, UNCHARGED)
            pause.release()
            first.go_on()
            await stage.discord.until(lambda: LOST in first.log.read_text(), within_s=20)
    assert stage.studio.attempts == []
    assert described(message) == UNCHARGED
