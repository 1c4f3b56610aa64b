"""What Discord refuses, and with which status and code. Pure.

https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.discord.files import safe_name
from bot.sandbox.discord.forms.commands import COMMAND, SUGGESTIONS
from bot.sandbox.discord.forms.kinds import Kind
from bot.sandbox.discord.forms.layouts import IS_COMPONENTS_V2, check_files, check_legacy
from bot.sandbox.discord.forms.messages import MESSAGE, OF_COMPONENTS
from bot.sandbox.discord.forms.modals import MODAL
from bot.sandbox.discord.forms.shapes import Fields
from bot.sandbox.discord.refusals import Place, Refusal, form_error

Json = Any
MIB = 2**20
MAX_FILES = 10
FORWARD = 1  # a type of reference
EMPTY = (400, 50006, "Cannot send an empty message")
MOST = {1: 100, 2: 15, 3: 15}  # commands of each type, in one scope


def check_object(body: Json) -> None:
    """Nothing, or the Refusal of a body that is no object."""
    if not isinstance(body, dict):
        raise Refusal(400, 50109, "The request body contains invalid JSON.")


def checked(body: Json, kinds: Mapping[str, Kind], required: Collection[str] = ()) -> Json:
    """The body with these fields, or {} for none; Refusal where one is not of its kind."""
    body = {} if body is None else body
    check_object(body)
    form = Place()
    Fields(kinds, required).check(body, form)
    form.close()
    return body


def check_commands(commands: Json) -> None:
    """Nothing, or the Refusal of a bulk overwrite."""
    form = Place()
    if not isinstance(commands, list):
        form.wrong("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        form.close()
    for index, command in enumerate(commands):
        COMMAND.check(command, form[index])
    form.close()
    check_counts(commands)


def check_choices(data: Json, kind: int) -> None:
    """Nothing, or the Refusal of what is suggested for an option of this type."""
    form = Place(("data",))
    SUGGESTIONS[kind].check(data, form)
    form.close()


def check_installs(command: Json, known: Collection[int], *path: str) -> None:
    """Nothing, or the Refusal of a command for installs that the application does not offer."""
    form = Place(path)
    for number, each in enumerate(command.get("integration_types") or []):
        if each not in known:
            text = f"Value must be one of {{{', '.join(map(str, sorted(known)))}}}."
            form["integration_types"][number].wrong("BASE_TYPE_CHOICES", text)
    form.close()


def check_counts(commands: Sequence[Json]) -> None:
    """Nothing, or the Refusal of all commands of one scope together."""
    for kind, most in MOST.items():
        names = [c["name"] for c in commands if (c.get("type") or 1) == kind]
        if len(names) > most:
            raise Refusal(400, 30032, f"Maximum number of application commands reached ({most}).")
        if len(set(names)) < len(names):
            raise form_error("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "names must be unique")


def check_command(command: Json) -> None:
    """Nothing, or the Refusal of one command."""
    form = Place()
    COMMAND.check(command, form)
    form.close()


@dataclass(frozen=True)
class Before:
    """What an edit finds: the names of the message's files by their ids, its flags, its text."""

    files: Mapping[int, str] = field(default_factory=dict)
    flags: int = 0
    legacy: Json = field(default_factory=dict)  # content and embeds


def check_message(
    payload: Json,
    files: Sequence[tuple[str, int]],
    *,
    limit_bytes: int,
    before: Before | None = None,
    place: Place | None = None,
) -> None:
    """Nothing, or the Refusal of a message, or of an edit, with these new files (name, size)."""
    check_object(payload)
    if any(size > limit_bytes for _, size in files) or sum(s for _, s in files) > 25 * MIB:
        raise Refusal(413, 40005, "Request entity too large")
    form, found = place or Place(), before or Before()
    is_layout = is_of_components(payload, found.flags)
    (OF_COMPONENTS if is_layout else MESSAGE).check(payload, form)
    form.close()
    kept = kept_files(payload, found.files)
    if max(len(files) + len(kept), len(payload.get("attachments") or [])) > MAX_FILES:
        raise Refusal(400, 30015, "Maximum number of attachments in a message reached (10)")
    _check_attachment_ids(payload, files, form)
    if is_layout:
        check_legacy({**found.legacy, **payload}, form)
        names = {safe_name(name) for name, _ in files} | {found.files[each] for each in kept}
        check_files(payload, form, names)
    form.close()
    if before is None:
        _check_something_is_there(payload, files, form)


def is_of_components(payload: Json, before: int) -> bool:
    """Whether a message is made of components: by its flags, or as it was `before`."""
    flags = payload.get("flags")
    known = flags if isinstance(flags, int) else before
    return bool(known & IS_COMPONENTS_V2)


def kept_files(payload: Json, before: Collection[int]) -> set[int]:
    """Which of the files that are there an edit keeps: all of them, where it lists none."""
    listed = payload.get("attachments")
    there = set(before)
    return there if listed is None else there & {int(each["id"]) for each in listed}


def says_nothing(content: str | None, *parts: Sequence[Json] | None) -> bool:
    """Whether a message of this text and these files, embeds and components would be empty."""
    return not (content or "").strip() and not any(parts)


def _check_something_is_there(payload: Json, files: Sequence[object], form: Place) -> None:
    parts = [payload.get(part) for part in ("embeds", "components")]
    is_empty = says_nothing(payload.get("content"), files, *parts)
    if (payload.get("message_reference") or {}).get("type") != FORWARD:
        if is_empty:
            raise Refusal(*EMPTY)
    elif not is_empty:
        place, text = form["message_reference"], "A forward has nothing of its own"
        place.wrong("FORWARD_CONTAINS_UNSUPPORTED_CONTENT", text)
        form.close()


def without_reference(payload: Json) -> Json:
    """What an answer or a post may say: only a message of a channel's own route refers to another."""
    is_object = isinstance(payload, dict)
    return {k: payload[k] for k in payload if k != "message_reference"} if is_object else payload


def check_modal(modal: Json) -> None:
    """Nothing, or the Refusal of a modal."""
    form = Place(("data",))
    MODAL.check(modal, form)
    form.close()


def _check_attachment_ids(payload: Json, files: Sequence[object], form: Place) -> None:
    listed = payload.get("attachments")
    if files and listed is not None:
        fresh = {int(each["id"]) for each in listed} & set(range(len(files)))
        if len(fresh) < len(files):
            form["attachments"].wrong("BASE_TYPE_REQUIRED", "each file needs its entry")
