"""Channels of every kind, threads and posts, groups, and servers that the bot is not in."""

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import (
    ANNOUNCEMENTS,
    CATEGORY,
    FORUM,
    MEDIA,
    STAGE,
    VOICE,
    Channel,
)
from tests.sandbox.conftest import COMMAND, SAY, Api, Json, path_of, places, sent, told
from tests.sandbox.test_as_discord import events

FOR_ALL = COMMAND | {"integration_types": [0, 1], "contexts": [0, 1, 2]}
MIB = 2**20


def of(channel: Channel, tail: str = "/messages") -> str:
    return f"/channels/{channel.id}{tail}"


async def test_channels_are_written_by_their_kind(api: Api) -> None:
    discord = api.sandbox
    kinds = (VOICE, CATEGORY, ANNOUNCEMENTS, STAGE, FORUM, MEDIA)
    made = [discord.add_channel(f"c{kind}", kind=kind, tags=["art"]) for kind in kinds]
    _, found = await api.call("GET", f"/guilds/{discord.guild.id}/channels")
    assert [each["type"] for each in found[1:]] == list(kinds)
    assert found[1]["bitrate"] == 64_000
    assert found[5]["available_tags"][0]["name"] == "art"
    for channel in made[:1] + made[2:4]:
        assert (await api.call("POST", of(channel), {"content": "x"}))[0] == 200
    for channel in (made[1], *made[4:]):
        assert told(await api.call("POST", of(channel), {"content": "x"})) == (400, 50008)
        assert await api.call("GET", of(channel)) == (200, [])
    (message,) = discord.messages(made[0])
    discord.deny(made[0], "connect")
    for path in (of(made[0]), path_of(message)):
        assert told(await api.call("GET", path)) == (403, 50001)


async def test_commands_work_in_every_place_that_takes_messages(api: Api, mei: Member) -> None:
    await api.publish(COMMAND)
    discord = api.sandbox
    forum = discord.add_channel("forum", kind=FORUM)
    post = await mei.open_post(forum, "My cat", "look", files=[File("a.png", b"a")])
    assert (post.id, post.channel.parent_id) == (post.channel.id, forum.id)
    for channel in (post.channel, discord.add_channel("voice", kind=VOICE)):
        handle = await mei.slash("echo", channel=channel)
        assert (await api.respond(handle, SAY))[0] == 204
        assert discord.messages(channel)[-1].content == "hi"
    with pytest.raises(ClientRefused, match="nothing can be written"):
        await mei.post("hi", channel=forum)
    with pytest.raises(ClientRefused, match="posts are begun in a forum"):
        await mei.open_post(discord.channel, "no", "no")


async def test_a_post_is_begun_with_its_message(api: Api) -> None:
    forum = api.sandbox.add_channel("forum", kind=FORUM, tags=["art"])
    log = events(api)
    tag = {"applied_tags": [str(forum.tags[0].id)]}
    body = {"name": "A post", "message": {"content": "hello"}, **tag}
    status, thread = await api.call("POST", of(forum, "/threads"), body)
    assert (status, thread["type"], thread["parent_id"]) == (201, 11, str(forum.id))
    assert thread["message"]["id"] == thread["id"] == thread["message"]["channel_id"]
    assert thread["applied_tags"] == tag["applied_tags"]
    assert [each["t"] for each in log] == ["MESSAGE_CREATE"] or log[0]["t"] == "THREAD_CREATE"
    forum.needs_tag = True
    for wrong, expected in (
        ({"applied_tags": []}, (400, 40067)),
        ({"applied_tags": ["5"]}, (400, 50035)),
        ({"message": {}}, (400, 50006)),
        ({"message": {"content": 5}}, (400, 50035)),
        ({"message": None}, (400, 50035)),
        ({"name": ""}, (400, 50035)),
        ({"auto_archive_duration": 5}, (400, 50035)),
    ):
        answer = await api.call("POST", of(forum, "/threads"), body | wrong)
        assert told(answer) == expected, wrong
    forum.tags = []
    answer = await api.call("POST", of(forum, "/threads"), body | {"applied_tags": []})
    assert told(answer) == (400, 40066)


async def test_a_post_takes_nothing_before_its_author_has_written(api: Api, mei: Member) -> None:
    forum = api.sandbox.add_channel("forum", kind=FORUM)
    post = api.sandbox.add_thread(forum, "soon", mei.user)
    assert post.thread
    post.thread.is_written = False
    assert told(await api.call("POST", of(post), {"content": "x"})) == (403, 40058)
    post.thread.is_written = True
    assert (await api.call("POST", of(post), {"content": "x"}))[0] == 200


