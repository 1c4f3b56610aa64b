"""The local Discord: its state, its ports, and the handles a test holds."""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar
from uuid import uuid4

from aiohttp import web

from bot.sandbox.clock import Clock
from bot.sandbox.discord import payloads
from bot.sandbox.discord.client import ClientRefused, File
from bot.sandbox.discord.commands import CHAT_INPUT, CommandRoutes, Commands
from bot.sandbox.discord.gateway import INTENTS, Gateway
from bot.sandbox.discord.interactions import Interactions
from bot.sandbox.discord.members import InteractionHandle, Member
from bot.sandbox.discord.places import Places
from bot.sandbox.discord.requests import MAX_BODY_BYTES, Exchange, Fault, Part
from bot.sandbox.discord.rest import Rest
from bot.sandbox.discord.rules import Refusal, check_message
from bot.sandbox.discord.serving import Serving
from bot.sandbox.discord.world import (
    Attachment,
    Channel,
    Message,
    Revision,
    Snowflakes,
    User,
)
from bot.sandbox.trouble import Faults, Pause, anything, breaking_off
from bot.sandbox.waiting import Changes

Json = Any
T = TypeVar("T")
API = "/api/v10"
MIB = 2**20

# Routes, as faults and pauses name them.
CALLBACK = "POST /interactions/{interaction_id}/{token}/callback"
EDIT_BY_TOKEN = "PATCH /webhooks/{application_id}/{token}/messages/{message_id}"  # noqa: S105 - a route
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
SEND = "POST /channels/{channel_id}/messages"
LOOK_BY_TOKEN = "GET /webhooks/{application_id}/{token}/messages/{message_id}"  # noqa: S105 - the same
LOOK = "GET /channels/{channel_id}/messages/{message_id}"
REACT = "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
DOWNLOAD = "GET /attachments/{channel_id}/{attachment_id}/{filename}"


