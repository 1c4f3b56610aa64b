"""`/studio-here`: whose it is, that it is about one server alone, and that what it sets holds."""

from typing import Any

import pytest

from bot.discord import reports
from bot.discord.here import NOT_YOURS, Order, check_written
from bot.endpoints.own import HERE
from bot.errors import Refused
from bot.jobs.bylaws import Bylaws
from bot.sandbox.discord import server
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.permissions import ADMINISTRATOR
from bot.sandbox.discord.places import Channel, Guild
from tests.scenarios.conftest import COMMAND, Stage, described, replied
from tests.scenarios.test_limits import SNAKE
from tests.scenarios.test_who_may import WAYS, result_of
from tests.unit.test_gate import BARRED

MANAGE_GUILD = 1 << 5
PUBLISH = "PUT /applications/{application_id}/commands"


async def told(member: Member, place: Channel, order: Order, /, **options: Any) -> str:
    """What the command answers there, to who gave it alone."""
    handle = await member.slash(f"{HERE} {order}", channel=place, **options)
    answer = replied(await handle.responded())
    assert answer.is_ephemeral
    return answer.content


def manager(stage: Stage, guild: Guild, name: str, permissions: int = MANAGE_GUILD) -> Member:
    """Somebody who may manage a server, and is a member of the first one."""
    member = stage.member(name)
    member.join(guild)
    member.give(stage.discord.add_role(guild, "managers", permissions), guild)
    return member


async def anybody_may_type_it(stage: Stage, *guilds: Guild) -> None:
    """As a server's administrator may set it under *Integrations*."""
    for guild in guilds:
        await stage.discord.set_command_permissions(guild, HERE, [("role", guild.id, True)])


async def test_each_subcommand_is_refused_to_whoever_does_not_manage_that_server(
    stage: Stage,
) -> None:
    discord = stage.discord
    here, there = discord.guild, discord.add_guild("There")
    hall, square = discord.add_channel("hall", there), discord.channel
    mei, ana = stage.member("Mei"), manager(stage, there, "Ana", ADMINISTRATOR)
    ian = manager(stage, here, "Ian")
    given: dict[Order, dict[str, Any]] = {
        Order.LIMIT: {"jobs_per_day": 1},
        Order.BLOCK: {"member": ian.id},
        Order.UNBLOCK: {"member": ian.id},
    }
    async with stage.bot() as app:
        for place in (square, discord.dm_of(mei.user)):
            with pytest.raises(ClientRefused):
                await told(mei, place, Order.STATUS)
        await anybody_may_type_it(stage, here, there)
        for order in Order:
            for member in (mei, ana):
                assert await told(member, square, order, **given.get(order, {})) == NOT_YOURS
        assert app.bot.store.house.rules.bylaws == Bylaws()
        for member, place in ((ian, square), (ana, hall)):
            assert (await told(member, place, Order.STATUS)).startswith("**Queue here**: 0 waiting")