async def test_a_thread_is_started_of_a_message_once(api: Api, mei: Member) -> None:
    theirs = await mei.post("let us talk")
    log = events(api)
    path = path_of(theirs) + "/threads"
    status, thread = await api.call("POST", path, {"name": "aside", "auto_archive_duration": 60})
    assert (status, thread["id"], thread["type"]) == (201, str(theirs.id), 11)
    assert thread["thread_metadata"]["auto_archive_duration"] == 60
    assert log[-1]["t"] == "MESSAGE_UPDATE"
    assert (log[-1]["d"]["flags"], log[-1]["d"]["thread"]["id"]) == (32, thread["id"])
    assert told(await api.call("POST", path, {"name": "again"})) == (400, 160004)
    inside = api.sandbox.channels[theirs.id]
    message = await mei.post("hi", channel=inside)
    for wrong in (path_of(message), path_of(await mei.post("x", channel=api.sandbox.dm(mei)))):
        assert told(await api.call("POST", wrong + "/threads", {"name": "a"})) == (400, 50024)
    api.sandbox.deny(api.sandbox.channel, "create_public_threads")
    other = await mei.post("another")
    assert told(await api.call("POST", path_of(other) + "/threads", {"name": "a"})) == (403, 50013)


async def test_a_thread_without_a_message_is_private_unless_it_says_otherwise(
    api: Api, mei: Member
) -> None:
    path = of(api.sandbox.channel, "/threads")
    told_of = {"rate_limit_per_user": 5, "invitable": False}
    _, private = await api.call("POST", path, {"name": "secret", **told_of})
    assert private["rate_limit_per_user"] == 5
    assert private["thread_metadata"]["invitable"] is False
    _, public = await api.call("POST", path, {"name": "open", "type": 11})
    assert (private["type"], public["type"]) == (12, 11)
    news = api.sandbox.add_channel("news", kind=ANNOUNCEMENTS)
    assert (await api.call("POST", of(news, "/threads"), {"name": "n"}))[1]["type"] == 10
    for channel, kind in ((news, 11), (news, 12), (api.sandbox.channel, 10)):
        answer = await api.call("POST", of(channel, "/threads"), {"name": "n", "type": kind})
        assert told(answer) == (400, 50035)
        assert places(answer[1]["errors"]) == ["type"]
    secret = api.sandbox.channels[int(private["id"])]
    with pytest.raises(ClientRefused, match="does not see"):
        await mei.post("hi", channel=secret)
    members = of(secret, "/thread-members")
    assert await api.call("PUT", f"{members}/{mei.id}") == (204, None)
    await mei.post("hi", channel=secret)
    ids = [each["user_id"] for each in (await api.call("GET", members))[1]]
    assert ids == [str(api.sandbox.bot_user.id), str(mei.id)]
    assert (await api.call("GET", f"{members}/{mei.id}"))[1]["user_id"] == str(mei.id)
    assert told(await api.call("DELETE", f"{members}/{mei.id}")) == (403, 50013)
    for nobody, code in (("5", 10013), (str(api.sandbox.developer.id), 10007)):
        assert told(await api.call("GET", f"{members}/{nobody}")) == (404, code)
    assert told(await api.call("GET", of(api.sandbox.channel, "/thread-members"))) == (400, 50024)
    assert (await api.call("DELETE", f"{members}/@me"))[0] == 204
    assert told(await api.call("GET", of(secret))) == (403, 50001)
    archived = api.sandbox.channels[int(public["id"])]
    archived.is_archived = True
    assert told(await api.call("PUT", of(archived, "/thread-members/@me"))) == (400, 50083)


async def test_what_is_refused_in_an_archived_thread_does_not_open_it(api: Api) -> None:
    thread = api.sandbox.add_thread(api.sandbox.channel, "aside")
    thread.is_archived = True
    assert told(await api.call("POST", of(thread), {})) == (400, 50006)
    assert thread.is_archived


async def test_an_announcement_is_published_once(api: Api, mei: Member) -> None:
    news = api.sandbox.add_channel("news", kind=ANNOUNCEMENTS)
    _, body = await api.call("POST", of(news), {"content": "news"})
    path = of(news, f"/messages/{body['id']}/crosspost")
    status, found = await api.call("POST", path)
    assert (status, found["flags"]) == (200, 1)
    assert told(await api.call("POST", path)) == (400, 40033)
    theirs = await mei.post("mine", channel=news)
    assert told(await api.call("POST", path_of(theirs) + "/crosspost")) == (403, 50013)
    assert told(await api.call("POST", path_of(await sent(api)) + "/crosspost")) == (400, 50024)


async def test_what_a_file_may_weigh_is_by_member_and_by_server(api: Api, mei: Member) -> None:
    await api.publish(COMMAND)
    log = events(api)

    async def announced() -> int:
        await mei.slash("echo")
        return int(log[-1]["d"]["attachment_size_limit"])

    assert await announced() == 20 * MIB
    api.sandbox.guild.premium_tier = 2
    assert await announced() == 50 * MIB
    mei.user.has_nitro = True
    assert await announced() == 500 * MIB
    assert api.sandbox.upload_limit(api.sandbox.channel) == 50 * MIB
    assert api.sandbox.upload_limit(api.sandbox.dm(mei)) == 20 * MIB


# -- applications that people have for themselves


