"""The form of a modal: labels with what can be filled in, texts between, and rows of old.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
https://docs.discord.com/developers/components/reference
"""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.discord.forms.components import (
    CHECKBOX_GROUP,
    CUSTOM_ID,
    NUMBERED,
    ROW,
    SELECTS,
    bounds,
    check_bounds,
    check_custom_ids,
    check_options,
)
from bot.sandbox.discord.forms.kinds import Kind, OneOf, Text, Whole, YesNo
from bot.sandbox.discord.forms.layouts import MAX_TEXT, TEXT_DISPLAY, TEXT_DISPLAY_FORM
from bot.sandbox.discord.forms.shapes import ByType, Fields, ListOf
from bot.sandbox.discord.refusals import Place

Json = Any
TEXT_INPUT, LABEL, FILE_UPLOAD = 4, 18, 19
RADIO_GROUP, CHECKBOX = 21, 23
FILE_TYPES = ListOf(Text(1, 32, r"image|video|audio|\.[a-z0-9]+"), most=10, is_set=True)


def is_required(field: Json) -> bool:
    """Whether it has to be filled in, as it has where it does not say otherwise."""
    return field.get("required") is not False


def _check_required(field: Json, place: Place) -> None:
    if bounds(field)[0] == 0 and is_required(field):
        text = "int value should be greater than or equal to 1."
        place["min_values"].wrong("NUMBER_TYPE_MIN", text)
    if field.get("disabled"):
        place["disabled"].wrong("BASE_TYPE_CHOICES", "Nothing is disabled in a modal.")


def _check_text(field: Json, place: Place) -> None:
    low, high = field.get("min_length") or 0, field.get("max_length") or MAX_TEXT
    if low > high:
        text = f"int value should be greater than or equal to {low}."
        place["max_length"].wrong("NUMBER_TYPE_MIN", text)


_OPTION = Fields(
    {
        "label": Text(1, 100),
        "value": Text(1, 100),
        "description": Text(0, 100),
        "default": YesNo(),
    },
    required=("label", "value"),
)
_INPUT: Mapping[str, Kind] = {**NUMBERED, "custom_id": CUSTOM_ID, "required": YesNo()}
_AMOUNTS: Mapping[str, Kind] = {"min_values": Whole(0, 10), "max_values": Whole(1, 10)}
_TEXT: Mapping[str, Kind] = {
    **_INPUT,
    "style": OneOf((1, 2)),
    "label": Text(1, 45),
    "value": Text(0, MAX_TEXT),
    "placeholder": Text(0, 100),
    "min_length": Whole(0, MAX_TEXT),
    "max_length": Whole(1, MAX_TEXT),
}
INPUTS: Mapping[int, Kind] = {
    TEXT_INPUT: Fields(_TEXT, ("custom_id", "style"), (_check_text,)),
    FILE_UPLOAD: Fields(
        {**_INPUT, **_AMOUNTS, "file_types": FILE_TYPES},
        ("custom_id",),
        (check_bounds, _check_required),
    ),
    RADIO_GROUP: Fields(
        {**_INPUT, "options": ListOf(_OPTION, 2, 10)}, ("custom_id", "options"), (check_options,)
    ),
    CHECKBOX_GROUP: Fields(
        {**_INPUT, **_AMOUNTS, "options": ListOf(_OPTION, 1, 10)},
        ("custom_id", "options"),
        (check_bounds, check_options, _check_required),
    ),
    CHECKBOX: Fields({**NUMBERED, "custom_id": CUSTOM_ID, "default": YesNo()}, ("custom_id",)),
    **{
        kind: Fields(form.fields, form.required, (*form.rules, _check_required))
        for kind, form in SELECTS.items()
    },
}
_LABEL = Fields(
    {
        **NUMBERED,
        "label": Text(1, 45),
        "description": Text(1, 100),
        "component": ByType(INPUTS),
    },
    required=("label", "component"),
)
_OLD_INPUT = ByType({TEXT_INPUT: Fields(_TEXT, ("custom_id", "style", "label"), (_check_text,))})
_ROW = Fields({**NUMBERED, "components": ListOf(_OLD_INPUT, 1, 1)}, required=("components",))
MODAL = Fields(
    {
        "title": Text(1, 45),
        "custom_id": CUSTOM_ID,
        "components": ListOf(
            ByType({ROW: _ROW, LABEL: _LABEL, TEXT_DISPLAY: TEXT_DISPLAY_FORM}), 1, 5
        ),
    },
    required=("title", "custom_id", "components"),
    rules=(check_custom_ids,),
)
