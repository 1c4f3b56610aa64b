"""Reactions to results: each runs it once more."""

import asyncio
import logging
from datetime import datetime, timedelta

import discord
from discord.ext import commands

from bot.discord.askers import asker_of_reaction, is_human
from bot.discord.client import StudioBot
from bot.discord.messenger import Asked
from bot.discord.origins import file_limit_bytes, origin_of_reaction, same_emoji
from bot.endpoints.remakes import Again
from bot.errors import BotError, DiscordError, Refused
from bot.jobs.job import Job
from bot.jobs.recent import Recent

log = logging.getLogger(__name__)

TOLD_AGAIN = timedelta(minutes=10)  # so much later Discord may tell once more of a reaction
LOOKS_AT_ONCE = 4  # for the job of a message
MOST_LOOKS = 1000  # under way and waiting; whoever reacts after that has to do it again


class Results(commands.Cog):
    """Reactions to results."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot
        self.seen = Recent(bot.clocks.steady, TOLD_AGAIN)
        # Reactions that were taken back, or a message all of whose were.
        self.taken_back = Recent(bot.clocks.steady, TOLD_AGAIN)
        self.began_at = bot.now()
        self._looks = 0
        self._may_look = asyncio.Semaphore(LOOKS_AT_ONCE)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Run the result again for whoever reacted."""
        # Discord may deliver an event twice, and the second time after the job has ended.
        if not self._is_meant(payload) or not self._may_answer(payload):
            return
        if not self.seen.is_new(_key(payload)):
            return
        try:
            await self._run(payload)
        except DiscordError as error:
            log.warning("reaction to %s: not answered: %s", payload.message_id, error)
            self.bot.speech.note(payload.channel_id, error)
        except BotError as error:
            is_said = self.bot.speech.may_tell(payload.user_id, payload.message_id)
            failure = await self.bot.messenger.refuse(_asked(payload), error, is_said=is_said)
            if failure:
                self.bot.speech.note(payload.channel_id, failure)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Let the member react again."""
        self.seen.forget(_key(payload))
        if self._is_meant(payload):
            self.taken_back.note(_key(payload))

    @commands.Cog.listener()
    async def on_raw_reaction_clear(
        self, payload: discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent
    ) -> None:
        """Let everybody react again: a moderator took all reactions away."""
        self.seen.forget_all(lambda key: isinstance(key, tuple) and key[0] == payload.message_id)
        self.taken_back.note(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """As where all reactions are taken away, for ours."""
        if self._is_ours_emoji(payload.emoji):
            await self.on_raw_reaction_clear(payload)

    def _is_meant(self, payload: discord.RawReactionActionEvent) -> bool:
        return self._is_ours_emoji(payload.emoji) and is_human(self.bot, payload)

    def _is_ours_emoji(self, emoji: discord.PartialEmoji) -> bool:
        ours = self.bot.settings.rerun_emoji
        return bool(ours) and same_emoji(str(emoji), ours)

    def _may_answer(self, payload: discord.RawReactionActionEvent) -> bool:
        return self._looks < MOST_LOOKS and self.bot.speech.may_speak(payload.channel_id)

    async def _source(self, message_id: int) -> Job | None:
        """The job of the message; a flood of reactions waits here, and not before the database."""
        self._looks += 1
        try:
            async with self._may_look:
                return await self.bot.service.job_of(message_id)
        finally:
            self._looks -= 1

    async def _run(self, payload: discord.RawReactionActionEvent) -> None:
        service = self.bot.service
        source = await self._source(payload.message_id)
        if source is None and self._is_forgotten(payload):
            raise Refused("This result is no longer kept; please send its picture again.")
        if source is None or not source.is_terminal:
            return
        guild = self.bot.get_guild(payload.guild_id) if payload.guild_id else None
        origin = origin_of_reaction(payload, file_limit_bytes(guild))
        if not self._is_put_again(payload) and await service.has_run(origin, self._heard_since()):
            return
        asker = await asker_of_reaction(self.bot, payload)
        job = await service.rerun(source.id, origin, None, asker, Again(service.draw_seed))
        if job:
            await service.answered(job, self.bot.messenger.reply(job))

    def _heard_since(self) -> datetime:
        """No reaction that is told of now is older: before its start a process hears nothing."""
        return max(self.began_at, self.bot.now() - TOLD_AGAIN)

    def _is_put_again(self, payload: discord.RawReactionActionEvent) -> bool:
        is_cleared = self.taken_back.knows(payload.message_id)
        return is_cleared or self.taken_back.knows(_key(payload))

    def _is_forgotten(self, payload: discord.RawReactionActionEvent) -> bool:
        """Whether the message is ours, and so old that its job is kept no longer."""
        age = self.bot.now() - discord.utils.snowflake_time(payload.message_id)
        return self._is_ours(payload) and age > timedelta(days=self.bot.settings.keep_days)

    def _is_ours(self, payload: discord.RawReactionActionEvent) -> bool:
        return self.bot.user is not None and payload.message_author_id == self.bot.user.id


def _asked(payload: discord.RawReactionActionEvent) -> Asked:
    return Asked(
        message_id=payload.message_id,
        channel_id=payload.channel_id,
        guild_id=payload.guild_id,
        reacted_id=payload.user_id,
    )


def _key(payload: discord.RawReactionActionEvent) -> tuple[int, int, str]:
    return payload.message_id, payload.user_id, str(payload.emoji)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Results(bot))
