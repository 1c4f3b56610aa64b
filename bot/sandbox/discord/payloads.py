"""Objects that Discord sends, as JSON: application, server, member, interaction.

https://docs.discord.com/developers/resources/guild
https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from typing import Any

from bot.sandbox.discord.forms.commands import NESTS
from bot.sandbox.discord.interactions import AUTOCOMPLETE, COMMAND, InteractionHandle
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.people import Application, User
from bot.sandbox.discord.places import Guild
from bot.sandbox.discord.whereabouts import Whereabouts

Json = Any


def application(found: Application, guilds: int) -> Json:
    """The application object."""
    return {
        "id": str(found.id),
        "name": "studio",
        "icon": None,
        "description": "",
        "bot_public": found.is_public,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "explicit_content_filter": 0,
        "role_connections_verification_url": None,
        "interactions_endpoint_url": None,
        "integration_public": found.is_public,
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
        "owner": found.team.as_user() if found.team else found.owner.payload(),
        "approximate_guild_count": guilds,
        "approximate_user_install_count": len(found.users),
        "integration_types_config": {str(each): {} for each in sorted(found.installs)},
        "approximate_user_authorization_count": len(found.users),
        "team": found.team.payload() if found.team else None,
    }


def ready(found: Application) -> Json:
    """What READY brings, whichever session hears it."""
    partial = {"id": str(found.id), "flags": 0}
    return {"v": 10, "user": found.bot.own_payload(), "application": partial}


def message_event(message: Message, reader: User, guild: Guild | None) -> Json:
    """What MESSAGE_CREATE and MESSAGE_UPDATE bring; `reader` as Message.payload takes it."""
    found = message.payload(reader=reader)
    if guild:
        found["guild_id"] = str(guild.id)
    if guild and message.is_by_member:
        author = guild.member_payload(message.author).items()
        found["member"] = {key: value for key, value in author if key != "user"}
    return found


def deletion(message: Message) -> Json:
    """What MESSAGE_DELETE brings."""
    found = {"id": str(message.id), "channel_id": str(message.channel.id)}
    guild_id = None if message.is_ephemeral else message.channel.guild_id
    return {**found, "guild_id": str(guild_id)} if guild_id else found


def reaction_event(
    user: User, message: Message, emoji: str, guild: Guild | None, *, is_there: bool
) -> Json:
    """What MESSAGE_REACTION_ADD and MESSAGE_REACTION_REMOVE bring."""
    found: Json = {
        "user_id": str(user.id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    if guild:
        found["guild_id"] = str(guild.id)
        if is_there:
            found["member"] = guild.member_payload(user)
            found["message_author_id"] = str(message.author.id)
    return found


def metadata(handle: InteractionHandle, data: Json) -> Json:
    """What a message tells of the interaction that it answers."""
    found: Json = {
        "id": str(handle.id),
        "type": handle.kind,
        "user": handle.member.payload(),
        "authorizing_integration_owners": handle.owners,
    }
    if handle.kind in {COMMAND, AUTOCOMPLETE}:
        found |= {"name": _path(data), "command_type": data["type"]}
        if handle.cause.target:
            found["target_message_id"] = data["target_id"]
        elif "target_id" in data:
            found["target_user"] = data["resolved"]["users"][data["target_id"]]
    if handle.cause.after:
        found["triggering_interaction_metadata"] = handle.cause.after.metadata
    elif handle.source:
        found["interacted_message_id"] = str(handle.source.id)
    return found


def _path(data: Json) -> str:
    """A command's name, with the subcommand that was used of it."""
    inner = [each for each in data.get("options") or [] if each["type"] in NESTS]
    return " ".join([data["name"], *map(_path, inner)])


def interaction(
    handle: InteractionHandle, data: Json, limit_bytes: int, where: Whereabouts
) -> Json:
    """What INTERACTION_CREATE brings."""
    channel, user, guild = handle.channel, handle.member, where.guild_of(handle.channel)
    payload: Json = {
        "id": str(handle.id),
        "application_id": str(where.application.id),
        "type": handle.kind,
        "token": handle.token,
        "version": 1,
        "data": data,
        "channel": channel.partial(where.bot_user, where.permissions_of(user, channel)),
        "channel_id": str(channel.id),
        "app_permissions": str(where.app_permissions(user, channel)),
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": handle.owners,
        "context": 0 if channel.guild_id else 1 if channel.person else 2,
        "attachment_size_limit": limit_bytes,
    }
    if guild:
        permissions = str(where.permissions_of(user, channel))
        payload |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": {**guild.member_payload(user), "permissions": permissions},
        }
    else:
        payload["user"] = user.payload()
    if handle.source:
        source = handle.source.payload()
        source.pop("referenced_message", None)  # which Discord leaves out here
        payload["message"] = source
    return payload
