"""The REST routes of the bot's own token: channels, messages, reactions."""

from typing import Any
from urllib.parse import unquote

from aiohttp import web

from bot.sandbox.discord.forms.components import is_emoji
from bot.sandbox.discord.forms.kinds import Snowflake, Whole
from bot.sandbox.discord.messages import MAX_REACTIONS
from bot.sandbox.discord.places import WITH_VOICE, Channel
from bot.sandbox.discord.refusals import Refusal, form_error
from bot.sandbox.discord.requests import Exchange, answer, queried
from bot.sandbox.discord.routes import Route
from bot.sandbox.discord.sending import Sending

Json = Any


class Rest(Sending):
    """Handlers; each takes the parsed exchange and gives a response, or raises Refusal."""

    def routes(self) -> list[Route]:
        """Method, path and handler of every route."""
        message = "/channels/{channel_id}/messages/{message_id}"
        return [
            ("GET", "/channels/{channel_id}", self.get_channel),
            ("PATCH", "/channels/{channel_id}", self.patch_channel),
            ("POST", "/channels/{channel_id}/typing", self.typing),
            ("GET", "/channels/{channel_id}/pins", self.old_pins),
            ("GET", "/channels/{channel_id}/messages/pins", self.pins),
            ("GET", "/channels/{channel_id}/messages", self.get_messages),
            ("POST", "/channels/{channel_id}/messages", self.post_message),
            ("GET", message, self.get_message),
            ("PATCH", message, self.patch_message),
            ("DELETE", message, self.delete_message),
            ("GET", message + "/reactions/{emoji}", self.reactions),
            ("PUT", message + "/reactions/{emoji}/@me", self.put_reaction),
            ("DELETE", message + "/reactions/{emoji}/@me", self.delete_reaction),
        ]

    async def get_channel(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A channel."""
        return answer(self.channel(request).payload(self.world.bot_user))

    async def patch_channel(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Open an archived thread again; nothing else of a channel can be changed here."""
        world = self.world
        channel = self.channel(request, "send_messages_in_threads")
        if not channel.is_thread or exchange.body != {"archived": False}:
            raise form_error("archived", "BASE_TYPE_CHOICES", "only false, and only for a thread")
        if channel.is_locked:
            raise Refusal(403, 50013, "Missing Permissions")
        await world.reopen(channel)
        return answer(channel.payload(world.bot_user))

    async def get_messages(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Messages of a channel, newest first as Discord gives them: none without its history."""
        channel = self._to_read(request)
        kinds = dict.fromkeys(("after", "before", "around"), Snowflake())
        asked = queried(request, limit=Whole(1, 100), **kinds)
        limit, around = asked.get("limit", 50), asked.get("around")
        after, before = asked.get("after", 0), asked.get("before", 1 << 64)
        is_shown = not self.world.lacks(channel, "read_message_history")
        found = [m for m in self.world.messages(channel) if is_shown and after < m.id < before]
        chosen = found[:limit] if "after" in asked else found[-limit:]
        if around is not None:
            older = [m for m in found if m.id < around]
            chosen = older[-(limit // 2) :] if limit > 1 else []
            chosen += [m for m in found if m.id >= around][: limit - limit // 2]
        return answer([self.seen(message) for message in reversed(chosen)])

    async def get_message(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """One message."""
        self.check(self._to_read(request), "read_message_history")
        return answer(self.seen(self.message(request)))

    def _to_read(self, request: web.Request) -> Channel:
        channel = self.channel(request)
        if channel.type in WITH_VOICE and self.world.lacks(channel, "connect"):
            raise Refusal(403, 50001, "Missing Access")
        return channel

    async def patch_message(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Edit one of the bot's messages."""
        message = self.message(request)
        if message.author is not self.world.bot_user:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        if message.channel.is_archived:
            raise Refusal(400, 50083, "Thread is archived")
        self.check_files(message.channel, exchange)
        self.world.limits.admit_edit(message.channel.id, message.at)
        await self.world.edit(message, exchange.body, exchange.files)
        return answer(self.seen(message))

    async def delete_message(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Delete one of the bot's messages."""
        message = self.message(request)
        if message.author is not self.world.bot_user:
            self.check(message.channel, "manage_messages")
        await self.world.delete_message(message)
        return web.Response(status=204)

    async def typing(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Say that the bot types; nobody here looks."""
        self.channel(request, "send_messages")
        return web.Response(status=204)

    async def old_pins(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """None: nobody pins anything here."""
        self.channel(request)
        return answer([])

    async def pins(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """None, in the newer form."""
        self.channel(request)
        return answer({"items": [], "has_more": False})

    async def reactions(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Who reacted with an emoji."""
        message, emoji = self.message(request), _emoji(request)
        asked = queried(request, limit=Whole(1, 100), after=Snowflake(), type=Whole(0, 1))
        ids = sorted(
            each for each in message.reactions.get(emoji, ()) if each > asked.get("after", 0)
        )
        return answer([self.world.users[each].payload() for each in ids[: asked.get("limit", 25)]])

    async def put_reaction(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """The bot's reaction."""
        message = self.message(request)
        self.check(message.channel, "read_message_history")
        emoji = _emoji(request)
        if message.channel.is_archived:
            raise Refusal(400, 50083, "Thread is archived")
        if emoji not in message.reactions:
            self.check(message.channel, "add_reactions")
            if len(message.reactions) >= MAX_REACTIONS:
                text = f"Maximum number of reactions reached ({MAX_REACTIONS})"
                raise Refusal(403, 30010, text)
        await self.world.set_reaction(self.world.bot_user, message, emoji, is_there=True)
        return web.Response(status=204)

    async def delete_reaction(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Take the bot's reaction away."""
        message, emoji = self.message(request), _emoji(request)
        await self.world.set_reaction(self.world.bot_user, message, emoji, is_there=False)
        return web.Response(status=204)


def _emoji(request: web.Request) -> str:
    emoji = unquote(request.match_info["emoji"])
    if not is_emoji(emoji):
        raise Refusal(400, 10014, "Unknown Emoji")
    return emoji
