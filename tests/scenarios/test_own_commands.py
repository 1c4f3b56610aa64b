"""`/help`, `/privacy` and `/forget-me`: answered to the member alone, and done through a restart."""

import pytest
import sqlalchemy as sa

from bot.endpoints.own import HERE
from bot.jobs.database import Database
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.settings import Settings
from tests.scenarios.conftest import PUBLISHED, Stage, described, moved_on, png, replied
from tests.scenarios.test_cancel import eventually, pressed, row_of
from tests.scenarios.test_delete import DELETE, kept, ours
from tests.scenarios.test_history import chosen, history
from tests.scenarios.test_storage import once_failing


async def asked(member: Member, name: str) -> Message:
    """What the bot's own command answers, which nobody else sees."""
    handle = await (await member.slash(name)).responded()
    assert handle.ephemeral
    return replied(handle)


async def rows(stage: Stage, member: Member) -> list[str]:
    """The ids of all that the table has of the member, deleted or not."""
    settings = Settings.from_env(stage.environment())
    theirs = sa.select(jobs.c.id).where(jobs.c.user_id == member.id)
    async with Database.open(settings.database_url) as database:
        return await database.run(lambda db: [*db.execute(theirs).scalars()])


async def test_a_member_is_forgotten_through_a_restart_and_nobody_else(stage: Stage) -> None:
    stage.studio.endpoints["PrOhEE"] = 12
    mei, ian = stage.member(), stage.member("Ian")
    pause = stage.discord.pause(DELETE, when="after")
    async with stage.process() as bot:
        others = await stage.ended(replied(await stage.slash(ian)))
        await stage.ended(replied(await stage.slash(mei)))
        told = await chosen(mei, await history(mei), 1)
        shown = replied(await pressed(mei, told, "Show again here"))
        await stage.discord.until(lambda: len(shown.attachments) == 10)
        stage.studio.hold("processing")
        running = replied(await stage.slash(mei))
        await stage.discord.until(lambda: "Working" in described(running))
        question = await asked(mei, "forget-me")
        assert question.content.startswith("Forget all that the bot keeps of you?")
        await pressed(mei, question, "Forget me")
        assert (question.content[:24], question.components) == ("You are being forgotten:", [])
        await pause.reached()
        await bot.kill()
    pause.drop()
    async with stage.process():
        await stage.discord.until(
            lambda: {m.id for m in ours(stage)} >= {running.id} and shown.is_deleted, within_s=20
        )
        stage.studio.release()
        await stage.discord.until(lambda: running.is_deleted, within_s=20)

        async def is_forgotten() -> bool:
            return await rows(stage, mei) == []

        await eventually(is_forgotten)
    assert len(ours(stage)) == 2
    assert len(others.attachments) == 10
    assert kept(stage) == (await row_of(stage, others)).stored_keys
    assert await rows(stage, ian) == [(await row_of(stage, others)).id]


async def test_a_reply_whose_id_was_not_noted_is_found_and_goes_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        monkeypatch.setattr(JobStore, "change", once_failing(JobStore.change))
        message = replied(await stage.slash(mei))
        monkeypatch.setattr(JobStore, "change", once_failing(JobStore.change))
        reply = await stage.reply_to(await mei.post(stage.discord.bot_mention, files=[png()]))
        question = await asked(mei, "forget-me")
        await pressed(mei, question, "Forget me")
        await moved_on(stage, app, lambda: message.is_deleted and reply.is_deleted)

        async def is_forgotten() -> bool:
            stage.discord.advance(seconds=1)
            app.worker.wake()
            return await rows(stage, mei) == []

        await eventually(is_forgotten)
    assert (ours(stage), stage.studio.attempts) == ([], [])


async def test_help_names_each_command_to_click_and_privacy_says_for_how_long(
    stage: Stage,
) -> None:
    guild = stage.discord.guild
    stage.settings |= {"GUILD_IDS": f"{guild.id}", "KEEP_DAYS": "14"}
    mei = stage.member()
    async with stage.bot():
        assert stage.discord.commands.names(guild.id) == PUBLISHED
        ids = {each["name"]: each["id"] for each in stage.discord.commands.of(guild.id)}
        lines = (await asked(mei, "help")).content.splitlines()[1:]
        assert lines[0] == f"</cny-snakeyear:{ids['cny-snakeyear']}> – Run CNY-SnakeYear"
        names = [line.partition(":")[0].removeprefix("</") for line in lines]
        assert names == [each for each in PUBLISHED if each != HERE]
        assert "For 14 days" in (await asked(mei, "privacy")).content
