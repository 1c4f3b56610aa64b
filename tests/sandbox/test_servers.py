"""Servers: who is in which, what each of them has, and what the bot is told of it."""

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.gateway import INTENTS
from bot.sandbox.discord.members import Member
from tests.sandbox.conftest import COMMAND, SAY, Api, Json, told
from tests.sandbox.test_gateway import Listener, connected, identity

HEARD = INTENTS["GUILD_CREATE"] | INTENTS["GUILD_MESSAGE"] | INTENTS["GUILD_REACTION"]


async def listening(api: Api) -> Listener:
    """A session that has been told of the first server."""
    listener = await connected(api)
    await listener.tell(2, identity(api, HEARD))
    await listener.event("GUILD_CREATE")
    return listener


async def test_a_server_that_the_bot_is_added_to_is_told_at_once(api: Api) -> None:
    listener = await listening(api)
    other = api.sandbox.add_guild("Other")
    told_of = await listener.event("GUILD_CREATE")
    assert (told_of["id"], told_of["name"]) == (str(other.id), "Other")
    assert told_of["owner_id"] == str(other.owner.id) != str(api.sandbox.developer.id)
    there = api.sandbox.add_channel("there", other)
    assert (await listener.event("CHANNEL_CREATE"))["id"] == str(there.id)


async def test_roles_and_overwrites_are_told_before_what_happens_next(
    api: Api, mei: Member
) -> None:
    discord = api.sandbox
    listener = await listening(api)
    role = discord.add_role(discord.guild, "Artists", 1 << 5)
    discord.set_role(discord.guild, role, 0)
    discord.deny(discord.channel, "attach_files", of=role)
    discord.deny(discord.channel, "embed_links")
    mei.give(role)
    await mei.post("hello")
    events = [await listener.receive() for _ in range(5)]
    found = [event["d"] for event in events]
    assert [event["t"] for event in events] == [
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "CHANNEL_UPDATE",
        "CHANNEL_UPDATE",
        "MESSAGE_CREATE",
    ]
    assert (found[0]["role"]["id"], found[0]["role"]["permissions"]) == (str(role.id), "32")
    assert found[1]["role"]["permissions"] == "0"
    assert found[3]["permission_overwrites"] == [
        {"id": str(role.id), "type": 0, "allow": "0", "deny": str(1 << 15)},
        {"id": str(discord.bot_user.id), "type": 1, "allow": "0", "deny": str(1 << 14)},
    ]
    assert found[4]["member"]["roles"] == [str(role.id)]
    await discord.gateway.drop()
    again = await connected(api)
    await again.tell(2, identity(api))
    roles = (await again.event("GUILD_CREATE"))["roles"]
    assert [each["name"] for each in roles] == ["@everyone", "studio", "Artists"]


