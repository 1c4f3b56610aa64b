"""Files: as a member or the bot sends them, and as the local Discord keeps them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

Json = Any
TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
          ".heic": "image/heic", ".gif": "image/gif", ".avif": "image/avif", ".bmp": "image/bmp",
          ".tif": "image/tiff", ".tiff": "image/tiff", ".txt": "text/plain",
          ".mp4": "video/mp4"}  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file that a member sends; an empty type is one that their client leaves out."""

    name: str
    data: bytes
    content_type: str | None = None

    @property
    def kind(self) -> str | None:
        """Its type, as Discord tells it: by what it was sent as, or its name, or not at all."""
        ending = "." + self.name.rpartition(".")[2].lower()
        found = TYPES.get(ending) if self.content_type is None else self.content_type
        return found or None

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height of what is taken for a picture, or None."""
        if not (self.kind or "").startswith("image/"):
            return None
        try:
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
    """A file of a message, or of a command's option."""

    id: int
    filename: str
    content_type: str | None
    size: int
    url: str
    width: int | None = None
    height: int | None = None
    description: str | None = None

    def payload(self) -> Json:
        """An attachment object."""
        found: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "size": self.size,
            "url": self.url,
            "proxy_url": self.url,
        }
        if self.content_type:
            found["content_type"] = self.content_type
        if self.width is not None:
            found |= {"width": self.width, "height": self.height}
        if self.description:
            found["description"] = self.description
        return found


def sizes(files: Sequence[Part]) -> list[tuple[str, int]]:
    """Their names and sizes in bytes."""
    return [(file.filename, len(file.data)) for file in files]
