"""`/studio`: whose it is, where it is, and that what it sets holds."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from bot.discord.bounds import HOLDS
from bot.discord.owners import NOT_YOURS, Order
from bot.discord.slash import ON_A_MESSAGE
from bot.endpoints.own import HERE, Own
from bot.jobs import house
from bot.jobs.tables import drafts
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.people import Team
from bot.sandbox.discord.permissions import ADMINISTRATOR
from bot.shell.check import check
from cogs.studio import COUNTING, NOT_READ
from tests.scenarios.conftest import COMMAND, Stage, described, png, replied
from tests.scenarios.test_cancel import eventually
from tests.scenarios.test_limits import SNAKE
from tests.scenarios.test_own_commands import rows
from tests.scenarios.test_who_may import WAYS, result_of
from tests.unit.test_gate import BLOCKED, BLOCKED_HERE, PAUSED

THEIRS = {COMMAND, HERE, *Own}  # what members have
SERVER = {"server": "5"}
CHANGED = "This command has changed. Reload Discord."


def given_with(order: Order, member: Member) -> dict[str, Any]:
    """Options of an order, those that it needs and more."""
    given: dict[Order, dict[str, Any]] = {
        Order.BLOCK: SERVER,
        Order.UNBLOCK: SERVER,
        Order.LIMIT: {"jobs_per_day": 5},
        Order.FORGET: {"member": member.id},
        Order.REMOVE: {"endpoint": COMMAND},
    }
    return given.get(order, {})


@pytest.fixture
def stage(stage: Stage) -> Stage:
    stage.settings["OWNER_GUILD_ID"] = str(stage.discord.guild.id)
    return stage


def owner_of(stage: Stage) -> Member:
    """Who has made the application."""
    return Member(stage.discord, stage.discord.application.owner)


async def told(member: Member, order: Order, /, **options: Any) -> str:
    """What the command answers, to who gave it alone."""
    handle = await (await member.slash(f"studio {order}", **options)).responded()
    answer = replied(handle)
    assert answer.is_ephemeral
    if order is Order.USAGE:
        await handle.news.changes.until(lambda: answer.content != COUNTING)
    return answer.content


async def test_each_subcommand_is_refused_to_whoever_is_no_owner(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord, ana, named = stage.discord, stage.member("Ana"), stage.member("Named")
    ada, dev, guest, viewer = (stage.member(each) for each in ("Ada", "Dev", "Guest", "Viewer"))
    ana.give(discord.add_role(discord.guild, "admins", ADMINISTRATOR))
    stage.settings["OWNER_IDS"] = str(named.id)
    async with stage.bot() as app:
        for order in Order:
            for member in (ana, stage.member("Mei")):
                assert await told(member, order, **given_with(order, ana)) == NOT_YOURS
        assert app.bot.store.house.rules == house.HouseRules()
        assert [each.command for each in app.bot.endpoints] == [COMMAND]
        counted = await told(owner_of(stage), Order.USAGE)
        assert counted == "**Today** (UTC): 0 jobs · **in 30 days**: 0 jobs"
        with monkeypatch.context() as hurried:
            hurried.setattr("cogs.studio.PATIENT_S", 0)
            assert await told(owner_of(stage), Order.USAGE) == NOT_READ
        for member in (owner_of(stage), named):
            assert (await told(member, Order.STATUS)).startswith("**Connected**: 1 of 1 shards")
    rows = [(ada, "admin", True), (dev, "developer", True), (guest, "admin", False)]
    rows.append((viewer, "read_only", True))
    team = Team(discord.new_id(), [(m.user, *more) for m, *more in rows])  # type: ignore[misc]
    discord.application.team = team
    asking = (ada, dev, named, guest, viewer, owner_of(stage))
    async with stage.bot():
        answers = [await told(member, Order.RESUME) for member in asking]
        assert [answer == NOT_YOURS for answer in answers] == [False] * 3 + [True] * 3
        discord.application.team = None
        discord.advance(minutes=1)
        answers = [await told(member, Order.RESUME) for member in asking]
        assert [answer == NOT_YOURS for answer in answers] == [
            *[True] * 2,
            False,
            *[True] * 2,
            False,
        ]


async def test_administrators_of_another_server_are_refused_though_discord_had_the_command_there(
    stage: Stage,
) -> None:
    discord, commands, ana = stage.discord, stage.discord.commands, stage.member("Ana")
    there = discord.add_guild("There")
    hall = discord.add_channel("hall", there)
    ana.join(there)
    ana.give(discord.add_role(there, "admins", ADMINISTRATOR), there)
    owner = owner_of(stage)
    owner.join(there)
    async with stage.bot() as app:
        for order in Order:
            with pytest.raises(ClientRefused):
                await ana.slash(f"studio {order}", channel=hall, **given_with(order, ana))
        left = [c for c in commands.of(discord.guild.id) if c["name"] == "studio"]
        commands.replace(there.id, left)  # as from another OWNER_GUILD_ID
        for order in Order:
            for member in (ana, owner):
                given = given_with(order, ana)
                handle = await member.slash(f"studio {order}", channel=hall, **given)
                assert replied(await handle.responded()).content == CHANGED
        assert app.bot.store.house.rules == house.HouseRules()
        assert [each.command for each in app.bot.endpoints] == [COMMAND]


async def test_the_command_is_in_the_owners_server_alone_whatever_has_the_others(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    commands, here = stage.discord.commands, stage.discord.guild.id
    there = stage.discord.add_guild("There").id
    both = THEIRS | {"studio"}
    for guild_ids, owners, expected in (
        ("", here, {None: THEIRS, here: {"studio"}}),
        (f"{here}", here, {here: both}),
        (f"{here},{there}", there, {here: THEIRS, there: both}),
        (f"{there}", here, {here: {"studio"}, there: THEIRS}),
        (f"{there}", "", {there: THEIRS}),
        ("", there, {None: THEIRS, there: {"studio"}}),
    ):
        stage.settings |= {"GUILD_IDS": guild_ids, "OWNER_GUILD_ID": f"{owners}"}
        async with stage.bot() as app:
            assert {scope: {*commands.names(scope)} for scope in commands.scopes()} == expected
            assert app.bot.publisher.fault() is None
    assert await check(stage.environment(), online=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"ok    Discord has the commands: server {there}" in lines
    assert "ok    Discord has the commands: everywhere" in lines
    with pytest.raises(ClientRefused):
        await told(owner_of(stage), Order.STATUS)


async def test_members_keep_their_commands_in_the_owners_server_until_others_are_there(
    stage: Stage,
) -> None:
    commands, here = stage.discord.commands, stage.discord.guild.id
    stage.settings["GUILD_IDS"] = f"{here}"
    async with stage.bot():
        assert {*commands.names(here)} == THEIRS | {"studio"}
    stage.settings["GUILD_IDS"] = "5"  # where the bot is not
    async with stage.bot() as app:
        assert {*commands.names(here)} == THEIRS | {"studio"}
        assert "server 5" in (app.bot.publisher.fault() or "")


async def test_a_pause_holds_on_every_way_in_past_a_restart_and_what_runs_ends(
    stage: Stage,
) -> None:
    mei, sam = stage.member("Mei"), owner_of(stage)
    async with stage.bot():
        result = await result_of(stage, mei)
        stage.studio.hold("processing")
        running = replied(await stage.slash(mei))
        await stage.discord.until(lambda: len(stage.studio.posts) == 2)
        assert (await told(sam, Order.PAUSE)).startswith("Paused: nothing new is taken")
        assert replied(await stage.slash(mei)).content == PAUSED
        for way in WAYS:
            stage.discord.advance(minutes=2)  # nobody is told what is wrong twice in a minute
            assert (await way(stage, mei, result)).endswith(PAUSED)
        said = await told(sam, Order.STATUS)
        assert "**Queue**: 0 waiting · 1 running" in said
        assert "**Paused**: nothing new is taken" in said
        stage.studio.release()
        stage.discord.advance(
            minutes=1
        )  # it has been asked for so long that it is asked for seldom
        await stage.ended(running)
    async with stage.bot():
        assert replied(await stage.slash(mei)).content == PAUSED
        assert (await told(sam, Order.RESUME)).startswith("Resumed")
        await stage.ended(replied(await stage.slash(mei)))
    assert len(stage.studio.posts) == 3


async def test_who_is_blocked_gets_nothing_on_any_way_in(stage: Stage) -> None:
    discord, mei, ana, sam = (
        stage.discord,
        stage.member("Mei"),
        stage.member("Ana"),
        owner_of(stage),
    )
    async with stage.bot() as app:
        result = await result_of(stage, mei)
        assert f"{ana.mention}" in await told(sam, Order.BLOCK, member=ana.id)
        assert replied(await stage.slash(ana)).content == BLOCKED
        for way in WAYS:
            stage.discord.advance(minutes=2)  # nobody is told what is wrong twice in a minute
            assert (await way(stage, ana, result)).endswith(BLOCKED)
        stage.discord.advance(minutes=2)
        for files in ([png()], []):  # all of it, and what lacks a picture
            asked = await ana.post("seed=1", files=files, channel=discord.dm_of(ana.user))
            assert (await stage.reply_to(asked)).content.endswith(BLOCKED)
        used = await (await ana.use(ON_A_MESSAGE, result)).responded()
        assert replied(used).content == BLOCKED
        kept = await app.bot.store._database.run(lambda db: db.execute(sa.select(drafts)).all())
        assert kept == []
        assert f"**Blocked**: {ana.mention}" in await told(sam, Order.STATUS)
        assert len(stage.studio.posts) == 1
        await told(sam, Order.UNBLOCK, member=ana.id)
        await stage.ended(replied(await stage.slash(ana)))
        server = str(discord.guild.id)
        assert f"server `{server}`" in await told(sam, Order.BLOCK, server=f" {server} ")
        assert replied(await stage.slash(mei)).content == BLOCKED_HERE
        assert f"server `{server}`" in await told(sam, Order.UNBLOCK, server=server)
        assert described(replied(await stage.slash(mei)))
        for options, sentence in (
            ({}, "Name whom you mean"),
            ({"server": "Sandbox"}, "This is none: Sandbox"),
            ({"server": f"{2**63}"}, "A server is named by its id"),
        ):
            assert sentence in await told(sam, Order.BLOCK, **options)


async def test_what_the_owner_limits_holds_on_every_way_in_and_never_above_env(
    stage: Stage,
) -> None:
    stage.settings |= {"JOBS_PER_DAY": "9", "CREDITS_PER_MEMBER_PER_DAY": "100"}
    stage.serve(SNAKE | {"credits": 10})
    discord, mei, sam = stage.discord, stage.member("Mei"), owner_of(stage)
    limit, mine = Order.LIMIT, "jobs_per_member_per_day"
    async with stage.bot():
        result = await result_of(stage, mei)
        for option, most, setting in (
            (mine, 10, "JOBS_PER_DAY` is 9"),
            ("jobs_per_member", 4, "JOBS_PER_MEMBER` is 3"),
            ("credits_per_member_per_day", 101, "CREDITS_PER_MEMBER_PER_DAY` is 100"),
        ):
            said = await told(sam, limit, jobs_per_day=1, **{option: most})
            assert setting in said
            assert "raise it there and start the bot anew" in said
        nothing = "No limits are set for all servers; what `.env` sets holds."
        assert await told(sam, limit) == nothing
        assert "`jobs_per_member_per_day` 1;" in await told(sam, limit, **{mine: 1})
        for way in WAYS:
            discord.advance(minutes=2)  # nobody is told what is wrong twice in a minute
            assert "You have 0 of 1 jobs left for these 24 hours" in await way(stage, mei, result)
    async with stage.bot():
        discord.advance(minutes=2)
        asked = await mei.post("seed 1", files=[png()], channel=discord.dm_of(mei.user))
        assert "You have 0 of 1 jobs left" in (await stage.reply_to(asked)).content
        assert "**Set in Discord**: `jobs_per_member_per_day` 1" in await told(sam, Order.STATUS)
        await told(sam, limit, **{mine: 0, "credits_per_day": 20})
        pressed = await asyncio.gather(*(mei.press(result, "Run again") for _ in range(3)))
        answers = [replied(await each.responded()).content for each in pressed]
        assert sum("together have 0 of 20 left for these 24 hours" in each for each in answers) == 2
        assert await told(sam, limit, credits_per_day=0) == f"{nothing} {HOLDS}"
        await stage.ended(replied(await stage.slash(mei)))
    assert len(stage.studio.posts) == 3


async def test_what_has_no_price_cannot_be_limited_by_credits(stage: Stage) -> None:
    async with stage.bot() as app:
        said = await told(owner_of(stage), Order.LIMIT, credits_per_day=10, jobs_per_day=5)
        assert "these do not: CNY-SnakeYear. Limit jobs, or name them" in said
        assert app.bot.store.house.rules == house.HouseRules()


async def test_the_owner_forgets_a_member_whose_spending_and_block_stay(stage: Stage) -> None:
    stage.serve(SNAKE | {"credits": 10})
    mei, ana, sam, was = (
        stage.member("Mei"),
        stage.member("Ana"),
        owner_of(stage),
        stage.member("W"),
    )
    stage.settings["OWNER_IDS"] = f"{was.id}"
    async with stage.bot():
        others, hers = await result_of(stage, mei), await result_of(stage, ana)
        total, *used = (await told(sam, Order.USAGE)).splitlines()
        assert total.endswith("**in 30 days**: 2 jobs, 20 credits")
        for who, of_30_days in (
            (mei.mention, "1 job, 10 credits"),
            (ana.mention, "1 job, 10 credits"),
            ("CNY-SnakeYear", "2 jobs, 20 credits"),
        ):
            (line,) = (each for each in used if each.startswith(f"{who}: "))
            assert line.endswith(f" · {of_30_days}")
        old = replied(await (await was.slash("studio forget", member=ana.id)).responded())
    del stage.settings["OWNER_IDS"]
    async with stage.bot():
        late = replied(await (await was.press(old, "Forget them")).responded())
        assert late.content == NOT_YOURS
        await told(sam, Order.BLOCK, member=ana.id)
        asked = await (await sam.slash("studio forget", member=ana.id)).responded()
        question = replied(asked)
        assert question.content.startswith(f"Forget all that the bot keeps of {ana.mention}")
        with pytest.raises(ClientRefused):
            await mei.press(question, "Forget them")
        assert not hers.is_deleted
        await (await sam.press(question, "Forget them")).responded()
        assert question.content.startswith(f"{ana.mention} is being forgotten")
        await stage.discord.until(lambda: hers.is_deleted)

        async def is_forgotten() -> bool:
            return await rows(stage, ana) == []

        await eventually(is_forgotten)
        assert not others.is_deleted
        assert ana.mention not in await told(sam, Order.USAGE)
        assert "**Spent in these 24 hours**: 20 credits · 2 jobs" in await told(sam, Order.STATUS)
        assert f"**Blocked**: {ana.mention}" in await told(sam, Order.STATUS)
