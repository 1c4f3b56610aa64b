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
from bot.sandbox.discord.commands import CHAT_INPUT, Commands
from bot.sandbox.discord.people import Application, User
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

    def command(self, name: str, guild_id: int | None, kind: int = CHAT_INPUT) -> Json:
        """A registered command, as it is found in this server; ClientRefused where none is."""
        is_there = guild_id is None or self.knows_guild(guild_id)
        command = self.commands.find(name, guild_id, kind) if is_there else None
        if command is None:
            raise ClientRefused(f"there is no command {name}")
        return command

    def offered(self, name: str, user: User, channel: Channel, kind: int = CHAT_INPUT) -> Json:
        """The same, if it is offered to them there; ClientRefused where a client hides it."""
        command = self.command(name, channel.guild_id, kind)
        if not self.is_offered(command, user, channel):
            raise ClientRefused(f"{name} is not offered to {user.name} here")
        return command

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
