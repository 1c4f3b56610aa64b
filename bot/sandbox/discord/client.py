"""What Discord's own client checks before it sends anything."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.discord.files import TYPES, File
from bot.sandbox.discord.forms.components import bounds

Json = Any
BUTTON = 2


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
    low, high = bounds(select)
    known = {option["value"] for option in select.get("options") or []}
    is_known = "options" not in select or known >= set(values)
    if not low <= len(values) <= high or len(set(values)) < len(values) or not is_known:
        raise ClientRefused(f"{select['custom_id']}: choose {low} to {high} of its options")
