"""Who may use a command: what a server sets, what the API tells of it, and what a client offers."""

from collections.abc import Sequence

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.permissions import ADMINISTRATOR, PERMISSIONS, USUAL
from tests.sandbox.conftest import COMMAND, Api, Json, sent, told

Line = tuple[str, str, bool]
OTHER = {"name": "other", "description": "Another one"}
MANAGE_GUILD = 1 << 5
MENU = {"name": "Menu", "type": 3}


def place(api: Api, rest: str = "/permissions") -> str:
    return (
        f"/applications/{api.sandbox.application_id}/guilds/{api.sandbox.guild.id}/commands{rest}"
    )


def updates(api: Api) -> list[Json]:
    """What the gateway tells of changed permissions from now on."""
    found: list[Json] = []

    def listen(kind: str, what: Json) -> None:
        if kind == "event" and what["t"] == "APPLICATION_COMMAND_PERMISSIONS_UPDATE":
            found.append(what["d"])

    api.sandbox.subscribe(listen)
    return found


async def test_permissions_are_told_as_discord_writes_them(api: Api, mei: Member) -> None:
    discord = api.sandbox
    _, (echo, other) = await api.publish(COMMAND, OTHER)
    events = updates(api)
    guild = discord.guild
    role = discord.add_role(guild, "Artists")
    lines = [("role", guild.id, False), ("role", role.id, True), ("user", mei.id, True)]
    await discord.set_command_permissions(guild, "echo", lines)
    await discord.set_command_permissions(guild, None, [("channel", guild.all_channels, False)])
    one = {
        "id": echo["id"],
        "application_id": str(discord.application_id),
        "guild_id": str(guild.id),
        "permissions": [
            {"id": str(guild.id), "type": 1, "permission": False},
            {"id": str(role.id), "type": 1, "permission": True},
            {"id": str(mei.id), "type": 2, "permission": True},
        ],
    }
    all_of_them = one | {
        "id": str(discord.application_id),
        "permissions": [{"id": str(guild.id - 1), "type": 3, "permission": False}],
    }
    assert events == [one, all_of_them]
    assert await api.call("GET", place(api)) == (200, [one, all_of_them])
    assert await api.call("GET", place(api, f"/{echo['id']}/permissions")) == (200, one)
    assert told(await api.call("GET", place(api, f"/{other['id']}/permissions"))) == (404, 10066)


async def test_what_is_taken_back_or_belongs_to_no_command_is_not_there(api: Api) -> None:
    discord = api.sandbox
    _, (echo, _) = await api.publish(COMMAND, OTHER)
    events = updates(api)
    everyone = discord.guild.id
    for name in ("echo", "other"):
        await discord.set_command_permissions(discord.guild, name, [("role", everyone, False)])
    await discord.set_command_permissions(discord.guild, "echo", [])
    assert events[-1]["permissions"] == []
    assert told(await api.call("GET", place(api, f"/{echo['id']}/permissions"))) == (404, 10066)
    await api.publish(COMMAND)
    assert await api.call("GET", place(api)) == (200, [])
    with pytest.raises(ClientRefused, match="there is no command other"):
        await discord.set_command_permissions(discord.guild, "other", [])
    many = [("user", number, True) for number in range(101)]
    with pytest.raises(ClientRefused, match="at most 100 lines"):
        await discord.set_command_permissions(discord.guild, "echo", many)


async def test_a_bot_sets_no_permissions(api: Api) -> None:
    _, (echo,) = await api.publish(COMMAND)
    body: Json = {"permissions": []}
    path = place(api, f"/{echo['id']}/permissions")
    assert told(await api.call("PUT", path, body)) == (403, 20001)
    assert told(await api.call("PUT", place(api), [body])) == (405, 0)
    elsewhere = f"/applications/{api.sandbox.application_id}/guilds/5/commands/permissions"
    assert told(await api.call("GET", elsewhere)) == (403, 50001)


