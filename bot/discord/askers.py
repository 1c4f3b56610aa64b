"""Who asks, from Discord's events, as the gate wants to know it."""

from typing import Any, TypeGuard

import discord

from bot.discord.requests import request
from bot.gate import Asker


def asker_of(interaction: discord.Interaction[Any]) -> Asker:
    """Who sent an interaction."""
    channel, user, apart = interaction.channel, interaction.user, is_apart(interaction)
    is_told = _is_known_member(user) or (apart and interaction.guild_id is not None)
    return Asker(
        user_id=user.id,
        guild_id=interaction.guild_id,
        channel_id=_standing_in(channel) or interaction.channel_id or 0,
        role_ids=_roles(user),
        permissions=interaction.permissions.value if is_told else None,
        is_age_restricted=_is_age_restricted(channel),
        is_human=not user.bot,
        is_apart=apart,
        has_installed=interaction.is_user_integration(),
    )


def is_apart(interaction: discord.Interaction[Any]) -> bool:
    """Whether the bot itself is not where it is used: somebody has installed it for themselves.

    https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
    """
    guild_id = interaction.guild_id
    if guild_id is None:
        return bool(interaction.context.private_channel)
    is_theirs = interaction.is_user_integration() or not interaction.is_guild_integration()
    return is_theirs and not interaction.client.get_guild(guild_id)


def asker_of_message(message: discord.Message) -> Asker:
    """Who wrote a message; a webhook is nobody."""
    channel, author = message.channel, message.author
    return Asker(
        user_id=author.id,
        guild_id=guild_id_of(message),
        channel_id=_standing_in(channel) or channel.id,
        role_ids=_roles(author),
        permissions=_permissions(channel, author),
        is_age_restricted=_is_age_restricted(channel),
        is_human=not author.bot and message.webhook_id is None,
    )


def guild_id_of(message: discord.Message) -> int | None:
    """The server that a message stands in, known or not; None: it is a direct message."""
    if message.guild is None and isinstance(message.channel, discord.PartialMessageable):
        return message.channel.guild_id
    return message.guild.id if message.guild else None


async def asker_of_reaction(
    client: discord.Client, payload: discord.RawReactionActionEvent
) -> Asker:
    """Who reacted; the place is asked for where it is not known, as an archived thread is not."""
    channel: object = client.get_channel(payload.channel_id)
    if channel is None and payload.guild_id is not None:
        async with request():
            channel = await client.fetch_channel(payload.channel_id)
    return Asker(
        user_id=payload.user_id,
        guild_id=payload.guild_id,
        channel_id=_standing_in(channel) or payload.channel_id,
        role_ids=_roles(payload.member),
        permissions=_permissions(channel, payload.member),
        is_age_restricted=_is_age_restricted(channel),
        is_human=is_human(client, payload),
    )


def is_human(client: discord.Client, payload: discord.RawReactionActionEvent) -> bool:
    """Whether a person reacted: neither this bot nor another."""
    ours = client.user.id if client.user else None
    return payload.user_id != ours and not (payload.member and payload.member.bot)


def _standing_in(channel: object) -> int | None:
    """The channel that rules are about: of a thread, the one it was opened in."""
    if isinstance(channel, discord.Thread):
        return channel.parent_id
    return channel.id if isinstance(channel, discord.abc.GuildChannel) else None


def _roles(user: object) -> list[int]:
    return [role.id for role in user.roles] if _is_known_member(user) else []


def _is_known_member(user: object) -> TypeGuard[discord.Member]:
    """Whether their server is known, too: discord.py names no roles of one that is still to come."""
    if not isinstance(user, discord.Member):
        return False
    guild: discord.Guild | None = user.guild  # whatever discord.py says of its type
    return guild is not None and guild.default_role is not None


def _permissions(channel: object, user: object) -> int | None:
    """A member's permissions in a channel of a server; None where either is not known."""
    place = channel if isinstance(channel, discord.abc.GuildChannel | discord.Thread) else None
    if place is None or not _is_known_member(user):
        return None
    try:
        return place.permissions_for(user).value
    except discord.ClientException:  # a thread whose channel the bot does not see
        return None


def _is_age_restricted(channel: object) -> bool:
    found: Any = getattr(channel, "is_nsfw", None)  # a thread has its channel's
    return bool(found and found())