async def test_what_happens_in_another_server_is_told_as_of_there(api: Api) -> None:
    discord = api.sandbox
    other = discord.add_guild("Other")
    there = discord.add_channel("there", other)
    ana = discord.member("Ana", other)
    ana.give(discord.add_role(other, "Guests"), other)
    await api.publish(COMMAND)
    listener = await listening(api)
    await listener.event("GUILD_CREATE")
    message = await ana.post(f"{discord.bot_mention} hi", channel=there)
    await ana.react(message, "🔁")
    await ana.slash("echo", channel=there)
    for name in ("MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "INTERACTION_CREATE"):
        event = await listener.event(name)
        assert event["guild_id"] == str(other.id)
        assert event["member"]["roles"] == [str(role.id) for role in other.roles_of(ana.user)]
    assert event["guild"]["id"] == str(other.id)
    assert event["authorizing_integration_owners"] == {"0": str(other.id)}


async def test_a_person_acts_in_their_own_servers_alone(api: Api, mei: Member) -> None:
    discord = api.sandbox
    other = discord.add_guild("Other")
    there = discord.add_channel("there", other)
    ana = discord.member("Ana", other)
    await api.publish(COMMAND)
    message = await ana.post("hi", channel=there)
    for who, where in ((mei, there), (ana, discord.channel), (ana, discord.dm(mei))):
        with pytest.raises(ClientRefused, match="does not see this channel"):
            await who.slash("echo", channel=where)
        with pytest.raises(ClientRefused, match="does not see this channel"):
            await who.post("hi", channel=where)
    with pytest.raises(ClientRefused, match="does not see this channel"):
        await mei.react(message, "🔁")
    mei.join(other)
    await mei.react(message, "🔁")
    await mei.slash("echo", channel=there)
    mei.leave()
    with pytest.raises(ClientRefused):
        await mei.post("hi")
    member = f"/guilds/{discord.guild.id}/members/{mei.id}"
    assert told(await api.call("GET", member)) == (404, 10007)


async def test_an_administrator_of_one_server_is_none_of_another(api: Api) -> None:
    discord = api.sandbox
    other = discord.add_guild("Other")
    there = discord.add_channel("there", other)
    ada = discord.member("Ada", other, administrator=True)
    ada.join(discord.guild)
    await api.publish(COMMAND | {"default_member_permissions": "0"})
    await ada.slash("echo", channel=there)
    with pytest.raises(ClientRefused):
        await ada.slash("echo")


async def test_what_a_member_may_not_see_they_cannot_use(api: Api, mei: Member) -> None:
    discord = api.sandbox
    message = await mei.post("hi")
    discord.deny(discord.channel, "view_channel", of=discord.guild.everyone)
    with pytest.raises(ClientRefused):
        await mei.react(message, "🔁")
    assert told(await api.send({"content": "hi"})) == (403, 50001)
    discord.allow(discord.channel, "view_channel")
    assert (await api.send({"content": "hi"}))[0] == 200


async def test_a_server_that_the_bot_leaves_is_over_for_it(api: Api, mei: Member) -> None:
    discord = api.sandbox
    guild = discord.guild
    here = f"/applications/{discord.application_id}/guilds/{guild.id}/commands"
    await api.publish(COMMAND)
    await api.call("PUT", here, [{**COMMAND, "name": "ours"}])
    await discord.set_command_permissions(guild, "ours", [("user", mei.id, False)])
    pressed = await mei.slash("echo")
    assert (await api.respond(pressed, SAY))[0] == 204
    listener = await listening(api)
    assert await api.call("DELETE", f"/users/@me/guilds/{guild.id}") == (204, None)
    assert await listener.event("GUILD_DELETE") == {"id": str(guild.id)}
    await mei.post(f"{discord.bot_mention} are you there?")
    for path in (
        here,
        f"{here}/permissions",
        f"/guilds/{guild.id}/members/{mei.id}",
        f"/channels/{discord.channel.id}",
    ):
        assert told(await api.call("GET", path)) == (403, 50001)
    with pytest.raises(ClientRefused, match="there is no command echo"):
        await mei.slash("echo")
    assert told(await api.call("DELETE", "/users/@me/guilds/5")) == (404, 10004)

    await discord.bot_joins(guild)
    joined = await listener.receive()
    assert joined["t"] == "GUILD_CREATE", "and of nothing before"
    assert "unavailable" not in joined["d"], "by which a client knows that it is new"
    assert await api.call("GET", here) == (200, [])
    assert await api.call("GET", f"{here}/permissions") == (200, [])
    await mei.slash("echo")


async def test_who_connects_is_told_of_its_own_servers_alone(api: Api) -> None:
    await api.sandbox.bot_leaves(api.sandbox.guild)
    other = api.sandbox.add_guild("Other")
    listener = await connected(api)
    await listener.tell(2, identity(api, HEARD))
    ready: Json = await listener.event("READY")
    assert [guild["id"] for guild in ready["guilds"]] == [str(other.id)]
    assert (await listener.event("GUILD_CREATE"))["id"] == str(other.id)
    _, application = await api.call("GET", "/applications/@me")
    assert application["approximate_guild_count"] == 1
