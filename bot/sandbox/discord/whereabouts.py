"""Who is where, and what they may there."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox.discord.people import Application, User
from bot.sandbox.discord.permissions import (
    ADMINISTRATOR,
    ALL,
    IN_DIRECT_MESSAGES,
    MEMBER,
    PERMISSIONS,
    ROLE,
    USUAL,
    Overwrite,
    Role,
    bits,
    overwritten,
)
from bot.sandbox.discord.places import (
    ANNOUNCEMENTS,
    DIRECT,
    GROUP,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    Guild,
    Tag,
    Thread,
)
from bot.sandbox.waiting import News

Json = Any
ADMINISTRATORS = "Administrators"


class Whereabouts(ABC):
    """The servers, channels and people; ids are drawn from `new_id`, what changes is told."""

    guild: Guild  # the first server

    def __init__(self, application: Application, new_id: Callable[[], int]) -> None:
        self.application = application
        self.bot_user = application.bot
        self.new_id = new_id
        self.news: News[object] = News()
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {each.id: each for each in (self.bot_user, application.owner)}

    @abstractmethod
    async def dispatch(self, name: str, data: Json, guild_id: int | None) -> None:
        """Send an event to the clients that hear it."""

    @abstractmethod
    def later(self, name: str, data: Json, guild_id: int | None) -> None:
        """Send an event before whatever happens next."""

    def tell(self, name: str, data: Json, guild_id: int | None) -> None:
        """The same, where the bot is there to hear it."""
        if guild_id and self.knows_guild(guild_id):
            self.later(name, data, guild_id)

    # -- servers and channels

    def add_guild(self, name: str, owner: User | None = None, *, has_bot: bool = True) -> Guild:
        """One more server, with the bot in it or without."""
        guild_id = self.new_id()
        everyone = Role(guild_id, "@everyone", USUAL)
        guild = Guild(guild_id, name, owner or self._new_user(f"Owner of {name}"), [everyone])
        self.guilds[guild.id] = guild
        for each in (self.bot_user, guild.owner) if has_bot else (guild.owner,):
            self.join(guild, each)
        self.tell("GUILD_CREATE", guild.payload(self.channels.values(), self.bot_user), guild.id)
        return guild

    def add_channel(
        self,
        name: str,
        guild: Guild | None = None,
        *,
        kind: int = TEXT,
        is_nsfw: bool = False,
        tags: Sequence[str] = (),
    ) -> Channel:
        """One more channel, a forum with these tags."""
        channel = Channel(self.new_id(), name, kind, (guild or self.guild).id, is_nsfw=is_nsfw)
        channel.tags = [Tag(self.new_id(), each) for each in tags]
        return self._add(channel)

    def add_thread(
        self,
        channel: Channel,
        name: str,
        owner: User | None = None,
        *,
        thread_id: int | None = None,
        is_private: bool = False,
    ) -> Channel:
        """One more thread, or a forum's post, of somebody: of the bot, if nobody is named."""
        usual = NEWS_THREAD if channel.type == ANNOUNCEMENTS else PUBLIC_THREAD
        kind = PRIVATE_THREAD if is_private else usual
        found = Channel(thread_id or self.new_id(), name, kind, channel.guild_id, channel.id)
        by = owner or self.bot_user
        found.thread = Thread(by, [by])
        return self._add(found)

    def add_group(self, name: str, *users: User) -> Channel:
        """One more group of people; no bot is in one."""
        return self._add(Channel(self.new_id(), name, GROUP, group=list(users)))

    def add_direct(self, one: User, other: User) -> Channel:
        """The direct message of two people; the bot is in none but its own."""
        return self._add(Channel(self.new_id(), "", DIRECT, group=[one, other]))

    def channels_of(self, guild: Guild) -> list[Channel]:
        """A server's channels and threads that are there."""
        found = self.channels.values()
        return [each for each in found if each.guild_id == guild.id and not each.is_deleted]

    def dm_of(self, user: User) -> Channel:
        """The direct message of a person with the bot."""
        for channel in self.channels.values():
            if channel.person is user:
                return channel
        return self._add(Channel(self.new_id(), "", DIRECT, person=user))

    def guild_of(self, channel: Channel) -> Guild | None:
        """The server that a channel is in; None of a direct message."""
        return self.guilds[channel.guild_id] if channel.guild_id else None

    def line_of(self, channel: Channel) -> list[Channel]:
        """A thread's channel and the thread itself, or the channel alone."""
        parent = self.channels[channel.parent_id] if channel.parent_id else None
        return [parent, channel] if parent else [channel]

    def knows_guild(self, guild_id: int) -> bool:
        """Whether the bot is in this server."""
        return guild_id in self.guilds and self.bot_user in self.guilds[guild_id].members

    # -- people and their roles

    def add_person(
        self,
        name: str,
        guild: Guild | None = None,
        *,
        is_administrator: bool = False,
        is_bot: bool = False,
    ) -> User:
        """One more person in a server (the first one), or a bot of somebody else's."""
        user, guild = self._new_user(name, is_bot=is_bot), guild or self.guild
        guild.members.append(user)
        if is_administrator:
            known = [role for role in guild.roles if role.name == ADMINISTRATORS]
            role = known[0] if known else self.add_role(guild, ADMINISTRATORS, ADMINISTRATOR)
            self.give(guild, user, role)
        return user

    def add_role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        """One more role of a server."""
        role = Role(self.new_id(), name, permissions, len(guild.roles))
        guild.roles.append(role)
        self._tell_role("GUILD_ROLE_CREATE", guild, role)
        return role

    def set_role(self, guild: Guild, role: Role, permissions: int) -> None:
        """Change what a role gives; @everyone's, too."""
        role.permissions = permissions
        self._tell_role("GUILD_ROLE_UPDATE", guild, role)

    def give(self, guild: Guild, user: User, role: Role) -> None:
        """Give a member a role; a bot that asks for no members is not told."""
        guild.given[user.id] = [*guild.roles_of(user), role]
        self.news.tell("commands", None)

    def take(self, guild: Guild, user: User, role: Role) -> None:
        """Take it away."""
        guild.given[user.id] = [each for each in guild.roles_of(user) if each is not role]
        self.news.tell("commands", None)

    def join(self, guild: Guild, user: User) -> None:
        """Let somebody be a member of one more server; the bot brings a role of its own."""
        if user in guild.members:
            return
        guild.members.append(user)
        if user is self.bot_user:
            own = Role(self.new_id(), user.name, 0, len(guild.roles), bot_id=user.id)
            guild.roles.append(own)
            guild.given[user.id] = [own]

    def leave(self, guild: Guild, user: User) -> None:
        """Let a member go, and with them their roles there."""
        guild.members.remove(user)
        guild.given.pop(user.id, None)
        guild.roles = [role for role in guild.roles if role.bot_id != user.id]

    # -- permissions

    def deny(self, channel: Channel, *permissions: str, of: User | Role | None = None) -> None:
        """Take permissions in a channel from a member or a role: from the bot, if none is named."""
        overwrite = self._overwrite(channel, of or self.bot_user)
        overwrite.deny |= bits(permissions)
        overwrite.allow &= ~bits(permissions)
        self._tell_channel(channel)

    def allow(self, channel: Channel, *permissions: str, of: User | Role | None = None) -> None:
        """Give them in a channel, whatever wider overwrite denies them."""
        overwrite = self._overwrite(channel, of or self.bot_user)
        overwrite.deny &= ~bits(permissions)
        overwrite.allow |= bits(permissions)
        self._tell_channel(channel)

    def permissions_of(self, user: User, channel: Channel) -> int:
        """What somebody may in a channel; a thread is as its channel is."""
        guild = self.guild_of(channel)
        if guild is None:
            return IN_DIRECT_MESSAGES if user.is_bot else USUAL
        found = guild.permissions_of(user)
        roles = guild.roles_of(user)
        for each in self.line_of(channel):
            changes = each.overwrites.values()
            found = overwritten(found, changes, guild.everyone, roles, user.id)
        is_inside = channel.thread is not None and user in channel.thread.members
        if channel.type == PRIVATE_THREAD and not is_inside:
            found &= found & PERMISSIONS["manage_threads"] and ALL
        return found

    def app_permissions(self, user: User, channel: Channel) -> int:
        """What the application may in a channel: in a server without it, of what the user may."""
        if channel.guild_id is None or self.knows_guild(channel.guild_id):
            return self.permissions_of(self.bot_user, channel)
        return IN_DIRECT_MESSAGES & self.permissions_of(user, channel)

    def sees(self, user: User, channel: Channel) -> bool:
        """Whether somebody sees a channel: their own direct message, or one of their server's."""
        guild = self.guild_of(channel)
        if channel.is_deleted or guild is None:
            is_theirs = channel.person is user or user in channel.group
            return is_theirs and not channel.is_deleted
        may = self.permissions_of(user, channel)
        return user in guild.members and bool(may & PERMISSIONS["view_channel"])

    def lacks(self, channel: Channel, *permissions: str) -> bool:
        """Whether the bot may not do that in a channel of a server, or is not there at all."""
        if channel.guild_id is None:
            return channel.person is None  # of people among themselves
        may = self.permissions_of(self.bot_user, channel)
        is_there = self.knows_guild(channel.guild_id)
        return not is_there or any(not may & PERMISSIONS[name] for name in permissions)

    # -- inside

    def _new_user(self, name: str, *, is_bot: bool = False) -> User:
        user = User(self.new_id(), name, is_bot)
        self.users[user.id] = user
        return user

    def _add(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        data = channel.payload(self.bot_user)
        if channel.is_thread:
            self.tell("THREAD_CREATE", {**data, "newly_created": True}, channel.guild_id)
        elif channel.guild_id:
            self.tell("CHANNEL_CREATE", data, channel.guild_id)
        return channel

    def _overwrite(self, channel: Channel, of: User | Role) -> Overwrite:
        kind = ROLE if isinstance(of, Role) else MEMBER
        return channel.overwrites.setdefault(of.id, Overwrite(of.id, kind))

    def _tell_channel(self, channel: Channel) -> None:
        if not channel.is_thread:  # its own overwrites are nothing that Discord tells of
            self.tell("CHANNEL_UPDATE", channel.payload(self.bot_user), channel.guild_id)
        self.news.tell("commands", None)

    def _tell_role(self, name: str, guild: Guild, role: Role) -> None:
        self.tell(name, {"guild_id": str(guild.id), "role": role.payload()}, guild.id)
        self.news.tell("commands", None)
