"""A command as a member types it: its options as Discord's client sends them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.sandbox.discord.client import ClientRefused, check_file, check_given, check_value
from bot.sandbox.discord.files import File
from bot.sandbox.discord.forms.commands import (
    ATTACHMENT,
    CHANNEL,
    MENTIONABLE,
    NESTS,
    ROLE,
    USER_OPTION,
)
from bot.sandbox.discord.resolving import Resolver

Json = Any
ENTITIES = {USER_OPTION: "users", ROLE: "roles", MENTIONABLE: "mentionables", CHANNEL: "channels"}


class Typed:
    """What was typed after a command's name, with what it names."""

    def __init__(self, command: Json, path: Sequence[str], resolver: Resolver) -> None:
        self._command = command
        self._leaf, self._wrap = _leaf(command, path)
        self._resolver = resolver

    def whole(self, given: Mapping[str, object]) -> Json:
        """The data of a command that is sent; ClientRefused."""
        check_given(self._leaf, given)
        return self._data([self._option(each, given[each["name"]]) for each in self._named(given)])

    def so_far(self, given: Mapping[str, object], name: str, text: str) -> tuple[Json, int]:
        """The data of one of which an option is being typed, and that option's type."""
        for option in self._leaf.get("options") or []:
            if option["name"] == name and option.get("autocomplete"):
                typed = {"name": name, "type": option["type"], "value": text, "focused": True}
                others = [each for each in self._named(given) if each is not option]
                filled = [self._option(each, given[each["name"]]) for each in others]
                return self._data([*filled, typed]), option["type"]
        raise ClientRefused(f"nothing is suggested for {name}")

    def _named(self, given: Mapping[str, object]) -> list[Json]:
        return [each for each in self._leaf.get("options") or [] if each["name"] in given]

    def _data(self, filled: list[Json]) -> Json:
        command = self._command
        data = {"id": command["id"], "name": command["name"], "type": 1}
        data["options"] = self._wrap(filled)
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if self._resolver.found:
            data["resolved"] = self._resolver.found
        return data

    def _option(self, option: Json, value: object) -> Json:
        kind = option["type"]
        found = {"name": option["name"], "type": kind}
        if kind == ATTACHMENT:
            if isinstance(value, File):
                check_file(option, value)
            return {**found, "value": self._resolver.file(option["name"], value)}
        if kind in ENTITIES:
            types = option.get("channel_types") or ()
            (named,) = self._resolver.named(ENTITIES[kind], value, types) or (None,)
            if named is None:
                raise ClientRefused(f"{option['name']}: nothing was chosen")
            return {**found, "value": named}
        check_value(option, value)
        return {**found, "value": value}


def _leaf(command: Json, path: Sequence[str]) -> tuple[Json, Callable[[Json], Json]]:
    if not path:
        return command, lambda filled: filled
    for option in command.get("options") or []:
        if option["name"] == path[0] and option["type"] in NESTS:
            leaf, wrap = _leaf(option, path[1:])
            return leaf, _wrapped({"name": option["name"], "type": option["type"]}, wrap)
    raise ClientRefused(f"there is no command {command['name']} {path[0]}")


def _wrapped(head: Json, wrap: Callable[[Json], Json]) -> Callable[[Json], Json]:
    return lambda filled: [{**head, "options": wrap(filled)}]