@pytest.mark.parametrize(
    ("own", "general", "default", "may"),
    [
        ([], [], None, True),
        ([("channel", "here", False)], [], None, False),
        ([("channel", "there", False)], [], None, True),
        ([("channel", "all", False)], [], None, False),
        ([("channel", "all", False), ("channel", "here", True)], [], None, True),
        ([("channel", "here", False), ("user", "mei", True)], [], None, False),
        ([], [("channel", "here", False)], None, False),
        ([("channel", "all", True)], [("channel", "here", False)], None, True),
        ([("channel", "here", True)], [], "0", False),
        ([("user", "mei", False), ("role", "artists", True)], [], None, False),
        ([("user", "mei", True), ("role", "artists", False)], [], None, True),
        ([("role", "artists", False)], [], None, False),
        ([("role", "artists", False), ("role", "guests", True)], [], None, True),
        ([("role", "artists", True), ("role", "everyone", False)], [], None, True),
        ([("role", "artists", False), ("role", "everyone", True)], [], None, False),
        ([("role", "strangers", True), ("role", "everyone", False)], [], None, False),
        ([("role", "strangers", True)], [], None, True),
        ([("role", "everyone", False)], [], None, False),
        ([], [("role", "everyone", False)], None, False),
        ([("role", "everyone", True)], [("role", "everyone", False)], None, True),
        ([("user", "mei", False)], [("user", "mei", True)], None, False),
        ([], [], "0", False),
        ([], [], str(MANAGE_GUILD), False),
        ([], [], str(PERMISSIONS["attach_files"]), True),
        ([], [], str(MANAGE_GUILD | PERMISSIONS["attach_files"]), False),
        ([("role", "artists", True)], [], "0", True),
        ([], [("user", "mei", True)], "0", False),
        ([], [("user", "mei", True)], str(PERMISSIONS["attach_files"]), True),
    ],
)
async def test_a_client_offers_a_command_by_discords_rules(
    api: Api, own: Sequence[Line], general: Sequence[Line], default: str | None, *, may: bool
) -> None:
    discord, mei = api.sandbox, api.sandbox.member("Mei")
    guild = discord.guild
    ids = {name: discord.add_role(guild, name) for name in ("artists", "guests", "strangers")}
    for name in ("artists", "guests"):
        mei.give(ids[name])
    known = {name: role.id for name, role in ids.items()} | {
        "everyone": guild.id,
        "mei": mei.id,
        "here": discord.channel.id,
        "there": discord.add_channel("there").id,
        "all": guild.all_channels,
    }
    await api.publish(COMMAND | {"default_member_permissions": default})

    def named(lines: Sequence[Line]) -> list[tuple[str, int, bool]]:
        return [(kind, known[target], is_allowed) for kind, target, is_allowed in lines]

    await discord.set_command_permissions(guild, "echo", named(own))
    await discord.set_command_permissions(guild, None, named(general))
    thread = discord.add_thread(discord.channel, "aside")
    for where in (discord.channel, thread):
        if may:
            assert (await mei.slash("echo", channel=where)).channel is where
        else:
            with pytest.raises(ClientRefused, match="echo is not offered to Mei here"):
                await mei.slash("echo", channel=where)
    await mei.slash("echo", channel=discord.dm(mei))  # where no server has a say
    admin = discord.member("Ada", administrator=True)
    for who in (admin, discord.owner):
        assert (await who.slash("echo")).member is who.user


async def test_a_role_is_taken_again(api: Api, mei: Member) -> None:
    discord = api.sandbox
    await api.publish(COMMAND | {"default_member_permissions": str(MANAGE_GUILD)})
    role = discord.add_role(discord.guild, "Managers", MANAGE_GUILD)
    mei.give(role)
    await mei.slash("echo")
    mei.take(role)
    with pytest.raises(ClientRefused):
        await mei.slash("echo")


