"""The generated commands: one for every endpoint."""

from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.client import StudioBot
from bot.discord.origins import grant_of, origin_of, request_of
from bot.discord.responses import take_on
from bot.discord.slash import build_commands
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.showing import is_alone, is_hidden
from bot.jobs.job import OriginKind


class Endpoints(commands.Cog):
    """One slash command for every endpoint."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Add the commands, and others whenever the endpoints are others."""
        self.offer()
        self.bot.shelf.follow(self.offer)

    def offer(self) -> None:
        """Have a command for each endpoint, and no more."""
        commands = build_commands(self.bot.endpoints, self.run)
        for command in self.bot.offered_commands():
            self.bot.withdraw(command)
        for command in commands:
            self.bot.offer(command)

    async def run(
        self, interaction: discord.Interaction[Any], endpoint: Endpoint, given: dict[str, Any]
    ) -> None:
        """Take the command as a job, and answer with its reply."""
        service = self.bot.service
        origin = origin_of(interaction, OriginKind.COMMAND)
        origin = replace(origin, is_alone=is_alone(endpoint, given))
        hides = is_hidden(endpoint, given)
        request = request_of(endpoint, given, service.draw_seed, is_spoiler=hides)
        grant, asker = grant_of(interaction), asker_of(interaction)
        await take_on(interaction, service.accept(request, origin, grant, asker))


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Endpoints(bot))
