import pytest

from bot.discord.events import check_event, is_unheard

MEI = {"id": "7", "username": "mei", "discriminator": "0", "avatar": None}
PICTURE = {"id": "9", "filename": "a.png", "size": 5, "url": "https://cdn.test/a.png"}
MESSAGE = {
    "id": "1",
    "channel_id": "2",
    "author": MEI,
    "content": "",
    "mentions": [],
    "attachments": [PICTURE],
}
COMMAND = {
    "id": "1",
    "application_id": "2",
    "type": 2,
    "token": "token",
    "user": MEI,
    "app_permissions": "8",
    "attachment_size_limit": 10,
    "data": {"name": "snake", "type": 1, "options": [{"name": "seed", "type": 4, "value": 20}]},
}


def test_an_event_as_discord_writes_it_is_fine() -> None:
    check_event("MESSAGE_CREATE", MESSAGE)
    check_event("INTERACTION_CREATE", COMMAND)
    check_event("TYPING_START", {"any": "thing"})


BOT = MEI | {"bot": True}


@pytest.mark.parametrize(
    ("is_heard", "name", "event"),
    [
        (True, "MESSAGE_CREATE", MESSAGE),  # a direct one, whatever it says
        (True, "MESSAGE_CREATE", MESSAGE | {"guild_id": None}),
        (True, "MESSAGE_CREATE", MESSAGE | {"guild_id": "3", "content": "<@5> snake"}),
        (True, "MESSAGE_CREATE", MESSAGE | {"guild_id": "3", "content": "snake <@!5>"}),
        (True, "MESSAGE_CREATE", MESSAGE | {"guild_id": "3", "content": "<@&6> snake"}),
        (True, "MESSAGE_CREATE", MESSAGE | {"guild_id": "3", "mention_roles": ["6"]}),
        (True, "MESSAGE_REACTION_ADD", {"user_id": "7"}),
        (True, "INTERACTION_CREATE", COMMAND),
        (True, "GUILD_CREATE", {"id": "3"}),
        (True, "CHANNEL_DELETE", {"id": "2"}),
        (False, "MESSAGE_CREATE", MESSAGE | {"guild_id": "3", "mention_roles": []}),
        (False, "MESSAGE_CREATE", MESSAGE | {"guild_id": "3"}),  # its content is hidden from us
        (False, "MESSAGE_CREATE", MESSAGE | {"guild_id": "3", "content": "a snake < @5"}),
        (False, "MESSAGE_CREATE", MESSAGE | {"author": BOT}),
        (False, "MESSAGE_CREATE", MESSAGE | {"author": BOT, "content": "<@5>", "guild_id": "3"}),
        (False, "MESSAGE_CREATE", MESSAGE | {"webhook_id": "7", "content": "<@5>"}),
        (False, "MESSAGE_UPDATE", MESSAGE | {"content": "<@5>"}),
        (False, "MESSAGE_DELETE", {"id": "1"}),
        (False, "MESSAGE_DELETE_BULK", {"ids": ["1"]}),
    ],
)
def test_what_nobody_asks_of_the_bot_is_not_heard(
    *, is_heard: bool, name: str, event: dict[str, object]
) -> None:
    assert is_unheard(name, event) is not is_heard


MEMBER = {"user": MEI, "roles": ["5"], "flags": 0, "nick": None, "permissions": "8"}


@pytest.mark.parametrize(
    "changes",
    [
        {"author": MEI | {"bot": True, "discriminator": "0000"}, "webhook_id": "7"},
        {"guild_id": "3", "member": {"roles": [], "flags": 0}, "type": 7},  # somebody joined
        {"type": 19, "message_reference": {"message_id": "4"}, "referenced_message": None},
        {"mentions": [MEI | {"member": {"roles": [], "flags": 0}}], "nonce": 5, "new": {}},
        {"attachments": [PICTURE | {"width": None, "height": None, "duration_secs": 1.5}]},
        {"attachments": [PICTURE | {"width": 64, "height": 64, "content_type": "image/png"}]},
    ],
    ids=["webhook", "system", "reply", "mentions", "attachment", "picture"],
)
def test_any_kind_of_message_is_let_through(changes: dict[str, object]) -> None:
    check_event("MESSAGE_CREATE", MESSAGE | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"user": None, "member": MEMBER, "guild_id": "3", "channel_id": "2"},
        {"data": {"name": "snake", "type": 1, "id": "4"}},
        {"data": {"name": "cny", "options": [{"name": "snake", "type": 1, "options": []}]}},
        {"data": {"name": "a", "options": [{"name": "b", "type": 10, "value": 0.5}]}},
        {"data": {"name": "a", "options": [{"name": "b", "type": 5, "value": False}]}},
        {"data": {"name": "a", "resolved": {"attachments": {"9": PICTURE}}}},
        {"data": {"name": "Use", "type": 3, "target_id": "1", "resolved": {"messages": {}}}},
        {"type": 3, "data": {"component_type": 2, "custom_id": "x"}, "message": {"flags": 64}},
        {"type": 4, "data": {"name": "a", "options": [{"name": "b", "type": 3, "value": ""}]}},
        {"type": 5, "data": {"custom_id": "x", "components": []}},
        {"app_permissions": "2248473465835073"},
        {"context": 0, "authorizing_integration_owners": {"0": "3"}, "new": [1]},
    ],
)
def test_any_kind_of_interaction_is_let_through(changes: dict[str, object]) -> None:
    check_event("INTERACTION_CREATE", COMMAND | changes)


def test_an_interaction_that_says_nothing_of_permissions_is_answered_about_them() -> None:
    check_event("INTERACTION_CREATE", {k: v for k, v in COMMAND.items() if k != "app_permissions"})


@pytest.mark.parametrize("emoji", [{"id": None, "name": "🔁"}, {"id": "812", "name": None}])
@pytest.mark.parametrize("name", ["MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"])
def test_any_kind_of_reaction_is_let_through(name: str, emoji: dict[str, object]) -> None:
    where = {"user_id": "7", "channel_id": "2", "message_id": "1", "emoji": emoji}
    check_event(name, where)
    check_event(name, where | {"guild_id": "3", "member": MEMBER, "burst": False, "type": 0})


@pytest.mark.parametrize(
    "changes",
    [
        {"id": str(2**64)},
        {"author": {"id": "7"}},
        {"content": None},
        {"content": "\ud83d"},
        {"mentions": None},
        {"attachments": [PICTURE | {"size": "5"}]},
        {"attachments": [PICTURE | {"url": None}]},
    ],
)
def test_a_message_without_its_parts_is_told(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"validation error|surrogates"):
        check_event("MESSAGE_CREATE", MESSAGE | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"user": None},
        {"token": {"a": 1}},
        {"token": "../.."},
        {"attachment_size_limit": "10"},
        {"attachment_size_limit": float("nan")},
        {"data": {"type": 1}},
        {"data": {"name": "snake", "options": [{"name": "seed", "type": 4}]}},
        {"data": {"name": "snake", "type": 99}},
    ],
)
def test_an_interaction_without_its_parts_is_told(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"validation error|not JSON compliant"):
        check_event("INTERACTION_CREATE", COMMAND | changes)


def test_a_fault_of_an_interaction_does_not_show_its_token() -> None:
    with pytest.raises(ValueError, match="token") as caught:
        check_event("INTERACTION_CREATE", COMMAND | {"token": ["secret"]})
    assert "secret" not in str(caught.value)
