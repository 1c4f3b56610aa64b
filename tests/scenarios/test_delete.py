"""*Delete*: what is there of a result goes for good, and nothing of anybody else's."""

import pytest

from bot.app import App
from bot.jobs.job import Job, JobStatus
from bot.jobs.wishes import Presser
from bot.sandbox.discord import server
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.permissions import PERMISSIONS
from tests.scenarios.conftest import Stage, described, has_files, moved_on, replied
from tests.scenarios.test_cancel import at_rest, eventually, pressed, said

NOT_THEIRS = "Only who asked for this, or who may manage messages here, can delete it."
NOT_KEPT = "The picture of this job is no longer kept; please send it again."
WITHDRAW = "DELETE /channels/{channel_id}/messages/{message_id}"
DELETE = "DELETE /webhooks/{application_id}/{token}/messages/{message_id}"


async def more(member: Member, message: Message) -> Message:
    return replied(await pressed(member, message, "More…"))


async def delete(member: Member, message: Message) -> None:
    """The member deletes the result: asked once more, they mean it."""
    told = await more(member, message)
    await pressed(member, told, "Delete")
    assert told.content.startswith("Delete this for good?")
    await pressed(member, told, "Delete")
    assert (told.content, told.components) == ("It is deleted.", [])


def ours(stage: Stage) -> list[Message]:
    return [m for m in stage.discord.messages() if m.author.is_bot]


def kept(stage: Stage) -> set[str]:
    """The keys of the files in the archive."""
    return {path.name for path in (stage.data_dir / "archive").glob("??/*")}


def inputs(job: Job) -> set[str]:
    return {each.stored.key for each in job.request.inputs if each.stored}


async def has_lost(app: App, message: Message) -> bool:
    job = await app.bot.store.by_message(message.id)
    return job is not None and not job.can_run_again


async def test_messages_and_pictures_go_and_what_was_run_again_from_it_loses_its_own(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 12
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001"
    mei, ian, zed = (stage.member(name) for name in ("Mei", "Ian", "Zed"))
    async with stage.bot() as app:
        message = replied(await stage.slash(mei))
        before = await at_rest(app, message)
        stage.studio.endpoints["PrOhEE"] = 1
        again = replied(await pressed(ian, message, "Run again"))
        await at_rest(app, again)
        once_more = replied(await pressed(zed, again, "Run again"))
        own = replied(await stage.slash(zed))  # the same picture, sent by themselves
        for each in (once_more, own):
            await at_rest(app, each)
        there = len(ours(stage))
        await delete(mei, message)
        await stage.discord.until(lambda: len(ours(stage)) == there - 3)
        after = await at_rest(app, message)
        for each in (again, once_more):
            assert await has_lost(app, each)
            assert await said(zed, each, "Run again") == NOT_KEPT
        assert before.stored_keys & kept(stage) == inputs(before)
        await delete(zed, own)
        await at_rest(app, own)
    assert message.is_deleted
    assert not inputs(before) & kept(stage)
    assert (after.status, after.request.values, after.outputs) == (JobStatus.DELETED, (), ())
    assert len(again.attachments) == 1


async def test_who_may_manage_messages_there_deletes_it_and_nobody_else(stage: Stage) -> None:
    mei, ian, moderator = (stage.member(name) for name in ("Mei", "Ian", "Mo"))
    moderator.give(
        stage.discord.add_role(stage.discord.guild, "Mod", PERMISSIONS["manage_messages"])
    )
    async with stage.bot():
        message = await stage.ended(replied(await stage.slash(mei)))
        told = await more(ian, message)
        assert await said(ian, told, "Delete") == NOT_THEIRS
        await delete(moderator, message)
        await stage.discord.until(lambda: message.is_deleted)


async def test_a_job_that_has_not_ended_is_not_offered_to_be_deleted(stage: Stage) -> None:
    mei = stage.member()
    stage.studio.hold("processing")
    async with stage.bot():
        message = replied(await stage.slash(mei))
        assert (await more(mei, message)).components == []


async def test_killed_while_it_is_deleted_nothing_is_left_of_it(stage: Stage) -> None:
    mei = stage.member()
    pause = stage.discord.pause(DELETE, when="after")
    async with stage.process() as bot:
        message = await stage.ended(replied(await stage.slash(mei)))
        await delete(mei, message)
        await pause.reached()
        await bot.kill()
    pause.drop()
    assert kept(stage)
    async with stage.process():
        await stage.discord.until(lambda: not ours(stage), within_s=20)

        async def is_empty() -> bool:
            return not kept(stage)

        await eventually(is_empty)


async def test_of_a_reply_that_a_moderator_deletes_while_it_runs_nothing_is_posted(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 12
    mei = stage.member()
    stage.studio.hold("processing")
    async with stage.bot() as app:
        message = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(message))
        await stage.discord.delete_message(message)
        stage.studio.release()
        job = await at_rest(app, message)
        found = replied(await (await mei.slash("history")).responded())
        assert "could not be posted, 12 images kept" in found.content
    assert (job.status, ours(stage)) == (JobStatus.UNDELIVERABLE, [])
    assert [output.stored is not None for output in job.outputs] == [True] * 12
    assert not any(each.route == server.SEND for each in stage.discord.requests)


@pytest.mark.parametrize("then", ["", "cancelled", "refused", "not taken"])
async def test_of_a_reply_that_is_deleted_as_its_images_come_the_others_go_too(
    stage: Stage, then: str
) -> None:
    stage.studio.endpoints["PrOhEE"] = 22
    pause = stage.discord.pause(server.EDIT_BY_TOKEN, match=has_files)
    mei = stage.member()
    async with stage.bot() as app:
        message = replied(await stage.slash(mei))
        await pause.reached()
        assert [len(each.attachments) for each in ours(stage)] == [0, 10, 2]
        job = await app.bot.store.by_message(message.id)
        assert job
        if then == "refused":
            stage.discord.fail_next(WITHDRAW, status=403, code=50013)
        if then == "not taken":
            stage.discord.fail_next(WITHDRAW, status=401)
        await stage.discord.delete_message(message)
        if then:
            await app.bot.wishes.cancel(job.id, Presser(user_id=mei.id, message_id=message.id))
        pause.release()
        await moved_on(stage, app, lambda: len(ours(stage)) <= (then == "refused"))
        ended = await at_rest(app, message)
    assert ended.is_cancelled is bool(then)
    assert ended.posted.message_ids[1:] == tuple(each.id for each in ours(stage))
