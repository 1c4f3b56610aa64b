"""Endpoint → app_commands.Command."""

import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.endpoints.catalogue import Endpoint, group_description
from bot.endpoints.documents import Scalar
from bot.endpoints.options import Field
from bot.endpoints.showing import options_of
from bot.jobs.request import FieldKind

Run = Callable[[discord.Interaction[Any], Endpoint, dict[str, Any]], Awaitable[None]]
Command = app_commands.Command[Any, ..., Any]
AnyCommand = Command | app_commands.Group | app_commands.ContextMenu

_TYPES: Mapping[FieldKind, type] = {
    FieldKind.IMAGE: discord.Attachment,
    FieldKind.SEED: int,
    FieldKind.STRING: str,
    FieldKind.INTEGER: int,
    FieldKind.NUMBER: float,
    FieldKind.BOOLEAN: bool,
}
ON_A_MESSAGE = "Use this picture…"
INSTALLS = app_commands.AppInstallationType(guild=True, user=False)
_KEPT = frozenset({
    "type", "name", "description", "nsfw", "default_member_permissions", "options", "required",
    "min_value", "max_value", "min_length", "max_length", "choices", "value", "autocomplete",
})  # fmt: skip
NOTHING: tuple[Any, ...] = ([], "")
_PERHAPS = ("contexts", "integration_types", "file_types")
_DIRECT, _AMONG_OTHERS = 1, 2  # contexts: with the bot, and among people
_MAX_TEXT = 6000  # https://docs.discord.com/developers/interactions/application-commands


