"""Objects that Discord sends, as JSON: application, server, member, interaction.

https://docs.discord.com/developers/resources/guild
https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from collections.abc import Sequence
from typing import Any

from bot.sandbox.discord.interactions import COMMAND, InteractionHandle
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import (
    ADMINISTRATOR,
    EVERYTHING,
    Application,
    Channel,
    Guild,
    User,
)

Json = Any

# What a server has that nobody here uses.
_UNUSED: Json = {
    "emojis": [],
    "stickers": [],
    "features": [],
    "premium_tier": 0,
    "nsfw_level": 0,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "system_channel_flags": 0,
    "preferred_locale": "en-US",
    "afk_timeout": 300,
    "large": False,
    "unavailable": False,
    "voice_states": [],
    "presences": [],
    "stage_instances": [],
    "guild_scheduled_events": [],
}


def application(found: Application, guilds: int) -> Json:
    """The application object."""
    return {
        "id": str(found.id),
        "name": "studio",
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "explicit_content_filter": 0,
        "role_connections_verification_url": None,
        "interactions_endpoint_url": None,
        "integration_public": True,
        "integration_require_code_grant": False,
        "eligible_oauth2_scopes": [],
        "hook": True,
        "type": None,
        "summary": "",
        "is_monetized": False,
        "is_verified": False,
        "is_discoverable": False,
        "redirect_uris": [],
        "rpc_origins": [],
        "bot": found.bot.payload(),
        "owner": found.owner.payload(),
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "team": None,
    }


def ready(found: Application) -> Json:
    """What READY brings, whichever session hears it."""
    partial = {"id": str(found.id), "flags": 0}
    return {"v": 10, "user": found.bot.own_payload(), "application": partial}


def guild(found: Guild, channels: Sequence[Channel], bot: User) -> Json:
    """A server as GUILD_CREATE brings it."""
    own = [c for c in channels if c.guild_id == found.id]
    return {
        "id": str(found.id),
        "name": found.name,
        "owner_id": str(found.members[-1].id),
        "roles": [_everyone(found)],
        "channels": [c.payload(bot) for c in own if c.type == 0],
        "threads": [c.payload(bot) for c in own if c.type == 11],
        "members": [member(bot)],
        "member_count": len(found.members),
        **_UNUSED,
    }


def _everyone(found: Guild) -> Json:
    return {
        "id": str(found.id),
        "name": "@everyone",
        "permissions": str(EVERYTHING),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def member(user: User) -> Json:
    """A member of a server."""
    permissions = EVERYTHING | (ADMINISTRATOR if user.is_administrator else 0)
    return {
        "user": user.payload(),
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(permissions),
    }


def owners(channel: Channel) -> Json:
    """Who installed the application: the server."""
    return {"0": str(channel.guild_id or 0)}


def message_event(message: Message, reader: User) -> Json:
    """What MESSAGE_CREATE and MESSAGE_UPDATE bring; `reader` as Message.payload takes it."""
    found = message.payload(reader=reader)
    if message.channel.guild_id:
        found["guild_id"] = str(message.channel.guild_id)
    if message.channel.guild_id and message.is_by_member:
        author = member(message.author).items()
        found["member"] = {key: value for key, value in author if key != "user"}
    return found


def reaction_event(user: User, message: Message, emoji: str, *, is_there: bool) -> Json:
    """What MESSAGE_REACTION_ADD and MESSAGE_REACTION_REMOVE bring."""
    found: Json = {
        "user_id": str(user.id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    if message.channel.guild_id:
        found["guild_id"] = str(message.channel.guild_id)
        if is_there:
            found["member"] = member(user)
            found["message_author_id"] = str(message.author.id)
    return found


def metadata(handle: InteractionHandle, data: Json, after: InteractionHandle | None) -> Json:
    """What a message tells of the interaction that it answers; `after` is what a modal answered."""
    found: Json = {
        "id": str(handle.id),
        "type": handle.kind,
        "user": handle.member.payload(),
        "authorizing_integration_owners": owners(handle.channel),
    }
    if handle.kind == COMMAND:
        found |= {"name": data["name"], "command_type": data["type"]}
    if after:
        found["triggering_interaction_metadata"] = after.metadata
    elif handle.source:
        found["interacted_message_id"] = str(handle.source.id)
    return found


def interaction(
    handle: InteractionHandle, data: Json, limit_bytes: int, application: Application
) -> Json:
    """What INTERACTION_CREATE brings."""
    channel, user = handle.channel, handle.member
    payload: Json = {
        "id": str(handle.id),
        "application_id": str(application.id),
        "type": handle.kind,
        "token": handle.token,
        "version": 1,
        "data": data,
        "channel": channel.payload(application.bot),
        "channel_id": str(channel.id),
        "app_permissions": str(channel.permissions()),
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": owners(channel),
        "context": 0 if channel.guild_id else 1,
        "attachment_size_limit": limit_bytes,
    }
    if channel.guild_id:
        guild = {"id": str(channel.guild_id), "locale": "en-US", "features": []}
        payload |= {
            "guild_id": str(channel.guild_id),
            "guild": guild,
            "guild_locale": "en-US",
            "member": member(user),
        }
    else:
        payload["user"] = user.payload()
    if handle.source:
        source = handle.source.payload()
        source.pop("referenced_message", None)  # which Discord leaves out here
        payload["message"] = source
    return payload
