"""Who owns the bot, and the command that is theirs alone: `/studio`, as Discord is told of it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import discord
from discord import app_commands

from bot.discord.bounds import limiting
from bot.discord.own import subcommand
from bot.discord.requests import request
from bot.endpoints.own import STUDIO
from bot.errors import DiscordError, Refused
from bot.jobs.house import Rule, RuleKind
from bot.jobs.limits import Most
from bot.settings import Settings

# Who may only look at the application at Discord may not spend what is its owner's, either.
_TRUSTED = {discord.TeamMemberRole.admin, discord.TeamMemberRole.developer}
_MAX_ID = 2**63 - 1
NOT_YOURS = "/studio is for this bot's owner alone."
KNOWN_FOR = timedelta(minutes=1)
ASK_S = 1.0  # of the 3 s in which Discord wants an answer


class Order(StrEnum):
    """What the owner may tell the bot: a subcommand each."""

    STATUS = "status"
    USAGE = "usage"
    PAUSE = "pause"
    RESUME = "resume"
    BLOCK = "block"
    UNBLOCK = "unblock"
    LIMIT = "limit"
    FORGET = "forget"
    ENDPOINTS = "endpoints"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom an order is about, as it was given: a member's id, and what was typed for a server's.

    `limits` are those that it sets.
    """

    member_id: int | None = None
    server: str | None = None
    limits: Most = field(default_factory=dict)


Run = Callable[[discord.Interaction[Any], Order, Subject], Awaitable[None]]

_DESCRIPTIONS = {
    Order.STATUS: "How the bot is: what waits and runs, what failed, what was spent, which rules hold",
    Order.USAGE: "What was used today and in 30 days, by member and by endpoint",
    Order.PAUSE: "Take nothing new, from anybody; what runs goes on",
    Order.RESUME: "Take what is asked for again",
    Order.BLOCK: "Take nothing from a member or a server, wherever it is asked for",
    Order.UNBLOCK: "Let a member or a server ask again",
    Order.LIMIT: "What each member, and all together, may use in 24 hours; no option: what holds",
    Order.FORGET: "Let all go that is kept of a member, as /forget-me does; you are asked once more",
}


def build_studio(run: Run) -> app_commands.Group:
    """The command with all its subcommands; each calls `run`."""
    group = app_commands.Group(
        name=STUDIO,
        description="For the owner of this bot",
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        auto_locale_strings=False,
    )
    for order, description in _DESCRIPTIONS.items():
        group.add_command(subcommand(order, description, _MAKE.get(order, _alone)(order, run)))
    return group


def _alone(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    async def callback(interaction: discord.Interaction[Any]) -> None:
        await run(interaction, order, Subject())

    return callback


def _about_somebody(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    @app_commands.describe(
        member="Who: a mention, or an id", server="Which: its id (right-click it → Copy Server ID)"
    )
    async def callback(
        interaction: discord.Interaction[Any],
        member: discord.User | None = None,
        server: str | None = None,
    ) -> None:
        member_id = None if member is None else member.id
        await run(interaction, order, Subject(member_id=member_id, server=server))

    return callback


def _about_a_member(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    @app_commands.describe(member="Who: a mention, or an id")
    async def callback(interaction: discord.Interaction[Any], member: discord.User) -> None:
        await run(interaction, order, Subject(member_id=member.id))

    return callback


def _limiting(order: Order, run: Run) -> Any:  # noqa: ANN401 - as discord.py has it
    return limiting(lambda interaction, most: run(interaction, order, Subject(limits=most)))


_MAKE = {
    Order.BLOCK: _about_somebody,
    Order.UNBLOCK: _about_somebody,
    Order.LIMIT: _limiting,
    Order.FORGET: _about_a_member,
}


class Owners:
    """Who may give orders. Whose the application is, Discord is asked anew, once a minute at most."""

    def __init__(
        self, client: discord.Client, settings: Settings, steady: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._settings = settings
        self._steady = steady
        self._application: discord.AppInfo | None = None
        self._asked_at: datetime | None = None

    async def check(self, interaction: discord.Interaction[Any]) -> int:
        """The id of the owner whose interaction it is; Refused where it is somebody else's."""
        if interaction.guild_id == self._settings.owner_guild_id:
            await self._ask()
        if not self.knows(interaction):
            raise Refused(NOT_YOURS)
        return interaction.user.id

    def knows(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether it is an owner's, and in their own server, as far as is known."""
        application = self._application or self._client.application
        return may_order(interaction.user.id, interaction.guild_id, application, self._settings)

    async def _ask(self) -> None:
        now = self._steady()
        if self._asked_at and now - self._asked_at < KNOWN_FOR:
            return
        self._asked_at = now
        with suppress(TimeoutError, DiscordError):  # what it was is good enough
            async with asyncio.timeout(ASK_S), request():
                self._application = await self._client.application_info()


def may_order(
    user_id: int, guild_id: int | None, application: discord.AppInfo | None, settings: Settings
) -> bool:
    """Whether an owner asks, and in their own server: Discord is not relied on for either."""
    is_there = guild_id is not None and guild_id == settings.owner_guild_id
    return is_there and user_id in owners_of(application, settings.owner_ids)


def owners_of(
    application: discord.AppInfo | None, owner_ids: Collection[int] = ()
) -> frozenset[int]:
    """The ids of all owners: those named, and the application's owner or its team."""
    if application is None:
        return frozenset(owner_ids)
    team = application.team
    if team is None:
        return frozenset({*owner_ids, application.owner.id})
    found = {*owner_ids} | {each.id for each in team.members if _is_trusted(each)}
    return frozenset(found | ({team.owner_id} if team.owner_id else set()))


def _is_trusted(member: discord.TeamMember) -> bool:
    is_in = member.membership_state is discord.TeamMembershipState.accepted
    return is_in and member.role in _TRUSTED


def rules_about(subject: Subject) -> list[Rule]:
    """The rules that block whoever is meant; Refused where that is nobody."""
    found = [*_rules(subject)]
    if not found:
        raise Refused("Name whom you mean: a member, a server by its id, or both.")
    return found


def _rules(subject: Subject) -> Iterator[Rule]:
    if subject.member_id is not None:
        yield Rule(RuleKind.MEMBER, subject.member_id)
    if subject.server is not None:
        text = subject.server.strip()
        if not (text.isascii() and text.isdecimal() and int(text) <= _MAX_ID):
            raise Refused(
                "A server is named by its id, a long number: right-click it → Copy Server ID"
                " (User Settings → Advanced → Developer Mode). This is none: {text}",
                text=text,
            )
        yield Rule(RuleKind.SERVER, int(text))