class DiscordSandbox(Places):
    """A Discord on loopback, with one server, one channel and one bot."""

    def __init__(self, clock: Clock | None = None, port: int = 0) -> None:
        self.clock = clock or Clock()
        self._port = port
        new_id = Snowflakes(self.clock.now)
        super().__init__(User(new_id(), "studio", is_bot=True), new_id)
        self.application_id = self.bot_user.id
        self.token = f"{base64.b64encode(str(self.bot_user.id).encode()).decode()}.sandbox.token"
        self.changes = Changes()
        self.all_messages: dict[int, Message] = {}
        self.interactions: dict[str, InteractionHandle] = {}
        self.commands = Commands(
            self.application_id, self.new_id, lambda: self._tell("commands", None)
        )
        self.files: dict[int, bytes] = {}
        self._serving = Serving(self.clock, self.token, self._tell)
        self.late_answers: list[InteractionHandle] = []
        self.announced_upload_limit_bytes = 20 * MIB
        self.real_upload_limit_bytes = 20 * MIB
        self.deliver_twice = False
        self._listeners: list[Callable[[str, object], None]] = []
        self.gateway = Gateway(self.token, self._hello, self._tell)
        self.guild = self.add_guild("Sandbox")
        self.channel = self.add_channel("general")
        self.owner = self.member("Sam", administrator=True)

    # -- start and stop

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[breaking_off])
        for method, path, handler in (
            *Rest(self).routes(),
            *CommandRoutes(self).routes(),
            *Interactions(self).routes(),
        ):
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
        await self.gateway.drop(1001)
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """For DISCORD_API_URL."""
        return self.url + API

    @property
    def gateway_url(self) -> str:
        """For DISCORD_GATEWAY_URL."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def connected(self) -> bool:
        """Whether a bot listens."""
        return self.gateway.connected

    @property
    def bot_mention(self) -> str:
        """How a text names the bot."""
        return self.bot_user.mention

    # -- people and places

    def dm(self, member: Member) -> Channel:
        """The direct message of a member with the bot."""
        return self.dm_of(member.user)

    def member(self, name: str, *, administrator: bool = False) -> Member:
        """One more person in the server."""
        return Member(self, self.add_person(name, is_administrator=administrator))

    def command(self, name: str, guild_id: int | None, kind: int = CHAT_INPUT) -> Json:
        """A registered command, as a client finds it in this server."""
        command = self.commands.find(name, guild_id, kind)
        if command is None:
            raise ClientRefused(f"there is no command {name}")
        return command

    # -- what tests look at

    def advance(self, *, minutes: float = 0.0, seconds: float = 0.0) -> None:
        """Move the clock ahead."""
        self.clock.advance(minutes=minutes, seconds=seconds)
        self._tell("clock", None)

    async def until(self, found: Callable[[], T], *, within_s: float = 10.0) -> T:
        """What `found` gives once it is true."""
        return await self.changes.until(found, within_s=within_s)

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """What stands in a channel, oldest first; ephemeral messages left out."""
        place = channel or self.channel
        return [
            message
            for message in self.all_messages.values()
            if message.channel is place and not message.is_deleted and not message.is_ephemeral
        ]

    def message(self, message_id: int) -> Message:
        """A message by its id."""
        return self.all_messages[message_id]

    def history(self, message_id: int) -> list[Revision]:
        """How a message looked from its beginning on."""
        return self.all_messages[message_id].revisions

    def file(self, attachment: Attachment) -> bytes:
        """A file's bytes."""
        return self.files[attachment.id]

    def subscribe(self, listener: Callable[[str, object], None]) -> None:
        """Be told of every exchange and every message."""
        self._listeners.append(listener)

    # -- faults

    @property
    def requests(self) -> list[Exchange]:
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

    # -- what happens

    def new_message(
        self, author: User, channel: Channel, body: Json, files: Sequence[Part]
    ) -> Message:
        """A message that nobody has seen yet."""
        message = Message(self.new_id(), channel, author, self.clock.now())
        message.content = body.get("content") or ""
        message.embeds = list(body.get("embeds") or [])
        message.components = list(body.get("components") or [])
        message.attachments = self._stored(channel.id, body, files)
        return message

    async def publish(self, message: Message) -> None:
        """Let everybody see it."""
        ids = {int(found) for found in re.findall(r"<@!?(\d+)>", message.content)}
        message.mentioned = [self.users[i] for i in sorted(ids) if i in self.users]
        self.all_messages[message.id] = message
        message.keep(self.clock.now())
        self._tell("message", message)
        if not message.is_ephemeral:
            await self._message_event("MESSAGE_CREATE", message)

    async def edit(self, message: Message, exchange: Exchange, body: Json = None) -> None:
        """Change what the body names; files that `attachments` leaves out are gone."""
        body = exchange.body if body is None else body
        kept = message.attachments
        sizes = [(file.filename, len(file.data)) for file in exchange.files]
        if body.get("attachments") is not None:
            ids = {int(each["id"]) for each in body["attachments"]}
            kept = [each for each in kept if each.id in ids]
        check_message(
            body, sizes, limit_bytes=self.real_upload_limit_bytes, kept=len(kept), is_edit=True
        )
        message.attachments = kept + self._stored(message.channel.id, body, exchange.files)
        for key in ("content", "embeds", "components"):
            if key in body:
                setattr(message, key, body[key] or type(getattr(message, key))())
        message.edited_at = self.clock.now()
        message.keep(message.edited_at)
        self._tell("edit", message)
        await self._message_event("MESSAGE_UPDATE", message)

    async def delete_message(self, message: Message) -> None:
        """Take a message away."""
        message.is_deleted = True
        self._tell("delete", message)
        data = {"id": str(message.id), "channel_id": str(message.channel.id)}
        await self._dispatch("MESSAGE_DELETE", data, message.channel, "MESSAGE")

    async def delete_channel(self, channel: Channel) -> None:
        """Take a channel away."""
        channel.is_deleted = True
        await self.gateway.dispatch(
            "CHANNEL_DELETE",
            channel.payload(self.bot_user),
            guild_id=channel.guild_id,
            intent=INTENTS["CHANNEL_DELETE"],
        )

    async def say(
        self,
        author: User,
        channel: Channel,
        content: str,
        attachments: Sequence[Attachment],
        reply_to: int | None,
    ) -> Message:
        """A member's message."""
        message = self.new_message(author, channel, {"content": content}, ())
        message.attachments = list(attachments)
        message.reply_to = reply_to
        await self.publish(message)
        return message

    async def set_reaction(
        self, user: User, message: Message, emoji: str, *, is_there: bool
    ) -> None:
        """Put a reaction there, or take it away."""
        if message.is_ephemeral:
            raise ClientRefused("ephemeral messages take no reactions")
        ids = message.reactions.setdefault(emoji, [])
        if is_there and user.id not in ids:
            ids.append(user.id)
        elif not is_there and user.id in ids:
            ids.remove(user.id)
        if not ids:
            del message.reactions[emoji]
        self._tell("reaction", message)
        data: Json = {
            "user_id": str(user.id),
            "channel_id": str(message.channel.id),
            "message_id": str(message.id),
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        if message.channel.guild_id:
            data["guild_id"] = str(message.channel.guild_id)
            if is_there:
                data |= {
                    "member": payloads.member(user),
                    "message_author_id": str(message.author.id),
                }
        name = "MESSAGE_REACTION_ADD" if is_there else "MESSAGE_REACTION_REMOVE"
        await self._dispatch(name, data, message.channel, "REACTION")

    async def interact(
        self,
        user: User,
        channel: Channel,
        data: Json,
        *,
        source: Message | None = None,
        after: InteractionHandle | None = None,
    ) -> InteractionHandle:
        """A command, a press (of `source`'s button) or a modal's answer, on its way to the bot."""
        kind = 5 if after else 3 if source else 2
        handle = InteractionHandle(
            sandbox=self,
            id=self.new_id(),
            token=f"interaction-{uuid4().hex}",
            member=user,
            channel=channel,
            created_at=self.clock.now(),
            kind=kind,
            metadata=None,
            source=source,
        )
        handle.metadata = {
            "id": str(handle.id),
            "type": kind,
            "user": user.payload(),
            "authorizing_integration_owners": payloads.owners(channel),
        }
        if kind == 2:
            handle.metadata |= {"name": data["name"], "command_type": data["type"]}
        if after:
            handle.metadata["triggering_interaction_metadata"] = after.metadata
        elif source:
            handle.metadata["interacted_message_id"] = str(source.id)
        self.interactions[handle.token] = handle
        self._tell("interaction", handle)
        payload = payloads.interaction(
            handle, data, self.announced_upload_limit_bytes, self.bot_user
        )
        await self._dispatch("INTERACTION_CREATE", payload, channel, "")
        return handle

    def answered(self, handle: InteractionHandle) -> None:
        """Tell everybody that an interaction got its first response."""
        self._tell("interaction", handle)

    def store_file(self, channel_id: int, file: File) -> Attachment:
        """A member's file, as Discord keeps and describes it."""
        width, height = file.size_px or (None, None)
        file_id = self.new_id()
        self.files[file_id] = file.data
        url = f"{self.url}/attachments/{channel_id}/{file_id}/{file.name}"
        return Attachment(file_id, file.name, file.kind, len(file.data), url, width, height)

    def is_hidden(self, message: Message) -> bool:
        """Whether the bot may not read it without the message content intent."""
        is_ours = message.author is self.bot_user
        is_direct = message.channel.guild_id is None
        return not (is_ours or is_direct or self.bot_user in message.mentioned)

    # -- inside

    async def _unknown(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        raise Refusal(404, 0, "404: Not Found")

    async def _file(self, request: web.Request, _exchange: Exchange) -> web.Response:
        data = self.files.get(int(request.match_info["attachment_id"]))
        if data is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=data, content_type="application/octet-stream")

    def _hello(self) -> tuple[Json, list[Json]]:
        application = {"id": str(self.application_id), "flags": 0}
        ready = {"v": 10, "user": self.bot_user.own_payload(), "application": application}
        guilds = [
            payloads.guild(guild, list(self.channels.values()), self.bot_user)
            for guild in self.guilds.values()
        ]
        return ready, guilds

    async def _message_event(self, name: str, message: Message) -> None:
        data = message.payload(hidden=self.is_hidden(message))
        if message.channel.guild_id:
            data["guild_id"] = str(message.channel.guild_id)
            data["member"] = {
                key: value
                for key, value in payloads.member(message.author).items()
                if key != "user"
            }
        await self._dispatch(name, data, message.channel, "MESSAGE")

    async def _dispatch(self, name: str, data: Json, channel: Channel, intent: str) -> None:
        place = "GUILD" if channel.guild_id else "DIRECT"
        bit = INTENTS[f"{place}_{intent}"] if intent else 0
        if "view_channel" in channel.denied and intent:
            return
        for _time in range(2 if self.deliver_twice else 1):
            await self.gateway.dispatch(name, data, guild_id=channel.guild_id, intent=bit)
        self.changes.tell()

    def _stored(self, channel_id: int, body: Json, files: Sequence[Part]) -> list[Attachment]:
        # `files[0]` is described by the entry of `attachments` whose id is 0.
        texts = {
            f"files[{each['id']}]": each.get("description")
            for each in body.get("attachments") or []
        }
        return [
            replace(
                self.store_file(channel_id, File(part.filename, part.data)),
                description=texts.get(part.name),
            )
            for part in files
        ]

    def _tell(self, kind: str, what: object) -> None:
        for listener in self._listeners:
            listener(kind, what)
        self.changes.tell()
