"""How a bot sends a message: where it may, what it answers, and what it forwards.

https://docs.discord.com/developers/resources/message#create-message
"""

from copy import copy
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.discord.files import sizes
from bot.sandbox.discord.messages import HAS_SNAPSHOT, Message
from bot.sandbox.discord.places import WITHOUT_MESSAGES, Channel
from bot.sandbox.discord.refusals import Refusal, form_error
from bot.sandbox.discord.requests import Exchange, answer
from bot.sandbox.discord.routes import Lookups
from bot.sandbox.discord.rules import check_message, check_object

Json = Any
REPLY, FORWARD = 0, 1  # types of reference
NONCES_FOR = timedelta(minutes=5)  # “the past few minutes”, says Discord


class Sending(Lookups):
    """One handler, and what it asks."""

    async def post_message(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Send a message as the bot."""
        world, body = self.world, exchange.body or {}
        check_object(body)
        channel = self.channel(request)
        self._check_place(channel)
        self.check_files(channel, exchange)
        limit = world.upload_limit(channel)
        check_message(body, sizes(exchange.files), limit_bytes=limit)
        found = self._referred_to(channel, body)
        nonce = str(body["nonce"]) if body.get("nonce") is not None else None
        if nonce and body.get("enforce_nonce"):
            since = world.clock.now() - NONCES_FOR
            for old in world.messages(channel):
                if old.nonce == nonce and old.author is world.bot_user and old.at > since:
                    return answer(self.seen(old))
        channel.is_archived = False  # a message opens its thread again
        message = world.new_message(world.bot_user, channel, body, exchange.files)
        message.nonce = nonce
        if found and body["message_reference"].get("type") == FORWARD:
            message.forwarded = copy(found)
            message.flags |= HAS_SNAPSHOT
        else:
            message.answered = found
        await world.publish(message, body.get("allowed_mentions"))
        return answer(self.seen(message))

    def check_files(self, channel: Channel, exchange: Exchange) -> None:
        """Nothing, or the Refusal of files where the bot may send none."""
        if exchange.files:
            self.check(channel, "attach_files")

    def _check_place(self, channel: Channel) -> None:
        if channel.type in WITHOUT_MESSAGES:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        self.check(channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
        if channel.is_locked:
            raise Refusal(403, 50013, "Missing Permissions")
        if channel.thread and not channel.thread.is_written:
            text = "Cannot message this thread until after the post author has sent an initial message."
            raise Refusal(403, 40058, text)

    def _referred_to(self, channel: Channel, body: Json) -> Message | None:
        reference = body.get("message_reference")
        if not reference:
            return None
        message = self.world.all_messages.get(int(reference["message_id"]))
        if message and (message.is_deleted or message.is_ephemeral):
            message = None
        if reference.get("type") == FORWARD:
            return self._forwarded(channel, reference, message)
        if self.world.lacks(channel, "read_message_history"):
            text = "Cannot reply without permission to read message history"
            raise Refusal(400, 160002, text)
        if message is None or message.channel is not channel:
            if reference.get("fail_if_not_exists") is not False:
                raise form_error("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            return None
        return message

    def _forwarded(self, channel: Channel, reference: Json, message: Message | None) -> Message:
        place = "message_reference.channel_id"
        if reference.get("channel_id") is None:
            raise form_error(place, "BASE_TYPE_REQUIRED", "This field is required")
        source = self.world.channels.get(int(reference["channel_id"]))
        if source is None or message is None or message.channel is not source:
            raise form_error("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        if self.world.lacks(source, "view_channel"):
            raise Refusal(403, 50001, "Missing Access")
        if self.world.lacks(source, "read_message_history"):
            text = "Cannot forward a message without permission to read message history"
            raise Refusal(400, 160009, text)
        if message.is_hidden_from(self.world.bot_user):
            raise Refusal(400, 160014, "You cannot forward a message whose content you cannot read")
        is_nsfw = self.world.line_of(source)[0].is_nsfw
        if is_nsfw and not self.world.line_of(channel)[0].is_nsfw:
            text = "Cannot forward a message from an age-restricted channel to one that is not"
            raise Refusal(400, 160010, text)
        return message
