"""The form of commands and their options.

https://docs.discord.com/developers/interactions/application-commands
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.forms.components import CHANNEL_TYPES
from bot.sandbox.discord.forms.kinds import (
    Kind,
    Number,
    OneOf,
    Text,
    Whole,
    YesNo,
    check_length,
    shown,
)
from bot.sandbox.discord.forms.shapes import Fields, ListOf, MapOf
from bot.sandbox.discord.refusals import Place

Json = Any
CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER_OPTION = 1, 2, 3, 4, 5, 6
CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 7, 8, 9, 10, 11
NESTS = {SUBCOMMAND, GROUP}
VALUES = tuple(range(STRING, ATTACHMENT + 1))
MAX_INT = 2**53 - 1
MAX_PERMISSIONS = 2**54 - 1


@dataclass(frozen=True)
class _Name(Kind):
    """The name of a command that is typed, or of an option."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        Text(1, 32).check(value, place)
        if not place.is_right:
            return
        if value != value.lower() or not all(map(_is_name_character, value)):
            place.wrong("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _is_name_character(character: str) -> bool:
    if character in "-_'":
        return True
    if "\u0951" <= character <= "\u0954":  # Unicode's scripts count them to none
        return False
    is_mark = "\u0900" <= character <= "\u097f" or "\u0e00" <= character <= "\u0e7f"
    return is_mark or unicodedata.category(character)[0] in {"L", "N"}


@dataclass(frozen=True)
class _Permissions(Kind):
    """Permissions as one number, in digits or not."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        is_number = isinstance(value, int) and not isinstance(value, bool)
        is_digits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value)
        if not (is_number or is_digits) or not 0 <= int(value) <= MAX_PERMISSIONS:
            place.wrong("NUMBER_TYPE_COERCE", f'Value "{shown(value)}" is not int.')


@dataclass(frozen=True)
class _FileTypes(Kind):
    """The kinds of files that an option takes."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        listed = value if isinstance(value, list) else [None]
        if len(listed) > 10 or not all(map(_is_file_type, listed)):
            place.wrong("BASE_TYPE_CHOICES", "At most ten of image, video, audio and endings.")


def _is_file_type(value: Json) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"image|video|audio|\.[a-z0-9]+", value))


def _choices(value: Kind) -> Kind:
    fields: dict[str, Kind] = {
        "name": Text(1, 100),
        "name_localizations": MapOf(Text(1, 100)),
        "value": value,
    }
    return ListOf(Fields(fields, ("name", "value")), most=25)


# What is suggested while an option of a type is typed.
SUGGESTIONS: Mapping[int, Kind] = {
    STRING: Fields({"choices": _choices(Text(1, 100))}),
    INTEGER: Fields({"choices": _choices(Whole(-MAX_INT, MAX_INT))}),
    NUMBER: Fields({"choices": _choices(Number())}),
}
_NAMED: Mapping[str, Kind] = {
    "name": _Name(),
    "name_localizations": MapOf(_Name()),
    "description": Text(1, 100),
    "description_localizations": MapOf(Text(1, 100)),
    "required": YesNo(),
}
_WHOLE = Whole(-MAX_INT, MAX_INT)
_BOUNDS: Mapping[int, Mapping[str, Kind]] = {
    STRING: {
        "min_length": Whole(0, 6000),
        "max_length": Whole(1, 6000),
        "choices": _choices(Text(1, 100)),
    },
    INTEGER: {"min_value": _WHOLE, "max_value": _WHOLE, "choices": _choices(_WHOLE)},
    NUMBER: {"min_value": Number(), "max_value": Number(), "choices": _choices(Number())},
    CHANNEL: {"channel_types": ListOf(OneOf(CHANNEL_TYPES), most=25, is_set=True)},
    ATTACHMENT: {"file_types": _FileTypes()},
}
_BOUND_KEYS = {key for bounds in _BOUNDS.values() for key in bounds}


@dataclass(frozen=True)
class _Option(Kind):
    """An option of one of these types; a subcommand has options of its own."""

    types: Sequence[int]

    def check(self, value: Json, place: Place) -> None:
        """Note its faults, and those of all in it."""
        if not isinstance(value, dict):
            Fields({}).check(value, place)
            return
        kind = value.get("type")
        if type(kind) is not int or kind not in (*NESTS, *VALUES):
            place["type"].wrong("BASE_TYPE_CHOICES", f"Value must be one of {VALUES}.")
        elif kind not in self.types:
            text = f'Value of field "type" must be one of {tuple(self.types)}.'
            place.wrong("UNION_TYPE_CHOICES", text)
        else:
            _form_of(kind).check(value, place)

    def kept(self, value: Json) -> Json:
        """What its form keeps."""
        return _form_of(value["type"]).kept(value)


