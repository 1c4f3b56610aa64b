"""The sandbox's state as the page gets it, in JSON. Ids are texts: a browser rounds large numbers."""

from typing import Any

from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.people import User
from bot.sandbox.discord.places import Channel, Guild
from bot.sandbox.discord.server import DiscordSandbox

Json = Any


def person(user: User, guild: Guild | None = None) -> Json:
    """Somebody who can be seen in the chat, and how they stand in a server."""
    return {
        "id": str(user.id),
        "name": user.name,
        "is_bot": user.is_bot,
        "is_administrator": guild is not None and guild.is_administrator(user),
    }


def people(guild: Guild) -> list[User]:
    """The members of a server who are no bots."""
    return [user for user in guild.members if not user.is_bot]


def apart(discord: DiscordSandbox) -> list[Channel]:
    """Groups, and the channels of servers without the bot, but for the first, which it may leave."""
    known = {None, discord.guild.id, *filter(discord.knows_guild, discord.guilds)}
    found = [c for c in discord.channels.values() if not c.is_deleted]
    return [c for c in found if c.guild_id not in known or (c.group and c.name)]


def place(channel: Channel) -> Json:
    """A channel; `parent` is whose thread it is, `member` whose direct message."""
    return {
        "id": str(channel.id),
        "name": channel.name,
        "type": channel.type,
        "parent": str(channel.parent_id) if channel.parent_id else None,
        "is_direct": channel.person is not None,
        "member": str(channel.person.id) if channel.person else None,
    }


def commands(discord: DiscordSandbox) -> Json:
    """Whether the bot is in the server, the commands there and in a direct message, and who may use which.

    `hidden_from` names whom a command is not offered, and where: `person:channel`.
    """
    guild = discord.guild
    channels = [c for c in discord.channels.values() if c.guild_id == guild.id]
    directs = [(c.person, c) for c in discord.channels.values() if c.person]
    here = [(user, c) for user in people(guild) for c in (*channels, *apart(discord))]

    def is_offered(found: Json, user: User, c: Channel) -> bool:
        is_there = found in discord.commands.at(discord.ground(user, c))
        return is_there and discord.is_offered(found, user, c)

    def seen(found: Json, seats: list[tuple[User, Channel]]) -> Json:
        hidden = [f"{user.id}:{c.id}" for user, c in seats if not is_offered(found, user, c)]
        return {**found, "hidden_from": hidden}

    is_here = discord.knows_guild(guild.id)
    own = discord.commands.seen(guild.id) if is_here else []
    return {
        "is_bot_here": is_here,
        "server": [seen(each, here) for each in own],
        "direct": [seen(each, directs) for each in discord.commands.seen(None)],
        "targets": [
            *({"kind": "role", "id": str(role.id), "name": role.name} for role in guild.roles),
            *({"kind": "user", "id": str(user.id), "name": user.name} for user in people(guild)),
            {"kind": "channel", "id": str(guild.all_channels), "name": "All channels"},
            *({"kind": "channel", "id": str(c.id), "name": f"#{c.name}"} for c in channels),
        ],
        "permissions": {
            name or "": [
                {"kind": kind, "id": str(target_id), "is_allowed": is_allowed}
                for kind, target_id, is_allowed in discord.lines_set(guild, name)
            ]
            for name in (None, *(each["name"] for each in own))
        },
    }


def message(found: Message) -> Json:
    """A message as Discord writes it, with who reacted, and who alone sees it."""
    written = found.payload()
    written.pop("referenced_message", None)  # which the page has
    return {
        **written,
        "author": person(found.author),
        "reply_to": str(found.reply_to) if found.reply_to else None,
        "seen_by": str(found.seen_by) if found.seen_by else None,
        "reactions": [
            {"emoji": emoji, "users": [str(user_id) for user_id in ids]}
            for emoji, ids in found.reactions.items()
        ],
    }


def interaction(handle: InteractionHandle) -> Json:
    """What became of an interaction so far: sent, answered, failed, or a modal to fill in."""
    state = "failed" if handle.failed else "sent"
    if handle.response is not None:
        state = "modal" if handle.modal else "answered"
    return {
        "id": str(handle.id),
        "member": str(handle.member.id),
        "channel": str(handle.channel.id),
        "name": handle.metadata.get("name"),
        "state": state,
        "modal": handle.modal,
    }
