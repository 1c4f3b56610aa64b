"""A picture attached in chat: with a mention of the bot, or in a direct message with it."""

import asyncio
import logging
import re

import aiohttp
import discord
from discord.ext import commands

from bot.app import StudioBot
from bot.asking import origin_of_message, request_of, with_pictures
from bot.errors import BotError, DiscordError, Refused
from bot.render import error as sentence_of
from bot.values import parse_text

log = logging.getLogger(__name__)

SAY_S = 30.0  # deadline of a sentence

_MENTION = re.compile(r"<@[!&]?\d+>")


class Chat(commands.Cog):
    """Jobs from messages. Discord hands over the content of messages that mention the bot."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take the message as a job, or say in one sentence why not."""
        if message.author.bot or not message.attachments or not self._is_for_us(message):
            return
        try:
            await self._run(message)
        except DiscordError as error:
            log.warning("message %s: not answered: %s", message.id, error)
        except BotError as error:
            await self._refuse(message, error)

    def _is_for_us(self, message: discord.Message) -> bool:
        return message.guild is None or self.bot.user in message.mentions

    async def _run(self, message: discord.Message) -> None:
        service = self.bot.service
        origin = origin_of_message(message)
        parsed = parse_text(self.bot.endpoints, _MENTION.sub(" ", message.content))
        given = with_pictures(parsed.endpoint, parsed.given, message.attachments)
        request = request_of(parsed.endpoint, given, service.draw_seed)
        job = await service.accept(request, origin, None)
        if job:
            await service.posted(job.id, await self.bot.messenger.reply(job))

    async def _refuse(self, message: discord.Message, error: BotError) -> None:
        if not isinstance(error, Refused):
            log.error("message %s: %s", message.id, type(error).__name__, exc_info=error)
        try:
            async with asyncio.timeout(SAY_S):
                await message.reply(sentence_of(error, str(message.id)))
        except (discord.DiscordException, aiohttp.ClientError, OSError) as failure:
            log.warning("message %s: not answered: %s", message.id, failure)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Chat(bot))
