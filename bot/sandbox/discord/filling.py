"""How a member fills in a modal, and how Discord's client writes that down.

https://docs.discord.com/developers/components/reference
"""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.discord.client import ClientRefused, check_file, check_selected
from bot.sandbox.discord.contents import walked
from bot.sandbox.discord.files import File
from bot.sandbox.discord.forms.components import (
    CHANNEL_SELECT,
    CHECKBOX_GROUP,
    MENTIONABLE_SELECT,
    ROLE_SELECT,
    SELECT,
    USER_SELECT,
    bounds,
)
from bot.sandbox.discord.forms.layouts import MAX_TEXT, TEXT_DISPLAY
from bot.sandbox.discord.forms.modals import (
    CHECKBOX,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    is_required,
)
from bot.sandbox.discord.resolving import Resolver

Json = Any
UNTOUCHED = object()  # a field that the member left as it was
ENTITIES = {
    USER_SELECT: "users",
    ROLE_SELECT: "roles",
    MENTIONABLE_SELECT: "mentionables",
    CHANNEL_SELECT: "channels",
}


def chosen(select: Json, values: object, resolver: Resolver) -> list[str]:
    """What is chosen of a select of any kind, as Discord writes it; ClientRefused."""
    kinds = ENTITIES.get(select["type"])
    given = values if isinstance(values, list | tuple) else [values] if values else []
    types = select.get("channel_types") or ()
    found = resolver.named(kinds, given, types) if kinds else [str(each) for each in given]
    if found or is_required(select):
        check_selected(select, found)
    return found


class Filled:
    """A modal with what a member gave by custom ids."""

    def __init__(self, modal: Json, values: Mapping[str, Json], resolver: Resolver) -> None:
        self._values = values
        self._resolver = resolver
        names = {each.get("custom_id") for each in walked(modal["components"])}
        if unknown := sorted(values.keys() - names):
            raise ClientRefused(f"there is no {unknown[0]} to fill in")
        self.components = [self._part(each) for each in modal["components"]]

    def _part(self, part: Json) -> Json:
        head = {"type": part["type"], "id": part["id"]}
        if part["type"] == TEXT_DISPLAY:
            return head
        if part["type"] == LABEL:
            return {**head, "component": self._input(part["component"])}
        return {**head, "components": [self._input(each) for each in part["components"]]}

    def _input(self, field: Json) -> Json:
        kind, name = field["type"], field["custom_id"]
        given = self._values.get(name, UNTOUCHED)
        head = {"type": kind, "id": field["id"], "custom_id": name}
        if kind in {SELECT, *ENTITIES}:
            wanted = _usual(field) if given is UNTOUCHED else given
            return {**head, "values": chosen(field, wanted, self._resolver)}
        if kind == FILE_UPLOAD:
            return {**head, "values": self._files(field, [] if given is UNTOUCHED else given)}
        if kind == RADIO_GROUP:
            return {**head, "value": self._one(field, given)}
        if kind == CHECKBOX_GROUP:
            return {**head, "values": self._some(field, given)}
        if kind == CHECKBOX:
            return {**head, "value": bool(field.get("default") if given is UNTOUCHED else given)}
        return {**head, "value": _text(field, given)}

    def _files(self, field: Json, given: Json) -> list[str]:
        files = [] if given is None else given if isinstance(given, list | tuple) else [given]
        low, high = bounds(field)
        if not (low if is_required(field) or files else 0) <= len(files) <= high:
            raise ClientRefused(f"{field['custom_id']}: give {low} to {high} files")
        for each in files:
            if isinstance(each, File):
                check_file({"name": field["custom_id"], **field}, each)
        return [self._resolver.file(field["custom_id"], each) for each in files]

    def _one(self, field: Json, given: Json) -> str | None:
        found = next(iter(_usual(field)), None) if given is UNTOUCHED else given and str(given)
        known = [each["value"] for each in field["options"]]
        if found not in known and (found or is_required(field)):
            raise ClientRefused(f"{field['custom_id']}: choose one of {', '.join(known)}")
        return found or None

    def _some(self, field: Json, given: Json) -> list[str]:
        found = _usual(field) if given is UNTOUCHED else [str(each) for each in given]
        if found or is_required(field):
            check_selected(field, found)
        return found


def _usual(field: Json) -> list[str]:
    """What is chosen of a field before anybody touches it."""
    options = field.get("options") or []
    ids = [each["id"] for each in field.get("default_values") or []]
    return [each["value"] for each in options if each.get("default")] + ids


def _text(field: Json, given: Json) -> str:
    text = str((field.get("value") if given is UNTOUCHED else given) or "")
    low = field.get("min_length") or (1 if is_required(field) else 0)
    most = field.get("max_length") or MAX_TEXT
    if (text or is_required(field)) and not low <= len(text) <= most:
        raise ClientRefused(f"{field['custom_id']}: is of the wrong length")
    return text
