"""What a Discord knows: people, servers, channels, messages. And how it writes them down."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Any
EPOCH_MS = 1_420_070_400_000  # https://docs.discord.com/developers/reference#snowflakes

# https://docs.discord.com/developers/topics/permissions
PERMISSIONS = {
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "use_application_commands": 1 << 31,
    "send_messages_in_threads": 1 << 38,
}
EVERYTHING = sum(PERMISSIONS.values())
ADMINISTRATOR = 1 << 3
EPHEMERAL = 1 << 6


@dataclass(eq=False)
class User:
    """A person, or the bot."""

    id: int
    name: str
    is_bot: bool = False
    is_administrator: bool = False

    @property
    def mention(self) -> str:
        """How a text names them."""
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """A user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "global_name": None if self.is_bot else self.name,
            "discriminator": "0000",
            "avatar": None,
            "bot": self.is_bot,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }

    def own_payload(self) -> Json:
        """The user object that one gets of oneself."""
        own = {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}
        return {**self.payload(), **own}


@dataclass(eq=False)
class Channel:
    """A text channel, a thread or a direct message."""

    id: int
    name: str
    type: int = 0  # 0 text, 1 direct message, 11 public thread
    guild_id: int | None = None
    parent_id: int | None = None
    person: User | None = None
    denied: set[str] = field(default_factory=set)  # permissions that the bot lacks here
    is_archived: bool = False
    is_locked: bool = False
    is_deleted: bool = False

    def permissions(self) -> int:
        """The bot's."""
        return EVERYTHING & ~sum(PERMISSIONS[name] for name in self.denied)

    def payload(self, bot: User) -> Json:
        """A channel object."""
        common: Json = {"id": str(self.id), "type": self.type, "last_message_id": None, "flags": 0}
        if self.person:
            return {**common, "recipients": [self.person.payload()]}
        deny = sum(PERMISSIONS[name] for name in self.denied)
        overwrite = {"id": str(bot.id), "type": 1, "allow": "0", "deny": str(deny)}
        common |= {
            "guild_id": str(self.guild_id),
            "name": self.name,
            "position": 0,
            "nsfw": False,
            "topic": None,
            "rate_limit_per_user": 0,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "permission_overwrites": [overwrite] if deny else [],
        }
        if self.type == 11:
            common |= {
                "owner_id": str(bot.id),
                "message_count": 0,
                "total_message_sent": 0,
                "member_count": 1,
                "thread_metadata": {
                    "archived": self.is_archived,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": "2026-01-01T00:00:00+00:00",
                    "locked": self.is_locked,
                },
            }
        return common


@dataclass(eq=False)
class Guild:
    """A server."""

    id: int
    name: str
    channels: list[Channel] = field(default_factory=list)
    members: list[User] = field(default_factory=list)


@dataclass(frozen=True)
class Attachment:
    """A file of a message, or of a command's option."""

    id: int
    filename: str
    content_type: str
    size: int
    url: str
    width: int | None = None
    height: int | None = None
    description: str | None = None

    def payload(self) -> Json:
        """An attachment object."""
        found: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "content_type": self.content_type,
            "size": self.size,
            "url": self.url,
            "proxy_url": self.url,
        }
        if self.width is not None:
            found |= {"width": self.width, "height": self.height}
        if self.description:
            found["description"] = self.description
        return found


@dataclass(frozen=True)
class Revision:
    """How a message looked from a moment on."""

    at: datetime
    content: str
    embeds: tuple[Json, ...]
    attachments: tuple[Attachment, ...]
    components: tuple[Json, ...]


@dataclass(eq=False)
class Message:
    """A message as it is now, and as it was."""

    id: int
    channel: Channel
    author: User
    at: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    reply_to: int | None = None
    nonce: str | None = None
    flags: int = 0
    edited_at: datetime | None = None
    metadata: Json = None
    is_deleted: bool = False
    revisions: list[Revision] = field(default_factory=list)
    mentioned: list[User] = field(default_factory=list)

    @property
    def is_ephemeral(self) -> bool:
        """Whether one member alone sees it."""
        return bool(self.flags & EPHEMERAL)

    def keep(self, at: datetime) -> None:
        """Remember how it looks now."""
        self.revisions.append(
            Revision(
                at=at,
                content=self.content,
                embeds=tuple(self.embeds),
                attachments=tuple(self.attachments),
                components=tuple(self.components),
            )
        )

    def payload(self, *, hidden: bool = False) -> Json:
        """A message object; `hidden` leaves out what needs the message content intent."""
        found: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "content": "" if hidden else self.content,
            "timestamp": self.at.isoformat(),
            "edited_timestamp": self.edited_at.isoformat() if self.edited_at else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [user.payload() for user in self.mentioned],
            "mention_roles": [],
            "attachments": [] if hidden else [a.payload() for a in self.attachments],
            "embeds": [] if hidden else [{"type": "rich", **e} for e in self.embeds],
            "components": [] if hidden else _numbered(self.components),
            "pinned": False,
            "type": 20 if self.metadata else 19 if self.reply_to else 0,
            "flags": self.flags,
        }
        if self.reply_to:
            found["message_reference"] = {
                "type": 0,
                "message_id": str(self.reply_to),
                "channel_id": str(self.channel.id),
            }
        if self.metadata:
            found["interaction_metadata"] = self.metadata
            found["application_id"] = found["webhook_id"] = str(self.author.id)
        if self.nonce:
            found["nonce"] = self.nonce
        if self.reactions:
            found["reactions"] = [_reaction(e, ids) for e, ids in self.reactions.items()]
        return found


def _numbered(rows: list[Json]) -> list[Json]:
    # Discord numbers the components of a message where their author wrote no id, null or 0.
    # https://docs.discord.com/developers/components/reference#anatomy-of-a-component
    used = {c.get("id") for row in rows for c in (row, *row["components"])}
    ids = (number for number in itertools.count(1) if number not in used)
    return [
        {
            **row,
            "id": row.get("id") or next(ids),
            "components": [{**_seen(c), "id": c.get("id") or next(ids)} for c in row["components"]],
        }
        for row in rows
    ]


def _seen(component: Json) -> Json:
    emoji = {key: value for key, value in (component.get("emoji") or {}).items() if value}
    return without_nulls({**component, "emoji": emoji or None})


def without_nulls(node: Json) -> Json:
    """What Discord keeps of it: nothing that a client wrote as null."""
    if isinstance(node, dict):
        return {key: without_nulls(value) for key, value in node.items() if value is not None}
    return [without_nulls(each) for each in node] if isinstance(node, list) else node


def _reaction(emoji: str, ids: list[int]) -> Json:
    return {
        "count": len(ids),
        "count_details": {"burst": 0, "normal": len(ids)},
        "me": False,
        "me_burst": False,
        "emoji": {"id": None, "name": emoji},
        "burst_colors": [],
    }


class Snowflakes:
    """Ids that say when they were made, and never repeat."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._count = itertools.count(1)

    def __call__(self) -> int:
        milliseconds = round(self._now().timestamp() * 1000) - EPOCH_MS
        return (milliseconds << 22) | (next(self._count) & 0x3FFFFF)
