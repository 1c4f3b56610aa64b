"""`/history`: a member's own jobs, found again, and what they can do with one."""

import logging

import aiohttp
import discord
from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.client import StudioBot
from bot.discord.customs import Only
from bot.discord.details import left
from bot.discord.history import Drawn, drawn, one_of_them
from bot.discord.own import own_command
from bot.discord.pressed import Pressed, chosen, explained, used
from bot.discord.requests import request
from bot.discord.responses import say_alone, say_instead, tell
from bot.discord.thumbnails import Thumbnails
from bot.endpoints.own import Own
from bot.errors import BotError, Refused
from bot.jobs.history import NEWEST, Mark, Page
from bot.jobs.job import Job
from bot.jobs.wishes import kept, read

log = logging.getLogger(__name__)


class History(commands.Cog):
    """Pages that only their member sees; where they are turned stands in custom ids."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Add the command."""
        self.bot.offer(own_command(Own.HISTORY, self.begin))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Pressed) -> None:
        """Turn a page, or show one of its jobs."""
        meant = used(interaction)
        if meant is Only.ONE_OF_THEM:
            await explained(interaction, self._one(interaction))
        elif isinstance(meant, Mark):
            await explained(interaction, self._turn(interaction, meant))

    async def begin(self, interaction: Pressed) -> None:
        """Answer with the newest jobs."""
        page = await self._page(interaction, NEWEST)
        shown = drawn(page)
        await say_alone(interaction, shown.text, shown.view)
        await self._illustrate(interaction, page, shown)

    async def _turn(self, interaction: Pressed, mark: Mark) -> None:
        page = await self._page(interaction, mark)
        shown = drawn(page)
        await say_instead(interaction, shown.text, shown.view)
        await self._illustrate(interaction, page, shown)

    async def _page(self, interaction: Pressed, mark: Mark) -> Page:
        return await read(self.bot.store.history.page(interaction.user.id, mark))

    async def _illustrate(self, interaction: Pressed, page: Page, shown: Drawn) -> None:
        """Put small pictures below the text, where it was not turned meanwhile."""
        thumbnails = Thumbnails(archive=self.bot.archive, pictures=self.bot.pictures)
        try:
            seen = {n: job for n, job in enumerate(page.jobs, 1) if self._may_see(interaction, job)}
            async with thumbnails.of(seen, interaction.user.id) as uploads:
                if uploads and await _stands(interaction, shown):
                    async with request(uploads) as given:
                        await interaction.edit_original_response(**given)
        except (BotError, discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("interaction %s: no thumbnails: %s", interaction.id, error)

    async def _one(self, interaction: Pressed) -> None:
        """Tell all of the job that was chosen, and offer what can be done with it."""
        service, member = self.bot.service, interaction.user.id
        job_id = "".join(chosen(interaction))
        job, usage = await read(service.seen_by(member, job_id, interaction.guild_id))
        if kept(job).origin.user_id != member:
            raise Refused("Only who asked for this can see it here.")
        may_be_seen = self._may_see(interaction, kept(job))
        lines = list(left(service.limits, usage))
        await tell(interaction, one_of_them(kept(job), lines, may_be_seen=may_be_seen))

    def _may_see(self, interaction: Pressed, job: Job) -> bool:
        """Whether its images may be seen there: some only in age-restricted channels."""
        is_free = not self.bot.shelf.is_restricted(job.request)
        return is_free or asker_of(interaction).is_age_restricted


async def _stands(interaction: Pressed, shown: Drawn) -> bool:
    """Whether the text still stands there: the page may have been turned."""
    async with request():
        found = await interaction.followup.fetch_message("@original")  # type: ignore[arg-type]  # a name of Discord's
    return found.content == shown.text


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(History(bot))