async def places_without_bot(api: Api, mei: Member) -> list[Channel]:
    """A channel of a server that the bot is not in, and a group."""
    discord = api.sandbox
    guild = discord.add_guild("Elsewhere", has_bot=False)
    mei.join(guild)
    ana = discord.member("Ana", guild)
    return [
        discord.add_channel("there", guild),
        discord.add_group("Us", mei.user, ana.user),
        discord.add_direct(mei.user, ana.user),
    ]


async def installed(api: Api, mei: Member, *commands: Json) -> None:
    api.sandbox.application.installs.add(1)
    await api.publish(*commands)
    mei.install()


async def test_an_application_offers_the_installs_that_it_has(api: Api, mei: Member) -> None:
    answer = await api.publish(FOR_ALL)
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == ["0.integration_types.1"]
    with pytest.raises(ClientRefused, match="cannot be installed by people"):
        mei.install()
    await installed(api, mei, FOR_ALL)
    _, application = await api.call("GET", "/applications/@me")
    assert set(application["integration_types_config"]) == {"0", "1"}
    assert application["approximate_user_install_count"] == 1


async def test_who_has_an_application_uses_it_where_the_bot_is_not(api: Api, mei: Member) -> None:
    there, *among_others = await places_without_bot(api, mei)
    only_servers = COMMAND | {"name": "here"}
    with pytest.raises(ClientRefused):
        await mei.slash("echo", channel=there)
    await installed(api, mei, FOR_ALL, only_servers)
    log = events(api)
    for channel, context in ((there, 0), *((each, 2) for each in among_others)):
        with pytest.raises(ClientRefused, match="there is no command here"):
            await mei.slash("here", channel=channel)
        handle = await mei.slash("echo", channel=channel)
        told_of = log[-1]["d"]
        assert told_of["context"] == context
        assert told_of["authorizing_integration_owners"] == {"1": str(mei.id)}
        assert told_of["channel"]["id"] == str(channel.id)
        assert "permission_overwrites" not in told_of["channel"]
        assert told_of["channel"].get("permissions") == told_of.get("member", {}).get("permissions")
        assert told_of.get("guild_id") == (str(there.guild_id) if channel is there else None)
        assert ("member" in told_of) == (channel is there)
        assert told_of["app_permissions"] == "442368"
        status, _ = await api.respond(handle, SAY)
        assert (status, log[-1]["t"]) == (204, "INTERACTION_CREATE"), "no message is told of"
        assert told(await api.call("GET", of(channel))) == (403, 50001)
        assert told(await api.call("POST", of(channel), {"content": "x"})) == (403, 50001)
        edited = await api.call("PATCH", api.by_token(handle, "@original"), {"content": "ho"})
        assert edited[0] == 200


async def test_who_has_it_too_is_told_in_a_server_of_the_bots_and_in_its_messages(
    api: Api, mei: Member
) -> None:
    await installed(api, mei, FOR_ALL)
    log = events(api)
    here, ours = api.sandbox.channel, api.sandbox.dm(mei)
    for channel, owner in ((here, str(api.sandbox.guild.id)), (ours, "0")):
        await mei.slash("echo", channel=channel)
        owners = {"0": owner, "1": str(mei.id)}
        assert log[-1]["d"]["authorizing_integration_owners"] == owners
    await api.sandbox.member("Bob").slash("echo")
    owners = {"0": str(api.sandbox.guild.id)}
    assert log[-1]["d"]["authorizing_integration_owners"] == owners


async def test_five_messages_follow_where_the_member_alone_has_it(api: Api, mei: Member) -> None:
    there, *_ = await places_without_bot(api, mei)
    await installed(api, mei, FOR_ALL)
    for channel, count in ((there, 5), (api.sandbox.channel, 6)):
        handle = await mei.slash("echo", channel=channel)
        await api.respond(handle, SAY)
        answers = [await api.call("POST", api.by_token(handle), {"content": "x"}) for _ in range(6)]
        assert [status for status, _ in answers] == [200] * count + [400] * (6 - count)
        if count == 5:
            assert told(answers[-1]) == (400, 40094)


@pytest.mark.parametrize("permission", ["use_external_apps", "send_messages"])
async def test_an_answer_is_hidden_where_the_member_may_not_use_foreign_applications(
    api: Api, mei: Member, permission: str
) -> None:
    there, *_ = await places_without_bot(api, mei)
    await installed(api, mei, FOR_ALL)
    api.sandbox.deny(there, permission, of=mei.user)
    handle = await mei.slash("echo", channel=there)
    await api.respond(handle, SAY)
    assert handle.ephemeral


async def test_a_press_is_of_whom_its_message_was(api: Api, mei: Member) -> None:
    there, *_ = await places_without_bot(api, mei)
    await installed(api, mei, FOR_ALL)
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    handle = await mei.slash("echo", channel=there)
    await api.respond(handle, {"type": 4, "data": {"components": [row]}})
    log = events(api)
    assert handle.message
    await mei.press(handle.message, "Go")
    assert log[-1]["d"]["authorizing_integration_owners"] == {"1": str(mei.id)}
