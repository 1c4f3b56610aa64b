"""Who may ask for what, and where: one gate for every way in. Pure, but for waiting for the rules.

A server's owner decides under *Integrations* who may use which command. Discord holds slash
commands to that by itself; a mention, a reaction or a press of a button is held to it here, by the
same steps: https://docs.discord.com/developers/interactions/application-commands#permissions
What is set in Discord, a pause or a block, holds on all of them.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from bot.endpoints.catalogue import Endpoint
from bot.errors import Refused
from bot.jobs.house import HouseRules
from bot.jobs.job import OriginKind

# https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
ADMINISTRATOR = 1 << 3
USE_APPLICATION_COMMANDS = 1 << 31
RULES_S = 10.0  # how long a message or a reaction waits for rules that are not known yet


class Target(IntEnum):
    """Whom an overwrite is about, as Discord numbers it."""

    ROLE = 1
    USER = 2
    CHANNEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwrite:
    """One line of a server's rules: yes or no for a role, a member or a channel."""

    id: int
    target: int
    is_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A server's rules for the whole application, and for single commands by their names."""

    application: tuple[Overwrite, ...] = ()
    commands: Mapping[str, tuple[Overwrite, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and where, as Discord's event says it.

    `channel_id` is that of the channel; of a thread, that of the channel it stands in.
    `permissions` are the member's there; None in a direct message, and where they are not known.
    `is_apart`: the bot is not there, and somebody has installed it for themselves: `has_installed`
    says whether they did.
    """

    user_id: int
    guild_id: int | None
    channel_id: int
    role_ids: Collection[int] = ()
    permissions: int | None = None
    is_age_restricted: bool = False
    is_human: bool = True
    is_apart: bool = False
    has_installed: bool = False


class KnownRules(Protocol):
    """The rules of the servers as far as they are known."""

    def of(self, guild_id: int) -> Rules | None:
        """A server's rules, or None while they are not known; from any thread."""

    def want(self, guild_id: int) -> None:
        """Learn them next."""

    async def learned(self, guild_id: int) -> None:
        """Return once they are known."""


class Gate:
    """Lets through who may ask; `guild_ids` are the servers that are served, none: all.

    `house` tells what the owner has set, as far as this process knows; `serves_users`: also those
    who have installed the bot for themselves, where it is not.
    """

    def __init__(
        self,
        guild_ids: Collection[int],
        rules: KnownRules,
        house: Callable[[], HouseRules] = HouseRules,
        *,
        serves_users: bool = False,
    ) -> None:
        self._guild_ids = frozenset(guild_ids)
        self._serves_users = serves_users
        self._rules = rules
        self._house = house

    async def ready(self, asker: Asker, kind: OriginKind) -> None:
        """Wait a little for rules that are not known; an interaction's answer is due at once."""
        guild_id = asker.guild_id
        if guild_id is None or asker.is_apart or not self._is_served(asker):
            return
        if self._rules.of(guild_id):
            return
        self._rules.want(guild_id)
        if kind not in _DISCORD_WAITS_FOR:
            try:
                async with asyncio.timeout(RULES_S):
                    await self._rules.learned(guild_id)
            except TimeoutError:
                return  # `check` says so

    async def admit(self, asker: Asker, kind: OriginKind, endpoint: Endpoint) -> None:
        """As `check`, once the rules are known."""
        await self.ready(asker, kind)
        self.check(asker, kind, endpoint)

    def check(self, asker: Asker, kind: OriginKind, endpoint: Endpoint) -> None:
        """Nothing, or Refused with the sentence for whoever asked."""
        if not asker.is_human:
            raise Refused("Bots cannot ask for anything here.")
        if not self._is_served(asker):
            raise Refused("This bot does not serve this server.")
        if asker.is_apart and not self._serves_users:
            raise Refused(
                "This bot works in the servers that it is in, and in its direct messages."
            )
        self._check_house(asker)
        name = endpoint.qualified_name
        if endpoint.nsfw and not asker.is_age_restricted:
            raise Refused("/{name} runs in age-restricted channels alone.", name=name)
        if kind is OriginKind.COMMAND:
            return  # Discord has held it to its rules
        if asker.is_apart and not asker.has_installed:  # Discord would not offer them the command
            raise Refused("Only who has added this bot to their own apps can use it here.")
        if asker.guild_id is None:
            return  # there are none
        rules = Rules() if asker.is_apart else self._rules.of(asker.guild_id)
        if rules is None or asker.permissions is None:
            raise Refused(
                "The bot does not know yet who may use its commands in this server."
                " Try again in a minute."
            )
        if not may(asker, rules, endpoint.group or endpoint.command):
            raise Refused(
                "You may not use /{name} here: this server's settings do not allow it"
                " (Integrations).",
                name=name,
            )

    def _check_house(self, asker: Asker) -> None:
        """Nothing, or Refused: by what is about whoever asks first, as a pause ends."""
        house = self._house()
        if asker.user_id in house.members:
            raise Refused("The bot's owner does not let you use it. Nothing was charged.")
        if (asker.guild_id, asker.user_id) in house.bylaws.blocked:
            raise Refused(
                "Who manages this server does not let you use the bot here. Nothing was charged."
            )
        if asker.guild_id in house.servers:
            raise Refused(
                "The bot's owner does not let it be used in this server. Nothing was charged."
            )
        if house.is_paused:
            raise Refused(
                "The bot's owner has paused it, and nothing new is taken. Nothing was charged;"
                " please ask again later."
            )

    async def offered(
        self, asker: Asker, kind: OriginKind, endpoints: Sequence[Endpoint]
    ) -> list[Endpoint]:
        """Those that who asks may run here; Refused where that is none of them."""
        await self.ready(asker, kind)
        found, refusal = [], Refused("This bot has no commands.")
        for endpoint in endpoints:
            try:
                self.check(asker, kind, endpoint)
            except Refused as error:
                refusal = error
            else:
                found.append(endpoint)
        if not found:
            raise refusal
        return found

    def _is_served(self, asker: Asker) -> bool:
        # Who shares none of the servers is found out before the job is sent.
        return not self._guild_ids or asker.guild_id is None or asker.guild_id in self._guild_ids


_DISCORD_WAITS_FOR = frozenset({OriginKind.COMMAND, OriginKind.BUTTON})


def may(asker: Asker, rules: Rules, command: str) -> bool:
    """Whether Discord would let this member of a server use the command in that channel."""
    bits = asker.permissions or 0
    if bits & ADMINISTRATOR:
        return True
    own = rules.commands.get(command, ())
    if not bits & USE_APPLICATION_COMMANDS or _in_channel(asker, (own, rules.application)) is False:
        return False
    found = _of_member(asker, own)
    if found is None:
        found = _of_member(asker, rules.application)
    return found is not False  # every command asks for no permission of its own


def _in_channel(asker: Asker, levels: tuple[tuple[Overwrite, ...], ...]) -> bool | None:
    """What is said of this channel, and else of all; the command's line goes before the rest's."""
    every = (asker.guild_id or 0) - 1  # Discord's constant for all channels
    for overwrites in levels:
        said = {o.id: o.is_allowed for o in overwrites if o.target == Target.CHANNEL}
        for channel_id in (asker.channel_id, every):
            if channel_id in said:
                return said[channel_id]
    return None


def _of_member(asker: Asker, overwrites: tuple[Overwrite, ...]) -> bool | None:
    """What is said of the member, else of their roles, where one yes suffices, else of everyone."""
    users = {o.id: o.is_allowed for o in overwrites if o.target == Target.USER}
    if asker.user_id in users:
        return users[asker.user_id]
    roles = {o.id: o.is_allowed for o in overwrites if o.target == Target.ROLE}
    theirs = [roles[i] for i in asker.role_ids if i in roles and i != asker.guild_id]
    if theirs:
        return any(theirs)
    return roles.get(asker.guild_id or 0)
