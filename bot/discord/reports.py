"""What a server is told of troubles, in the channel that who manages it has named.

At most once an hour of each kind, by all processes together and past restarts.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

import discord

from bot.discord.permissions import Permissions
from bot.discord.publishing import Publisher
from bot.discord.render import plain
from bot.discord.reply import NOBODY
from bot.discord.requests import request
from bot.errors import DiscordError, MessageGone, StorageError
from bot.jobs.bylaws import Bylaw, BylawKind
from bot.jobs.house import House
from bot.jobs.job import Job, JobStatus
from bot.jobs.observer import Observer
from bot.jobs.recent import Recent
from bot.reasons import SENTENCES, Reason

log = logging.getLogger(__name__)

LOOK_S = 5.0
APART = timedelta(hours=1)
ASKED_AGAIN = timedelta(minutes=5)  # whether anybody has told of what is still wrong

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)  # Discord's answer


class Trouble(StrEnum):
    """A kind of it."""

    KEY = "key"
    CREDITS = "credits"
    COMMANDS = "commands"
    RULES = "rules"


_OF_REASON = {Reason.KEY_REFUSED: Trouble.KEY, Reason.NO_CREDITS: Trouble.CREDITS}
_TEXTS = {
    Trouble.KEY: f"A job that was asked for here has failed. {SENTENCES[Reason.KEY_REFUSED]}",
    Trouble.CREDITS: f"A job that was asked for here has failed. {SENTENCES[Reason.NO_CREDITS]}",
    Trouble.COMMANDS: (
        "Discord does not have the bot's commands for this server as they should be ({why})."
        " The bot tries again within the hour."
    ),
    Trouble.RULES: (
        "The bot cannot read who may use its commands in this server (Integrations), so it refuses"
        " what comes by a mention, a button or a reaction. It tries again within a minute."
    ),
}
_SMALL = "\n-# at most once an hour; `/studio-here log` without a channel ends this"


class Reports(Observer):
    """Hears of troubles and looks for them, and tells the servers that want to know."""

    def __init__(
        self,
        client: discord.Client,
        house: House,
        publisher: Publisher,
        permissions: Permissions,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._house = house
        self._publisher = publisher
        self._permissions = permissions
        self._now = now
        self._heard: set[tuple[int, Trouble]] = set()
        self._standing = Recent(now, ASKED_AGAIN)
        self._woken = asyncio.Event()

    def advanced(self, before: Job, after: Job) -> None:
        """Note a job that has failed for what a server is told of."""
        server, failure = after.origin.guild_id, after.failure
        trouble = _OF_REASON.get(failure.reason) if failure else None
        has_failed = after.status is JobStatus.FAILED and before.status is not JobStatus.FAILED
        if trouble and has_failed and server is not None and server in self._logs:
            self._heard.add((server, trouble))
            self._woken.set()

    @property
    def _logs(self) -> Mapping[int, int]:
        return self._house.rules.bylaws.logs

    async def run(self) -> None:
        """Tell, for as long as the bot runs."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_S)
            self._woken.clear()
            for server, trouble, text in [*self._news()]:
                try:
                    await self._tell(server, trouble, text)
                except (StorageError, DiscordError, *_UNREADABLE) as error:
                    log.warning("server %d: not told of %s: %r", server, trouble, error)

    def _news(self) -> Iterator[tuple[int, Trouble, str]]:
        """What is wrong, each with a server and what it is told."""
        heard, self._heard = self._heard, set()
        for server, trouble in sorted(heard):
            yield server, trouble, _TEXTS[trouble]
        for server in self._logs:
            why = self._publisher.fault_in(server)
            if why and self._standing.is_new((server, Trouble.COMMANDS)):
                yield server, Trouble.COMMANDS, _TEXTS[Trouble.COMMANDS].format(why=plain(why))
            are_hidden = self._permissions.are_hidden(server)
            if are_hidden and self._standing.is_new((server, Trouble.RULES)):
                yield server, Trouble.RULES, _TEXTS[Trouble.RULES]

    async def _tell(self, server: int, trouble: Trouble, text: str) -> None:
        channel_id = self._logs.get(server)
        key = f"told {server} {trouble}"
        if channel_id is None or not await self._house.is_new(key, self._now(), APART):
            return
        channel = self._client.get_partial_messageable(channel_id, guild_id=server)
        try:
            async with request():
                await channel.send(text + _SMALL, allowed_mentions=NOBODY)
        except MessageGone:
            log.info("server %d: channel %d is gone: nothing is told there", server, channel_id)
            await self._house.enact(without=[Bylaw(BylawKind.LOG, server)])
