"""The servers, channels and people of the local Discord, and how it writes them down."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.discord.permissions import ADMINISTRATOR, Overwrite, Role, given

Json = Any
EPOCH_MS = 1_420_070_400_000  # https://docs.discord.com/developers/reference#snowflakes

# What a server has that nobody here uses.
_UNUSED: Json = {
    "emojis": [],
    "stickers": [],
    "features": [],
    "premium_tier": 0,
    "nsfw_level": 0,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "system_channel_flags": 0,
    "preferred_locale": "en-US",
    "afk_timeout": 300,
    "large": False,
    "voice_states": [],
    "presences": [],
    "stage_instances": [],
    "guild_scheduled_events": [],
}


@dataclass(eq=False)
class User:
    """A person, or the bot."""

    id: int
    name: str
    is_bot: bool = False

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
class Application:
    """What the bot belongs to; its id is not the bot's where it is old, or got its bot late."""

    id: int
    bot: User
    owner: User
    is_public: bool = True  # whether everybody may add it to a server


@dataclass(eq=False)
class Channel:
    """A text channel, a thread or a direct message."""

    id: int
    name: str
    type: int = 0  # 0 text, 1 direct message, 11 public thread
    guild_id: int | None = None
    parent_id: int | None = None
    person: User | None = None
    is_nsfw: bool = False  # age-restricted
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    is_archived: bool = False
    is_locked: bool = False
    is_deleted: bool = False

    def payload(self, bot: User) -> Json:
        """A channel object."""
        common: Json = {"id": str(self.id), "type": self.type, "last_message_id": None, "flags": 0}
        if self.person:
            return {**common, "recipients": [self.person.payload()]}
        common |= {
            "guild_id": str(self.guild_id),
            "name": self.name,
            "position": 0,
            "nsfw": self.is_nsfw,
            "topic": None,
            "rate_limit_per_user": 0,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "permission_overwrites": [each.payload() for each in self.overwrites.values()],
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
    """A server, with its members and their roles; the first role is @everyone."""

    id: int
    name: str
    owner: User
    roles: list[Role]
    members: list[User] = field(default_factory=list)
    given: dict[int, list[Role]] = field(default_factory=dict)  # by users' ids

    @property
    def everyone(self) -> Role:
        """The role that all members have."""
        return self.roles[0]

    @property
    def all_channels(self) -> int:
        """What stands for all channels in the permissions of commands."""
        return self.id - 1

    def roles_of(self, user: User) -> list[Role]:
        """A member's, without @everyone."""
        return self.given.get(user.id, [])

    def permissions_of(self, user: User) -> int:
        """What a member may where no channel says otherwise."""
        return given([self.everyone, *self.roles_of(user)], is_owner=user is self.owner)

    def is_administrator(self, user: User) -> bool:
        """Whether they may everything."""
        return bool(self.permissions_of(user) & ADMINISTRATOR)

    def member_payload(self, user: User, *, is_partial: bool = False) -> Json:
        """A member object; a partial one goes without what stands beside it, and what a voice has."""
        found = self._member_payload(user)
        left_out = {"user", "deaf", "mute"} if is_partial else set()
        return {key: value for key, value in found.items() if key not in left_out}

    def _member_payload(self, user: User) -> Json:
        return {
            "user": user.payload(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [str(role.id) for role in self.roles_of(user)],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "premium_since": None,
            "communication_disabled_until": None,
            "pending": False,
            "deaf": False,
            "mute": False,
            "flags": 0,
        }

    def payload(self, channels: Iterable[Channel], bot: User) -> Json:
        """A server as GUILD_CREATE brings it, once it is joined, to a bot that asks for no members."""
        own = [c for c in channels if c.guild_id == self.id and not c.is_deleted]
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "roles": [role.payload() for role in self.roles],
            "channels": [c.payload(bot) for c in own if c.type == 0],
            "threads": [c.payload(bot) for c in own if c.type == 11],
            "members": [self.member_payload(bot)],
            "member_count": len(self.members),
            **_UNUSED,
        }


class Snowflakes:
    """Ids that say when they were made, and never repeat."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._count = itertools.count(1)

    def __call__(self) -> int:
        milliseconds = round(self._now().timestamp() * 1000) - EPOCH_MS
        return (milliseconds << 22) | (next(self._count) & 0x3FFFFF)
