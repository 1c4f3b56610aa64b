"""The servers and channels of the local Discord, and how it writes them down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.discord.people import User
from bot.sandbox.discord.permissions import ADMINISTRATOR, Overwrite, Role, given

Json = Any

THREADS = {10, 11, 12}  # types of channels
JOINED = "2026-01-01T00:00:00+00:00"  # by all members

# What a server has that nobody here uses.
_EMPTY: Json = dict.fromkeys(
    (
        "icon", "splash", "discovery_splash", "banner", "description", "afk_channel_id",
        "application_id", "system_channel_id", "rules_channel_id", "public_updates_channel_id",
        "safety_alerts_channel_id", "vanity_url_code", "incidents_data",
    )
)  # fmt: skip
_UNUSED: Json = {
    **_EMPTY,
    "emojis": [],
    "stickers": [],
    "features": [],
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "premium_progress_bar_enabled": False,
    "nsfw_level": 0,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "system_channel_flags": 0,
    "preferred_locale": "en-US",
    "afk_timeout": 300,
    "max_members": 500_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
}
# https://docs.discord.com/developers/events/gateway-events#guild-create
_ONLY_IN_EVENTS: Json = {
    "joined_at": JOINED,
    "large": False,
    "voice_states": [],
    "presences": [],
    "stage_instances": [],
    "guild_scheduled_events": [],
    "soundboard_sounds": [],
}
# https://docs.discord.com/developers/resources/guild#get-guild
_ONLY_IN_ANSWERS: Json = {
    "home_header": None,
    "region": "deprecated",
    "widget_enabled": False,
    "widget_channel_id": None,
    "max_presences": None,
    "nsfw": False,
}


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

    @property
    def is_thread(self) -> bool:
        """Whether it belongs to another channel."""
        return self.type in THREADS

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
        if self.is_thread:
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
            "joined_at": JOINED,
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
            **self._payload(),
            **_ONLY_IN_EVENTS,
            "channels": [c.payload(bot) for c in own if not c.is_thread],
            "threads": [c.payload(bot) for c in own if c.is_thread and not c.is_archived],
            "members": [self.member_payload(bot)],
            "member_count": len(self.members),
        }

    def answer(self, *, with_counts: bool) -> Json:
        """A server object as the API gives it."""
        counts = ("approximate_member_count", "approximate_presence_count") if with_counts else ()
        known = dict.fromkeys(counts, len(self.members))
        return {**self._payload(), **_ONLY_IN_ANSWERS, **known}

    def partial(self, user: User) -> Json:
        """A server as one of its members lists it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "banner": None,
            "owner": user is self.owner,
            "permissions": str(self.permissions_of(user)),
            "features": [],
        }

    def _payload(self) -> Json:
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "roles": [role.payload() for role in self.roles],
            **_UNUSED,
        }
