"""Whom a message mentions, and what a reply tells of the message that it answers."""

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.mentions import users_named
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.people import User
from tests.sandbox.conftest import SAY, Api, Json, asked, path_of, sent

PICTURE = File("a.png", b"a")
KINDS = ("users", "roles")


def heard(api: Api) -> list[Json]:
    """The messages that come through the gateway from now on."""
    found: list[Json] = []

    def listen(kind: str, what: Json) -> None:
        if kind == "event" and what["t"].startswith("MESSAGE_"):
            found.append(what["d"])

    api.sandbox.subscribe(listen)
    return found


def ids(users: list[Json]) -> list[int]:
    return [int(user["id"]) for user in users]


async def test_a_reply_mentions_whom_it_answers_though_its_text_does_not(
    api: Api, mei: Member
) -> None:
    ours = await sent(api)
    events = heard(api)
    for ping in (True, False):
        await mei.post("haha", reply_to=ours.id, files=[PICTURE], ping=ping)
    pinging, silent = events
    bot_id = api.sandbox.bot_user.id
    assert (ids(pinging["mentions"]), ids(silent["mentions"])) == ([bot_id], [])
    # Only who is mentioned gets the content without asking for the intent.
    assert (pinging["content"], len(pinging["attachments"])) == ("haha", 1)
    assert (silent["content"], silent["attachments"]) == ("", [])
    for event in events:
        assert event["type"] == 19
        assert event["message_reference"] == {
            "type": 0,
            "message_id": str(ours.id),
            "channel_id": str(ours.channel.id),
            "guild_id": str(api.sandbox.guild.id),
        }
        assert event["referenced_message"]["content"] == "hello"


async def test_a_files_type_is_told_by_its_name_or_by_who_sends_it_or_not_at_all(
    api: Api, mei: Member
) -> None:
    files = [File("a.png", b""), File("b", b""), File("c.png", b"", ""), File("d.png", b"", "x/y")]
    events = heard(api)
    await mei.post(api.sandbox.bot_mention, files=files)
    (event,) = events
    given = [each.get("content_type", "left out") for each in event["attachments"]]
    assert given == ["image/png", "left out", "left out", "x/y"]


async def test_a_reply_tells_of_anothers_message_without_its_content(api: Api, mei: Member) -> None:
    ana = api.sandbox.member("Ana")
    theirs = await ana.post("a secret", files=[PICTURE])
    shown = await ana.post(f"{api.sandbox.bot_mention} look", files=[PICTURE])
    events = heard(api)
    for message in (theirs, shown):
        await mei.post(f"{api.sandbox.bot_mention} this one", reply_to=message.id)
    hidden, seen = (event["referenced_message"] for event in events)
    assert (hidden["id"], hidden["content"], hidden["attachments"]) == (str(theirs.id), "", [])
    assert (seen["content"], len(seen["attachments"])) == (shown.content, 1)
    assert ids(events[0]["mentions"]) == [api.sandbox.bot_user.id, ana.id]


async def test_a_menus_target_is_told_without_the_content_of_what_it_answers(
    api: Api, mei: Member
) -> None:
    await api.publish({"name": "Look", "type": 3})
    theirs = await api.sandbox.member("Ana").post("a secret", files=[PICTURE])
    target = await mei.post("see above", reply_to=theirs.id)
    events: list[Json] = []
    api.sandbox.subscribe(lambda kind, what: events.append(what) if kind == "event" else None)
    await mei.use("Look", target)
    message = events[-1]["d"]["data"]["resolved"]["messages"][str(target.id)]
    hidden = message["referenced_message"]
    assert (message["content"], hidden["id"]) == ("see above", str(theirs.id))
    assert (hidden["content"], hidden["attachments"]) == ("", [])


async def test_a_reply_to_what_was_deleted_says_null(api: Api, mei: Member) -> None:
    ours = await sent(api)
    reply = await mei.post("haha", reply_to=ours.id)
    await api.sandbox.delete_message(ours)
    _, body = await api.call("GET", path_of(reply))
    assert body["referenced_message"] is None
    assert body["message_reference"]["message_id"] == str(ours.id)


async def test_nobody_is_mentioned_by_a_reply_to_themselves(mei: Member) -> None:
    mine = await mei.post("mine")
    assert (await mei.post("and more", reply_to=mine.id)).mentioned == []


async def test_what_cannot_be_seen_cannot_be_answered(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 4, "data": {"content": "psst", "flags": 64}})
    gone = await mei.post("gone")
    await mei.delete(gone)
    elsewhere = await mei.post("elsewhere", channel=api.sandbox.dm(mei))
    for message_id in (handle.message_id or 0, gone.id, elsewhere.id, 5):
        with pytest.raises(ClientRefused):
            await mei.post("haha", reply_to=message_id)


@pytest.mark.parametrize(
    ("allowed", "mentions_author"),
    [
        (None, True),
        ({"parse": []}, False),
        ({"parse": [], "replied_user": False}, False),
        ({"parse": [], "replied_user": True}, True),
    ],
)
async def test_the_bots_reply_mentions_the_author_unless_it_says_otherwise(
    api: Api, mei: Member, allowed: Json, *, mentions_author: bool
) -> None:
    theirs = await mei.post("mine")
    more = {"allowed_mentions": allowed} if allowed else {}
    reference = {"message_id": str(theirs.id)}
    _, body = await api.send({"content": "hi", "message_reference": reference, **more})
    assert ids(body["mentions"]) == ([mei.id] if mentions_author else [])
    assert body["referenced_message"]["content"] == ""  # nobody asked the bot
    message = api.sandbox.message(int(body["id"]))
    _, edited = await api.call("PATCH", path_of(message), {"content": "ho", **more})
    assert edited["mentions"] == body["mentions"]


