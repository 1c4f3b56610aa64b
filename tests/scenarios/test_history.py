"""`/history`: the member's own, found again, shown again, run again and deleted."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from bot.discord.showing import NOT_NOW
from bot.errors import DiscordError
from bot.jobs.job import JobStatus, Place
from bot.jobs.wishes import MOST_AGAIN, NOT_KEPT
from bot.sandbox.discord import server
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.requests import Exchange
from tests.samples.pictures import encoded, noise
from tests.scenarios.conftest import COMMAND, Stage, described, replied
from tests.scenarios.test_cancel import at_rest, pressed, said
from tests.scenarios.test_delete import delete, ours
from tests.scenarios.test_originals import hidden_from_others
from tests.scenarios.test_who_may import NOT_KNOWN

FETCH = "GET /webhooks/{application_id}/{token}/messages/{message_id}"


async def history(member: Member) -> Message:
    handle = await (await member.slash("history")).responded()
    assert handle.ephemeral
    return replied(handle)


async def chosen(member: Member, page: Message, number: int) -> Message:
    """What is told of one of the page's jobs."""
    select = page.components[0]["components"][0]
    value = select["options"][number - 1]["value"]
    handle = await (await member.choose(page, "history-one", value)).responded()
    assert handle.ephemeral
    return replied(handle)


def labels(message: Message) -> list[str]:
    return [each.get("label", "") for row in message.components for each in row["components"]]


async def test_it_finds_what_was_cancelled_or_lost_its_message_and_shows_it_again(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 11
    mei, ian = stage.member(), stage.member("Ian")
    async with stage.bot() as app:
        lost = await stage.ended(replied(await stage.slash(mei)))
        await at_rest(app, lost)
        await stage.discord.delete_message(lost)
        stage.studio.endpoints["PrOhEE"] = 1
        stage.studio.hold("processing")
        cancelled = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(cancelled))
        await pressed(mei, cancelled, "Cancel")
        stage.studio.release()
        await at_rest(app, cancelled)
        assert (await history(ian)).content == "You have asked for nothing yet."
        page = await history(mei)
        await stage.discord.until(lambda: len(page.attachments) == 2)
        first, _, second, _ = page.content.splitlines()
        assert (first, second) == ("**1.** CNY-SnakeYear", "**2.** CNY-SnakeYear")
        assert "cancelled, 1 image kept" in page.content
        before = len(ours(stage))
        told = await chosen(mei, page, 2)
        assert labels(told) == ["Show again here", "Run again", "Originals", "Delete"]
        shown = replied(await pressed(mei, told, "Show again here"))
        assert not shown.is_ephemeral
        await stage.discord.until(lambda: [len(m.attachments) for m in ours(stage)[-2:]] == [10, 1])
        assert labels(shown) == ["Run again", "Change…", "Use as input…", "More…"]
        again = replied(await pressed(mei, await chosen(mei, page, 1), "Run again"))
        await stage.ended(again)
        told = await chosen(mei, page, 2)
        await pressed(mei, told, "Delete")
        await pressed(mei, told, "Delete")
        await stage.discord.until(lambda: shown.is_deleted)
        await stage.discord.until(lambda: len(ours(stage)) == before + 1)
        page = await history(mei)
        assert "11 images" not in page.content


