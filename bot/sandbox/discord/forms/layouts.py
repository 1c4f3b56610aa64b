"""The forms of a message that is made of components: texts, pictures and files among the rows.

https://docs.discord.com/developers/components/reference
"""

from collections.abc import Collection, Iterator
from typing import Any

from bot.sandbox.discord.forms.components import (
    BUTTON,
    BUTTON_FORM,
    NUMBERED,
    ROW,
    ROW_FORM,
    components,
)
from bot.sandbox.discord.forms.embeds import MEDIA
from bot.sandbox.discord.forms.kinds import OneOf, Text, Url, Whole, YesNo
from bot.sandbox.discord.forms.shapes import ByType, Fields, ListOf
from bot.sandbox.discord.refusals import Place

Json = Any
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
ATTACHED = "attachment://"
MAX_COMPONENTS, MAX_TEXT = 40, 4000  # of a message, those in others counted
IS_COMPONENTS_V2 = 1 << 15  # a flag of messages
LEGACY = ("content", "embeds", "poll", "sticker_ids")

_DESCRIPTION = Text(1, 1024)
_SHOWN = {
    "media": Fields({"url": MEDIA}, ("url",)),
    "description": _DESCRIPTION,
    "spoiler": YesNo(),
}
TEXT_DISPLAY_FORM = Fields({**NUMBERED, "content": Text(1, MAX_TEXT)}, ("content",))
_THUMBNAIL = Fields({**NUMBERED, **_SHOWN}, ("media",))
_GALLERY = Fields({**NUMBERED, "items": ListOf(Fields(_SHOWN, ("media",)), 1, 10)}, ("items",))
_FILE = Fields(
    {
        **NUMBERED,
        "file": Fields({"url": Url(schemes=("attachment",))}, ("url",)),
        "spoiler": YesNo(),
    },
    ("file",),
)
_SEPARATOR = Fields({**NUMBERED, "divider": YesNo(), "spacing": OneOf((1, 2))})
_SECTION = Fields(
    {
        **NUMBERED,
        "components": ListOf(ByType({TEXT_DISPLAY: TEXT_DISPLAY_FORM}), 1, 3),
        "accessory": ByType({BUTTON: BUTTON_FORM, THUMBNAIL: _THUMBNAIL}),
    },
    ("components", "accessory"),
)
_PARTS = {
    ROW: ROW_FORM,
    SECTION: _SECTION,
    TEXT_DISPLAY: TEXT_DISPLAY_FORM,
    GALLERY: _GALLERY,
    FILE: _FILE,
    SEPARATOR: _SEPARATOR,
}
_CONTAINER = Fields(
    {
        **NUMBERED,
        "components": ListOf(ByType(_PARTS), 1, MAX_COMPONENTS),
        "accent_color": Whole(0, 0xFFFFFF),
        "spoiler": YesNo(),
    },
    ("components",),
)
LAYOUT = ListOf(ByType({**_PARTS, CONTAINER: _CONTAINER}), 0, MAX_COMPONENTS)


def check_legacy(message: Json, place: Place) -> None:
    """Note what a message that is made of components cannot have."""
    for key in LEGACY:
        if message.get(key):
            text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            place[key].wrong("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)


def check_amounts(message: Json, place: Place) -> None:
    """Note too many components, and too much text in them."""
    found = [component for component, _ in components(message, place)]
    if len(found) > MAX_COMPONENTS:
        text = f"The maximum number of components is {MAX_COMPONENTS}"
        place["components"].wrong("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
    if sum(len(each.get("content", "")) for each in found) > MAX_TEXT:
        text = f"The displayable text may have {MAX_TEXT} characters"
        place["components"].wrong("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)


def check_files(message: Json, place: Place, names: Collection[str]) -> None:
    """Note files that are shown and do not come with the message."""
    for component, where in components(message, place):
        for url, at in _media(component, where):
            if url.startswith(ATTACHED) and url.removeprefix(ATTACHED) not in names:
                code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
                at.wrong(code, "The referenced attachment was not found")


def _media(component: Json, place: Place) -> Iterator[tuple[str, Place]]:
    for key in ("media", "file"):
        if key in component:
            yield component[key]["url"], place[key]["url"]
    for index, item in enumerate(component.get("items") or []):
        yield item["media"]["url"], place["items"][index]["media"]["url"]
