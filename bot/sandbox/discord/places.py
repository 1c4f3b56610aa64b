"""The servers and channels of the local Discord, and how it writes them down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.discord.blanks import (
    OF_CHANNELS,
    OF_MEMBERS,
    OF_SERVERS,
    OF_SERVERS_IN_ANSWERS,
    OF_SERVERS_IN_EVENTS,
)
from bot.sandbox.discord.people import User, made_at
from bot.sandbox.discord.permissions import ADMINISTRATOR, Overwrite, Role, given

Json = Any

# https://docs.discord.com/developers/resources/channel#channel-object-channel-types
TEXT, DIRECT, VOICE, GROUP, CATEGORY, ANNOUNCEMENTS, STAGE = 0, 1, 2, 3, 4, 5, 13
NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
FORUM, MEDIA = 15, 16
THREADS = {NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD}
POSTS_ONLY = {FORUM, MEDIA}
WITH_VOICE = {VOICE, STAGE}
WITHOUT_MESSAGES = {CATEGORY, *POSTS_ONLY}
NEEDS_TAG = 1 << 4  # a flag of a forum


@dataclass(eq=False)
class Tag:
    """What a forum's posts can be marked with."""

    id: int
    name: str

    def payload(self) -> Json:
        """A tag object."""
        emoji = {"emoji_id": None, "emoji_name": None}
        return {"id": str(self.id), "name": self.name, "moderated": False, **emoji}


@dataclass(eq=False)
class Thread:
    """What a thread has beside what every channel has."""

    owner: User
    members: list[User] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    archives_after_min: int = 1440
    pause_s: int = 0  # between two messages of a member; told, and kept by nobody here
    invites: bool = True  # whether its members may let others into a private one
    message_count: int = 0
    is_written: bool = True  # False: a post whose author has not written yet


@dataclass(eq=False)
class Channel:
    """A channel of a server, a thread, a direct message or a group."""

    id: int
    name: str
    type: int = TEXT
    guild_id: int | None = None
    parent_id: int | None = None
    person: User | None = None  # whose direct message with the bot it is
    is_nsfw: bool = False  # age-restricted
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    is_archived: bool = False
    is_locked: bool = False
    is_deleted: bool = False
    thread: Thread | None = None
    group: list[User] = field(default_factory=list)  # people who write there; the bot never does
    tags: list[Tag] = field(default_factory=list)  # of a forum
    needs_tag: bool = False

    @property
    def is_thread(self) -> bool:
        """Whether it belongs to another channel."""
        return self.type in THREADS

    def payload(self, bot: User) -> Json:
        """A channel object."""
        common: Json = {"id": str(self.id), "type": self.type, "last_message_id": None, "flags": 0}
        if self.type == DIRECT:
            people = [self.person] if self.person else self.group
            return {**common, "recipients": [each.payload() for each in people]}
        if self.group:
            owner = {"owner_id": str(self.group[0].id), "icon": None, "name": self.name}
            return {**common, **owner, "recipients": [user.payload() for user in self.group]}
        common |= {
            **OF_CHANNELS,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "parent_id": str(self.parent_id) if self.parent_id else None,
        }
        if self.is_thread:
            return {**common, **self._as_thread(bot)}
        common |= {
            "nsfw": self.is_nsfw,
            "permission_overwrites": [each.payload() for each in self.overwrites.values()],
        }
        if self.type in WITH_VOICE:
            common |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
        if self.type in POSTS_ONLY:
            tags = [tag.payload() for tag in self.tags]
            order = {"default_reaction_emoji": None, "default_sort_order": None}
            common |= {"flags": NEEDS_TAG * self.needs_tag, "available_tags": tags, **order}
        return common

    def partial(self, bot: User, permissions: int) -> Json:
        """As an interaction tells of it, with what its user may there: of nobody else's rights."""
        found = self.payload(bot)
        found.pop("permission_overwrites", None)
        return {**found, "permissions": str(permissions)} if self.guild_id else found

    def _as_thread(self, bot: User) -> Json:
        thread, since = self.thread or Thread(bot), made_at(self.id).isoformat()
        found: Json = {
            "owner_id": str(thread.owner.id),
            "message_count": thread.message_count,
            "total_message_sent": thread.message_count,
            "member_count": max(1, len(thread.members)),
            "rate_limit_per_user": thread.pause_s,
            "thread_metadata": {
                "archived": self.is_archived,
                "auto_archive_duration": thread.archives_after_min,
                "archive_timestamp": since,
                "create_timestamp": since,
                "locked": self.is_locked,
            },
        }
        if self.type == PRIVATE_THREAD:
            found["thread_metadata"]["invitable"] = thread.invites
        if thread.tags:
            found["applied_tags"] = [str(each) for each in thread.tags]
        return found


@dataclass(eq=False)
class Guild:
    """A server, with its members and their roles; the first role is @everyone."""

    id: int
    name: str
    owner: User
    roles: list[Role]
    members: list[User] = field(default_factory=list)
    premium_tier: int = 0  # how far it is boosted
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
        roles = [str(role.id) for role in self.roles_of(user)]
        return {**OF_MEMBERS, "user": user.payload(), "roles": roles}

    def payload(self, channels: Iterable[Channel], bot: User) -> Json:
        """A server as GUILD_CREATE brings it, once it is joined, to a bot that asks for no members."""
        own = [c for c in channels if c.guild_id == self.id and not c.is_deleted]
        return {
            **self._payload(),
            **OF_SERVERS_IN_EVENTS,
            "channels": [c.payload(bot) for c in own if not c.is_thread],
            "threads": [c.payload(bot) for c in own if c.is_thread and not c.is_archived],
            "members": [self.member_payload(bot)],
            "member_count": len(self.members),
        }

    def answer(self, *, with_counts: bool) -> Json:
        """A server object as the API gives it."""
        counts = ("approximate_member_count", "approximate_presence_count") if with_counts else ()
        known = dict.fromkeys(counts, len(self.members))
        return {**self._payload(), **OF_SERVERS_IN_ANSWERS, **known}

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
            "premium_tier": self.premium_tier,
            **OF_SERVERS,
        }
