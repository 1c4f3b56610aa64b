"""The REST routes of the bot's own token: itself, people, servers and their members."""

from typing import Any

from aiohttp import web

from bot.sandbox.discord import payloads
from bot.sandbox.discord.forms.kinds import Snowflake, Whole, YesNo
from bot.sandbox.discord.gateway import Gateway
from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.requests import Exchange, answer, queried
from bot.sandbox.discord.routes import Lookups, Route
from bot.sandbox.discord.rules import checked
from bot.sandbox.discord.world import World

Json = Any


class GuildRoutes(Lookups):
    """Handlers; each takes the parsed exchange and gives a response, or raises Refusal."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        super().__init__(world)
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """Method, path and handler of every route."""
        guild = "/guilds/{guild_id}"
        return [
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway_bot),
            ("GET", "/users/@me", self.me),
            ("GET", "/users/@me/guilds", self.my_guilds),
            ("POST", "/users/@me/channels", self.open_dm),
            ("GET", "/users/{user_id}", self.user),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/applications/@me", self.application),
            ("DELETE", "/users/@me/guilds/{guild_id}", self.leave),
            ("GET", guild, self.get_guild),
            ("GET", guild + "/channels", self.channels),
            ("GET", guild + "/roles", self.roles),
            ("GET", guild + "/roles/{role_id}", self.role),
            ("GET", guild + "/members", self.members),
            ("GET", guild + "/members/{user_id}", self.member),
            ("GET", guild + "/threads/active", self.threads),
            ("GET", "/applications/{application_id}/skus", self.nothing),
            ("GET", "/applications/{application_id}/entitlements", self.nothing),
            ("GET", "/soundboard-default-sounds", self.nothing),
        ]

    async def gateway(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """Where the gateway is."""
        return answer({"url": self._gateway.url})

    async def gateway_bot(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """Where the gateway is, and how many shards it wants."""
        limit = self.world.limits.session_starts()
        return answer({"url": self._gateway.url, "shards": 1, "session_start_limit": limit})

    async def me(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """The bot."""
        return answer(self.world.bot_user.own_payload())

    async def open_dm(self, _request: web.Request, exchange: Exchange) -> web.Response:
        """The direct message with a person."""
        world, body = self.world, checked(exchange.body, {"recipient_id": Snowflake()})
        user = world.users.get(int(body.get("recipient_id") or 0))
        if user is None or user.is_bot:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        return answer(world.dm_of(user).payload(world.bot_user))

    async def application(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """The application."""
        world = self.world
        return answer(
            payloads.application(
                world.application, guilds=sum(map(world.knows_guild, world.guilds))
            )
        )

    async def member(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A member of a server."""
        guild, user_id = self.guild(request), int(request.match_info["user_id"])
        for user in guild.members:
            if user.id == user_id:
                return answer(guild.member_payload(user))
        raise Refusal(404, 10007, "Unknown Member")

    async def leave(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Leave a server."""
        await self.world.bot_leaves(self.guild(request))
        return web.Response(status=204)

    async def nothing(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """None."""
        return answer([])

    async def my_guilds(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """The servers that the bot is in, by their ids."""
        world = self.world
        asked = queried(
            request,
            limit=Whole(1, 200),
            after=Snowflake(),
            before=Snowflake(),
            with_counts=YesNo(),
        )
        after, before = asked.get("after", 0), asked.get("before", 1 << 64)
        known = [world.guilds[each] for each in sorted(world.guilds) if world.knows_guild(each)]
        found = [each.partial(world.bot_user) for each in known if after < each.id < before]
        return answer(found[: asked.get("limit", 200)])

    async def user(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Anybody, by their id."""
        user = self.world.users.get(int(request.match_info["user_id"]))
        if user is None:
            raise Refusal(404, 10013, "Unknown User")
        return answer(user.payload())

    async def get_guild(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A server."""
        asked = queried(request, with_counts=YesNo())
        return answer(self.guild(request).answer(with_counts=asked.get("with_counts", False)))

    async def channels(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A server's channels, without its threads."""
        found = self.world.channels_of(self.guild(request))
        return answer([each.payload(self.world.bot_user) for each in found if not each.is_thread])

    async def threads(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A server's threads that are not archived and that the bot sees."""
        world = self.world
        found = [
            each
            for each in world.channels_of(self.guild(request))
            if each.is_thread and not each.is_archived and not world.lacks(each, "view_channel")
        ]
        threads = [each.payload(world.bot_user) for each in found]
        return answer({"threads": threads, "members": [], "has_more": False})

    async def roles(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A server's roles."""
        return answer([role.payload() for role in self.guild(request).roles])

    async def role(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """One of them."""
        wanted = int(request.match_info["role_id"])
        for role in self.guild(request).roles:
            if role.id == wanted:
                return answer(role.payload())
        raise Refusal(404, 10011, "Unknown Role")

    async def members(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """None: an application that has not the intent of members may not list them."""
        self.guild(request)
        raise Refusal(403, 50001, "Missing Access")
