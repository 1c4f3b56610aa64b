"""Files: as a member or the bot sends them, and as the local Discord keeps them."""

import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

Json = Any
TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
          ".heic": "image/heic", ".gif": "image/gif", ".avif": "image/avif", ".bmp": "image/bmp",
          ".tif": "image/tiff", ".tiff": "image/tiff", ".txt": "text/plain",
          ".mp4": "video/mp4"}  # fmt: skip


IS_SPOILER = 1 << 3  # https://docs.discord.com/developers/resources/message#attachment-object


@dataclass(frozen=True)
class File:
    """A file that a member sends, perhaps hidden behind a spoiler, and perhaps of no type (`""`)."""

    name: str
    data: bytes
    content_type: str | None = None
    is_spoiler: bool = False
    description: str | None = None

    @property
    def flags(self) -> int:
        """What Discord says of it beside its name."""
        return IS_SPOILER if self.is_spoiler or self.name.startswith("SPOILER_") else 0

    @property
    def lost_name(self) -> str | None:
        """The name without its ending, where Discord takes signs out of it."""
        stem = self.name.rpartition(".")[0] or self.name
        return stem if re.sub(r"\s+", "_", self.name) != safe_name(self.name) else None

    @property
    def kind(self) -> str | None:
        """Its type, as Discord tells it: as it was sent, or by the name, or not at all."""
        ending = "." + self.name.rpartition(".")[2].lower()
        found = TYPES.get(ending) if self.content_type is None else self.content_type
        return found or None

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height of what is taken for a picture, or None."""
        if not (self.kind or "").startswith("image/"):
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of large ones; nothing is decoded
                with Image.open(io.BytesIO(self.data)) as image:
                    return image.size
        except (OSError, ValueError, Image.DecompressionBombError):
            return None


@dataclass(frozen=True)
class Part:
    """One file of a multipart body; the body may describe it by its part's name."""

    name: str
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Attachment:
    """A file of a message, or of a command's option; `signed` makes an address of today of its own."""

    id: int
    filename: str
    content_type: str | None
    size: int
    url: str
    width: int | None = None
    height: int | None = None
    description: str | None = None
    title: str | None = None
    is_ephemeral: bool = False
    signed: Callable[[str], str] = field(default=str, repr=False, compare=False)
    flags: int = 0

    def payload(self) -> Json:
        """An attachment object."""
        url = self.signed(self.url)
        found: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "size": self.size,
            "url": url,
            "proxy_url": url,
        }
        if self.width is not None:
            found |= {"width": self.width, "height": self.height}
        if self.flags:
            found["flags"] = self.flags
        for key in ("content_type", "description", "title"):
            if getattr(self, key):
                found[key] = getattr(self, key)
        if self.is_ephemeral:
            found["ephemeral"] = True
        return found


def safe_name(name: str) -> str:
    """A file's name as Discord writes it: letters, digits and a few signs of ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", "_".join(re.sub(r"[/\\]", " ", plain).split()))
    stem, dot, ending = plain.lstrip("_").rpartition(".")
    return plain.strip("._") if stem.strip(".") else f"_{dot}{ending}" if dot else ending or "_"


def sizes(files: Sequence[Part]) -> list[tuple[str, int]]:
    """Their names and sizes in bytes."""
    return [(file.filename, len(file.data)) for file in files]
