"""What Discord's own client checks before it sends anything."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.discord.files import TYPES, File

Json = Any
BUTTON, SELECT, TEXT_INPUT, LABEL = 2, 3, 4, 18


class ClientRefused(ValueError):
    """What Discord's own client would not send."""


def check_given(leaf: Json, options: Mapping[str, object]) -> None:
    """Nothing, or ClientRefused for an option that is missing or unknown."""
    known = {option["name"]: option for option in leaf.get("options") or []}
    for name in options:
        if name not in known:
            raise ClientRefused(f"there is no option {name}")
    for name, option in known.items():
        if option.get("required") and name not in options:
            raise ClientRefused(f"{name} is required")


def check_file(option: Json, file: File) -> None:
    """Nothing, or ClientRefused for a file that the option does not offer."""
    kinds = option.get("file_types") or []
    ending = "." + file.name.rpartition(".")[2].lower()
    general = TYPES.get(ending, "").partition("/")[0]
    if kinds and ending not in kinds and general not in kinds:
        raise ClientRefused(f"{option['name']}: expected a file of {', '.join(kinds)}")


def check_value(option: Json, value: object) -> None:
    """Nothing, or ClientRefused for a value of the wrong type, size or choice."""
    name, kind = option["name"], option["type"]
    wanted = {3: str, 4: int, 5: bool, 10: (int, float)}.get(kind, object)
    if not isinstance(value, wanted) or (kind == 4 and isinstance(value, bool)):  # type: ignore[arg-type]
        raise ClientRefused(f"{name}: {value!r} is of the wrong type")
    if isinstance(value, int | float) and kind in {4, 10}:
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and value < low) or (high is not None and value > high):
            raise ClientRefused(f"{name}: {value} is out of range")
    if isinstance(value, str):
        low, high = option.get("min_length") or 0, option.get("max_length") or 6000
        if not low <= len(value) <= high:
            raise ClientRefused(f"{name}: is of the wrong length")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise ClientRefused(f"{name}: {value!r} is no choice")


def check_selected(select: Json, values: Sequence[str]) -> None:
    """Nothing, or ClientRefused where a select cannot be left like that."""
    known = [option["value"] for option in select.get("options") or []]
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if not low <= len(values) <= high or any(value not in known for value in values):
        raise ClientRefused(f"{select['custom_id']}: choose {low} to {high} of its options")


def filled_modal(modal: Json, values: Mapping[str, Json]) -> list[Json]:
    """The components of a submitted modal, as the client writes them; ClientRefused."""
    return [_filled(holder, values) for holder in modal.get("components") or []]


def _filled(holder: Json, values: Mapping[str, Json]) -> Json:
    if holder["type"] == LABEL:
        return {**_numbered(holder), "component": _input(holder["component"], values)}
    inner = [_input(each, values) for each in holder.get("components") or []]
    return {**_numbered(holder), "components": inner}


def _input(component: Json, values: Mapping[str, Json]) -> Json:
    name = component["custom_id"]
    given = {**_numbered(component), "custom_id": name}
    if component["type"] == SELECT:
        chosen = list(values.get(name) or [])
        if chosen or component.get("required", True):
            check_selected(component, chosen)
        return {**given, "values": chosen}
    text = str(values.get(name) or component.get("value") or "")
    low = component.get("min_length") or (1 if component.get("required", True) else 0)
    if (text or component.get("required", True)) and not (
        low <= len(text) <= (component.get("max_length") or 4000)
    ):
        raise ClientRefused(f"{name}: is of the wrong length")
    return {**given, "value": text}


def _numbered(component: Json) -> Json:
    return {"type": component["type"], "id": component.get("id", 0)}
