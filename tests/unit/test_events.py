import pytest

from bot.events import check_event

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
