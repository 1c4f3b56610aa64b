"""`/studio-here`: what who manages a server tells the bot, of that server alone; answered to them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import discord
from discord.ext import commands

from bot.discord import overview_here
from bot.discord.bounds import as_bylaws, check_limits, limited
from bot.discord.client import StudioBot
from bot.discord.here import Given, Order, build_here, check_room, check_written, managed
from bot.discord.responses import say_alone
from bot.errors import Refused, StorageError
from bot.jobs.bylaws import Bylaw, BylawKind
from bot.jobs.patience import ANSWER_S

Interaction = discord.Interaction[StudioBot]
NOT_SEEN = "The database did not answer in time: `/studio-here status` says what holds."

log = logging.getLogger(__name__)


class Here(commands.Cog):
    """A server's own command."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot
        self.house = bot.store.house
        self._do: Mapping[Order, Callable[[int, Given], Awaitable[str]]] = {
            Order.STATUS: self.status,
            Order.LIMIT: self.limit,
            Order.BLOCK: self.block,
            Order.UNBLOCK: self.unblock,
            Order.LOG: self.log,
        }

    async def cog_load(self) -> None:
        """Add the command, wherever the bot serves."""
        self.bot.offer(build_here(self.run))

    async def run(self, interaction: Interaction, order: Order, given: Given) -> None:
        """Do what they say, or tell anybody else that they may not."""
        server = managed(interaction, self.bot.settings)
        try:
            async with asyncio.timeout(ANSWER_S):
                said = await self._do[order](server, given)
        except (TimeoutError, StorageError) as error:
            raise Refused(NOT_SEEN) from error
        member = interaction.user.id
        log.info("/studio-here %s in server %d by member %d: %s", order, server, member, given)
        await say_alone(interaction, said)

    async def status(self, server: int, _given: Given) -> str:
        """How the bot is there."""
        seen = await self.bot.store.overview_here(server, self.bot.now())
        return overview_here.status(server, seen, self.house.rules, self.bot.settings)

    async def limit(self, server: int, given: Given) -> str:
        """Let members have so much there and no more."""
        check_limits(given.limits, self.bot.settings, self.bot.endpoints, by_owner=False)
        bylaws, gone = as_bylaws(given.limits, server)
        await self.house.enact(*bylaws, without=gone)
        most = self.house.rules.bylaws.limits.get(server, {})
        return limited(most, given.limits, is_here=True)

    async def block(self, server: int, given: Given) -> str:
        """Take nothing from them there."""
        check_room(self.house.rules.bylaws.blocked_in(server), given.member_id)
        await self.house.enact(Bylaw(BylawKind.BLOCK, server, given.member_id))
        return overview_here.blocked(given.member_id)

    async def unblock(self, server: int, given: Given) -> str:
        """Let them ask there again."""
        await self.house.enact(without=[Bylaw(BylawKind.BLOCK, server, given.member_id)])
        return overview_here.unblocked(given.member_id)

    async def log(self, server: int, given: Given) -> str:
        """Tell of troubles in this channel, or nowhere."""
        channel_id = given.channel_id
        if channel_id is None:
            await self.house.enact(without=[Bylaw(BylawKind.LOG, server)])
        else:
            check_written(self.bot.get_channel(channel_id), channel_id, server)
            await self.house.enact(Bylaw(BylawKind.LOG, server, value=f"{channel_id}"))
        return overview_here.logged(channel_id)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Here(bot))
