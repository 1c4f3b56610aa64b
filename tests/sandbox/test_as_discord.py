"""What was seen to differ from Discord once: each is as Discord documents it."""

import io
from typing import Any

import pytest
from PIL import Image

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from tests.sandbox.conftest import COMMAND, SAY, Api, Json, asked, path_of, places, sent, told
from tests.sandbox.test_gateway import connected, identity
from tests.sandbox.test_mentions import heard

MENU = {"name": "Look", "type": 3}
BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
ROW = {"type": 1, "components": [BUTTON]}
NULLS = {
    "icon", "splash", "discovery_splash", "banner", "description", "afk_channel_id",
    "application_id", "system_channel_id", "rules_channel_id", "public_updates_channel_id",
    "safety_alerts_channel_id", "vanity_url_code", "incidents_data",
}  # fmt: skip


def png(width: int = 8, height: int = 4) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height)).save(data, "PNG")
    return data.getvalue()


async def pressed(api: Api, mei: Member) -> InteractionHandle:
    """A press of a button that the bot sent."""
    _, body = await api.send({"content": "a", "components": [ROW]})
    return await mei.press(api.sandbox.message(int(body["id"])), "Go")


def events(api: Api) -> list[Json]:
    """All events from now on, whichever session hears them."""
    found: list[Json] = []
    api.sandbox.subscribe(lambda kind, what: found.append(what) if kind == "event" else None)
    return found


async def test_a_server_comes_with_all_that_it_has_not(api: Api) -> None:
    listener = await connected(api)
    await listener.tell(2, identity(api))
    guild = await listener.event("GUILD_CREATE")
    assert {key for key in guild if guild[key] is None} >= NULLS
    assert guild["premium_progress_bar_enabled"] is False
    assert guild["joined_at"].startswith("2026")
    assert guild["soundboard_sounds"] == []
    (member,) = guild["members"]
    assert (member["pending"], member["banner"]) == (False, None)
    assert member["communication_disabled_until"] is None
    everyone, own = guild["roles"]
    assert (everyone["icon"], everyone["unicode_emoji"], everyone["managed"]) == (None, None, False)
    assert (own["managed"], own["tags"]) == (True, {"bot_id": member["user"]["id"]})
    assert member["roles"] == [own["id"]]


async def test_a_follow_up_after_thinking_takes_its_place(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 5, "data": {"content": "not shown"}})
    assert handle.message
    assert handle.message.content == ""
    hidden = {"content": "done", "flags": 64}
    status, first = await api.call("POST", api.by_token(handle), hidden)
    assert (status, first["id"], first["content"]) == (200, str(handle.message_id), "done")
    assert first["flags"] == 0, "whether it is hidden was said before"
    status, more = await api.call("POST", api.by_token(handle), {"content": "more"})
    assert more["id"] != first["id"]
    told_of = more["interaction_metadata"]["original_response_message_id"]
    assert told_of == first["id"]
    assert "original_response_message_id" not in first["interaction_metadata"]
    shown = [message.content for message in api.sandbox.messages()]
    assert shown == ["done", "more"]


async def test_a_wrong_edit_leaves_it_thinking(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 5})
    assert handle.message
    for method, path in (("POST", ""), ("PATCH", "@original")):
        answer = await api.call(method, api.by_token(handle, path), {"content": "x" * 2001})
        assert told(answer) == (400, 50035)
    assert handle.message.flags == 128


