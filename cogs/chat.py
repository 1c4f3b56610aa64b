"""A picture attached in chat: with a mention of the bot, or in a direct message with it."""

import logging

import discord
from discord.ext import commands

from bot.discord.askers import asker_of_message, guild_id_of
from bot.discord.attachments import files_of
from bot.discord.client import StudioBot
from bot.discord.messenger import Asked
from bot.discord.origins import (
    is_written_to,
    origin_of_message,
    request_of,
    unaddressed,
    with_pictures,
)
from bot.endpoints.showing import is_hidden
from bot.endpoints.values import parse_text
from bot.errors import BotError, DiscordError, Refused
from bot.gate import Asker
from bot.jobs.job import OriginKind

log = logging.getLogger(__name__)

MOST_NAMED = 20  # commands in one sentence
_SAID = {discord.MessageType.default, discord.MessageType.reply}  # by somebody, and not by Discord


class Chat(commands.Cog):
    """Jobs from messages. Discord hands over the content of messages that mention the bot."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take the message as a job, or say in one sentence why not."""
        if message.type not in _SAID or not self._is_for_us(message):
            return
        asker = asker_of_message(message)
        speech = self.bot.speech
        if not asker.is_human or not speech.may_speak(message.channel.id):
            return
        try:
            if files_of(message):
                await self._run(message, asker)
            elif speech.may_greet(message.author.id):
                await self._introduce(message, asker)
        except DiscordError as error:
            log.warning("message %s: not answered: %s", message.id, error)
            speech.note(message.channel.id, error)
        except BotError as error:
            is_said = speech.may_tell(message.author.id)
            await self.bot.messenger.refuse(_asked(message), error, is_said=is_said)

    def _is_for_us(self, message: discord.Message) -> bool:
        """Whether it is a direct message, or mentions us by a mention that was written.

        A reply mentions whom it answers without a word: nobody asks for anything by that.
        """
        if guild_id_of(message) is None:
            return True
        is_named = self.bot.user in message.mentions
        return is_named and is_written_to(self._ours, message.content)

    @property
    def _ours(self) -> int:
        return self.bot.user.id if self.bot.user else 0

    async def _run(self, message: discord.Message, asker: Asker) -> None:
        service = self.bot.service
        origin = origin_of_message(message)
        parsed = parse_text(self.bot.endpoints, unaddressed(message.content, self._ours))
        given = with_pictures(parsed.endpoint, parsed.given, files_of(message))
        hides = is_hidden(parsed.endpoint, given)
        request = request_of(parsed.endpoint, given, service.draw_seed, is_spoiler=hides)
        job = await service.accept(request, origin, None, asker)
        if job:
            await service.answered(job, self.bot.messenger.reply(job))

    async def _introduce(self, message: discord.Message, asker: Asker) -> None:
        """Say what they can do here, as they spoke to the bot and gave it nothing to do."""
        gate, kind, there = self.bot.service.gate, OriginKind.MESSAGE, self.bot.endpoints
        names = [f"/{each.qualified_name}" for each in await gate.offered(asker, kind, there)]
        more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
        card = Refused(
            "Here is what I can do: {commands}. Type / and choose one, or mention me in a"
            " message that has a picture.",
            commands=[*names[:MOST_NAMED], *more],
        )
        await self.bot.messenger.refuse(_asked(message), card)


def _asked(message: discord.Message) -> Asked:
    return Asked(
        message_id=message.id, channel_id=message.channel.id, guild_id=guild_id_of(message)
    )


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Chat(bot))