async def test_what_is_set_holds_in_that_server_alone_and_past_a_restart(stage: Stage) -> None:
    discord = stage.discord
    stage.serve(SNAKE | {"credits": 10})
    stage.settings |= {"CREDITS_PER_DAY": "90", "JOBS_PER_DAY": "9"}
    there = discord.add_guild("There")
    hall, square, mei, ana = (
        discord.add_channel("hall", there),
        discord.channel,
        stage.member("Mei"),
        manager(stage, discord.guild, "Ana"),
    )
    mei.join(there)
    ian = manager(stage, there, "Ian")
    async with stage.bot():
        result = await result_of(stage, mei)
        for option, most, setting in (
            ("jobs_per_day", 10, "JOBS_PER_DAY"),
            ("credits_per_member_per_day", 91, "CREDITS_PER_DAY"),
            ("jobs_per_member", 4, "JOBS_PER_MEMBER"),
        ):
            said = await told(ana, square, Order.LIMIT, jobs_per_member_per_day=1, **{option: most})
            assert f"`{setting}` is" in said
            assert "ask the bot's owner to raise it" in said
        assert await told(ana, square, Order.LIMIT) == (
            "No limits are set for this server; what the bot's owner has set holds."
        )
        said = await told(ana, square, Order.LIMIT, jobs_per_member_per_day=1, credits_per_day=30)
        assert said == (
            "Limits of this server: `jobs_per_member_per_day` 1 · `credits_per_day` 30; what the"
            " bot's owner has set holds, too. This holds in all processes within 5 s."
        )
        for way in WAYS:
            discord.advance(minutes=2)  # nobody is told what is wrong twice in a minute
            assert "You have 0 of 1 jobs left in this server" in await way(stage, mei, result)
        more = replied(await (await mei.press(result, "More…")).responded()).content.splitlines()
        assert more[-2:] == [
            "-# you have left in this server: 0 of 1 jobs in 24 hours",
            "-# all members together have left in this server: 20 of 30 credits in 24 hours",
        ]
        await stage.ended(replied(await stage.slash(mei, channel=hall)))
        await told(ana, square, Order.BLOCK, member=ian.id)
    async with stage.bot():
        for way in WAYS:
            discord.advance(minutes=2)
            assert (await way(stage, ian, result)).endswith(BARRED)
        assert described(replied(await stage.slash(ian, channel=hall)))
        status = await told(ana, square, Order.STATUS)
        assert status.splitlines()[2:8] == [
            "**Used here in these 24 hours**: 1 job, 10 credits",
            f"{mei.mention}: 1 job, 10 credits",
            "**Limits of this server**: `jobs_per_member_per_day` 1 · `credits_per_day` 30",
            (
                "**Limits of the bot's owner**: JOBS_PER_MEMBER 3 · CREDITS_PER_DAY 90"
                " · JOBS_PER_DAY 9 · MIB_PER_MEMBER_PER_DAY 2,048"
            ),
            f"**Blocked here**: {ian.mention}",
            "**Troubles are told**: nowhere",
        ]
        assert "**Blocked here**: nobody" in await told(ian, hall, Order.STATUS)
        await told(ana, square, Order.UNBLOCK, member=ian.id)
        said = await told(ana, square, Order.LIMIT, jobs_per_member_per_day=0)
        assert "Limits of this server: `credits_per_day` 30; what" in said
        await stage.ended(replied(await stage.slash(mei)))
        await stage.ended(replied(await stage.slash(ian)))
        assert "all members together have 0 of 30 left in this server" in (
            replied(await stage.slash(mei)).content
        )


KEY, CREDITS = "does not accept this bot's key", "no credits left"
RULES, COMMANDS = "cannot read who may use its commands", "does not have the bot's commands"


async def test_troubles_are_told_in_the_servers_channel_once_an_hour_and_there_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "LOOK_S", 0.05)
    discord, studio = stage.discord, stage.studio
    square, quiet, log = discord.channel, discord.add_channel("quiet"), discord.add_channel("log")
    discord.deny(quiet, "send_messages", of=discord.bot_user)
    there = discord.add_guild("There")
    hall = discord.add_channel("hall", there)
    ana, ian = manager(stage, discord.guild, "Ana"), manager(stage, there, "Ian")

    async def fails(status: int) -> None:
        studio.fail_next("submit", status=status)
        await stage.ended(replied(await stage.slash(ana)))

    def told_of(trouble: str, channel: Channel = log) -> int:
        return sum(trouble in message.content for message in discord.messages(channel))

    async with stage.bot() as app:
        with pytest.raises(Refused):  # Discord is not relied on to name this server's alone
            check_written(app.bot.get_channel(hall.id), hall.id, discord.guild.id)
        assert await told(ana, square, Order.LOG, where=quiet) == (
            f"The bot needs these permissions in <#{quiet.id}>: Send Messages. Give it those, and do"
            " this again."
        )
        await fails(401)
        assert f"in <#{log.id}> now" in await told(ana, square, Order.LOG, where=log)
        assert f"in <#{hall.id}> now" in await told(ian, hall, Order.LOG, where=hall)
        for status in (401, 402, 403, 402):
            await fails(status)
        await discord.until(lambda: told_of(CREDITS))
    async with stage.bot() as app:
        await fails(403)
        discord.advance(minutes=61)
        await fails(402)
        await discord.until(lambda: told_of(CREDITS) == 2)
        assert told_of(KEY) == 1
        discord.fail_next(server.RULES, status=403, code=50001, times=99)
        await discord.set_command_permissions(discord.guild, HERE, [])
        await discord.until(lambda: told_of(RULES))
        assert app.bot.permissions.are_hidden(discord.guild.id)
        assert [*app.bot.reports._news()] == []  # the database is not asked at each look
        await told(ana, square, Order.LOG)
        discord.advance(minutes=61)
        await fails(401)
        await told(ana, square, Order.LOG, where=log)
        await fails(402)
        await discord.until(lambda: told_of(CREDITS) == 3)
        assert told_of(KEY) == 1
    discord.commands.replace(None, [c for c in discord.commands.of(None) if c["name"] != COMMAND])
    discord.fail_next(PUBLISH, status=403, code=50001)
    stage.knows_rules = False
    async with stage.bot():
        await discord.until(lambda: told_of(COMMANDS))
    assert (told_of(KEY, hall), told_of(CREDITS, hall)) == (0, 0)
