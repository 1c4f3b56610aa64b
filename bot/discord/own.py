"""The bot's own commands as Discord gets them."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.discord.slash import INSTALLS, Command
from bot.endpoints.own import DESCRIPTIONS, Own


def own_command(own: Own, answer: Callable[[discord.Interaction[Any]], Awaitable[None]]) -> Command:
    """The command that is answered so."""

    async def callback(interaction: discord.Interaction[Any]) -> None:
        await answer(interaction)

    return app_commands.Command(
        name=own,
        description=DESCRIPTIONS[own],
        callback=callback,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        allowed_installs=INSTALLS,
        auto_locale_strings=False,
    )


def subcommand(
    name: str, description: str, callback: Callable[..., Any]
) -> app_commands.Command[Any, ..., Any]:
    """One of a group's, which is published as it stands."""
    return app_commands.Command(
        name=name, description=description, callback=callback, auto_locale_strings=False
    )
