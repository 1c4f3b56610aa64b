"""Who may use which command in a server: as its administrators have set, and as a client reads it.

https://docs.discord.com/developers/interactions/application-commands#permissions
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.permissions import ADMINISTRATOR, PERMISSIONS

Json = Any
KINDS = {"role": 1, "user": 2, "channel": 3}
ROLE, USER, CHANNEL = KINDS.values()
MAX_LINES = 100  # of a command in a server
Lines = Mapping[tuple[int, int], bool]  # by kind and id


@dataclass(frozen=True)
class Seat:
    """Who would use a command, and where."""

    guild_id: int
    channel_id: int  # of a thread, its channel's
    user_id: int
    role_ids: Sequence[int]  # without @everyone
    permissions: int  # in this channel

    def channel(self, lines: Lines) -> bool | None:
        """What they say of the channel: its own line, or that of all channels."""
        own = lines.get((CHANNEL, self.channel_id))
        return lines.get((CHANNEL, self.guild_id - 1)) if own is None else own

    def person(self, lines: Lines) -> bool | None:
        """What they say of the member: their own line, their roles', or @everyone's."""
        if (own := lines.get((USER, self.user_id))) is not None:
            return own
        of_roles = [lines[ROLE, each] for each in self.role_ids if (ROLE, each) in lines]
        return any(of_roles) if of_roles else lines.get((ROLE, self.guild_id))


def may_use(seat: Seat, command: Json, own: Lines, general: Lines) -> bool:
    """Whether a client offers a command, by its own lines and by those of all commands."""
    if seat.permissions & ADMINISTRATOR:
        return True
    if not seat.permissions & PERMISSIONS["use_application_commands"]:
        return False
    of_channel = seat.channel(own)
    if (seat.channel(general) if of_channel is None else of_channel) is False:
        return False
    of_person = seat.person(own)
    if of_person is not None:
        return of_person
    return seat.person(general) is not False and _by_default(seat, command)


def _by_default(seat: Seat, command: Json) -> bool:
    needed = command.get("default_member_permissions")
    if needed is None:
        return True
    return int(needed) != 0 and seat.permissions & int(needed) == int(needed)


class CommandPermissions:
    """What is set in each server: by a command's id, or the application's for all commands."""

    def __init__(self, application_id: int) -> None:
        self.application_id = application_id
        self._set: dict[int, dict[int, Lines]] = {}

    def lines(self, guild_id: int, holder_id: int) -> Lines:
        """What is set there for a command, or for all."""
        return self._set.get(guild_id, {}).get(holder_id, {})

    def set(self, guild_id: int, holder_id: int, lines: Lines) -> Json:
        """Put these in place of what was set; the object that tells of them."""
        there = self._set.setdefault(guild_id, {})
        there[holder_id] = lines
        found = self._written(guild_id, holder_id)
        if not lines:
            del there[holder_id]
        return found

    def of(self, guild_id: int) -> list[Json]:
        """All that is set in a server."""
        return [self._written(guild_id, each) for each in self._set.get(guild_id, {})]

    def forget(self, guild_id: int) -> None:
        """Drop what is set in a server."""
        self._set.pop(guild_id, None)

    def _written(self, guild_id: int, holder_id: int) -> Json:
        return {
            "id": str(holder_id),
            "application_id": str(self.application_id),
            "guild_id": str(guild_id),
            "permissions": [
                {"id": str(target_id), "type": kind, "permission": is_allowed}
                for (kind, target_id), is_allowed in self.lines(guild_id, holder_id).items()
            ],
        }
