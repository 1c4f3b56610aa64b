"""The form of embeds.

https://docs.discord.com/developers/resources/message#embed-object
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.discord.forms.kinds import Text, Time, Url, Whole, YesNo
from bot.sandbox.discord.forms.shapes import Fields, ListOf
from bot.sandbox.discord.refusals import Place

Json = Any
MAX_CHARACTERS = 6000  # of all embeds of a message together

MEDIA = Url(schemes=("http", "https", "attachment"))
_PICTURE = Fields({"url": MEDIA, "description": Text(0, 4096)}, required=("url",))
_AUTHOR = Fields({"name": Text(0, 256), "url": Url(), "icon_url": MEDIA})
_FOOTER = Fields({"text": Text(0, 2048), "icon_url": MEDIA})
_FIELD = Fields(
    {"name": Text(1, 256), "value": Text(1, 1024), "inline": YesNo()}, required=("name", "value")
)
SAYING = ("title", "description", "timestamp", "author", "footer", "image", "thumbnail", "fields")


def _check_something_is_said(embed: Json, place: Place) -> None:
    if not any(embed.get(key) for key in SAYING):
        place["description"].wrong("BASE_TYPE_REQUIRED", "This field is required")


EMBED = Fields(
    {
        "type": Text(0, 256),
        "title": Text(0, 256),
        "description": Text(0, 4096),
        "url": Url(),
        "color": Whole(0, 0xFFFFFF),
        "timestamp": Time(),
        "author": _AUTHOR,
        "footer": _FOOTER,
        "image": _PICTURE,
        "thumbnail": _PICTURE,
        "fields": ListOf(_FIELD, most=25),
        "provider": Fields({"name": Text(0, 256), "url": Url()}),
        "video": Fields({"url": Url()}),
    },
    rules=(_check_something_is_said,),
)
EMBEDS = ListOf(EMBED, most=10)


def check_characters(message: Json, place: Place) -> None:
    """Note that all embeds together are too long."""
    texts = (text for embed in message.get("embeds") or [] for text in _texts(embed))
    if sum(map(len, texts)) > MAX_CHARACTERS:
        text = f"Embed size exceeds maximum size of {MAX_CHARACTERS}"
        place["embeds"].wrong("MAX_EMBED_SIZE_EXCEEDED", text)


def _texts(embed: Json) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for field in embed.get("fields") or []:
        yield field["name"]
        yield field["value"]
