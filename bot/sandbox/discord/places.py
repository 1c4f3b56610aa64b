"""The servers, channels and people of the local Discord, and how it writes them down."""

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
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "use_application_commands": 1 << 31,
    "send_messages_in_threads": 1 << 38,
}
EVERYTHING = sum(PERMISSIONS.values())
ADMINISTRATOR = 1 << 3
# Of the bot in its direct messages, as an interaction announces them; they have no others.
# https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
IN_DIRECT_MESSAGES = sum(
    PERMISSIONS[name]
    for name in ("attach_files", "embed_links", "mention_everyone", "use_external_emojis")
)


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
class Application:
    """What the bot belongs to; its id is not the bot's where it is old, or got its bot late."""

    id: int
    bot: User
    owner: User


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
        if self.person:
            return IN_DIRECT_MESSAGES
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


class Snowflakes:
    """Ids that say when they were made, and never repeat."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._count = itertools.count(1)

    def __call__(self) -> int:
        milliseconds = round(self._now().timestamp() * 1000) - EPOCH_MS
        return (milliseconds << 22) | (next(self._count) & 0x3FFFFF)


class Places:
    """Who and where there is; ids are drawn from `new_id`."""

    guild: Guild  # the first server

    def __init__(self, bot_user: User, new_id: Callable[[], int]) -> None:
        self.bot_user = bot_user
        self.new_id = new_id
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {bot_user.id: bot_user}

    def add_guild(self, name: str) -> Guild:
        """One more server."""
        guild = Guild(self.new_id(), name, members=[self.bot_user])
        self.guilds[guild.id] = guild
        return guild

    def add_channel(self, name: str, guild: Guild | None = None) -> Channel:
        """One more text channel."""
        return self._add(Channel(self.new_id(), name, guild_id=(guild or self.guild).id))

    def add_thread(self, channel: Channel, name: str) -> Channel:
        """One more thread."""
        return self._add(
            Channel(self.new_id(), name, type=11, guild_id=channel.guild_id, parent_id=channel.id)
        )

    def dm_of(self, user: User) -> Channel:
        """The direct message of a person with the bot."""
        for channel in self.channels.values():
            if channel.person is user:
                return channel
        return self._add(Channel(self.new_id(), "", type=1, person=user))

    def add_person(
        self, name: str, *, is_administrator: bool = False, is_bot: bool = False
    ) -> User:
        """One more person in the first server, or a bot of somebody else's."""
        user = User(self.new_id(), name, is_bot, is_administrator)
        self.users[user.id] = user
        self.guild.members.append(user)
        return user

    def deny(self, channel: Channel, *permissions: str) -> None:
        """Take permissions from the bot; it learns of it with the next connection or command."""
        channel.denied.update(permissions)

    def allow(self, channel: Channel, *permissions: str) -> None:
        """Give them back."""
        channel.denied.difference_update(permissions)

    def knows_guild(self, guild_id: int) -> bool:
        """Whether the bot is in this server."""
        return guild_id in self.guilds

    def _add(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel
