"""Permissions: their bits, the roles that give them, and what channels change of them. Pure.

https://docs.discord.com/developers/topics/permissions
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Json = Any

PERMISSIONS = {
    "manage_channels": 1 << 4,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "connect": 1 << 20,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "use_external_apps": 1 << 50,
}
MANAGING = {"manage_channels", "manage_messages", "manage_threads"}
# Of @everyone in a new server.
USUAL = sum(bit for name, bit in PERMISSIONS.items() if name not in MANAGING)
ADMINISTRATOR = 1 << 3
ALL = 2**53 - 1  # of owners and administrators, in every channel
ROLE, MEMBER = 0, 1  # whom an overwrite is for


def bits(names: Iterable[str]) -> int:
    """These permissions as one number."""
    return sum(PERMISSIONS[name] for name in names)


# Of the bot in its direct messages, as an interaction announces them; they have no others.
# https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
IN_DIRECT_MESSAGES = bits(
    ("attach_files", "embed_links", "mention_everyone", "use_external_emojis")
)


@dataclass(eq=False)
class Role:
    """What some members of a server have in common; @everyone has the server's id."""

    id: int
    name: str
    permissions: int
    position: int = 0
    bot_id: int | None = None  # of the bot with which it came, and goes

    def payload(self) -> Json:
        """A role object."""
        tags = {"tags": {"bot_id": str(self.bot_id)}} if self.bot_id else {}
        return {
            **tags,
            "id": str(self.id),
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "managed": self.bot_id is not None,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(eq=False)
class Overwrite:
    """What a channel allows or denies a role or a member."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0

    def payload(self) -> Json:
        """An overwrite object."""
        return {
            "id": str(self.id),
            "type": self.kind,
            "allow": str(self.allow),
            "deny": str(self.deny),
        }


def given(roles: Sequence[Role], *, is_owner: bool) -> int:
    """What a member may by these roles, @everyone among them, where no channel says otherwise."""
    found = 0
    for role in roles:
        found |= role.permissions
    return ALL if is_owner or found & ADMINISTRATOR else found


def overwritten(
    found: int, overwrites: Iterable[Overwrite], everyone: Role, roles: Sequence[Role], user_id: int
) -> int:
    """What is left of it in a channel: @everyone's overwrite, then all roles', then the member's."""
    if found & ADMINISTRATOR:
        return found
    ids = {role.id for role in roles} - {everyone.id}
    for step in ({everyone.id}, ids, {user_id}):
        mine = [each for each in overwrites if each.id in step]
        for each in mine:
            found &= ~each.deny
        for each in mine:
            found |= each.allow
    return found