class EndpointCommand(app_commands.Command[Any, ..., Any]):
    """A command with the keys that discord.py does not know yet, and none that it would leave out."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - discord.py's own
        super().__init__(**options)
        self.add_check(self._is_as_typed)

    async def _is_as_typed(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether all that was typed is an option still: it may be of the command as it was."""
        options = {(each.display_name, each.type.value) for each in self.parameters}
        is_so = _typed_in(interaction) <= options
        if is_so or interaction.type is discord.InteractionType.autocomplete:
            return is_so
        raise app_commands.CommandSignatureMismatch(self)

    def to_dict(self, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
        """The payload, whose attachment options offer pictures only (`file_types`)."""
        payload = super().to_dict(tree)
        for option in payload["options"]:
            if option["type"] == discord.AppCommandOptionType.attachment.value:
                option["file_types"] = ["image"]
        return payload


def build_commands(endpoints: Sequence[Endpoint], run: Run) -> list[Command | app_commands.Group]:
    """A command for each endpoint; those of one group are its subcommands."""
    groups: dict[str, app_commands.Group] = {}
    alone: list[Command | app_commands.Group] = []
    options = options_of(endpoints)
    for endpoint in endpoints:
        command = _command(endpoint, options[endpoint.qualified_name], run)
        if endpoint.group is None:
            alone.append(command)
        else:
            group = groups.setdefault(endpoint.group, _group(endpoint.group, endpoint))
            group.add_command(command)
    return [*alone, *groups.values()]


def build_menu(
    run: Callable[[discord.Interaction[Any], discord.Message], Coroutine[Any, Any, None]],
) -> app_commands.ContextMenu:
    """The entry in the menu of messages by which a picture of one is used."""
    return app_commands.ContextMenu(
        name=ON_A_MESSAGE,
        callback=run,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        allowed_installs=INSTALLS,
        auto_locale_strings=False,
    )


def payload(
    commands: Sequence[AnyCommand], tree: app_commands.CommandTree[Any]
) -> list[dict[str, Any]]:
    """The commands as Discord gets them, in an order that stays."""
    return sorted(
        (c.to_dict(tree) for c in commands), key=lambda each: (each["type"], each["name"])
    )


def for_users(commands: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for who installs the application for themselves, too: in groups and anywhere.

    Not those for which a server's members need a permission: they are about a server.
    """
    return [
        dict(each) if each.get("default_member_permissions") else _for_users(each)
        for each in commands
    ]


def _for_users(command: Mapping[str, Any]) -> dict[str, Any]:
    contexts = [*command["contexts"]]
    among_others = [_AMONG_OTHERS] if _DIRECT in contexts else []
    return {**command, "contexts": [*contexts, *among_others], "integration_types": [0, 1]}


def form(commands: Sequence[Mapping[str, Any]], found: Sequence[Any]) -> list[Any]:
    """What members have of the commands, by which what is wanted is compared with what is found."""
    # Of these Discord says nothing, or null, where it does not keep them.
    told = json.dumps(found)
    keys = {*_KEPT, *(key for key in _PERHAPS if f'"{key}": [' in told)}
    return sorted((_part(each, keys) for each in commands), key=lambda each: str(each["name"]))


def differing(wanted: Sequence[Mapping[str, Any]], found: Sequence[Any]) -> list[str]:
    """The names of the commands that are not the same in both."""
    mine, theirs = form(wanted, found), form(found, found)
    odd = [each for each in (*mine, *theirs) if each not in mine or each not in theirs]
    return sorted({str(each["name"]) for each in odd})


def _part(value: Any, keys: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    """The value with these keys alone, and without what says nothing."""
    if isinstance(value, list):
        return [_part(each, keys) for each in value]
    if isinstance(value, Mapping):
        kept = {key: _part(value[key], keys) for key in keys & value.keys()}
        if isinstance(bits := kept.get("default_member_permissions"), int):
            kept["default_member_permissions"] = f"{bits}"  # as Discord tells them
        return {
            k: v for k, v in kept.items() if v is not None and v is not False and v not in NOTHING
        }
    return int(value) if isinstance(value, float) and value.is_integer() else value


def digest(commands: Sequence[Mapping[str, Any]], application_id: int, scope: str) -> str:
    """The same for two lists exactly when Discord has nothing to change."""
    text = json.dumps([application_id, scope, commands], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _group(name: str, endpoint: Endpoint) -> app_commands.Group:
    return app_commands.Group(
        name=name,
        description=group_description(name),
        nsfw=endpoint.nsfw,
        allowed_contexts=_contexts(endpoint),
        allowed_installs=INSTALLS,
        auto_locale_strings=False,
    )


def _command(endpoint: Endpoint, fields: Sequence[Field], run: Run) -> EndpointCommand:
    # discord.py reads options off a signature, whose names must be Python's: p0, p1, …
    names = {f"p{index}": field.name for index, field in enumerate(fields)}

    async def callback(interaction: discord.Interaction[Any], **options: Any) -> None:  # noqa: ANN401 - by kind
        given = {names[key]: value for key, value in options.items() if value is not None}
        await run(interaction, endpoint, given)

    callback.__signature__ = _signature(fields)  # type: ignore[attr-defined]  # inspect's
    decorated: Any = callback
    if names:
        descriptions = {key: field.description for key, field in zip(names, fields, strict=True)}
        decorated = app_commands.describe(**descriptions)(decorated)
        decorated = app_commands.rename(**names)(decorated)
    choices = {
        f"p{index}": [_choice(field, choice) for choice in field.listed]
        for index, field in enumerate(fields)
        if field.listed and field.kind is not FieldKind.BOOLEAN
    }
    if choices:
        decorated = app_commands.choices(**choices)(decorated)
    suggesting = {
        f"p{index}": _suggesting(field)
        for index, field in enumerate(fields)
        if field.choices and not field.listed
    }
    if suggesting:
        decorated = app_commands.autocomplete(**suggesting)(decorated)
    return EndpointCommand(
        name=endpoint.command,
        description=endpoint.description,
        callback=decorated,
        nsfw=endpoint.nsfw,
        allowed_contexts=None if endpoint.group else _contexts(endpoint),
        allowed_installs=None if endpoint.group else INSTALLS,
        auto_locale_strings=False,
    )


def _typed_in(interaction: discord.Interaction[Any]) -> set[tuple[str, int]]:
    """The names and types of the options that were given, within a group's command, too."""
    data: Mapping[str, Any] = interaction.data or {}
    options = data.get("options") or ()
    while options and options[0]["type"] == discord.AppCommandOptionType.subcommand.value:
        options = options[0].get("options") or ()
    return {(str(each["name"]), int(each["type"])) for each in options}


def _suggesting(field: Field) -> Any:  # noqa: ANN401 - as discord.py has it
    """What answers while a member types one of many choices."""

    async def suggest(
        _interaction: discord.Interaction[Any], typed: str
    ) -> list[app_commands.Choice[Any]]:
        return [_choice(field, choice) for choice in field.suggested(str(typed))]

    return suggest


def _contexts(endpoint: Endpoint) -> app_commands.AppCommandContext:
    # There is no age restriction in a direct message.
    is_direct = not endpoint.nsfw
    return app_commands.AppCommandContext(guild=True, dm_channel=is_direct, private_channel=False)


def _choice(field: Field, value: Scalar) -> app_commands.Choice[Any]:
    return app_commands.Choice(name=str(value), value=_TYPES[field.kind](value))


def _signature(fields: Sequence[Field]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    interaction = inspect.Parameter("interaction", kind, annotation=discord.Interaction)
    options = [
        inspect.Parameter(
            f"p{index}",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=_annotation(field),
            default=inspect.Parameter.empty if field.required else None,
        )
        for index, field in enumerate(fields)
    ]
    return inspect.Signature([interaction, *options])


def _annotation(field: Field) -> Any:  # noqa: ANN401 - a type for discord.py
    kind = _TYPES[field.kind]
    if kind is str and not field.choices:
        return app_commands.Range[str, None, _MAX_TEXT]
    if kind not in {int, float} or field.choices or (field.min is None and field.max is None):
        return kind
    low, high = (None if bound is None else kind(bound) for bound in (field.min, field.max))
    return app_commands.Range[kind, low, high]
