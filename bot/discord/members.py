"""Whether somebody shares a server with the bot that it serves: asked where a message is direct."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import discord

from bot.discord.requests import request
from bot.errors import DiscordBusy, DiscordError
from bot.jobs.recent import Latest

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(minutes=10)
MAX_KEPT = 10_000


class Members:
    """Asks Discord, and remembers the answer for ten minutes. Raises DiscordBusy."""

    def __init__(
        self, client: discord.Client, guild_ids: Collection[int], now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._guild_ids = guild_ids
        self._now = now
        self._kept: Latest[int, tuple[datetime, bool]] = Latest(MAX_KEPT)  # by user

    async def are_served(self, user_id: int) -> bool:
        """Whether the user is in one of the servers that are served; true where all are."""
        if not self._guild_ids:
            return True
        now = self._now()
        asked_at, is_served = self._kept.get(user_id, (now - KEPT_FOR, False))
        if now - asked_at >= KEPT_FOR:
            is_served = await self._is_in_one(user_id)
            self._kept.put(user_id, (now, is_served))
        return is_served

    async def _is_in_one(self, user_id: int) -> bool:
        for guild_id in self._guild_ids:
            try:
                async with request():
                    await self._client.http.get_member(guild_id, user_id)
            except DiscordBusy:
                raise
            except DiscordError as error:  # not a member, or the bot is not in that server
                log.debug("user %d is not in server %d: %s", user_id, guild_id, error)
            else:
                return True
        return False
