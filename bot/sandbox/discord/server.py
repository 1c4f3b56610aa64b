"""The local Discord on its port: what serves the world, and what a test holds of it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

from aiohttp import web

from bot.sandbox.clock import Clock
from bot.sandbox.discord.command_routes import CommandRoutes
from bot.sandbox.discord.files import Attachment, File
from bot.sandbox.discord.gateway import Gateway
from bot.sandbox.discord.guild_routes import GuildRoutes
from bot.sandbox.discord.interaction_routes import InteractionRoutes
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message, Revision
from bot.sandbox.discord.people import User
from bot.sandbox.discord.places import Channel, Guild
from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.requests import MAX_BODY_BYTES, Exchange, Fault
from bot.sandbox.discord.rest import Rest
from bot.sandbox.discord.serving import Handler, Serving
from bot.sandbox.discord.thread_routes import ThreadRoutes
from bot.sandbox.discord.world import World
from bot.sandbox.kept import Kept
from bot.sandbox.trouble import Faults, Pause, anything, breaking_off

Json = Any
T = TypeVar("T")
API = "/api/v10"

# Routes, as faults and pauses name them.
CALLBACK = "POST /interactions/{interaction_id}/{token}/callback"
EDIT_BY_TOKEN = "PATCH /webhooks/{application_id}/{token}/messages/{message_id}"  # noqa: S105 - a route
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
SEND = "POST /channels/{channel_id}/messages"
LOOK_BY_TOKEN = "GET /webhooks/{application_id}/{token}/messages/{message_id}"  # noqa: S105 - the same
RULES = "GET /applications/{application_id}/guilds/{guild_id}/commands/permissions"
LOOK = "GET /channels/{channel_id}/messages/{message_id}"
REACT = "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
DOWNLOAD = "GET /attachments/{channel_id}/{attachment_id}/{filename}"


class DiscordSandbox(World):
    """A Discord on loopback."""

    def __init__(self, clock: Clock | None = None, port: int = 0) -> None:
        self.gateway = Gateway(self)
        self._before: deque[tuple[str, Json, int | None]] = deque()
        self._dispatching = asyncio.Lock()
        self._sending: asyncio.Task[None] | None = None
        super().__init__(clock or Clock())
        self._port = port
        self._known_as: str | None = None
        self._serving = Serving(self)
        self.owner = Member(self, self.developer)

    # -- start and stop

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[breaking_off])
        for method, path, handler in self.routes():
            app.router.add_route(
                method, API + path, self._serving.wrap(f"{method} {path}", handler)
            )
        files = "/attachments/{channel_id}/{attachment_id}/{filename}"
        app.router.add_get(files, self._serving.wrap(f"GET {files}", self._file))
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_route("*", "/{unknown:.*}", self._serving.wrap("unknown", self._unknown))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.gateway.url = self.gateway_url
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._serving.pauses.drop()
        if self._sending:
            await self._sending
        await self.gateway.drop(1001)
        await self._runner.cleanup()

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Method, path and handler of every route that there is."""
        return [
            *Rest(self).routes(),
            *GuildRoutes(self, self.gateway).routes(),
            *ThreadRoutes(self).routes(),
            *CommandRoutes(self).routes(),
            *InteractionRoutes(self).routes(),
        ]

    @property
    def url(self) -> str:
        """Where it is asked."""
        return self._known_as or f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    def be_known_as(self, origin: str) -> None:
        """Tell clients of this origin, as a proxy leads from there to here."""
        self._known_as = origin
        self.gateway.url = self.gateway_url

    @property
    def api_url(self) -> str:
        """For DISCORD_API_URL."""
        return self.url + API

    @property
    def gateway_url(self) -> str:
        """For DISCORD_GATEWAY_URL."""
        return f"{self.url.replace('http', 'ws', 1)}/gateway"

    async def dispatch(self, name: str, data: Json, guild_id: int | None) -> None:
        """Send an event through the gateway, after those that were to come before it."""
        async with self._dispatching:
            await self._send_before()
            await self.gateway.dispatch(name, data, guild_id)

    def later(self, name: str, data: Json, guild_id: int | None) -> None:
        """Send an event soon, and before the next one; who connects later sees for themselves."""
        if not self.gateway.sessions:
            return
        self._before.append((name, data, guild_id))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_soon(), name="events")

    @property
    def connected(self) -> bool:
        """Whether a bot listens."""
        return self.gateway.connected

    @property
    def bot_mention(self) -> str:
        """How a text names the bot."""
        return self.bot_user.mention

    # -- people

    def dm(self, member: Member) -> Channel:
        """The direct message of a member with the bot."""
        return self.dm_of(member.user)

    def member(
        self, name: str, guild: Guild | None = None, *, administrator: bool = False
    ) -> Member:
        """One more person in a server (the first one)."""
        return Member(self, self.add_person(name, guild, is_administrator=administrator))

    def another_bot(self, name: str) -> Member:
        """Another application's bot in the server."""
        return Member(self, self.add_person(name, is_bot=True))

    async def webhook_post(
        self, content: str, *, files: Sequence[File] = (), channel: Channel | None = None
    ) -> Message:
        """A message by a webhook: its author is nobody, and not said to be a bot."""
        webhook = User(self.new_id(), "Webhook")
        message = self.new_message(webhook, channel or self.channel, {"content": content}, ())
        message.webhook_id = webhook.id
        return await self.say(message, files)

    # -- what tests look at

    def advance(self, *, minutes: float = 0.0, seconds: float = 0.0) -> None:
        """Move the clock ahead."""
        self.clock.advance(minutes=minutes, seconds=seconds)
        self.news.tell("clock", None)

    async def until(self, found: Callable[[], T], *, within_s: float = 10.0) -> T:
        """What `found` gives once it is true."""
        return await self.news.changes.until(found, within_s=within_s)

    def message(self, message_id: int) -> Message:
        """A message by its id."""
        return self.all_messages[message_id]

    def history(self, message_id: int) -> list[Revision]:
        """How a message looked from its beginning on."""
        return self.all_messages[message_id].revisions

    def file(self, attachment: Attachment) -> bytes:
        """A file's bytes."""
        return self.cdn.data(attachment.id)

    def subscribe(self, listener: Callable[[str, object], None]) -> None:
        """Be told of every exchange and every message."""
        self.news.subscribe(listener)

    # -- faults

    @property
    def requests(self) -> Kept[Exchange]:
        """All that came over HTTP, with its answers."""
        return self._serving.requests

    @property
    def faults(self) -> Faults[Fault]:
        """What goes wrong with the next requests."""
        return self._serving.faults

    def fail_next(self, route: str, **fault: Any) -> None:  # noqa: ANN401 - Fault's fields
        """Let the next request of a route fail; see Fault."""
        self.faults.add(route, Fault(**fault))

    def pause(
        self,
        route: str,
        *,
        when: str = "before",
        match: Callable[[Exchange], bool] = anything,
    ) -> Pause:
        """Stop the next request of a route before it is carried out, or before it is answered."""
        return self._serving.pauses.add(route, when, match)

    # -- inside

    async def _send_soon(self) -> None:
        async with self._dispatching:
            await self._send_before()

    async def _send_before(self) -> None:
        while self._before:
            await self.gateway.dispatch(*self._before.popleft())

    async def _unknown(self, request: web.Request, _exchange: Exchange) -> web.Response:
        for resource in request.app.router.resources():
            _match, methods = await resource.resolve(request)
            if methods and "*" not in methods:
                raise Refusal(405, 0, "405: Method Not Allowed")
        raise Refusal(404, 0, "404: Not Found")

    async def _file(self, request: web.Request, _exchange: Exchange) -> web.Response:
        file_id = int(request.match_info["attachment_id"])
        found = self.cdn.handed_out(request.raw_path, file_id)
        if found is None:
            return web.Response(status=404, text="This content is no longer available.")
        data, kind = found
        return web.Response(body=data, content_type=kind)
