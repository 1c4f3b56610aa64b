"""`/studio-here`, by which who manages a server tells the bot what holds there, and there alone."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import discord
from discord import app_commands

from bot.discord.bounds import limiting
from bot.discord.own import subcommand
from bot.discord.slash import INSTALLS
from bot.endpoints.own import HERE
from bot.errors import Refused, Working
from bot.jobs.limits import Most
from bot.settings import Settings

NOT_YOURS = "/studio-here is for who manages this server: you need Manage Server here."
NOT_SERVED = "This bot does not serve this server."
MOST_BLOCKED = 500  # members, in each server
_TO_WRITE = {"view_channel": "View Channel", "send_messages": "Send Messages"}
_WRITTEN = [discord.ChannelType.text, discord.ChannelType.news]


class Order(StrEnum):
    """What they may tell the bot: a subcommand each."""

    STATUS = "status"
    LIMIT = "limit"
    BLOCK = "block"
    UNBLOCK = "unblock"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given with an order: limits, a member's id, a channel's."""

    limits: Most = field(default_factory=dict)
    member_id: int = 0
    channel_id: int | None = None


Run = Callable[[discord.Interaction[Any], Order, Given], Awaitable[None]]

_DESCRIPTIONS = {
    Order.STATUS: "How the bot is in this server: what waits and runs, what was used, what holds",
    Order.LIMIT: "What each member, and all together, may use in this server; no option: what holds",
    Order.BLOCK: "Take nothing from a member in this server",
    Order.UNBLOCK: "Let a member ask again in this server",
    Order.LOG: "Where the bot tells of troubles in this server, at most hourly; no channel: nowhere",
}


class _Written(app_commands.Transformer):
    """An option for a channel that is written in, as Discord names it, seen by the bot or not."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """A channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Those that can be chosen."""
        return _WRITTEN

    async def transform(self, _interaction: discord.Interaction[Any], value: Any, /) -> int:  # noqa: ANN401 - as discord.py has it
        """Its id."""
        return int(value.id)


def build_here(run: Run) -> app_commands.Group:
    """The command with all its subcommands; each calls `run`."""
    group = app_commands.Group(
        name=HERE,
        description="For who manages this server: what holds for the bot here",
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        allowed_installs=INSTALLS,
        auto_locale_strings=False,
    )
    for order, description in _DESCRIPTIONS.items():
        group.add_command(subcommand(order, description, _MAKE[order](order, run)))
    return group


def _alone(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    async def callback(interaction: discord.Interaction[Any]) -> None:
        await run(interaction, order, Given())

    return callback


def _limiting(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    return limiting(lambda interaction, most: run(interaction, order, Given(limits=most)))


def _about_a_member(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    @app_commands.describe(member="Who: a mention, or an id")
    async def callback(interaction: discord.Interaction[Any], member: discord.User) -> None:
        await run(interaction, order, Given(member_id=member.id))

    return callback


def _about_a_channel(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    @app_commands.describe(where="A channel in which the bot can write")
    async def callback(
        interaction: discord.Interaction[Any],
        where: app_commands.Transform[int, _Written] | None = None,
    ) -> None:
        await run(interaction, order, Given(channel_id=where))

    return callback


_MAKE = {
    Order.STATUS: _alone,
    Order.LIMIT: _limiting,
    Order.BLOCK: _about_a_member,
    Order.UNBLOCK: _about_a_member,
    Order.LOG: _about_a_channel,
}


def managed(interaction: discord.Interaction[Any], settings: Settings) -> int:
    """The server that whoever asks manages; Refused, as Discord is not relied on for that."""
    server, may = interaction.guild_id, interaction.permissions
    if server is None or not (may.manage_guild or may.administrator):
        raise Refused(NOT_YOURS)
    if settings.guild_ids and server not in settings.guild_ids:
        raise Refused(NOT_SERVED)
    return server


def check_room(blocked: Collection[int], member_id: int) -> None:
    """Nothing, or Refused: every process keeps all that are blocked, of all servers."""
    if len(blocked) >= MOST_BLOCKED and member_id not in blocked:
        raise Refused(
            "{most} members are blocked here, and no more can be: take the server's own ways to keep"
            " members from the bot (Integrations), or unblock somebody.",
            most=f"{MOST_BLOCKED:,}",
        )


def check_written(channel: object, channel_id: int, server: int) -> None:
    """Nothing, or Refused where it is not seen to be a channel of the server that the bot can write in."""
    missing = list(_TO_WRITE.values())
    if isinstance(channel, discord.TextChannel) and channel.guild.id == server:
        may = channel.permissions_for(channel.guild.me)
        missing = [name for flag, name in _TO_WRITE.items() if not getattr(may, flag)]
    if missing:
        raise Refused(
            "The bot needs these permissions in {channel}: {missing}. Give it those, and do this"
            " again.",
            channel=[Working(f"<#{channel_id}>")],
            missing=missing,
        )
