"""The HTTP side of the local Discord: each request is read, met by what is planned for it, answered."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.requests import Exchange, Fault, check_ids, read, refuse
from bot.sandbox.discord.world import World
from bot.sandbox.kept import Kept
from bot.sandbox.trouble import Faults, Pauses

Handler = Callable[[web.Request, Exchange], Any]
OPEN = ("/webhooks/", "/interactions/", "/attachments/", "/gateway")  # without the bot's token


class Serving:
    """Wraps handlers, and tells the world's news of each exchange."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.requests: Kept[Exchange] = Kept()
        self.faults: Faults[Fault] = Faults()
        self.pauses = Pauses()

    def wrap(self, route: str, handler: Handler) -> Callable[[web.Request], Any]:
        """The handler of a route as a server takes it."""

        async def serve(request: web.Request) -> web.StreamResponse:
            try:
                exchange = await read(request, route, self._world.clock.now())
            except Refusal as refusal:
                return refuse(refusal)
            self.requests.append(exchange)
            await self.pauses.hold(route, "before", exchange)
            fault = self.faults.take(route, exchange)
            if fault and not fault.is_after:
                return _broken(fault, exchange, request)
            response = await self._carried_out(request, exchange, handler)
            exchange.status = response.status
            await self.pauses.hold(route, "after", exchange)
            self._world.news.tell("exchange", exchange)
            return _broken(fault, exchange, request) if fault else response

        return serve

    async def _carried_out(
        self, request: web.Request, exchange: Exchange, handler: Handler
    ) -> web.Response:
        limits, headers = self._world.limits, {}
        if limits.is_banned:
            return web.Response(status=429, text="error code: 1015")
        try:
            self._authorize(exchange)
            headers = limits.admit(exchange.route, request.match_info)
            by_token = "/webhooks/" in exchange.route
            check_ids(request, **({"message_id": "@original"} if by_token else {}))
            response: web.Response = await handler(request, exchange)
        except Refusal as refusal:
            response = refuse(refusal)
        response.headers.update(headers)
        limits.note(response.status)
        if response.content_type == "application/json" and response.text:
            with suppress(ValueError):
                exchange.answer = json.loads(response.text)
        return response

    def _authorize(self, exchange: Exchange) -> None:
        route = exchange.route.partition(" ")[2]
        needs_token = not route.startswith(OPEN) or route == "/gateway/bot"
        if needs_token and exchange.headers.get("Authorization") != f"Bot {self._world.token}":
            raise Refusal(401, 0, "401: Unauthorized")


def _broken(fault: Fault, exchange: Exchange, request: web.Request) -> web.Response:
    if fault.is_garbled and request.transport:
        request.transport.write(b"HTTP/1.1 200 OK\r\nthis is no header\r\n\r\n")
        request.transport.close()
    if fault.is_reset and request.transport:
        request.transport.abort()
    response = fault.response()
    exchange.status = response.status
    return response
