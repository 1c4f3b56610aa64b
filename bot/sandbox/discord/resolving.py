"""People, roles, channels and files that a member names: their ids, and what Discord tells of them.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-resolved-data-structure
"""

from collections.abc import Sequence
from typing import Any

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.people import User
from bot.sandbox.discord.places import Channel, Guild
from bot.sandbox.discord.world import World

Json = Any
PARTIAL = ("id", "type", "name", "flags", "last_message_id", "nsfw", "parent_id", "position", "topic",
           "rate_limit_per_user", "guild_id", "thread_metadata")  # fmt: skip


class Resolver:
    """What one interaction names; each call gives ids as texts, or raises ClientRefused."""

    def __init__(self, world: World, channel: Channel, by: User) -> None:
        self._world = world
        self._channel = channel
        self._by = by
        self._guild: Guild | None = world.guild_of(channel)
        self.found: dict[str, dict[str, Json]] = {}

    def named(self, kinds: str, values: object, channel_types: Sequence[int] = ()) -> list[str]:
        """What `kinds` names: users, roles, mentionables or channels; themselves, or their ids."""
        listed = values if isinstance(values, list | tuple) else [values]
        ids = [_id(each) for each in listed if each not in {None, ""}]
        for each in ids:
            if kinds == "channels":
                self._channel_named(each, channel_types)
            elif kinds == "roles" or (kinds == "mentionables" and self._is_role(each)):
                self._role(each)
            else:
                self._user(each)
        return [str(each) for each in ids]

    def file(self, name: str, value: object) -> str:
        """A file that was given."""
        if not isinstance(value, File):
            raise ClientRefused(f"{name}: expected a file")
        attachment = self._world.store_file(0, value)
        told = {**attachment.payload(), "ephemeral": True}
        self.found.setdefault("attachments", {})[str(attachment.id)] = told
        return str(attachment.id)

    def _user(self, user_id: int) -> None:
        user = self._world.users.get(user_id)
        if user is None:
            raise ClientRefused(f"there is nobody with the id {user_id}")
        self.found.setdefault("users", {})[str(user_id)] = user.payload()
        if self._guild and user in self._guild.members:
            may = str(self._world.permissions_of(user, self._channel))
            member = {**self._guild.member_payload(user, is_partial=True), "permissions": may}
            self.found.setdefault("members", {})[str(user_id)] = member

    def _is_role(self, role_id: int) -> bool:
        return self._guild is not None and any(role.id == role_id for role in self._guild.roles)

    def _role(self, role_id: int) -> None:
        for role in self._guild.roles if self._guild else ():
            if role.id == role_id:
                self.found.setdefault("roles", {})[str(role_id)] = role.payload()
                return
        raise ClientRefused(f"there is no role with the id {role_id}")

    def _channel_named(self, channel_id: int, types: Sequence[int]) -> None:
        channel = self._world.channels.get(channel_id)
        is_here = channel is not None and channel.guild_id == self._channel.guild_id
        if channel is None or not is_here or not self._world.sees(self._by, channel):
            raise ClientRefused(f"there is no channel with the id {channel_id}")
        if types and channel.type not in types:
            raise ClientRefused(f"{channel.name}: no channel of this kind can be chosen")
        full = channel.payload(self._world.bot_user)
        told = {key: full[key] for key in PARTIAL if key in full}
        told["permissions"] = str(self._world.permissions_of(self._by, channel))
        self.found.setdefault("channels", {})[str(channel_id)] = told


def _id(value: object) -> int:
    found = getattr(value, "id", value)
    try:
        return int(str(found))
    except ValueError:
        raise ClientRefused(f"{found} is no id") from None
