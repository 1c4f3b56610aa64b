"""What a message holds beside its text, as Discord keeps it and writes it: embeds and components."""

import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from bot.sandbox.discord.files import Attachment
from bot.sandbox.discord.forms.components import SELECTS
from bot.sandbox.discord.forms.embeds import EMBEDS
from bot.sandbox.discord.forms.layouts import (
    ATTACHED,
    CONTAINER,
    FILE,
    LAYOUT,
    SEPARATOR,
    TEXT_DISPLAY,
    THUMBNAIL,
)
from bot.sandbox.discord.forms.modals import MODAL

Json = Any
PICTURES = ("image", "thumbnail")
ICONS = {"author": "name", "footer": "text"}  # each with what it is nothing without
# What Discord writes where their author wrote nothing.
_SHOWN: Json = {"description": None, "spoiler": False}
_DEFAULTS: dict[int, Json] = {
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
    CONTAINER: {"accent_color": None, "spoiler": False},
    SEPARATOR: {"divider": True, "spacing": 1},
    THUMBNAIL: _SHOWN,
    FILE: {"spoiler": False},
}


def kept_embeds(embeds: Json) -> list[Json]:
    """Embeds as Discord keeps them."""
    found: list[Json] = EMBEDS.kept(embeds or [])
    for embed in found:
        embed["type"] = "rich"
        embed["fields"] = [{"inline": False, **each} for each in embed.pop("fields", [])]
        if not embed["fields"]:
            del embed["fields"]
        for key, needed in ICONS.items():
            if not embed.get(key, {}).get(needed):
                embed.pop(key, None)
    return found


def kept_components(components: Json) -> list[Json]:
    """Components as Discord keeps them: numbered where their author wrote no id, null or 0.

    https://docs.discord.com/developers/components/reference#anatomy-of-a-component
    """
    return _numbered(LAYOUT.kept(components or []))


def kept_modal(modal: Json) -> Json:
    """A modal as Discord keeps it, numbered likewise."""
    found = MODAL.kept(modal)
    return {**found, "components": _numbered(found["components"])}


def _numbered(found: list[Json]) -> list[Json]:
    used = {each.get("id") for each in walked(found)}
    ids = (number for number in itertools.count(1) if number not in used)
    for each in walked(found):
        each["id"] = each.get("id") or next(ids)
        for key, value in _DEFAULTS.get(each["type"], {}).items():
            each.setdefault(key, value)
        if "items" in each:
            each["items"] = [{**_SHOWN, **item} for item in each["items"]]
    return found


def walked(components: Sequence[Json]) -> Iterator[Json]:
    """All components, those in others among them; outer ones first."""
    for each in components:
        yield each
        yield from walked(each.get("components") or [])
        yield from walked([each[key] for key in ("component", "accessory") if key in each])


def text_of(content: str, components: Sequence[Json]) -> str:
    """All that a message says: whom it names may stand in a component, too."""
    texts = (each["content"] for each in walked(components) if each["type"] == TEXT_DISPLAY)
    return "\n".join([content, *texts])


def written_components(components: Sequence[Json], files: Sequence[Attachment]) -> list[Json]:
    """The components, with what they show of the message's own files."""
    return [_written(each, files) for each in components]


def _written(component: Json, files: Sequence[Attachment]) -> Json:
    found = dict(component)
    if "components" in found:
        found["components"] = written_components(found["components"], files)
    if "accessory" in found:
        found["accessory"] = _written(found["accessory"], files)
    if "items" in found:
        found["items"] = [
            {**item, "media": _unfurled(item["media"]["url"], files)} for item in found["items"]
        ]
    for key in ("media", "file"):
        if key in found:
            found[key] = _unfurled(found[key]["url"], files)
    if found["type"] == FILE:
        own = [each for each in files if _names(component["file"]["url"], each)]
        found |= {"name": own[0].filename, "size": own[0].size} if own else {"name": "", "size": 0}
    return found


def _unfurled(url: str, files: Sequence[Attachment]) -> Json:
    # https://docs.discord.com/developers/components/reference#unfurled-media-item
    own = [str(each.id) for each in files if _names(url, each)]
    media = {"id": own[0] if own else str(zlib.crc32(url.encode())), **_media(url, files)}
    return {**media, "attachment_id": own[0]} if own else media


def written_embeds(embeds: Sequence[Json], files: Sequence[Attachment]) -> list[Json]:
    """The embeds, with what they show of the message's own files."""
    return [_with_files(embed, files) for embed in embeds]


def shown_by(embeds: Sequence[Json], files: Sequence[Attachment]) -> list[Attachment]:
    """The files that embeds show, which are no attachments then."""
    urls = [
        url
        for embed in embeds
        for url in (
            *((embed.get(key) or {}).get("url") for key in PICTURES),
            *((embed.get(key) or {}).get("icon_url") for key in ICONS),
        )
        if url
    ]
    return [file for file in files if any(_names(url, file) for url in urls)]


def _names(url: str, file: Attachment) -> bool:
    is_there = re.search(rf"/attachments/\d+/{file.id}/", url)
    return url == ATTACHED + file.filename or bool(is_there)


def _with_files(embed: Json, files: Sequence[Attachment]) -> Json:
    found = dict(embed)
    for key in PICTURES:
        if key in embed and "url" in embed[key]:
            found[key] = {**embed[key], **_media(embed[key]["url"], files)}
    for key in ICONS:
        if key in embed and "icon_url" in embed[key]:
            media = _media(embed[key]["icon_url"], files)
            found[key] = {**embed[key], "icon_url": media["url"]}
            found[key]["proxy_icon_url"] = media["proxy_url"]
    return found


def _media(url: str, files: Sequence[Attachment]) -> Json:
    """An address, or that of the message's own file, with what is known of it."""
    for file in files:
        if _names(url, file):
            known = file.payload()
            keys = ("url", "proxy_url", "width", "height", "content_type")
            return {key: known[key] for key in keys if key in known}
    return {"url": url, "proxy_url": url}
