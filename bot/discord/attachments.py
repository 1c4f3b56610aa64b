"""The files of messages: where Discord hands them out changes within a day."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Protocol

import discord
from discord.components import Container
from yarl import URL

from bot.discord.requests import channel_of, request
from bot.endpoints.words import joined
from bot.errors import MessageGone, NotAllowed, Refused
from bot.files.bounds import Fault, described_fault, refusal
from bot.files.names import safe_name
from bot.jobs.job import Job, OriginKind
from bot.jobs.request import Input

# An address to the end of its word; in angle brackets Discord shows none of it. Each character is
# looked at once, as anybody may write thousands of them.
_LINK = re.compile(r"<?(?P<url>https?://[^\s<>]++)(?P<is_all>>?(?!\S))?", re.IGNORECASE)
# One whose path ends as a picture's.
_OF_A_PICTURE = re.compile(
    r"https?://.+?\.(?:png|jpe?g|webp|gif|hei[cf]|avif|bmp|tiff?)(?:\?.*)?", re.IGNORECASE
)

HIDES = "||"  # stands around what is read, or seen, only once it is clicked
_HIDDEN = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_FILMS = {"video", "gifv"}  # kinds of embeds


def files_of(message: discord.Message) -> list[discord.Attachment]:
    """The message's files; of a forward those of what is forwarded, as it has none of its own."""
    forwarded = (file for each in message.message_snapshots for file in each.attachments)
    return message.attachments or list(forwarded)


def with_files(message: discord.Message) -> discord.Message:
    """The message whose files are meant: it, or the one that it answers where it has none.

    Of others' messages Discord shows a bot only what is said to it, or in private.
    """
    answered = message.reference.resolved if message.reference else None
    if files_of(message) or not isinstance(answered, discord.Message):
        return message
    return answered


def shown_by(message: discord.Message) -> int:
    """The id of the message whose pictures it shows: of what it sends on, else its own."""
    is_sent_on = message.message_snapshots and not message.attachments
    of = message.reference.message_id if is_sent_on and message.reference else None
    return of or message.id


def shown_in(message: discord.Message) -> list[Input]:
    """The pictures that it shows in a layout or of a link; none where none of them can be used."""
    with suppress(Refused):
        return pictures_in(message)
    return []


def linked(text: str) -> tuple[str, list[Input]]:
    """A text without the addresses of pictures that it has, and these; all else stays as it is."""
    found, pieces, end, behind = list[Input](), list[str](), 0, _behind(text)
    for link in _LINK.finditer(text):
        before, url = text[end : link.start()], link["url"]
        if hides := before.endswith(HIDES) and url.endswith(HIDES):
            before, url = before.removesuffix(HIDES), url.removesuffix(HIDES)
        if link["is_all"] is not None and _OF_A_PICTURE.fullmatch(url):
            found.append(_of_link(url, hides=hides or url in behind))
            pieces.append(before)
            end = link.end()
    return (joined([*pieces, text[end:]]), found) if found else (text, [])


def pictures_in(message: discord.Message) -> list[Input]:
    """All pictures that a message shows: its files, a forward's, those in layouts and of links.

    Refused where there is none, or the description of each shows that it cannot be used.
    """
    shown = list(_shown(message))
    hidden = {url for media, hides in shown if hides for url in (media.url, _bare(media))}
    files = [file for file in files_of(message) if _is_picture(file.content_type)]
    found = [
        (
            _of_file(file, hides=_bare(file) in hidden),
            described_fault(file.filename, file.size, file.width, file.height),
        )
        for file in files
    ]
    known = {_bare(file) for file in files}
    for media, _ in shown:
        if media.url and known.isdisjoint({media.url, _bare(media)}):
            known.add(media.url)
            picture = _of_link(media.url, hides=media.url in hidden)
            fault = described_fault(picture.filename, 1, media.width, media.height)
            found.append((picture, fault))
    faults = [fault for _, fault in found if fault]
    if len(faults) == len(found):
        raise faults[0] if faults else _without_picture(message)
    return [picture for picture, fault in found if not fault]


