"""What can be done with a result: run it again, by reaction or by button."""

import logging
import re
from datetime import timedelta
from typing import Any, Self

import aiohttp
import discord
from discord.ext import commands

from bot.discord.askers import asker_of, asker_of_reaction, is_human
from bot.discord.client import StudioBot
from bot.discord.messenger import Asked
from bot.discord.origins import (
    file_limit_bytes,
    grant_of,
    origin_of,
    origin_of_reaction,
    same_emoji,
)
from bot.discord.render import RUN_AGAIN
from bot.discord.responses import answer, explain
from bot.errors import BotError, DiscordError, Refused
from bot.jobs.job import OriginKind
from bot.jobs.recent import Recent

log = logging.getLogger(__name__)

TOLD_AGAIN = timedelta(minutes=10)  # so much later Discord may tell once more of a reaction


class RunAgain(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"{RUN_AGAIN}:(?P<job>[0-9a-f]{{32}})",
):
    """The button under an ended job; its custom id says which job, so it works for ever."""

    def __init__(self, job_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"{RUN_AGAIN}:{job_id}"))
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """The button that was pressed."""
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Run the job again for whoever pressed."""
        try:
            await self._run(interaction)
        except (BotError, discord.DiscordException, aiohttp.ClientError, OSError) as error:
            await explain(interaction, error)

    async def _run(self, interaction: discord.Interaction[StudioBot]) -> None:
        service = interaction.client.service
        origin = origin_of(interaction, OriginKind.BUTTON)
        asker = asker_of(interaction)
        job = await service.rerun(self.job_id, origin, grant_of(interaction), asker)
        if job:
            await service.answered(job, answer(interaction, job))


class Results(commands.Cog):
    """Reactions to results."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot
        self.told = Recent(bot.now, timedelta(minutes=1))
        self.seen = Recent(bot.now, TOLD_AGAIN)
        self.taken_back = Recent(bot.now, TOLD_AGAIN)  # reactions, or all under a message

    async def cog_load(self) -> None:
        """Answer buttons of messages that were sent before this start, too."""
        self.bot.add_dynamic_items(RunAgain)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Run the result again for whoever reacted."""
        # Discord may deliver an event twice, and the second time after the job has ended.
        if not self._is_meant(payload) or not self.seen.is_new(_key(payload)):
            return
        try:
            await self._run(payload)
        except DiscordError as error:
            log.warning("reaction to %s: not answered: %s", payload.message_id, error)
        except BotError as error:
            is_said = self.told.is_new(payload.user_id)
            await self.bot.messenger.refuse(_asked(payload), error, is_said=is_said)

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
        if same_emoji(str(payload.emoji), self.bot.settings.rerun_emoji):
            await self.on_raw_reaction_clear(payload)

    def _is_meant(self, payload: discord.RawReactionActionEvent) -> bool:
        emoji = self.bot.settings.rerun_emoji
        return is_human(self.bot, payload) and same_emoji(str(payload.emoji), emoji)

    async def _run(self, payload: discord.RawReactionActionEvent) -> None:
        service = self.bot.service
        source = await service.job_of(payload.message_id)
        if source is None and self._is_forgotten(payload):
            raise Refused("This result is no longer kept; please send its picture again.")
        if source is None or not source.is_terminal:
            return
        guild = self.bot.get_guild(payload.guild_id) if payload.guild_id else None
        origin = origin_of_reaction(payload, file_limit_bytes(guild))
        if not self._is_put_again(payload) and await service.has_run(origin, TOLD_AGAIN):
            return  # another process has heard it long before
        asker = await asker_of_reaction(self.bot, payload)
        job = await service.rerun(source.id, origin, None, asker)
        if job:
            await service.answered(job, self.bot.messenger.reply(job))

    def _is_put_again(self, payload: discord.RawReactionActionEvent) -> bool:
        is_cleared = self.taken_back.knows(payload.message_id)
        return is_cleared or self.taken_back.knows(_key(payload))

    def _is_forgotten(self, payload: discord.RawReactionActionEvent) -> bool:
        """Whether the message is ours, and so old that its job is kept no longer."""
        age = self.bot.now() - discord.utils.snowflake_time(payload.message_id)
        is_ours = self.bot.user is not None and payload.message_author_id == self.bot.user.id
        return is_ours and age > timedelta(days=self.bot.settings.keep_days)


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