async def test_pages_are_turned_after_a_restart_and_late_pictures_go_to_no_other_page(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 1
    mei = stage.member()
    async with stage.bot() as app:
        message = await stage.ended(replied(await stage.slash(mei)))
        job = await at_rest(app, message)
        for number in range(7):
            origin = replace(job.origin, key=f"{number}")
            at = job.created_at + timedelta(seconds=number + 1)
            posted = replace(job.posted, message_ids=())
            row = replace(job, id=uuid4().hex, origin=origin, created_at=at, posted=posted)
            await app.bot.store.add(row, lambda _usage: None)
        page = await history(mei)
        assert (page.content.count("**"), labels(page)[1:]) == (10, ["Older"])
    pause = stage.discord.pause(FETCH)
    async with stage.bot():
        await pressed(mei, page, "Older")
        assert (page.content.count("**"), labels(page)[1:]) == (6, ["Newer"])
        await pause.reached()
        await pressed(mei, page, "Newer")
        await stage.discord.until(lambda: len(page.attachments) == 5)
        assert [each.filename for each in page.attachments] == [f"{n}.webp" for n in range(1, 6)]
        assert page.content.count("**") == 10
        pause.release()
        another = await history(mei)
        await stage.discord.until(lambda: len(another.attachments) == 5)
    found = {(each.content.count("**") // 2, len(each.attachments)) for each in page.revisions}
    assert found == {(5, 0), (5, 5), (3, 0)}


async def test_what_is_shown_again_fits_is_allowed_there_and_is_not_deleted_meanwhile(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 1
    stage.studio.outputs[1] = (encoded(noise((300, 300)), "PNG"), "image/png")
    mei, guild = stage.member(), stage.discord.guild
    async with stage.bot() as app:
        job = await at_rest(app, await stage.ended(replied(await stage.slash(mei))))
        stage.discord.announced_upload_limit_bytes = 100_000
        told = await chosen(mei, await history(mei), 1)
        shown = replied(await pressed(mei, told, "Show again here"))
        await stage.discord.until(lambda: shown.attachments)
        assert stage.discord.file(shown.attachments[0]).startswith(b"RIFF")

        pause = stage.discord.pause(server.CALLBACK, when="after")
        pressing = asyncio.create_task(mei.press(told, "Show again here"))
        await pause.reached()
        await app.bot.store.change(
            job.id, lambda row: row.moved(JobStatus.DELETED, at=app.bot.now())
        )
        pause.release()
        late = replied(await pressing)
        await stage.discord.until(lambda: late.is_deleted and shown.is_deleted)
        assert NOT_KEPT in [m.content for m in hidden_from_others(stage)]

        await stage.ended(replied(await stage.slash(mei)))
        await stage.discord.set_command_permissions(guild, COMMAND, [("user", mei.id, False)])
        told = await chosen(mei, await history(mei), 1)
        refused = replied(await pressed(mei, told, "Show again here"))
        assert refused.is_ephemeral
        assert refused.content.startswith(("You may not use", NOT_KNOWN))


async def test_of_what_is_shown_again_nothing_stays_that_a_delete_would_not_find(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 11
    mei = stage.member()
    async with stage.bot() as app:
        job = await at_rest(app, await stage.ended(replied(await stage.slash(mei))))
        page, before = await history(mei), ours(stage)
        await stage.discord.until(lambda: page.attachments)
        told = await chosen(mei, page, 1)

        async def refused(again: int) -> str:
            """What is said of one more, where it was shown again so often; nothing of it stays."""
            ids = range(again * MOST_AGAIN, again * MOST_AGAIN + again)
            known = tuple(Place(channel_id=1, guild_id=2, message_id=each) for each in ids)
            posted = replace(job.posted, again=known)
            await app.bot.store.change(job.id, lambda row: replace(row, posted=posted))
            count = len(hidden_from_others(stage))
            await mei.press(told, "Show again here")
            await stage.discord.until(lambda: len(hidden_from_others(stage)) > count)
            return hidden_from_others(stage)[-1].content

        assert "too often" in await refused(MOST_AGAIN)
        assert ours(stage) == before
        stage.discord.fail_next(server.CALLBACK, status=500, is_after=True)
        stage.discord.fail_next(FETCH, status=403, code=50013)
        assert await refused(0) == NOT_NOW
        assert ours(stage) == before
        assert "too often" in await refused(MOST_AGAIN - 1)
        (shown,) = ours(stage)[len(before) :]
        row = await app.bot.store.by_message(shown.id)
    assert row
    assert row.posted.again[-1].message_id == shown.id


async def test_while_images_are_on_their_way_to_a_member_no_more_are_begun(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        message = await stage.ended(replied(await stage.slash(mei)))
        told = replied(await pressed(mei, message, "More…"))
        found = await chosen(mei, await history(mei), 1)
        with app.bot.handing.one(mei.id), app.bot.handing.one(mei.id):
            for button, where in (("Originals", told), ("Show again here", found)):
                assert (await said(mei, where, button)).startswith("Images are on their way to you")
        await pressed(mei, told, "Originals")
        for is_after in (True, False):  # the answer is lost, and stands there or does not
            stage.discord.fail_next(server.CALLBACK, is_reset=True, is_after=is_after)
            shown = replied(await pressed(mei, found, "Show again here"))
            if is_after:
                await stage.discord.until(lambda: len(shown.attachments) == 2)  # noqa: B023
    assert shown.content == DiscordError.user_message


def is_for_all(exchange: Exchange) -> bool:
    """For a pause: an answer that everybody sees."""
    return not exchange.body["data"].get("flags")


async def test_killed_as_it_is_shown_again_a_delete_finds_it_all_the_same(stage: Stage) -> None:
    stage.studio.endpoints["PrOhEE"] = 1
    mei = stage.member()
    async with stage.process() as bot:
        await stage.ended(replied(await stage.slash(mei)))
        told = await chosen(mei, await history(mei), 1)
        pause = stage.discord.pause(server.CALLBACK, when="after", match=is_for_all)
        pressing = asyncio.create_task(mei.press(told, "Show again here"))
        await pause.reached()
        await bot.kill()
        pause.drop()
        await pressing
    assert len(ours(stage)) == 2
    async with stage.process():
        await delete(mei, ours(stage)[-1])
        await stage.discord.until(lambda: not ours(stage), within_s=20)
