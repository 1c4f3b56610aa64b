"""`/studio`: what the bot's owner tells it from Discord. Each answer is theirs alone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import discord
from discord.ext import commands

from bot.discord import overview
from bot.discord.bounds import as_bylaws, check_limits, limited
from bot.discord.client import StudioBot
from bot.discord.customs import ForgetMember
from bot.discord.gateway import Gateway
from bot.discord.owners import Order, Subject, build_studio, rules_about
from bot.discord.pressed import explained, used
from bot.discord.publishing import owners_guild
from bot.discord.reply import NOBODY
from bot.discord.responses import once, say_alone
from bot.discord.shelf import faults_line
from bot.discord.telling import forgotten, sure_of
from bot.errors import Refused, StorageError
from bot.jobs.house import PAUSE
from bot.jobs.limits import EVERY_SERVER
from bot.jobs.patience import ANSWER_S
from bot.service import PATIENT_S

Interaction = discord.Interaction[StudioBot]
Answer = str | tuple[str, discord.ui.View]
NONE: discord.ui.View = discord.utils.MISSING
COUNTING = "Counting…"
NOT_READ = "The database did not answer in time. Try again in a moment."
IN_DOUBT = "The database did not answer in time: `/studio status` says whether it holds."
_READING = {Order.STATUS, Order.USAGE}

log = logging.getLogger(__name__)


class Studio(commands.Cog):
    """The owner's command, in the owner's server."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot
        self.house = bot.store.house
        self.gateway = Gateway(bot, bot.clocks.steady)
        self._do: Mapping[Order, Callable[[Subject], Awaitable[Answer]]] = {
            Order.STATUS: self.status,
            Order.USAGE: self.usage,
            Order.PAUSE: self.pause,
            Order.RESUME: self.resume,
            Order.BLOCK: self.block,
            Order.UNBLOCK: self.unblock,
            Order.LIMIT: self.limit,
            Order.FORGET: self.forget,
        }

    async def cog_load(self) -> None:
        """Add the command, where there is a server to have it."""
        for guild_id in owners_guild(self.bot.settings):
            self.bot.tree.add_command(build_studio(self.run), guild=discord.Object(guild_id))

    async def run(self, interaction: Interaction, order: Order, subject: Subject) -> None:
        """Do what an owner says, or tell anybody else that they may not."""
        user_id = await self.bot.owners.check(interaction)
        takes_long = order is Order.USAGE
        if takes_long:
            await say_alone(interaction, COUNTING)
        try:
            async with asyncio.timeout(PATIENT_S if takes_long else ANSWER_S):
                answer = await self._do[order](subject)
        except (TimeoutError, StorageError) as error:
            refused = Refused(NOT_READ if order in _READING else IN_DOUBT)
            if not takes_long:
                raise refused from error
            answer = refused.user_message  # in the place of what was said so far
        log.info("/studio %s by member %d: %s", order, user_id, subject)
        said, view = (answer, NONE) if isinstance(answer, str) else answer
        if takes_long:
            await interaction.edit_original_response(content=said, allowed_mentions=NOBODY)
        else:
            await say_alone(interaction, said, view)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Forget the member whom the owner means, once they have said so twice."""
        meant = used(interaction)
        if isinstance(meant, ForgetMember):
            await explained(interaction, self._forget(interaction, meant.user_id))

    async def _forget(self, interaction: Interaction, member_id: int) -> None:
        user_id = await self.bot.owners.check(interaction)
        await self.bot.wishes.forget(member_id)
        log.info("/studio forget by member %d: %d", user_id, member_id)
        told = forgotten(member_id)
        await once(interaction, interaction.response.edit_message(content=told, view=None))

    async def status(self, _subject: Subject) -> str:
        """How the bot is."""
        seen = await self.bot.store.overview(self.bot.now())
        shards = f"{self.gateway.connected} of {len(self.gateway.shards)} shards of this process"
        connected = f"{shards} · {overview.servers(len(self.bot.guilds))}"
        said = overview.status(connected, seen, self.house.rules, self.bot.settings)
        return "\n".join(filter(None, [said, faults_line(self.bot.shelf.offer)]))

    async def usage(self, _subject: Subject) -> str:
        """What was used, by whom and of what."""
        accounts = await self.bot.store.ledger.accounts(self.bot.now())
        return overview.usage(accounts, {each.id: each.name for each in self.bot.endpoints})

    async def pause(self, _subject: Subject) -> str:
        """Take nothing new."""
        await self.house.impose(PAUSE)
        return overview.paused()

    async def resume(self, _subject: Subject) -> str:
        """Take what is asked for again."""
        await self.house.lift(PAUSE)
        return overview.resumed()

    async def block(self, subject: Subject) -> str:
        """Take nothing from them."""
        rules = rules_about(subject)
        await self.house.impose(*rules)
        return overview.blocked(rules)

    async def unblock(self, subject: Subject) -> str:
        """Let them ask again."""
        rules = rules_about(subject)
        await self.house.lift(*rules)
        return overview.unblocked(rules)

    async def limit(self, subject: Subject) -> str:
        """Let members have so much and no more."""
        check_limits(subject.limits, self.bot.settings, self.bot.endpoints, by_owner=True)
        bylaws, gone = as_bylaws(subject.limits)
        await self.house.enact(*bylaws, without=gone)
        most = self.house.rules.bylaws.limits.get(EVERY_SERVER, {})
        return limited(most, subject.limits, is_here=False)

    async def forget(self, subject: Subject) -> Answer:
        """Ask once more, as nothing brings it back."""
        return sure_of(subject.member_id or 0)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Studio(bot))
