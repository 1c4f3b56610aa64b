"""The registered commands, by scope, and the REST routes that change them.

https://docs.discord.com/developers/interactions/application-commands
"""

from collections.abc import Callable
from typing import Any, Protocol

from aiohttp import web

from bot.sandbox.discord.messages import without_nulls
from bot.sandbox.discord.requests import Exchange, answer
from bot.sandbox.discord.rules import Refusal, check_command, check_commands, check_counts

Json = Any
CHAT_INPUT, USER, MESSAGE = 1, 2, 3
Scope = int | None  # a server's id, or None for everywhere


class Sandbox(Protocol):
    """What the routes need of the Discord around them."""

    application_id: int
    commands: "Commands"

    def knows_guild(self, guild_id: int) -> bool:
        """Whether there is such a server."""


class Commands:
    """All commands of one application."""

    def __init__(
        self, application_id: int, new_id: Callable[[], int], changed: Callable[[], None]
    ) -> None:
        self._application_id = application_id
        self._new_id = new_id
        self._changed = changed
        self._scopes: dict[Scope, list[Json]] = {}

    def of(self, scope: Scope) -> list[Json]:
        """The commands of a scope, in the order in which they came."""
        return list(self._scopes.get(scope, ()))

    def names(self, scope: Scope = None) -> list[str]:
        """Their names."""
        return [str(command["name"]) for command in self.of(scope)]

    def scopes(self) -> set[Scope]:
        """The scopes that have any."""
        return {scope for scope, commands in self._scopes.items() if commands}

    def seen(self, guild_id: Scope) -> list[Json]:
        """What a member sees there: a server's own commands, and those that are everywhere."""
        own = self.of(guild_id) if guild_id else []
        taken = {(command["type"], command["name"]) for command in own}
        return own + [c for c in self.of(None) if (c["type"], c["name"]) not in taken]

    def find(self, name: str, guild_id: Scope, kind: int = CHAT_INPUT) -> Json | None:
        """The command that a member uses by this name, or None."""
        wanted = (kind, name)
        return next((c for c in self.seen(guild_id) if (c["type"], c["name"]) == wanted), None)

    def by_id(self, scope: Scope, command_id: str) -> Json:
        """One command; Refusal where there is none."""
        for command in self.of(scope):
            if command["id"] == command_id:
                return command
        raise Refusal(404, 10063, "Unknown application command")

    def replace(self, scope: Scope, commands: list[Json]) -> list[Json]:
        """Put these in place of all that were there; one of the same name keeps its id."""
        old = self.of(scope)
        self._scopes[scope] = [self._full(scope, each, _same(old, each)) for each in commands]
        self._changed()
        return self.of(scope)

    def put(self, scope: Scope, command: Json) -> tuple[Json, bool]:
        """Put one there, in place of one of the same name; and whether it is new."""
        known = self.of(scope)
        old = _same(known, command)
        full = self._full(scope, command, old)
        commands = [each for each in known if each is not old] + [full]
        check_counts(commands)
        self._scopes[scope] = commands
        self._changed()
        return full, old is None

    def delete(self, scope: Scope, command_id: str) -> None:
        """Take one away; Refusal where there is none."""
        gone = self.by_id(scope, command_id)
        self._scopes[scope] = [each for each in self.of(scope) if each is not gone]
        self._changed()

    def _full(self, scope: Scope, command: Json, old: Json) -> Json:
        permissions = command.get("default_member_permissions")
        full = {
            "type": CHAT_INPUT,
            "options": [],
            "description": "",
            **without_nulls(command),
            "integration_types": command.get("integration_types") or [0],
            "id": old["id"] if old else str(self._new_id()),
            "application_id": str(self._application_id),
            "version": str(self._new_id()),
            "default_member_permissions": None if permissions is None else str(permissions),
        }
        return full if scope is None else {**full, "guild_id": str(scope)}


class CommandRoutes:
    """Handlers; each takes the parsed exchange and gives a response, or raises Refusal."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        """Method, path and handler of every route."""
        everywhere = "/applications/{application_id}/commands"
        in_a_server = "/applications/{application_id}/guilds/{guild_id}/commands"
        return [
            (method, base + tail, handler)
            for base in (everywhere, in_a_server)
            for method, tail, handler in (
                ("GET", "", self.list),
                ("PUT", "", self.overwrite),
                ("POST", "", self.create),
                ("GET", "/{command_id}", self.get),
                ("PATCH", "/{command_id}", self.edit),
                ("DELETE", "/{command_id}", self.delete),
            )
        ]

    async def list(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """The commands of a scope."""
        return answer(self._sandbox.commands.of(self._scope(request)))

    async def overwrite(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Replace the commands of a scope."""
        check_commands(exchange.body)
        return answer(self._sandbox.commands.replace(self._scope(request), exchange.body))

    async def create(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Add or replace one command."""
        check_command(exchange.body)
        full, is_new = self._sandbox.commands.put(self._scope(request), exchange.body)
        return answer(full, status=201 if is_new else 200)

    async def get(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """One command."""
        return answer(self._command(request))

    async def edit(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Change what the body names."""
        old, scope = self._command(request), self._scope(request)
        command = {**old, **(exchange.body or {})}
        check_command(command)
        self._sandbox.commands.delete(scope, old["id"])
        full, _ = self._sandbox.commands.put(scope, command)
        full["id"] = old["id"]
        return answer(full)

    async def delete(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Take one away."""
        self._sandbox.commands.delete(self._scope(request), request.match_info["command_id"])
        return web.Response(status=204)

    def _command(self, request: web.Request) -> Json:
        scope = self._scope(request)
        return self._sandbox.commands.by_id(scope, request.match_info["command_id"])

    def _scope(self, request: web.Request) -> Scope:
        if int(request.match_info["application_id"]) != self._sandbox.application_id:
            raise Refusal(403, 20012, "You are not authorized to perform this action")
        guild_id = request.match_info.get("guild_id")
        if guild_id is None:
            return None
        if not self._sandbox.knows_guild(int(guild_id)):
            raise Refusal(403, 50001, "Missing Access")
        return int(guild_id)


def _same(commands: list[Json], wanted: Json) -> Json | None:
    key = (wanted.get("type", CHAT_INPUT), wanted["name"])
    return next((c for c in commands if (c["type"], c["name"]) == key), None)