def _without_picture(message: discord.Message) -> Refused:
    if others := files_of(message):
        return refusal(Fault.NO_PICTURE, safe_name(others[0].filename))
    return Refused("There is no picture in this message.")


def _is_picture(content_type: str | None) -> bool:
    """Whether it may be one: Discord says the type by a file's name, where it says any."""
    return content_type is None or content_type.startswith("image/")


def _name_in(url: str) -> str:
    with suppress(ValueError):
        return URL(url).name or "picture"
    return "picture"


def _of_file(file: discord.Attachment, *, hides: bool) -> Input:
    hides = hides or file.is_spoiler()
    return Input(field_id="", name="", filename=file.filename, url=file.url, is_spoiler=hides)


def _of_link(url: str, *, hides: bool) -> Input:
    return Input(field_id="", name="", filename=_name_in(url), url=url, is_spoiler=hides)


class Media(Protocol):
    """A picture that is no file of its message: where it is, and what Discord knows of it."""

    @property
    def url(self) -> str | None:
        """Its address."""

    @property
    def width(self) -> int | None:
        """In pixels."""

    @property
    def height(self) -> int | None:
        """In pixels."""


def _bare(media: Media) -> str:
    """Its address without what changes within a day."""
    return (media.url or "").partition("?")[0]


def _shown(message: discord.Message) -> Iterator[tuple[Media, bool]]:
    """The pictures of its layouts and links, and those of a forward; and whether each is hidden."""
    parts: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    for each in parts:
        yield from _media(each.components, hides=False)
    for each in parts:
        yield from _embedded(each.embeds, each.content)


def _media(parts: Iterable[object], *, hides: bool) -> Iterator[tuple[Media, bool]]:
    """The pictures that a layout's components show, in order."""
    for part in parts:
        if isinstance(part, discord.MediaGalleryComponent):
            yield from (
                (item.media, hides or item.spoiler)
                for item in part.items
                if _is_picture(item.media.content_type)
            )
        elif isinstance(part, discord.ThumbnailComponent | discord.FileComponent):
            if _is_picture(part.media.content_type):
                yield part.media, hides or part.spoiler
        elif isinstance(part, discord.SectionComponent):
            yield from _media([part.accessory], hides=hides)
        elif isinstance(part, Container):
            yield from _media(part.children, hides=hides or part.spoiler)


def _embedded(embeds: Iterable[discord.Embed], text: str) -> Iterator[tuple[Media, bool]]:
    """The pictures that embeds show of what is linked in the text; of a film its first one is none."""
    behind = _behind(text)
    for embed in embeds:
        hides = bool(embed.url) and f"{embed.url}" in behind
        if embed.type not in _FILMS:
            for media in (embed.image, embed.thumbnail):
                if _is_picture(getattr(media, "content_type", None)):
                    yield media, hides


def _behind(text: str) -> str:
    """What of a text is behind spoilers."""
    return " ".join(_HIDDEN.findall(text))


class Attachments:
    """Asks Discord for fresh addresses. Raises DiscordBusy."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def fresh_url(self, job: Job, wanted: Input) -> str | None:
        """Where the job's picture is now; None where the message is gone, or there was none.

        What came with a command is in no message, and Discord cannot be asked for it.
        """
        message_id = job.origin.reply_to
        if job.origin.kind is not OriginKind.MESSAGE or message_id is None:
            return None
        try:
            async with request():
                message = await channel_of(self._client, job).fetch_message(message_id)
        except (MessageGone, NotAllowed):
            return None
        path = wanted.url.partition("?")[0]
        urls = (
            each.url for each in files_of(with_files(message)) if each.url.partition("?")[0] == path
        )
        return next(urls, None)
