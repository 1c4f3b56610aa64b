"""Which commands a client offers to whom, and where."""

from abc import ABC
from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.command_permissions import (
    KINDS,
    MAX_LINES,
    CommandPermissions,
    Seat,
    may_use,
)
from bot.sandbox.discord.commands import (
    AMONG_OTHERS,
    CHAT_INPUT,
    IN_A_DIRECT_MESSAGE,
    IN_A_SERVER,
    Commands,
    Ground,
)
from bot.sandbox.discord.people import GUILD_INSTALL, USER_INSTALL, Application, User
from bot.sandbox.discord.places import Channel, Guild
from bot.sandbox.discord.whereabouts import Whereabouts

Json = Any


class Offers(Whereabouts, ABC):
    """The commands, and what servers have set for them."""

    def __init__(self, application: Application, new_id: Callable[[], int]) -> None:
        super().__init__(application, new_id)
        self.application_id = application.id
        self.commands = Commands(application.id, new_id, self.news)
        self.command_permissions = CommandPermissions(application.id)

    def ground(self, user: User, channel: Channel) -> Ground:
        """What a channel is to a command, for somebody."""
        own = {USER_INSTALL} if user.id in self.application.users else set()
        guild = self.guild_of(channel)
        if guild:
            there = {GUILD_INSTALL} if self.knows_guild(guild.id) else set()
            return Ground(guild.id, IN_A_SERVER, frozenset(there | own))
        if channel.person:
            return Ground(None, IN_A_DIRECT_MESSAGE, frozenset({GUILD_INSTALL} | own))
        return Ground(None, AMONG_OTHERS, frozenset(own))

    def command(self, name: str, guild_id: int, kind: int = CHAT_INPUT) -> Json:
        """A registered command, as it is found in this server; ClientRefused where none is."""
        command = self.commands.find(name, Ground(guild_id, IN_A_SERVER), kind)
        if command is None:
            raise ClientRefused(f"there is no command {name}")
        return command

    def offered(self, name: str, user: User, channel: Channel, kind: int = CHAT_INPUT) -> Json:
        """A registered command, if it is offered to them there; ClientRefused where it is not."""
        command = self.commands.find(name, self.ground(user, channel), kind)
        if command is None:
            raise ClientRefused(f"there is no command {name}")
        if not self.is_offered(command, user, channel):
            raise ClientRefused(f"{name} is not offered to {user.name} here")
        return command

    def owners(self, command: Json, user: User, channel: Channel) -> Json:
        """Who has the application there, as far as that allows the command."""
        ground = self.ground(user, channel)
        known = {GUILD_INSTALL} if "guild_id" in command else set(command["integration_types"])
        of_place = (
            {"0": str(channel.guild_id or 0)} if GUILD_INSTALL in known & ground.installs else {}
        )
        of_user = {"1": str(user.id)} if USER_INSTALL in known & ground.installs else {}
        return of_place | of_user

    def is_offered(self, command: Json, user: User, channel: Channel) -> bool:
        """Whether a client shows it to them there."""
        guild, top = self.guild_of(channel), self.line_of(channel)[0]
        if command.get("nsfw") and not top.is_nsfw:
            return False
        if guild is None:
            return True
        seat = Seat(
            guild_id=guild.id,
            channel_id=top.id,
            user_id=user.id,
            role_ids=[role.id for role in guild.roles_of(user)],
            permissions=self.permissions_of(user, channel),
        )
        own = self.command_permissions.lines(guild.id, int(command["id"]))
        general = self.command_permissions.lines(guild.id, self.application_id)
        return may_use(seat, command, own, general)

    async def bot_leaves(self, guild: Guild) -> None:
        """Take the bot from a server, and with it the server's commands and what is set there."""
        await self.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id)
        self.leave(guild, self.bot_user)
        self.command_permissions.forget(guild.id)
        self.commands.drop(guild.id)

    async def bot_joins(self, guild: Guild) -> None:
        """Add the bot to a server again."""
        self.join(guild, self.bot_user)
        found = guild.payload(self.channels.values(), self.bot_user)
        await self.dispatch("GUILD_CREATE", found, guild.id)

    def permissions_set(self, guild_id: int) -> list[Json]:
        """What is set in a server, of the commands that are still there and of all together."""
        known = {command["id"] for command in self.commands.seen(guild_id)}
        known.add(str(self.application_id))
        return [each for each in self.command_permissions.of(guild_id) if each["id"] in known]

    def lines_set(self, guild: Guild, name: str | None) -> list[tuple[str, int, bool]]:
        """What is set for a command, or (no name) for all of them."""
        lines = self.command_permissions.lines(guild.id, self._holder(guild, name))
        kinds = {number: kind for kind, number in KINDS.items()}
        return [(kinds[number], each, is_allowed) for (number, each), is_allowed in lines.items()]

    async def set_command_permissions(
        self, guild: Guild, name: str | None, lines: Iterable[tuple[str, int, bool]]
    ) -> None:
        """Set who may use a command, or (no name) all of them, in place of what was set.

        A line is a kind (role, user, channel), an id of that kind, and whether they may.
        """
        wanted = {(KINDS[kind], target_id): is_allowed for kind, target_id, is_allowed in lines}
        if len(wanted) > MAX_LINES:
            raise ClientRefused(f"at most {MAX_LINES} lines for a command")
        told = self.command_permissions.set(guild.id, self._holder(guild, name), wanted)
        await self.dispatch("APPLICATION_COMMAND_PERMISSIONS_UPDATE", told, guild.id)
        self.news.tell("commands", None)

    def _holder(self, guild: Guild, name: str | None) -> int:
        if name is None:
            return self.application_id
        found = [c for c in self.commands.seen(guild.id) if c["name"] == name]
        if not found:
            raise ClientRefused(f"there is no command {name}")
        return int(found[0]["id"])
