"""Discord's list of commands, kept in step with the configured endpoints."""

import asyncio
import logging

import aiohttp
import discord
from discord import app_commands

from bot.discord.client import StudioBot
from bot.discord.slash import digest, payload
from bot.errors import BotError

log = logging.getLogger(__name__)

PUBLISH_S = 60.0
RETRY_S = (60.0, 300.0, 900.0, 3600.0)
SCOPES = "published scopes"  # the note with the servers that have commands of their own


class Publisher:
    """Tells Discord of the commands, and takes back those of servers that no longer have any."""

    def __init__(self, bot: StudioBot) -> None:
        self._bot = bot

    async def run(self) -> None:
        """Publish what has changed once the bot is connected; try again where Discord refuses."""
        await self._bot.wait_until_ready()
        for delay_s in (*RETRY_S, None):
            try:
                if await self.publish_changes():
                    return
            except BotError as error:
                log.warning("the commands could not be published: %s", type(error).__name__)
                log.debug("publishing", exc_info=error)
            if delay_s is not None:
                await asyncio.sleep(delay_s)

    async def publish_changes(self) -> bool:
        """Whether nothing is left to be published or cleared; what is done is not done again."""
        store, wanted = self._bot.store, set(self._bot.settings.guild_ids)
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
        tree: app_commands.CommandTree[StudioBot] = self._bot.tree
        guild = None if guild_id is None else discord.Object(guild_id)
        scope = _named(guild_id)
        found = payload(tree.get_commands(guild=guild), tree)
        now = digest(found, self._bot.application_id or 0, scope)
        key = f"published {scope}"
        if await self._bot.store.note(key) == now:
            return
        try:
            await tree.sync(guild=guild)
        except (discord.Forbidden, discord.NotFound):
            if found:
                raise
            # The bot has left this server: there is nothing to clear.
        await self._bot.store.write_note(key, now)
        self._bot.permissions.forget_names()
        log.info("published %d commands: %s", len(found), scope)


def _named(guild_id: int | None) -> str:
    return "everywhere" if guild_id is None else f"server {guild_id}"
