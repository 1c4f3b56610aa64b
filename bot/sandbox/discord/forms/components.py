"""The forms of a message's components: rows of buttons and selects.

https://docs.discord.com/developers/components/reference
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.discord.forms.kinds import (
    Kind,
    OneOf,
    Snowflake,
    Text,
    Url,
    Whole,
    YesNo,
    check_length,
)
from bot.sandbox.discord.forms.shapes import ByType, Fields, ListOf, Rule
from bot.sandbox.discord.refusals import Place

Json = Any
ROW, BUTTON, SELECT = 1, 2, 3
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
CHECKBOX_GROUP = 22
LINK, PREMIUM = 5, 6  # styles of a button
MAX_OPTIONS = {SELECT: 25}  # of all others 10
MAX_BUTTONS = 5  # in a row; a select is as wide as the row
CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)
NUMBERED: Mapping[str, Kind] = {"id": Whole()}
CUSTOM_ID = Text(1, 100)
EMOJI = Fields({"id": Snowflake(), "name": Text(0, 32), "animated": YesNo()}, required=("name",))


def check_emoji(holder: Json, place: Place) -> None:
    """Note an emoji that there is not."""
    emoji = holder.get("emoji")
    if emoji and (emoji.get("id") or not is_emoji(emoji["name"])):  # no server here has its own
        where = place["emoji"]["id" if emoji.get("id") else "name"]
        where.wrong("BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")


def is_emoji(text: str) -> bool:
    """Whether it is one of Unicode's, roughly: what no alphabet has."""
    keycap = re.fullmatch(r"[0-9#*]\ufe0f?\u20e3", text)
    return bool(keycap) or (bool(text) and not any(c.isalnum() or c.isascii() for c in text))


OPTION = Fields(
    {
        "label": Text(1, 100),
        "value": Text(1, 100),
        "description": Text(0, 100),
        "emoji": EMOJI,
        "default": YesNo(),
    },
    required=("label", "value"),
    rules=(check_emoji,),
)


