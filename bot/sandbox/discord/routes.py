"""What routes of the bot's own token share: finding what their paths name."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel, Guild
from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.world import World

Json = Any
Route = tuple[str, str, Callable[..., Any]]  # method, path and handler


class Lookups:
    """Each gives what the path names, or raises the Refusal of whoever may not see it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def guild(self, request: web.Request) -> Guild:
        """The server of the path."""
        guild_id = int(request.match_info["guild_id"])
        if guild_id not in self.world.guilds:
            raise Refusal(404, 10004, "Unknown Guild")
        if not self.world.knows_guild(guild_id):
            raise Refusal(403, 50001, "Missing Access")
        return self.world.guilds[guild_id]

    def channel(self, request: web.Request, *permissions: str) -> Channel:
        """The channel of the path, where the bot sees it and may do that."""
        channel = self.world.channels.get(int(request.match_info["channel_id"]))
        if channel is None or channel.is_deleted:
            raise Refusal(404, 10003, "Unknown Channel")
        if self.world.lacks(channel, "view_channel"):
            raise Refusal(403, 50001, "Missing Access")
        self.check(channel, *permissions)
        return channel

    def message(self, request: web.Request) -> Message:
        """The message of the path; what one member alone sees is none of these."""
        channel = self.channel(request)
        message = self.world.all_messages.get(int(request.match_info["message_id"]))
        if message is None or message.is_deleted or message.channel is not channel:
            raise Refusal(404, 10008, "Unknown Message")
        if message.is_ephemeral:
            raise Refusal(404, 10008, "Unknown Message")
        return message

    def check(self, channel: Channel, *permissions: str) -> None:
        """Nothing, or the Refusal where the bot may not do that."""
        if self.world.lacks(channel, *permissions):
            raise Refusal(403, 50013, "Missing Permissions")

    def seen(self, message: Message) -> Json:
        """A message as the bot reads it."""
        seen = message.payload(reader=self.world.bot_user)
        for reaction in seen.get("reactions", ()):
            ids = message.reactions[reaction["emoji"]["name"]]
            reaction["me"] = self.world.bot_user.id in ids
        return seen
