"""The commands are there: held against what Discord has, and put right, however they were lost."""

import logging

import pytest

from bot.discord.publishing import NO_USERS
from bot.sandbox.discord.places import Guild
from bot.shell.check import check
from tests.scenarios.conftest import COMMAND, PUBLISHED, Stage
from tests.scenarios.test_monitor import WELL, checked, watched

LIMIT = (
    "everywhere: status 429, code 30034: Max number of daily application command creates has been"
    " reached (200)"
)
LACKING = (
    f"note  Discord does not have these commands as they are here: everywhere: /{COMMAND}, /e199,"
    " /forget-me, /help, /history, /privacy, /studio-here. The bot tells it at each start, and then each hour; its log says why where that fails"
)


async def test_what_discord_does_not_have_is_put_there_at_each_start(stage: Stage) -> None:
    commands = stage.discord.commands
    async with stage.bot():
        pass
    for lost in (
        [],
        [{"name": "other", "description": "x"}],
        [commands.of(None)[0] | {"options": []}],
    ):
        commands.replace(None, lost)
        async with stage.bot():
            (found,) = (each for each in commands.of(None) if each["name"] == COMMAND)
            assert len(found["options"]) == 3
            assert commands.names() == PUBLISHED


async def test_a_servers_commands_are_there_again_once_the_bot_is(stage: Stage) -> None:
    here, there = stage.discord.guild, stage.discord.add_guild("There")
    await stage.discord.bot_leaves(there)
    stage.settings["GUILD_IDS"] = f"{here.id},{there.id}"
    commands = stage.discord.commands
    async with stage.bot() as app:
        assert commands.scopes() == {here.id}
        assert "Missing Access" in (app.bot.publisher.fault() or "")
        await stage.discord.bot_joins(there)
        await stage.discord.until(lambda: commands.scopes() == {here.id, there.id})
        await leave_and_come_back(stage, here)
        await stage.discord.until(lambda: commands.scopes() == {here.id, there.id})
        await stage.discord.until(lambda: app.bot.publisher.fault() is None)


async def leave_and_come_back(stage: Stage, guild: Guild) -> None:
    await stage.discord.bot_leaves(guild)
    assert guild.id not in stage.discord.commands.scopes()
    await stage.discord.bot_joins(guild)


async def test_discords_daily_limit_is_named_where_one_looks_and_waited_out(
    stage: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING)
    discord = stage.discord
    for first in (0, 100):
        discord.commands.replace(None, [{"name": f"e{first + n}"} for n in range(100)])
    discord.commands.replace(None, [{"name": "e199"}])
    async with watched(stage) as watch:
        assert await watch.health() == (200, WELL | {"commands": LIMIT})
        assert (await watch.metrics()).value("commands_unpublished") == 1
        assert await check(stage.environment(), online=True) == 0
        assert LACKING in capsys.readouterr().out.splitlines()
        discord.advance(minutes=24 * 60)
        await discord.bot_joins(discord.add_guild("Another"))
        await discord.until(lambda: discord.commands.names() == PUBLISHED)
        await checked(watch, (200, WELL))
        assert (await watch.metrics()).value("commands_unpublished") == 0
    assert [r.getMessage() for r in caplog.records if r.name == "bot.discord.publishing"] == [
        f"the commands could not be published: {LIMIT}"
    ]
    assert await check(stage.environment(), online=True) == 0
    assert "ok    Discord has the commands: everywhere" in capsys.readouterr().out.splitlines()


async def test_who_publishes_other_commands_with_the_same_token_is_told_of(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    commands = stage.discord.commands
    async with stage.bot() as app:
        for others in ([{"name": "paint", "description": "x"}], []):
            await stage.discord.until(lambda: app.bot.publisher.fault() is None)
            commands.replace(None, others)
            app.bot.publisher.wake()
            await stage.discord.until(lambda: commands.names() == PUBLISHED)
    told = [r.getMessage() for r in caplog.records if r.name == "bot.discord.publishing"]
    start = f"somebody else has changed the commands: everywhere: Use this picture…, {COMMAND}, "
    assert [each[: len(start)] for each in told] == [start]


async def test_the_commands_are_for_users_too_once_the_application_is(
    stage: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING)
    stage.settings |= {"USER_INSTALL": "on", "JOBS_PER_DAY": "9"}
    commands, found = stage.discord.commands, []
    for is_set_up in (False, True):
        if is_set_up:
            stage.discord.application.installs.add(1)
        async with stage.bot() as app:
            assert app.bot.publisher.fault() is None
            found.append({(*c["integration_types"], *c["contexts"]) for c in commands.of(None)})
            assert await check(stage.environment(), online=True) == 0
            told = capsys.readouterr().out
            assert (f"note  {NO_USERS}" in told) is not is_set_up
            assert "ok    Discord has the commands: everywhere" in told.splitlines()
    here = (0, 0)  # /studio-here is about a server
    assert found == [{(0, 0, 1), here}, {(0, 1, 0, 1, 2), here}]
    assert [r.getMessage() for r in caplog.records].count(NO_USERS) == 1
