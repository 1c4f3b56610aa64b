"""Which of Discord's events the bot hears, and what it relies on in them: before anything is made of one.

https://docs.discord.com/developers/events/gateway-events
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = Annotated[int, Field(ge=0, lt=2**63)]  # which comes as text
Number = Annotated[int, Field(ge=0, lt=2**63, strict=True)]


COMMAND = 2  # a type of interaction
SUBCOMMANDS = {1, 2}  # types of options


class _Part(BaseModel):
    # An interaction's token stands in no log line.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _User(_Part):
    id: Id
    username: str
    discriminator: str
    avatar: str | None


class _Member(_Part):
    user: _User
    roles: list[Id]
    flags: Number


class _Attachment(_Part):
    id: Id
    filename: str
    size: Number
    url: str
    content_type: str | None = None
    width: Number | None = None
    height: Number | None = None
    flags: Number = 0


class _Option(_Part):
    name: str
    type: Number
    options: list["_Option"] = []
    value: str | int | float | bool | None = None

    @model_validator(mode="after")
    def _has_a_value(self) -> Self:
        if self.value is None and self.type not in SUBCOMMANDS:
            raise ValueError("expected a value")
        return self


class _Resolved(_Part):
    attachments: dict[Id, _Attachment] = {}


class _Data(_Part):
    type: Literal[1, 2, 3] = 1
    name: str | None = None
    custom_id: str | None = None
    options: list[_Option] = []
    resolved: _Resolved = _Resolved()


class _Source(_Part):
    flags: Number = 0


class _Interaction(_Part):
    id: Id
    application_id: Id
    type: Number
    token: str = Field(min_length=3, pattern=r"^[^\s/?#%]+$")  # it becomes a part of a path
    channel_id: Id | None = None
    guild_id: Id | None = None
    user: _User | None = None
    member: _Member | None = None
    app_permissions: Id = 0
    attachment_size_limit: Number
    data: _Data = _Data()
    message: _Source | None = None

    @model_validator(mode="after")
    def _somebody_did_something(self) -> Self:
        if not self.user and not self.member:
            raise ValueError("expected user or member")
        if self.type == COMMAND and self.data.name is None:
            raise ValueError("expected the command's name")
        return self


class _Message(_Part):
    id: Id
    channel_id: Id
    guild_id: Id | None = None
    author: _User
    content: str
    mentions: list[_User]
    attachments: list[_Attachment]


class _Emoji(_Part):
    id: Id | None = None
    name: str | None = None


class _Reaction(_Part):
    user_id: Id
    channel_id: Id
    message_id: Id
    guild_id: Id | None = None
    emoji: _Emoji


_EVENTS: Mapping[str, type[_Part]] = {
    "INTERACTION_CREATE": _Interaction,
    "MESSAGE_CREATE": _Message,
    "MESSAGE_REACTION_ADD": _Reaction,
    "MESSAGE_REACTION_REMOVE": _Reaction,
}


# Nothing is made of what becomes of messages: neither of our own, nor of all the others.
_UNHEARD = {
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_DELETE_BULK",
    "MESSAGE_POLL_VOTE_ADD",
    "MESSAGE_POLL_VOTE_REMOVE",
}
_MENTION = "<@"  # of a person or of a role


def is_unheard(name: str, event: Any) -> bool:  # noqa: ANN401 - the same
    """Whether nothing comes of the event: of most that a large server says, and of our own words."""
    if name != "MESSAGE_CREATE":
        return name in _UNHEARD
    if event["author"].get("bot") or event.get("webhook_id"):
        return True
    # What mentions the bot's role alone has no content for us.
    if event.get("guild_id") is None or event.get("mention_roles"):
        return False
    return _MENTION not in event["content"]


def check_event(name: str, event: Any) -> None:  # noqa: ANN401 - whatever came over the gateway
    """Nothing, or ValueError where the event lacks what the bot makes something of."""
    if name in _EVENTS:
        # Half a character cannot be kept.
        json.dumps(event, ensure_ascii=False, allow_nan=False).encode()
        _EVENTS[name].model_validate(event)
