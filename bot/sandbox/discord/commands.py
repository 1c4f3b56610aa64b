"""The registered commands, by scope.

https://docs.discord.com/developers/interactions/application-commands
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.forms.commands import COMMAND
from bot.sandbox.discord.people import GUILD_INSTALL
from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.rules import check_counts
from bot.sandbox.waiting import News

Json = Any
CHAT_INPUT, USER, MESSAGE = 1, 2, 3
IN_A_SERVER, IN_A_DIRECT_MESSAGE, AMONG_OTHERS = 0, 1, 2  # contexts
CREATES_A_DAY, DAY_MS = 200, 24 * 3600 * 1000
Scope = int | None  # a server's id, or None for everywhere


@dataclass(frozen=True)
class Ground:
    """Where commands are used, and by which installs the application is there."""

    guild_id: Scope
    context: int
    installs: frozenset[int] = frozenset({GUILD_INSTALL})

    @property
    def has_bot(self) -> bool:
        """Whether it is there for everybody."""
        return GUILD_INSTALL in self.installs


class Commands:
    """All commands of one application."""

    def __init__(self, application_id: int, new_id: Callable[[], int], news: News[object]) -> None:
        self._application_id = application_id
        self._new_id = new_id
        self._news = news
        self._scopes: dict[Scope, list[Json]] = {}
        self._created: dict[Scope, list[int]] = {}  # the ids of all that were new, gone or not

    def of(self, scope: Scope) -> list[Json]:
        """The commands of a scope, in the order in which they came."""
        return list(self._scopes.get(scope, ()))

    def names(self, scope: Scope = None) -> list[str]:
        """The names of those that are typed; menus have others."""
        return [str(command["name"]) for command in self.of(scope) if command["type"] == CHAT_INPUT]

    def scopes(self) -> set[Scope]:
        """The scopes that have any."""
        return {scope for scope, commands in self._scopes.items() if commands}

    def seen(self, guild_id: Scope) -> list[Json]:
        """What there is in a server that has the bot, or (None) in a direct message with it."""
        return self.at(Ground(guild_id, IN_A_SERVER if guild_id else IN_A_DIRECT_MESSAGE))

    def at(self, ground: Ground) -> list[Json]:
        """What there is on such ground.

        A server's own commands come first, then those that are everywhere, as far as they are
        meant for such a place, and for how the application came there.
        """
        own = self.of(ground.guild_id) if ground.guild_id and ground.has_bot else []
        taken = {(command["type"], command["name"]) for command in own}
        return own + [
            command
            for command in self.of(None)
            if (command["type"], command["name"]) not in taken
            and ground.context in command.get("contexts", (ground.context,))
            and ground.installs & set(command["integration_types"])
        ]

    def find(self, name: str, ground: Ground, kind: int = CHAT_INPUT) -> Json | None:
        """The command that a member uses by this name, or None."""
        wanted = (kind, name)
        return next((c for c in self.at(ground) if (c["type"], c["name"]) == wanted), None)

    def by_id(self, scope: Scope, command_id: str) -> Json:
        """One command; Refusal where there is none."""
        for command in self.of(scope):
            if command["id"] == command_id:
                return command
        raise Refusal(404, 10063, "Unknown application command")

    def replace(self, scope: Scope, commands: list[Json]) -> list[Json]:
        """Put these in place of all that were there; one of the same name keeps its id."""
        old = self.of(scope)
        self._count(scope, [each for each in commands if not _same(old, each)])
        self._scopes[scope] = [self._full(scope, each, _same(old, each)) for each in commands]
        self._news.tell("commands", None)
        return self.of(scope)

    def drop(self, scope: Scope) -> None:
        """Take all of a scope away."""
        self._scopes.pop(scope, None)
        self._news.tell("commands", None)

    def put(self, scope: Scope, command: Json) -> tuple[Json, bool]:
        """Put one there, in place of one of the same name; and whether it is new."""
        old = _same(self.of(scope), command)
        return self._put(scope, command, old), old is None

    def change(self, scope: Scope, old: Json, command: Json) -> Json:
        """Put one in place of another, whose id it keeps, and of one that has its name."""
        return self._put(scope, command, old)

    def _put(self, scope: Scope, command: Json, old: Json | None) -> Json:
        self._count(scope, [] if old else [command])
        full = self._full(scope, command, old)
        gone = (old, _same(self.of(scope), command))
        commands = [*(each for each in self.of(scope) if each not in gone), full]
        check_counts(commands)
        self._scopes[scope] = commands
        self._news.tell("commands", None)
        return full

    def delete(self, scope: Scope, command_id: str) -> None:
        """Take one away; Refusal where there is none."""
        gone = self.by_id(scope, command_id)
        self._scopes[scope] = [each for each in self.of(scope) if each is not gone]
        self._news.tell("commands", None)

    def _count(self, scope: Scope, new: list[Json]) -> None:
        """Nothing, or the Refusal of more new ones than a day has room for."""
        now_ms = self._new_id() >> 22
        day = [each for each in self._created.get(scope, ()) if now_ms - (each >> 22) < DAY_MS]
        if new and len(day) + len(new) > CREATES_A_DAY:
            oldest = day[0] >> 22 if day else now_ms
            raise Refusal(
                429,
                30034,
                f"Max number of daily application command creates has been reached ({CREATES_A_DAY})",
                retry_after=(oldest + DAY_MS - now_ms) / 1000,
                **{"global": False},
            )
        self._created[scope] = day + [self._new_id() for _ in new]

    def _full(self, scope: Scope, command: Json, old: Json) -> Json:
        permissions = command.get("default_member_permissions")
        full = {
            "type": CHAT_INPUT,
            "options": [],
            "description": "",
            **COMMAND.kept(command),
            "integration_types": command.get("integration_types") or [0],
            "id": old["id"] if old else str(self._new_id()),
            "application_id": str(self._application_id),
            "version": str(self._new_id()),
            "default_member_permissions": None if permissions is None else str(permissions),
        }
        if scope is None:
            return full
        # Where it may be used is for commands that are everywhere.
        return {**full, "guild_id": str(scope), "contexts": None}


def _same(commands: list[Json], wanted: Json) -> Json | None:
    key = (wanted.get("type") or CHAT_INPUT, wanted["name"])
    return next((c for c in commands if (c["type"], c["name"]) == key), None)
