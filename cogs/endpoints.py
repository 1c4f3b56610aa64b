"""The generated commands, and Discord's list of them kept in step with the configured endpoints."""

import asyncio
import logging
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.client import StudioBot
from bot.discord.messenger import answer
from bot.discord.origins import grant_of, origin_of, request_of
from bot.discord.slash import build_commands, digest, payload
from bot.endpoints.catalogue import Endpoint
from bot.errors import BotError
from bot.jobs.job import OriginKind

log = logging.getLogger(__name__)

PUBLISH_S = 60.0
RETRY_S = (60.0, 300.0, 900.0, 3600.0)
SCOPES = "published scopes"  # the note with the servers that have commands of their own


class Endpoints(commands.Cog):
    """One slash command for every endpoint."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot
        self._publishing: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Add the commands; publish them once connected, where no other process does."""
        guilds = [discord.Object(guild_id) for guild_id in self.bot.settings.guild_ids]
        for command in build_commands(self.bot.endpoints, self.run):
            if guilds:
                self.bot.tree.add_command(command, guilds=guilds)
            else:
                self.bot.tree.add_command(command)
        if 0 in (self.bot.settings.shard_ids or (0,)):  # of several processes one has it
            self._publishing = asyncio.create_task(self._publish(), name="publish")

    async def cog_unload(self) -> None:
        """Stop publishing."""
        if self._publishing:
            self._publishing.cancel()
            await asyncio.wait({self._publishing})

    async def run(
        self, interaction: discord.Interaction[Any], endpoint: Endpoint, given: dict[str, Any]
    ) -> None:
        """Take the command as a job, and answer with its reply."""
        service = self.bot.service
        origin = origin_of(interaction, OriginKind.COMMAND)
        request = request_of(endpoint, given, service.draw_seed)
        job = await service.accept(request, origin, grant_of(interaction))
        if job:
            await service.posted(job.id, await answer(interaction, job))

    async def _publish(self) -> None:
        await self.bot.wait_until_ready()
        for delay_s in (*RETRY_S, None):
            try:
                if await self._publish_changes():
                    return
            except BotError as error:
                log.warning("the commands could not be published: %s", type(error).__name__)
                log.debug("publishing", exc_info=error)
            if delay_s is not None:
                await asyncio.sleep(delay_s)

    async def _publish_changes(self) -> bool:
        """Whether nothing is left to be published or cleared; what is done is not done again."""
        store, wanted = self.bot.store, set(self.bot.settings.guild_ids)
        known = {int(text) for text in (await store.note(SCOPES) or "").split()}
        await store.write_note(SCOPES, " ".join(map(str, sorted(wanted | known))))
        served: list[int | None] = [*sorted(wanted)] or [None]
        failed = [scope for scope in served if not await self._is_published(scope)]
        left = {None, *known} - set(served)
        # What is wanted comes first: members always have the commands somewhere.
        if len(failed) < len(served):
            left = {scope for scope in left if not await self._is_published(scope)}
        noted = wanted.union(scope for scope in left if scope is not None)
        await store.write_note(SCOPES, " ".join(map(str, sorted(noted))))
        return not failed and not left

    async def _is_published(self, guild_id: int | None) -> bool:
        """Whether Discord has the commands of this scope now; why not is in the log."""
        try:
            async with asyncio.timeout(PUBLISH_S):
                await self._publish_scope(guild_id)
        except (
            BotError,
            discord.DiscordException,
            aiohttp.ClientError,
            OSError,
            TimeoutError,
        ) as error:
            name, scope = type(error).__name__, _named(guild_id)
            log.warning("the commands could not be published: %s: %s", scope, name)
            log.debug("publishing", exc_info=error)
            return False
        return True

    async def _publish_scope(self, guild_id: int | None) -> None:
        tree: app_commands.CommandTree[StudioBot] = self.bot.tree
        guild = None if guild_id is None else discord.Object(guild_id)
        scope = _named(guild_id)
        found = payload(tree.get_commands(guild=guild), tree)
        now = digest(found, self.bot.application_id or 0, scope)
        key = f"published {scope}"
        if await self.bot.store.note(key) == now:
            return
        try:
            await tree.sync(guild=guild)
        except (discord.Forbidden, discord.NotFound):
            if found:
                raise
            # The bot has left this server: there is nothing to clear.
        await self.bot.store.write_note(key, now)
        log.info("published %d commands: %s", len(found), scope)


def _named(guild_id: int | None) -> str:
    return "everywhere" if guild_id is None else f"server {guild_id}"


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Endpoints(bot))
