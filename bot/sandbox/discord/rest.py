"""The REST routes of the bot's own token: channels, messages, reactions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from bot.sandbox.discord import payloads
from bot.sandbox.discord.files import sizes
from bot.sandbox.discord.forms.components import is_emoji
from bot.sandbox.discord.forms.kinds import Snowflake, Whole
from bot.sandbox.discord.gateway import Gateway
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel, Guild
from bot.sandbox.discord.refusals import Refusal, form_error
from bot.sandbox.discord.requests import Exchange, answer, queried
from bot.sandbox.discord.rules import check_message, check_object, checked
from bot.sandbox.discord.world import World

Json = Any
NONCES_FOR = timedelta(minutes=5)  # “the past few minutes”, says Discord


class Rest:
    """Handlers; each takes the parsed exchange and gives a response, or raises Refusal."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        """Method, path and handler of every route."""
        message = "/channels/{channel_id}/messages/{message_id}"
        return [
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway_bot),
            ("GET", "/users/@me", self.me),
            ("POST", "/users/@me/channels", self.open_dm),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/applications/@me", self.application),
            ("DELETE", "/users/@me/guilds/{guild_id}", self.leave),
            ("GET", "/guilds/{guild_id}/members/{user_id}", self.member),
            ("GET", "/soundboard-default-sounds", self.sounds),
            ("GET", "/channels/{channel_id}", self.get_channel),
            ("PATCH", "/channels/{channel_id}", self.patch_channel),
            ("GET", "/channels/{channel_id}/messages", self.get_messages),
            ("POST", "/channels/{channel_id}/messages", self.post_message),
            ("GET", message, self.get_message),
            ("PATCH", message, self.patch_message),
            ("DELETE", message, self.delete_message),
            ("PUT", message + "/reactions/{emoji}/@me", self.put_reaction),
            ("DELETE", message + "/reactions/{emoji}/@me", self.delete_reaction),
        ]

    async def gateway(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """Where the gateway is."""
        return answer({"url": self._gateway.url})

    async def gateway_bot(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """Where the gateway is, and how many shards it wants."""
        limit = {"total": 1000, "remaining": 999, "reset_after": 1000, "max_concurrency": 1}
        return answer({"url": self._gateway.url, "shards": 1, "session_start_limit": limit})

    async def me(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """The bot."""
        return answer(self._world.bot_user.own_payload())

    async def open_dm(self, _request: web.Request, exchange: Exchange) -> web.Response:
        """The direct message with a person."""
        world, body = self._world, checked(exchange.body, {"recipient_id": Snowflake()})
        user = world.users.get(int(body.get("recipient_id") or 0))
        if user is None or user.is_bot:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        return answer(world.dm_of(user).payload(world.bot_user))

    async def application(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """The application."""
        world = self._world
        return answer(
            payloads.application(
                world.application, guilds=sum(map(world.knows_guild, world.guilds))
            )
        )

    async def member(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A member of a server."""
        guild, user_id = self._guild(request), int(request.match_info["user_id"])
        for user in guild.members:
            if user.id == user_id:
                return answer(guild.member_payload(user))
        raise Refusal(404, 10007, "Unknown Member")

    async def leave(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Leave a server."""
        await self._world.bot_leaves(self._guild(request))
        return web.Response(status=204)

    async def sounds(self, _request: web.Request, _exchange: Exchange) -> web.Response:
        """None."""
        return answer([])

    async def get_channel(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A channel."""
        return answer(self._channel(request).payload(self._world.bot_user))

    async def patch_channel(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Open an archived thread again; nothing else of a channel can be changed here."""
        world = self._world
        channel = self._channel(request, "send_messages_in_threads")
        if channel.type != 11 or exchange.body != {"archived": False}:
            raise form_error("archived", "BASE_TYPE_CHOICES", "only false, and only for a thread")
        if channel.is_locked:
            raise Refusal(403, 50013, "Missing Permissions")
        await world.reopen(channel)
        return answer(channel.payload(world.bot_user))

    async def get_messages(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Messages of a channel, newest first as Discord gives them."""
        channel = self._channel(request, "read_message_history")
        asked = queried(request, after=Snowflake(), before=Snowflake(), limit=Whole(1, 100))
        after, before = asked.get("after", 0), asked.get("before", 1 << 64)
        limit = asked.get("limit", 50)
        found = [m for m in self._world.messages(channel) if after < m.id < before]
        chosen = found[:limit] if "after" in asked else found[-limit:]
        return answer([self._seen(message) for message in reversed(chosen)])

    async def get_message(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """One message."""
        return answer(self._seen(self._message(request)))

    async def post_message(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Send a message as the bot."""
        world, body = self._world, exchange.body or {}
        check_object(body)
        channel = self._channel(request)
        needed = "send_messages_in_threads" if channel.type == 11 else "send_messages"
        self._check(channel, needed)
        if channel.is_locked:
            raise Refusal(403, 50013, "Missing Permissions")
        self._check_files(channel, exchange)
        channel.is_archived = False  # a message opens its thread again
        check_message(body, sizes(exchange.files), limit_bytes=world.real_upload_limit_bytes)
        answered = self._reference(channel, body)
        nonce = str(body["nonce"]) if body.get("nonce") is not None else None
        if nonce and body.get("enforce_nonce"):
            since = world.clock.now() - NONCES_FOR
            for old in world.messages(channel):
                if old.nonce == nonce and old.author is world.bot_user and old.at > since:
                    return answer(self._seen(old))
        message = world.new_message(world.bot_user, channel, body, exchange.files)
        message.answered, message.nonce = answered, nonce
        await world.publish(message, body.get("allowed_mentions"))
        return answer(self._seen(message))

    async def patch_message(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Edit one of the bot's messages."""
        message = self._message(request)
        if message.author is not self._world.bot_user:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        if message.channel.is_archived:
            raise Refusal(400, 50083, "Thread is archived")
        self._check_files(message.channel, exchange)
        await self._world.edit(message, exchange.body, exchange.files)
        return answer(self._seen(message))

    async def delete_message(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Delete one of the bot's messages."""
        message = self._message(request)
        if message.author is not self._world.bot_user:
            raise Refusal(403, 50013, "Missing Permissions")
        await self._world.delete_message(message)
        return web.Response(status=204)

    async def put_reaction(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """The bot's reaction."""
        message = self._message(request)
        emoji = unquote(request.match_info["emoji"])
        self._check(message.channel, "read_message_history")
        if emoji not in message.reactions:
            self._check(message.channel, "add_reactions")
        if not is_emoji(emoji):
            raise Refusal(400, 10014, "Unknown Emoji")
        await self._world.set_reaction(self._world.bot_user, message, emoji, is_there=True)
        return web.Response(status=204)

    async def delete_reaction(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Take the bot's reaction away."""
        message = self._message(request)
        emoji = unquote(request.match_info["emoji"])
        await self._world.set_reaction(self._world.bot_user, message, emoji, is_there=False)
        return web.Response(status=204)

    def _guild(self, request: web.Request) -> Guild:
        guild_id = int(request.match_info["guild_id"])
        if guild_id not in self._world.guilds:
            raise Refusal(404, 10004, "Unknown Guild")
        if not self._world.knows_guild(guild_id):
            raise Refusal(403, 50001, "Missing Access")
        return self._world.guilds[guild_id]

    def _channel(self, request: web.Request, *permissions: str) -> Channel:
        channel = self._world.channels.get(int(request.match_info["channel_id"]))
        if channel is None or channel.is_deleted:
            raise Refusal(404, 10003, "Unknown Channel")
        if self._world.lacks(channel, "view_channel"):
            raise Refusal(403, 50001, "Missing Access")
        self._check(channel, *permissions)
        return channel

    def _message(self, request: web.Request) -> Message:
        channel = self._channel(request)
        message = self._world.all_messages.get(int(request.match_info["message_id"]))
        if message is None or message.is_deleted or message.channel is not channel:
            raise Refusal(404, 10008, "Unknown Message")
        if message.is_ephemeral:
            raise Refusal(404, 10008, "Unknown Message")
        return message

    def _check(self, channel: Channel, *permissions: str) -> None:
        if self._world.lacks(channel, *permissions):
            raise Refusal(403, 50013, "Missing Permissions")

    def _check_files(self, channel: Channel, exchange: Exchange) -> None:
        if exchange.files:
            self._check(channel, "attach_files")

    def _reference(self, channel: Channel, body: Json) -> Message | None:
        reference = body.get("message_reference")
        if not reference:
            return None
        if self._world.lacks(channel, "read_message_history"):
            text = "Cannot reply without permission to read message history"
            raise Refusal(400, 160002, text)
        message = self._world.all_messages.get(int(reference["message_id"]))
        if message is None or message.is_deleted or message.channel is not channel:
            if reference.get("fail_if_not_exists") is not False:
                text = "Unknown message"
                raise form_error("message_reference", "REPLIES_UNKNOWN_MESSAGE", text)
            return None
        return message

    def _seen(self, message: Message) -> Json:
        seen = message.payload(reader=self._world.bot_user)
        for reaction in seen.get("reactions", ()):
            ids = message.reactions[reaction["emoji"]["name"]]
            reaction["me"] = self._world.bot_user.id in ids
        return seen