def _check_button(button: Json, place: Place) -> None:
    style = button["style"]
    has = {key for key in ("custom_id", "url", "sku_id", "label", "emoji") if button.get(key)}
    if style == PREMIUM:
        for key in sorted(has - {"sku_id"}):
            place[key].wrong("BASE_TYPE_CHOICES", "A premium button has a sku id alone")
    elif has >= {"custom_id", "url"}:
        text = "A custom id and url cannot both be specified"
        place.wrong("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text)
    elif not has & {"label", "emoji"}:
        place["label"].wrong("BASE_TYPE_REQUIRED", "A label or an emoji is required")
    if style == PREMIUM and "sku_id" not in has:
        place["sku_id"].wrong("BASE_TYPE_REQUIRED", "This field is required")
    if style == LINK and "url" not in has:
        place["url"].wrong("BASE_TYPE_REQUIRED", "This field is required")
    if style not in {LINK, PREMIUM} and "custom_id" not in has:
        place["custom_id"].wrong("BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")


BUTTON_FORM = Fields(
    {
        **NUMBERED,
        "style": OneOf((1, 2, 3, 4, 5, 6)),
        "label": Text(0, 80),
        "custom_id": CUSTOM_ID,
        "url": Url(512, ("http", "https", "discord")),
        "emoji": EMOJI,
        "sku_id": Snowflake(),
        "disabled": YesNo(),
    },
    required=("style",),
    rules=(check_emoji, _check_button),
)


def check_bounds(select: Json, place: Place) -> None:
    """Note that it wants more than it takes."""
    low, high = bounds(select)
    if low > high:
        text = f"int value should be greater than or equal to {low}."
        place["max_values"].wrong("NUMBER_TYPE_MIN", text)


def bounds(select: Json) -> tuple[int, int]:
    """How few and how many it takes: one, where it says nothing; of checkboxes all."""
    low, high = select.get("min_values"), select.get("max_values")
    most = len(select["options"]) if select["type"] == CHECKBOX_GROUP else 1
    return 1 if low is None else low, most if high is None else high


def check_options(select: Json, place: Place) -> None:
    """Note values that stand there twice, and too few options, or too many that are chosen."""
    values: set[str] = set()
    for index, option in enumerate(select["options"]):
        if option["value"] in values:
            text = "The specified option value is already used"
            where = place["options"][index]["value"]
            where.wrong("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
        values.add(option["value"])
    most = MAX_OPTIONS.get(select["type"], 10)
    check_length(select["options"], max(1, *bounds(select)), most, place["options"])
    chosen = [option for option in select["options"] if option.get("default")]
    _check_defaults(select, len(chosen), place["options"])


def _check_default_values(select: Json, place: Place) -> None:
    chosen = select.get("default_values")
    if chosen:
        low, _ = bounds(select)
        if len(chosen) < low:
            text = f"Must be {low} or more in length."
            place["default_values"].wrong("BASE_TYPE_MIN_LENGTH", text)
        _check_defaults(select, len(chosen), place["default_values"])


def _check_defaults(select: Json, count: int, place: Place) -> None:
    if count > bounds(select)[1]:
        text = "The specified number of default values exceeds the specified maximum values"
        place.wrong("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", text)


def _select(more: Mapping[str, Kind], required: tuple[str, ...], *rules: Rule) -> Fields:
    fields: dict[str, Kind] = {
        **NUMBERED,
        "custom_id": CUSTOM_ID,
        "placeholder": Text(0, 150),
        "min_values": Whole(0, 25),
        "max_values": Whole(1, 25),
        "disabled": YesNo(),
        "required": YesNo(),
        **more,
    }
    return Fields(fields, ("custom_id", *required), (check_bounds, *rules))


def _entities(*kinds: str, **more: Kind) -> Fields:
    default = Fields({"id": Snowflake(), "type": OneOf(kinds)}, required=("id", "type"))
    fields = {"default_values": ListOf(default, most=25), **more}
    return _select(fields, (), _check_default_values)


SELECTS: Mapping[int, Fields] = {
    SELECT: _select({"options": ListOf(OPTION, 1, 25)}, ("options",), check_options),
    USER_SELECT: _entities("user"),
    ROLE_SELECT: _entities("role"),
    MENTIONABLE_SELECT: _entities("user", "role"),
    CHANNEL_SELECT: _entities(
        "channel", channel_types=ListOf(OneOf(CHANNEL_TYPES), most=25, is_set=True)
    ),
}


def _check_width(row: Json, place: Place) -> None:
    left = MAX_BUTTONS
    for index, component in enumerate(row["components"]):
        left -= 1 if component["type"] == BUTTON else MAX_BUTTONS
        if left < 0:
            text = "The specified component exceeds the maximum width"
            place["components"][index].wrong("COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)


ROW_FORM = Fields(
    {**NUMBERED, "components": ListOf(ByType({BUTTON: BUTTON_FORM, **SELECTS}), 1, MAX_BUTTONS)},
    required=("components",),
    rules=(_check_width,),
)
ROWS = ListOf(ByType({ROW: ROW_FORM}), most=5)


def check_custom_ids(holder: Json, place: Place) -> None:
    """Note custom ids that others of the same message have."""
    seen: set[str] = set()
    for component, where in components(holder, place):
        name = component.get("custom_id")
        if name and name in seen:
            text = "Component custom id cannot be duplicated"
            where["custom_id"].wrong("COMPONENT_CUSTOM_ID_DUPLICATED", text)
        seen.add(name or "")


def components(holder: Json, place: Place) -> Iterator[tuple[Json, Place]]:
    """All components of a message or of another, each with its place; outer ones first."""
    inner = [
        (each, place["components"][index])
        for index, each in enumerate(holder.get("components") or [])
    ]
    inner += [(holder[key], place[key]) for key in ("component", "accessory") if holder.get(key)]
    for component, where in inner:
        yield component, where
        yield from components(component, where)
