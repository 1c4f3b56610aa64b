"""What Discord refuses, and with which status and code. Pure.

https://docs.discord.com/developers/interactions/application-commands
https://docs.discord.com/developers/resources/message
https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Any
MIB = 2**20
MAX_INT = 2**53 - 1


class Refusal(Exception):
    """An answer with an error status; `body` is what Discord writes."""

    def __init__(self, status: int, code: int, message: str, **more: Json) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.body = {"message": message, "code": code, **more}


def form_error(path: str, code: str, text: str) -> Refusal:
    """400 with 50035, and the place of the fault."""
    errors: dict[str, Json] = {"_errors": [{"code": code, "message": text}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return Refusal(400, 50035, "Invalid Form Body", errors=errors)


def check_commands(commands: Json) -> None:
    """Nothing, or the Refusal of a bulk overwrite."""
    if not isinstance(commands, list):
        raise form_error("commands", "LIST_TYPE", "expected a list")
    for index, command in enumerate(commands):
        check_command(command, f"{index}")
    check_counts(commands)


def check_counts(commands: Sequence[Json]) -> None:
    """Nothing, or the Refusal of all commands of one scope together."""
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        names = [c["name"] for c in commands if c.get("type", 1) == kind]
        if len(names) > most:
            raise Refusal(400, 30032, f"Maximum number of application commands reached ({most}).")
        if len(set(names)) < len(names):
            raise form_error("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "names must be unique")


def check_command(command: Json, place: str = "command") -> None:
    """Nothing, or the Refusal of one command."""
    if not isinstance(command, dict):
        raise form_error(place, "DICT_TYPE", "expected an object")
    kind = command.get("type", 1)
    if kind == 1:
        _check_name(command, place)
        _check_length(command, "description", place, 1, 100)
        _check_options(command.get("options") or [], place, depth=0)
    elif kind in {2, 3}:
        _check_length(command, "name", place, 1, 32)
        if command.get("description"):
            raise form_error(f"{place}.description", "BASE_TYPE_BAD_LENGTH", "has to be empty")
    else:
        raise form_error(f"{place}.type", "BASE_TYPE_CHOICES", "expected 1, 2 or 3")
    if _characters(command) > 8000:
        text = "Command exceeds maximum size (8000)"
        raise form_error(place, "APPLICATION_COMMAND_TOO_LARGE", text)


def check_message(
    payload: Json,
    files: Sequence[tuple[str, int]],
    *,
    limit_bytes: int,
    kept: int = 0,
    is_edit: bool = False,
) -> None:
    """Nothing, or the Refusal of a message with these new files (name, size)."""
    if not isinstance(payload, dict):
        raise Refusal(400, 50109, "The request body contains invalid JSON.")
    if len(files) + kept > 10:
        raise Refusal(400, 30015, "Maximum number of attachments in a message reached (10)")
    if any(size > limit_bytes for _, size in files) or sum(s for _, s in files) > 25 * MIB:
        raise Refusal(413, 40005, "Request entity too large")
    _check_length(payload, "content", "", 0, 2000)
    _check_embeds(payload.get("embeds") or [])
    _check_components(payload.get("components") or [])
    if len(str(payload.get("nonce") or "")) > 25:
        raise form_error("nonce", "BASE_TYPE_BAD_LENGTH", "Must be 25 or fewer in length.")
    _check_attachment_ids(payload, files)
    parts = ("content", "embeds", "components", "sticker_ids")
    if not is_edit and not files and not any(payload.get(part) for part in parts):
        raise Refusal(400, 50006, "Cannot send an empty message")


def check_modal(modal: Json, *, answers_modal: bool = False) -> None:
    """Nothing, or the Refusal of a modal; one cannot answer another."""
    if answers_modal:
        raise form_error("type", "BASE_TYPE_CHOICES", "a modal cannot answer a modal")
    _check_length(modal, "title", "data", 1, 45)
    _check_length(modal, "custom_id", "data", 1, 100)
    if not 1 <= len(modal.get("components") or []) <= 5:
        raise form_error("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5.")


def _check_name(named: Mapping[str, Json], place: str) -> None:
    name = named.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 32:
        raise form_error(f"{place}.name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32.")
    if name != name.lower() or not all(_is_name_character(c) for c in name):
        text = "Command name is invalid"
        raise form_error(f"{place}.name", "APPLICATION_COMMAND_INVALID_NAME", text)


def _is_name_character(character: str) -> bool:
    if character in "-_'":
        return True
    is_mark = "\u0900" <= character <= "\u097f" or "\u0e00" <= character <= "\u0e7f"
    return is_mark or unicodedata.category(character)[0] in {"L", "N"}


def _check_options(options: Json, place: str, depth: int) -> None:
    if len(options) > 25:
        raise form_error(f"{place}.options", "BASE_TYPE_BAD_LENGTH", "Must be 25 or fewer.")
    was_optional = False
    for index, option in enumerate(options):
        where = f"{place}.options.{index}"
        _check_name(option, where)
        _check_length(option, "description", where, 1, 100)
        if option.get("type") in {1, 2}:
            if depth > 1:
                raise form_error(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "too deep")
            _check_options(option.get("options") or [], where, depth + 1)
            continue
        if option.get("required") and was_optional:
            text = "Required options must be placed before non-required options"
            raise form_error(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        was_optional = not option.get("required")
        _check_option(option, where)
    names = [option["name"] for option in options]
    if len(set(names)) < len(names):
        text = "Option name must be unique"
        raise form_error(
            f"{place}.options", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", text
        )


def _check_option(option: Mapping[str, Json], where: str) -> None:
    kind = option.get("type")
    if kind not in range(3, 12):
        raise form_error(f"{where}.type", "BASE_TYPE_CHOICES", "no such type")
    for key in ("min_value", "max_value"):
        value = option.get(key)
        if value is not None and (kind not in {4, 10} or abs(value) > MAX_INT):
            raise form_error(f"{where}.{key}", "NUMBER_TYPE_MAX", "is out of range")
    types = option.get("file_types") or []
    if types and (kind != 11 or len(types) > 10 or not all(map(_is_file_type, types))):
        raise form_error(f"{where}.file_types", "BASE_TYPE_CHOICES", "is not valid here")
    choices = option.get("choices") or []
    if choices and (kind not in {3, 4, 10} or len(choices) > 25 or option.get("autocomplete")):
        raise form_error(f"{where}.choices", "BASE_TYPE_BAD_LENGTH", "is not valid here")
    for index, choice in enumerate(choices):
        _check_length(choice, "name", f"{where}.choices.{index}", 1, 100)
        if kind == 3:
            _check_length(choice, "value", f"{where}.choices.{index}", 1, 100)
    if len({choice["name"] for choice in choices}) < len(choices):
        text = "Choice name must be unique"
        code = "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS"
        raise form_error(f"{where}.choices", code, text)


def _is_file_type(text: str) -> bool:
    return bool(re.fullmatch(r"image|video|audio|\.[a-z0-9]+", text))


def _characters(node: Mapping[str, Json]) -> int:
    own = sum(len(str(node.get(key) or "")) for key in ("name", "description", "value"))
    inner = [*(node.get("options") or []), *(node.get("choices") or [])]
    return own + sum(_characters(each) for each in inner)


def _check_length(holder: Json, key: str, place: str, least: int, most: int) -> None:
    path = f"{place}.{key}" if place else key
    value = holder.get(key)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise form_error(path, "BASE_TYPE_STRING", "expected a string")
    if not least <= len(value) <= most:
        raise form_error(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most}.")


_EMBED_LIMITS = {"title": 256, "description": 4096}


def _check_embeds(embeds: Json) -> None:
    if len(embeds) > 10:
        raise form_error("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    for index, embed in enumerate(embeds):
        place = f"embeds.{index}"
        for key, most in _EMBED_LIMITS.items():
            _check_length(embed, key, place, 0, most)
        _check_length(embed.get("footer") or {}, "text", f"{place}.footer", 0, 2048)
        _check_length(embed.get("author") or {}, "name", f"{place}.author", 0, 256)
        fields = embed.get("fields") or []
        if len(fields) > 25:
            raise form_error(f"{place}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer.")
        for number, field in enumerate(fields):
            _check_length(field, "name", f"{place}.fields.{number}", 1, 256)
            _check_length(field, "value", f"{place}.fields.{number}", 1, 1024)
        for key in ("thumbnail", "image"):
            url = (embed.get(key) or {}).get("url", "https://")
            if not re.match(r"(https?|attachment)://", url):
                raise form_error(f"{place}.{key}.url", "URL_TYPE_INVALID_SCHEME", "no such scheme")
    if sum(len(text) for embed in embeds for text in _embed_texts(embed)) > 6000:
        text = "Embed size exceeds maximum size of 6000"
        raise form_error("embeds", "MAX_EMBED_SIZE_EXCEEDED", text)


def _embed_texts(embed: Mapping[str, Json]) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for field in embed.get("fields") or []:
        yield field["name"]
        yield field["value"]


def _check_components(rows: Json) -> None:
    if len(rows) > 5:
        raise form_error("components", "BASE_TYPE_BAD_LENGTH", "Must be 5 or fewer.")
    ids: list[str] = []
    for index, row in enumerate(rows):
        place = f"components.{index}"
        inner = row.get("components") or []
        if row.get("type") != 1 or not 1 <= len(inner) <= 5:
            raise form_error(place, "BASE_TYPE_BAD_LENGTH", "expected a row of 1 to 5 components")
        for number, component in enumerate(inner):
            where = f"{place}.components.{number}"
            _check_length(component, "label", where, 0, 80)
            if component.get("type") == 3 and not 1 <= len(component.get("options") or []) <= 25:
                raise form_error(f"{where}.options", "BASE_TYPE_BAD_LENGTH", "expected 1 to 25")
            if component.get("style") != 5:
                _check_length(component, "custom_id", where, 1, 100)
                ids.append(component["custom_id"])
    if len(set(ids)) < len(ids):
        raise form_error("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "ids must be unique")


def _check_attachment_ids(payload: Mapping[str, Json], files: Sequence[object]) -> None:
    fresh = [a for a in payload.get("attachments") or [] if int(a["id"]) < len(files)]
    if files and payload.get("attachments") is not None and len(fresh) < len(files):
        raise form_error("attachments", "BASE_TYPE_REQUIRED", "each file needs its entry")
    for index, each in enumerate(payload.get("attachments") or []):
        _check_length(each, "description", f"attachments.{index}", 0, 1024)
