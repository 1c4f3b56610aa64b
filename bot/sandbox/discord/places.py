"""The servers, channels and people of the local Discord."""

from collections.abc import Callable

from bot.sandbox.discord.world import Channel, Guild, User


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

    def add_person(self, name: str, *, is_administrator: bool = False) -> User:
        """One more person in the first server."""
        user = User(self.new_id(), name, is_administrator=is_administrator)
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
