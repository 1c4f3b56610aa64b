"""The REST routes of registered commands.

https://docs.discord.com/developers/interactions/application-commands
"""

from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from bot.sandbox.discord.commands import Scope
from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.requests import Exchange, answer
from bot.sandbox.discord.rules import check_command, check_commands, check_installs, checked
from bot.sandbox.discord.world import World

Json = Any


class CommandRoutes:
    """Handlers; each takes the parsed exchange and gives a response, or raises Refusal."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        """Method, path and handler of every route."""
        everywhere = "/applications/{application_id}/commands"
        in_a_server = "/applications/{application_id}/guilds/{guild_id}/commands"
        return [
            ("GET", in_a_server + "/permissions", self.list_permissions),
            ("PUT", in_a_server + "/permissions", self.set_all_permissions),
            ("GET", in_a_server + "/{command_id}/permissions", self.get_permissions),
            ("PUT", in_a_server + "/{command_id}/permissions", self.set_permissions),
            *self._routes(everywhere, in_a_server),
        ]

    def _routes(self, *bases: str) -> list[tuple[str, str, Callable[..., Any]]]:
        return [
            (method, base + tail, handler)
            for base in bases
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
        return answer(self._world.commands.of(self._scope(request)))

    async def overwrite(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Replace the commands of a scope."""
        check_commands(exchange.body)
        for index, command in enumerate(exchange.body):
            check_installs(command, self._world.application.installs, f"{index}")
        return answer(self._world.commands.replace(self._scope(request), exchange.body))

    async def create(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Add or replace one command."""
        check_command(exchange.body)
        check_installs(exchange.body, self._world.application.installs)
        full, is_new = self._world.commands.put(self._scope(request), exchange.body)
        return answer(full, status=201 if is_new else 200)

    async def get(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """One command."""
        return answer(self._command(request))

    async def edit(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Change what the body names."""
        old, scope = self._command(request), self._scope(request)
        command = {**old, **checked(exchange.body, {}), "type": old["type"]}
        check_command(command)
        check_installs(command, self._world.application.installs)
        return answer(self._world.commands.change(scope, old, command))

    async def delete(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Take one away."""
        self._world.commands.delete(self._scope(request), request.match_info["command_id"])
        return web.Response(status=204)

    async def list_permissions(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """What a server has set for each command, and for all."""
        return answer(self._permissions(request))

    async def get_permissions(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """What it has set for one."""
        wanted = request.match_info["command_id"]
        for each in self._permissions(request):
            if each["id"] == wanted:
                return answer(each)
        raise Refusal(404, 10066, "Unknown application command permissions")

    async def set_permissions(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Only people set them, by a token of their own."""
        self._scope(request)
        raise Refusal(403, 20001, "Bots cannot use this endpoint")

    async def set_all_permissions(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """What once set those of many commands is there no more."""
        raise Refusal(405, 0, "405: Method Not Allowed")

    def _permissions(self, request: web.Request) -> Sequence[Json]:
        guild_id = self._scope(request)
        return self._world.permissions_set(guild_id) if guild_id else []

    def _command(self, request: web.Request) -> Json:
        scope = self._scope(request)
        return self._world.commands.by_id(scope, request.match_info["command_id"])

    def _scope(self, request: web.Request) -> Scope:
        if int(request.match_info["application_id"]) != self._world.application_id:
            raise Refusal(403, 20012, "You are not authorized to perform this action")
        guild_id = request.match_info.get("guild_id")
        if guild_id is None:
            return None
        if not self._world.knows_guild(int(guild_id)):
            raise Refusal(403, 50001, "Missing Access")
        return int(guild_id)