_REQUIRED = ("name", "description")
OPTIONS = ListOf(_Option(VALUES), most=25)
SUBCOMMANDS = ListOf(_Option((SUBCOMMAND,)), most=25)


def _form_of(kind: int) -> Fields:
    """The form of an option of this type."""
    fields: dict[str, Kind] = {"type": OneOf((kind,)), **_NAMED}
    if kind in NESTS:
        fields["options"] = OPTIONS if kind == SUBCOMMAND else SUBCOMMANDS
        return Fields(fields, _REQUIRED, (_check_options,))
    fields |= {"autocomplete": YesNo(), **_BOUNDS.get(kind, {})}
    return Fields(fields, _REQUIRED, (_check_bounds, _check_choices))


def _check_bounds(option: Json, place: Place) -> None:
    for key in sorted(_BOUND_KEYS & option.keys() - _BOUNDS.get(option["type"], {}).keys()):
        if option[key] is not None and option[key] != []:
            place[key].wrong("BASE_TYPE_CHOICES", "is not valid for an option of this type")
    for low, high in (("min_value", "max_value"), ("min_length", "max_length")):
        least, most = option.get(low), option.get(high)
        if least is not None and most is not None and least > most:
            text = f"int value should be greater than or equal to {least}."
            place[high].wrong("NUMBER_TYPE_MIN", text)


def _check_choices(option: Json, place: Place) -> None:
    choices = option.get("choices") or []
    if option.get("autocomplete") and (choices or option["type"] not in {STRING, INTEGER, NUMBER}):
        code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID"
        place["choices" if choices else "autocomplete"].wrong(code, "is not valid here")
    if len({choice["name"] for choice in choices}) < len(choices):
        code = "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS"
        place["choices"].wrong(code, "Choice name must be unique")


def _check_options(holder: Json, place: Place) -> None:
    options = holder.get("options") or []
    if len({option["name"] for option in options}) < len(options):
        code = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"
        place["options"].wrong(code, "Option name must be unique")
    are_nests = {option["type"] in NESTS for option in options}
    if len(are_nests) > 1:
        text = "Sub-commands and other options exclude each other"
        place["options"].wrong("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
    was_optional = False
    for index, option in enumerate(options):
        if option.get("required") and was_optional:
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            text = "Required options must be placed before non-required options"
            place["options"][index].wrong(code, text)
        was_optional = not option.get("required")


def _check_size(command: Json, place: Place) -> None:
    if _characters(command) > 8000:
        text = "Command exceeds maximum size (8000)"
        place.wrong("APPLICATION_COMMAND_TOO_LARGE", text)


def _characters(node: Json) -> int:
    own = sum(len(str(node.get(key) or "")) for key in ("name", "description", "value"))
    inner = [*(node.get("options") or []), *(node.get("choices") or [])]
    return own + sum(map(_characters, inner))


def _check_no_description(command: Json, place: Place) -> None:
    check_length(command.get("description") or "", 0, 0, place["description"])


_COMMAND: Mapping[str, Kind] = {
    "type": OneOf((CHAT_INPUT, USER, MESSAGE)),
    "nsfw": YesNo(),
    "dm_permission": YesNo(),
    "default_permission": YesNo(),
    "default_member_permissions": _Permissions(),
    "contexts": ListOf(OneOf((0, 1, 2)), 1, 3, is_set=True),
    "integration_types": ListOf(OneOf((0, 1)), 1, 2, is_set=True),
}
_TYPED = Fields(
    {**_NAMED, **_COMMAND, "options": ListOf(_Option((*sorted(NESTS), *VALUES)), most=25)},
    _REQUIRED,
    (_check_options, _check_size),
)
_IN_A_MENU = Fields(
    {
        **_COMMAND,
        "name": Text(1, 32),
        "name_localizations": MapOf(Text(1, 32)),
        "description": Text(0, 100),
    },
    ("name",),
    (_check_no_description,),
)


@dataclass(frozen=True)
class _Command(Kind):
    """A command of any type."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        _command_form(value).check(value, place)

    def kept(self, value: Json) -> Json:
        """What its form keeps."""
        return _command_form(value).kept(value)


def _command_form(command: Json) -> Fields:
    kind = command.get("type") if isinstance(command, dict) else None
    return _IN_A_MENU if kind in (USER, MESSAGE) else _TYPED


COMMAND = _Command()