async def test_the_permission_to_use_commands_can_be_denied(api: Api, mei: Member) -> None:
    discord, needed = api.sandbox, "use_application_commands"
    await api.publish(COMMAND)
    await discord.set_command_permissions(discord.guild, "echo", [("user", mei.id, True)])
    there = discord.add_channel("there")
    discord.deny(there, needed, of=discord.guild.everyone)
    await mei.slash("echo")
    with pytest.raises(ClientRefused):
        await mei.slash("echo", channel=there)
    with pytest.raises(ClientRefused):
        await mei.slash("echo", channel=discord.add_thread(there, "aside"))
    role = discord.add_role(discord.guild, "Artists")
    discord.allow(there, needed, of=role)
    mei.give(role)
    await mei.slash("echo", channel=there)
    discord.deny(there, needed, of=mei.user)
    with pytest.raises(ClientRefused):
        await mei.slash("echo", channel=there)
    discord.set_role(discord.guild, discord.guild.everyone, USUAL & ~PERMISSIONS[needed])
    with pytest.raises(ClientRefused):
        await mei.slash("echo")
    await discord.owner.slash("echo", channel=there)


async def test_a_menus_command_is_offered_by_the_same_rules(api: Api, mei: Member) -> None:
    discord = api.sandbox
    message = await sent(api)
    await api.publish(MENU)
    await mei.use("Menu", message)
    await discord.set_command_permissions(discord.guild, "Menu", [("user", mei.id, False)])
    with pytest.raises(ClientRefused):
        await mei.use("Menu", message)


async def test_an_age_restricted_command_is_offered_in_such_channels_alone(
    api: Api, mei: Member
) -> None:
    discord = api.sandbox
    await api.publish(COMMAND | {"nsfw": True})
    there = discord.add_channel("late", is_nsfw=True)
    _, body = await api.call("GET", f"/channels/{there.id}")
    assert body["nsfw"]
    for where in (there, discord.add_thread(there, "later")):
        await mei.slash("echo", channel=where)
    for where in (discord.channel, discord.dm(mei)):
        for who in (mei, discord.owner):
            with pytest.raises(ClientRefused):
                await who.slash("echo", channel=where)


async def test_a_command_is_offered_in_its_contexts_alone(api: Api, mei: Member) -> None:
    await api.publish(COMMAND | {"contexts": [1]}, OTHER | {"contexts": [0]})
    direct = api.sandbox.dm(mei)
    await mei.slash("echo", channel=direct)
    await mei.slash("other")
    for name, where in (("echo", None), ("other", direct)):
        with pytest.raises(ClientRefused, match="there is no command"):
            await mei.slash(name, channel=where)


async def test_an_interaction_tells_the_members_roles_and_permissions_there(
    api: Api, mei: Member
) -> None:
    discord = api.sandbox
    interactions: list[Json] = []
    discord.subscribe(lambda kind, what: interactions.append(what) if kind == "event" else None)
    await api.publish(COMMAND)
    role = discord.add_role(discord.guild, "Managers", MANAGE_GUILD)
    mei.give(role)
    discord.deny(discord.channel, "attach_files", of=discord.guild.everyone)
    for who in (mei, discord.owner):
        await who.slash("echo")
    member, owner = (each["d"]["member"] for each in interactions[-2:])
    assert member["roles"] == [str(role.id)]
    assert int(member["permissions"]) == (USUAL | MANAGE_GUILD) & ~PERMISSIONS["attach_files"]
    assert int(owner["permissions"]) & ADMINISTRATOR
    app_permissions = int(interactions[-1]["d"]["app_permissions"])
    assert app_permissions == USUAL & ~PERMISSIONS["attach_files"]


async def test_a_member_is_looked_up_with_their_roles(api: Api, mei: Member) -> None:
    guild = api.sandbox.guild
    role = api.sandbox.add_role(guild, "Artists")
    mei.give(role)
    status, body = await api.call("GET", f"/guilds/{guild.id}/members/{mei.id}")
    assert (status, body["user"]["id"], body["roles"]) == (200, str(mei.id), [str(role.id)])
    assert told(await api.call("GET", f"/guilds/{guild.id}/members/5")) == (404, 10007)
    assert told(await api.call("GET", f"/guilds/5/members/{mei.id}")) == (404, 10004)


async def test_whether_everybody_may_add_the_bot_is_told(api: Api) -> None:
    for is_public in (True, False):
        api.sandbox.application.is_public = is_public
        for path in ("/oauth2/applications/@me", "/applications/@me"):
            assert (await api.call("GET", path))[1]["bot_public"] is is_public
