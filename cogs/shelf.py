"""`/studio endpoints`, `add` and `remove`: the owner tells from Discord what is offered."""

import asyncio
import io
import logging
from collections.abc import Awaitable
from typing import TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord import render
from bot.discord.client import StudioBot
from bot.discord.customs import Only
from bot.discord.forms import sent
from bot.discord.owners import Order
from bot.discord.pressed import Pressed, explained, filled_in
from bot.discord.publishing import owners_guild
from bot.discord.reply import NOBODY
from bot.discord.responses import say_alone
from bot.discord.shelf import (
    DOCUMENT,
    FILE,
    FILE_NAME,
    Use,
    add_form,
    add_to,
    added,
    removed,
    shown,
    told,
)
from bot.endpoints.own import STUDIO
from bot.errors import BotError, Refused, StorageError
from bot.files.texts import MAX_BYTES, too_large
from bot.jobs.patience import ANSWER_S
from bot.service import PATIENT_S
from cogs.studio import COUNTING, NOT_READ

READING = "Reading the file…"
NO_DOCUMENT = "Paste the document of an endpoint, or attach its file."
TWO_DOCUMENTS = "Paste the document or attach its file, not both: which one is meant?"
IN_DOUBT = "The database did not answer in time: `/studio endpoints` says what is offered."
PASTED = "what you pasted"

Answer = tuple[str, str | None]  # and what stands in a file
T = TypeVar("T")
log = logging.getLogger(__name__)


class Shelf(commands.Cog):
    """The part of the owner's command that is about endpoints."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot
        self.shelf = bot.shelf

    async def cog_load(self) -> None:
        """Add the subcommands, where the command is."""
        for guild_id in owners_guild(self.bot.settings):
            group = self.bot.tree.get_command(STUDIO, guild=discord.Object(guild_id))
            if isinstance(group, app_commands.Group):
                add_to(group, self.run, self.suggest)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Pressed) -> None:
        """Take the document of a form that was sent."""
        if filled_in(interaction) is Only.ADD:
            await explained(interaction, self._add(interaction))

    async def run(self, interaction: Pressed, order: Order, given: str) -> None:
        """Do what an owner says, or tell anybody else that they may not."""
        await self.bot.owners.check(interaction)
        log.info("/studio %s by member %d: %.100r", order, interaction.user.id, given)
        if order is Order.ENDPOINTS:
            await say_alone(interaction, COUNTING)
            await _end(interaction, self._told())
        elif order is Order.REMOVE:
            command, of_file = await _in_time(self.shelf.remove(given))
            await say_alone(interaction, removed(command, is_of_file=of_file))
        elif given:
            command, is_offered = await _in_time(self.shelf.show(given))
            await say_alone(interaction, shown(command, is_offered=is_offered))
        else:
            await interaction.response.send_modal(add_form())

    def suggest(self, interaction: Pressed, order: Order, _typed: str) -> list[str]:
        """The commands that are hidden, or those that are not; to owners alone."""
        if not self.bot.owners.knows(interaction):
            return []
        if order is Order.ADD:
            return sorted(self.shelf.hidden)
        return [each.qualified_name for each in self.shelf.endpoints]

    async def _add(self, interaction: Pressed) -> None:
        await self.bot.owners.check(interaction)
        text, file = sent(interaction, DOCUMENT, FILE)
        if text.strip() and file:
            raise Refused(TWO_DOCUMENTS)
        if file is None:
            if not text.strip():
                raise Refused(NO_DOCUMENT)
            found = await _in_time(self.shelf.add(text.encode(errors="surrogatepass"), PASTED))
            await say_alone(interaction, added(found))
            return
        if file.size > MAX_BYTES:
            raise too_large(file.filename)
        await say_alone(interaction, READING)
        await _end(interaction, self._add_file(file))

    async def _add_file(self, file: discord.Attachment) -> Answer:
        content = await self.bot.texts.read(file.url, file.filename)
        return added(await _in_time(self.shelf.add(content, file.filename), PATIENT_S)), None

    async def _told(self) -> Answer:
        try:
            async with asyncio.timeout(PATIENT_S):
                uses = await self._uses()
        except (TimeoutError, StorageError) as error:
            raise Refused(NOT_READ) from error
        is_publisher = self.bot.settings.is_publisher
        return told(self.shelf.offer, uses, self.bot.publisher.fault() if is_publisher else None)

    async def _uses(self) -> dict[str, Use]:
        store, now = self.bot.store, self.bot.now()
        accounts = (await store.ledger.accounts(now)).endpoints
        return {
            each.id: Use(account=accounts[each.id], took=await store.durations.of(each.id, now))
            for each in self.shelf.endpoints
        }


async def _in_time(changing: Awaitable[T], within_s: float = ANSWER_S) -> T:
    try:
        async with asyncio.timeout(within_s):
            return await changing
    except (TimeoutError, StorageError) as error:
        raise Refused(IN_DOUBT) from error


async def _end(interaction: Pressed, answering: Awaitable[Answer]) -> None:
    """Put the answer, or why there is none, in the place of what was said so far."""
    try:
        text, rest = await answering
    except BotError as error:
        text, rest = render.error(error, f"{interaction.id}"), None
    files = [discord.File(io.BytesIO(rest.encode()), FILE_NAME)] if rest else []
    await interaction.edit_original_response(
        content=text, attachments=files, allowed_mentions=NOBODY
    )


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Shelf(bot))