@pytest.mark.parametrize(
    ("allowed", "users", "is_role"),
    [
        (None, ["Mei", "Ana"], True),
        ({"parse": ["users"]}, ["Mei", "Ana"], False),
        ({"parse": ["roles"]}, [], True),
        ({"parse": [], "users": ["Mei"], "roles": ["Artists"]}, ["Mei"], True),
        ({"parse": [], "users": ["Mei"]}, ["Mei"], False),
        ({"parse": []}, [], False),
    ],
)
async def test_a_text_mentions_whom_it_names_and_may(
    api: Api, mei: Member, allowed: Json, users: list[str], *, is_role: bool
) -> None:
    known = {"Mei": mei.id, "Ana": api.sandbox.member("Ana").id}
    known["Artists"] = api.sandbox.add_role(api.sandbox.guild, "Artists").id
    if allowed:
        named = {kind: [str(known[name]) for name in allowed.get(kind, ())] for kind in KINDS}
        allowed = {**allowed, **named}
    text = f"<@{known['Ana']}> <@!{mei.id}> <@&{known['Artists']}> <@&7> <@5>"
    _, body = await api.send({"content": text, "allowed_mentions": allowed})
    assert ids(body["mentions"]) == [known[name] for name in users]
    assert body["mention_roles"] == ([str(known["Artists"])] if is_role else [])


@pytest.mark.parametrize(
    ("text", "is_mentioned"),
    [
        ("`{mei}`", False),
        ("``a ` {mei}``", False),
        ("```\n{mei}\n```", False),
        ("`{mei}` {mei}", True),
        ("` {mei} ``", True),
        ("\\`{mei}\\`", True),
        ("||{mei}||", True),
        ("> {mei}", True),
    ],
)
def test_whoever_is_named_in_code_is_mentioned_by_nobody(text: str, *, is_mentioned: bool) -> None:
    assert users_named(text.format(mei="<@5>"), None) == ([5] if is_mentioned else [])


async def test_an_interactions_answer_mentions_users_alone_and_pings_nobody_else(
    api: Api, mei: Member
) -> None:
    handle = await asked(api, mei)
    role = api.sandbox.add_role(api.sandbox.guild, "Artists")
    body = {"type": 4, "data": {"content": f"{mei.mention} <@&{role.id}>"}}
    _, told = await api.respond(handle, body, "?with_response=1")
    message = told["resource"]["message"]
    assert (ids(message["mentions"]), message["mention_roles"]) == ([mei.id], [])


async def test_an_edit_by_a_token_mentions_users_alone_where_it_says_nothing(
    api: Api, mei: Member
) -> None:
    role = api.sandbox.add_role(api.sandbox.guild, "Artists")
    text = f"{mei.mention} <@&{role.id}> @everyone"
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}

    def mentioned(message: Message) -> tuple[list[User], list[int], bool]:
        return message.mentioned, message.mentioned_roles, message.mentions_everyone

    for kind, method, path in (
        (4, "PATCH", "@original"),
        (5, "PATCH", "@original"),
        (5, "POST", ""),
    ):
        handle = await asked(api, mei)
        await api.respond(handle, {"type": kind, "data": {"components": [row]}})
        assert (await api.call(method, api.by_token(handle, path), {"content": text}))[0] == 200
        assert handle.message
        assert mentioned(handle.message) == ([mei.user], [], False)
    _, body = await api.send({"components": [row]})
    message = api.sandbox.message(int(body["id"]))
    data: Json = {"content": text}
    await api.respond(await mei.press(message, "Go"), {"type": 7, "data": data})
    assert mentioned(message) == ([mei.user], [], False)
    data["allowed_mentions"] = {"parse": ["roles"]}
    await api.respond(await mei.press(message, "Go"), {"type": 7, "data": data})
    assert mentioned(message) == ([], [role.id], False)


async def test_a_button_is_pressed_on_a_message_without_what_it_answers(
    api: Api, mei: Member
) -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    theirs = await mei.post("mine")
    reference = {"message_id": str(theirs.id)}
    _, body = await api.send({"content": "hi", "components": [row], "message_reference": reference})
    ours: Message = api.sandbox.message(int(body["id"]))
    events: list[Json] = []
    api.sandbox.subscribe(lambda kind, what: events.append(what) if kind == "event" else None)
    pressed = await mei.press(ours, "Go")
    assert events[-1]["d"]["message"]["id"] == body["id"]
    assert "referenced_message" not in events[-1]["d"]["message"]
    assert (await api.respond(pressed, SAY))[0] == 204


async def test_a_webhooks_message_is_nobodys_and_not_said_to_be_a_bots(api: Api) -> None:
    events = heard(api)
    message = await api.sandbox.webhook_post(f"{api.sandbox.bot_mention} hi", files=[PICTURE])
    (event,) = events
    assert event["webhook_id"] == event["author"]["id"] == str(message.author.id)
    assert event["webhook_id"] != str(api.sandbox.application_id)
    assert not event["author"]["bot"]
    assert "member" not in event
    assert "application_id" not in event
    assert len(event["attachments"]) == 1


async def test_another_bots_message_says_that_it_is_a_bots(api: Api) -> None:
    events = heard(api)
    await api.sandbox.another_bot("Other").post(f"{api.sandbox.bot_mention} hi")
    assert events[0]["author"]["bot"]
    assert "webhook_id" not in events[0]