async def test_nothing_follows_what_was_not_answered(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    answer = await api.call("POST", api.by_token(handle), {"content": "x"})
    assert told(answer) == (404, 10015)


@pytest.mark.parametrize("kind", [6, 7])
async def test_only_components_change_their_message(api: Api, mei: Member, kind: int) -> None:
    answer = await api.respond(await asked(api, mei), {"type": kind, "data": {"content": "x"}})
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == ["type"]
    handle = await pressed(api, mei)
    assert (await api.respond(handle, {"type": kind, "data": {"content": "x"}}))[0] == 204


async def test_everybody_is_called_where_that_is_allowed(api: Api, mei: Member) -> None:
    for allowed, is_called in (
        ({}, True),
        ({"allowed_mentions": {"parse": []}}, False),
        ({"allowed_mentions": {"parse": ["everyone"]}}, True),
    ):
        _, body = await api.send({"content": "@here", **allowed})
        assert body["mention_everyone"] is is_called
    _, body = await api.send({"content": "`@everyone`"})
    assert body["mention_everyone"] is False
    api.sandbox.deny(api.sandbox.channel, "mention_everyone")
    _, body = await api.send({"content": "@everyone"})
    assert body["mention_everyone"] is False
    handle = await asked(api, mei)
    say = {"type": 4, "data": {"content": "@everyone", "allowed_mentions": None}}
    _, body = await api.respond(handle, say, "?with_response=1")
    assert body["resource"]["message"]["mention_everyone"] is False


async def test_an_edit_of_the_text_mentions_anew_and_another_edit_does_not(
    api: Api, mei: Member
) -> None:
    body = {"content": mei.mention, "allowed_mentions": {"parse": []}}
    _, message = await api.send(body)
    path = f"/channels/{api.sandbox.channel.id}/messages/{message['id']}"
    assert message["mentions"] == []
    assert (await api.call("PATCH", path, {"embeds": []}))[1]["mentions"] == []
    _, edited = await api.call("PATCH", path, {"content": mei.mention})
    assert [user["id"] for user in edited["mentions"]] == [str(mei.id)]


async def test_an_answer_to_a_menu_refers_to_what_it_was_used_on(api: Api, mei: Member) -> None:
    await api.publish(MENU, {"name": "Who", "type": 2}, COMMAND)
    theirs = await mei.post("look at this")
    handle = await mei.use("Look", theirs)
    _, body = await api.respond(handle, SAY, "?with_response=1")
    message = body["resource"]["message"]
    assert message["type"] == 23
    assert message["message_reference"]["message_id"] == str(theirs.id)
    assert message["interaction_metadata"]["target_message_id"] == str(theirs.id)
    ana = api.sandbox.member("Ana")
    log = events(api)
    handle = await mei.use_on("Who", ana)
    resolved = log[-1]["d"]["data"]["resolved"]
    assert resolved["users"][str(ana.id)]["username"] == "Ana"
    assert set(resolved["members"][str(ana.id)]) & {"user", "deaf", "mute"} == set()
    _, body = await api.respond(handle, SAY, "?with_response=1")
    message = body["resource"]["message"]
    assert (message["type"], "message_reference" in message) == (23, False)
    assert message["interaction_metadata"]["target_user"]["id"] == str(ana.id)
    _, body = await api.respond(await mei.slash("echo"), SAY, "?with_response=1")
    assert body["resource"]["message"]["type"] == 20


async def test_a_press_names_its_component_by_number(api: Api, mei: Member) -> None:
    log = events(api)
    await pressed(api, mei)
    data = log[-1]["d"]["data"]
    assert (data["custom_id"], data["id"]) == ("go", 2)


async def test_what_is_disabled_cannot_be_used(api: Api, mei: Member) -> None:
    _, body = await api.send({"components": [{**ROW, "components": [BUTTON | {"disabled": True}]}]})
    with pytest.raises(ClientRefused, match="it is disabled"):
        await mei.press(api.sandbox.message(int(body["id"])), "Go")


async def test_flags_that_a_bot_may_set_are_kept(api: Api) -> None:
    _, body = await api.send({"content": "a", "embeds": [{"title": "b"}], "flags": 4096 | 4 | 64})
    assert (body["flags"], body["embeds"]) == (4096 | 4, [])
    path = f"/channels/{body['channel_id']}/messages/{body['id']}"
    _, body = await api.call("PATCH", path, {"flags": 0})
    assert (body["flags"], len(body["embeds"])) == (0, 1)


async def test_people_have_no_discriminator_and_bots_have(api: Api, mei: Member) -> None:
    _, user = await api.call("GET", f"/users/{mei.id}")
    assert user["discriminator"] == "0"
    _, bot = await api.call("GET", f"/users/{api.sandbox.bot_user.id}")
    assert len(bot["discriminator"]) == 4
    assert bot["discriminator"].isdigit()
    assert told(await api.call("GET", "/users/5")) == (404, 10013)


async def test_a_members_permissions_come_with_interactions_alone(api: Api, mei: Member) -> None:
    await api.publish(COMMAND)
    log = events(api)
    await mei.post("hi")
    await mei.slash("echo")
    message, interaction = (each["d"]["member"] for each in log)
    assert ("permissions" in message, "permissions" in interaction) == (False, True)
    assert (message["pending"], interaction["pending"]) == (False, False)


async def test_what_is_asked_of_servers_and_people_is_answered(api: Api, mei: Member) -> None:
    discord = api.sandbox
    guild, channel = f"/guilds/{discord.guild.id}", f"/channels/{discord.channel.id}"
    thread = discord.add_thread(discord.channel, "aside")
    message = await sent(api)
    await mei.react(message, "🔁")

    async def found(path: str) -> Any:
        status, body = await api.call("GET", path)
        assert status == 200, (path, body)
        return body

    assert (await found(guild))["name"] == "Sandbox"
    assert (await found(f"{guild}?with_counts=true"))["approximate_member_count"] == 3
    assert [each["id"] for each in await found(f"{guild}/channels")] == [str(discord.channel.id)]
    assert [each["name"] for each in await found(f"{guild}/roles")] == ["@everyone", "studio"]
    assert (await found(f"{guild}/roles/{discord.guild.id}"))["name"] == "@everyone"
    threads = (await found(f"{guild}/threads/active"))["threads"]
    assert [each["id"] for each in threads] == [str(thread.id)]
    assert [each["owner"] for each in await found("/users/@me/guilds")] == [False]
    assert await found("/users/@me/guilds?limit=1&after=9999999999999999999") == []
    assert await found(f"{channel}/pins") == []
    assert await found(f"{channel}/messages/pins") == {"items": [], "has_more": False}
    users = await found(f"{channel}/messages/{message.id}/reactions/%F0%9F%94%81")
    assert [each["id"] for each in users] == [str(mei.id)]
    assert await api.call("POST", f"{channel}/typing") == (204, None)
    for nothing in ("skus", "entitlements"):
        assert await found(f"/applications/{discord.application_id}/{nothing}") == []
    for path, expected in (
        (f"{guild}/members", (403, 50001)),
        (f"{guild}/members/5", (404, 10007)),
        (f"{guild}/roles/5", (404, 10011)),
        (f"{channel}/messages/{message.id}/reactions/x", (400, 10014)),
    ):
        assert told(await api.call("GET", path)) == expected


async def test_messages_are_found_around_another(api: Api) -> None:
    ids = [(await sent(api)).id for _ in range(5)]
    path = f"/channels/{api.sandbox.channel.id}/messages?around={ids[2]}"
    for limit, chosen in ((1, ids[2:3]), (2, ids[1:3]), (3, ids[1:4]), (100, ids)):
        _, found = await api.call("GET", f"{path}&limit={limit}")
        assert [int(each["id"]) for each in found] == chosen[::-1], limit


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/channels/5", 405),
        ("POST", "/users/@me", 405),
        ("DELETE", "/applications/5/commands", 405),
        ("GET", "/interactions/5/token/callback", 405),
        ("GET", "/nothing", 404),
    ],
)
async def test_a_route_has_its_own_methods(api: Api, method: str, path: str, status: int) -> None:
    assert told(await api.call(method, path)) == (status, 0)


async def test_what_one_member_alone_sees_is_told_as_if_it_were_in_no_server(
    api: Api, mei: Member
) -> None:
    handle = await asked(api, mei)
    found = heard(api)
    await api.respond(handle, {"type": 4, "data": {"content": "psst", "flags": 64}})
    await api.call("PATCH", api.by_token(handle, "@original"), {"content": "ho"})
    await api.call("DELETE", api.by_token(handle, "@original"))
    await mei.post("hi")
    assert [("guild_id" in each, "member" in each) for each in found] == [(False, False)] * 3 + [
        (True, True)
    ]


async def test_a_message_that_is_deleted_is_told_with_its_server(api: Api, mei: Member) -> None:
    theirs = await mei.post("hi")
    found = heard(api)
    await mei.delete(theirs)
    assert found == [
        {
            "id": str(theirs.id),
            "channel_id": str(theirs.channel.id),
            "guild_id": str(api.sandbox.guild.id),
        }
    ]


async def test_the_bots_own_reply_comes_with_what_it_answers(api: Api, mei: Member) -> None:
    theirs = await mei.post(f"{api.sandbox.bot_mention} hi")
    reference = {"message_id": str(theirs.id)}
    _, body = await api.send({"content": "ho", "message_reference": reference})
    assert body["referenced_message"]["content"] == theirs.content
    assert body["message_reference"]["guild_id"] == str(api.sandbox.guild.id)
    await mei.delete(theirs)
    _, body = await api.call("GET", path_of(api.sandbox.message(int(body["id"]))))
    assert body["referenced_message"] is None
