"""What the bytes of a picture really are, and making one fit. Pillow works in a thread."""

import asyncio
import functools
import io
import re
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import BadImage
from bot.files.names import safe_name

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)

MAX_INPUT_BYTES = 50 * 2**20
MAX_SIDE_PX = 16_383  # the largest side of a JPEG or WebP is 65,535 or 16,383
DECODE_S = 30.0
BLOCK_BYTES = 2**12  # so little is decoded between two looks at the clock
MAX_PIXELS = 60_000_000  # 240 MB once decoded, and three of these while it is converted

# One picture at a time: what is decoded is much larger than its file.
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="pictures")

_TAKEN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_CONVERTED = {"HEIF", "AVIF", "BMP", "TIFF", "GIF"}
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
_OUTPUTS = {
    **_TAKEN,
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "MPO": "image/jpeg",
}
_CHARGED_NOTHING = " Nothing was charged; please send another picture."


P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a file turned out to be."""

    media_type: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A picture encoded anew."""

    data: bytes
    media_type: str


def described_fault(
    filename: str,
    content_type: str | None,
    size_bytes: int,
    width_px: int | None,
    height_px: int | None,
) -> BadImage | None:
    """What Discord's own description shows to be wrong, or None."""
    name = safe_name(filename)
    if content_type and not content_type.startswith("image/"):
        return BadImage("{name} is not a picture." + _CHARGED_NOTHING, name=name)
    if size_bytes <= 0:
        return BadImage("{name} is empty." + _CHARGED_NOTHING, name=name)
    if size_bytes > MAX_INPUT_BYTES:
        most = MAX_INPUT_BYTES // 2**20
        return BadImage(
            "{name} is larger than {most} MiB." + _CHARGED_NOTHING, name=name, most=most
        )
    return _size_fault(name, width_px or 1, height_px or 1)


async def inspect(path: Path, filename: str) -> Picture:
    """What the file is; BadImage where it is no picture that we can hand on."""
    return await _apart(_inspect, path, safe_name(filename))


async def prepare_input(path: Path, filename: str) -> Encoded | None:
    """The picture as JPEG or PNG where the service may not take its type; None: it is fine."""
    return await _apart(_prepare, path, safe_name(filename))


async def fit(path: Path, limit_bytes: int) -> Encoded | None:
    """The picture as large as fits under the limit; None where it moves, is huge, or is none."""
    return await _apart(_fit, path, limit_bytes)


async def inspect_output(path: Path) -> str:
    """The media type of a result by its bytes; BadImage where it is neither image nor video."""
    return await _apart(_inspect_output, path)


async def _apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    call = functools.partial(work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_THREAD, call)


def extension_of(media_type: str) -> str:
    """The usual ending of a file of this type, without the dot."""
    return _EXTENSIONS.get(media_type, "bin")


def _size_fault(name: str, width_px: int, height_px: int) -> BadImage | None:
    if max(width_px, height_px) <= MAX_SIDE_PX and width_px * height_px <= MAX_PIXELS:
        return None
    return BadImage(
        "{name} is {width:,} × {height:,} pixels; at most {side:,} a side and {millions} megapixels"
        " are taken." + _CHARGED_NOTHING,
        name=name,
        width=width_px,
        height=height_px,
        side=MAX_SIDE_PX,
        millions=MAX_PIXELS // 10**6,
    )


def _inspect(path: Path, name: str) -> Picture:
    if path.stat().st_size == 0:
        raise BadImage("{name} is empty." + _CHARGED_NOTHING, name=name)
    try:
        with _open(path) as image:
            width, height = image.size
            fault = _size_fault(name, width, height)
            if not fault:
                image.load()
                fault = _size_fault(name, *image.size)  # a HEIF may turn out to be larger
            media_type = _OUTPUTS.get(image.format or "")
    except Image.DecompressionBombError as error:
        raise BadImage("{name} has too many pixels." + _CHARGED_NOTHING, name=name) from error
    except UnidentifiedImageError as error:
        raise BadImage("{name} is not a picture." + _CHARGED_NOTHING, name=name) from error
    except Exception as error:  # whatever a decoder raises on broken bytes
        raise BadImage("{name} is damaged." + _CHARGED_NOTHING, name=name) from error
    if fault:
        raise fault
    if media_type is None:
        raise BadImage("{name} is of a type that cannot be used." + _CHARGED_NOTHING, name=name)
    return Picture(media_type=media_type, width_px=width, height_px=height)


def _prepare(path: Path, name: str) -> Encoded | None:
    try:
        with _open(path) as image:
            if image.format in _TAKEN:
                return None
            upright = ImageOps.exif_transpose(image)
            if "A" in upright.getbands():
                return _encoded(upright.convert("RGBA"), "PNG", 0)
            return _encoded(upright.convert("RGB"), "JPEG", 95)
    except Exception as error:
        raise BadImage("{name} is damaged." + _CHARGED_NOTHING, name=name) from error


def _fit(path: Path, limit_bytes: int) -> Encoded | None:
    try:
        with _open(path) as image:
            if getattr(image, "is_animated", False) or image.width * image.height > MAX_PIXELS:
                return None
            upright = ImageOps.exif_transpose(image)
            still = upright.convert("RGBA" if "A" in upright.getbands() else "RGB")
    except Exception:  # noqa: BLE001 - whatever a decoder raises on broken bytes
        return None
    return _largest_fit(still, limit_bytes)


def _largest_fit(image: Image.Image, limit_bytes: int) -> Encoded | None:
    kind = "WEBP" if image.mode == "RGBA" or max(image.size) <= MAX_SIDE_PX else "JPEG"
    for quality in (95, 90, 80, 70):
        encoded = _encoded(image, kind, quality)
        if len(encoded.data) <= limit_bytes:
            return encoded
    for _halving in range(8):
        # Bytes go with the area: aim a little below the limit, and never grow.
        scale = min(0.9, (limit_bytes / len(encoded.data)) ** 0.5 * 0.95)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size)
        encoded = _encoded(image, kind, 80)
        if len(encoded.data) <= limit_bytes:
            return encoded
    return None


def _encoded(image: Image.Image, kind: str, quality: int) -> Encoded:
    data = io.BytesIO()
    options = {"quality": quality} if quality else {}
    image.save(data, kind, **options)
    return Encoded(data=data.getvalue(), media_type=_TAKEN[kind])


def _inspect_output(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    video = _video_type(head)
    if video:
        return video
    try:
        with _open(path) as image:
            image.verify()
            media_type = _OUTPUTS.get(image.format or "")
    except Exception as error:
        raise BadImage("What the service handed out is no image.") from error
    if media_type is None:
        raise BadImage("What the service handed out is of a type that cannot be shown.")
    return media_type


def _video_type(head: bytes) -> str | None:
    # https://developer.mozilla.org/docs/Web/Media/Guides/Formats/Containers
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if head[4:8] == b"ftyp" and head[8:12] == b"qt  ":
        return "video/quicktime"
    if head[4:8] == b"ftyp" and re.match(rb"iso|mp4|avc|dash|M4V", head[8:12]):
        return "video/mp4"
    return None


@contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    """The picture, of one of our formats, while the block runs."""
    # Pillow only warns of what is up to twice its limit, and of tags that are broken.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            _Timed(path) as file,
            Image.open(file, formats=(*_TAKEN, *sorted(_CONVERTED))) as image,
        ):
            image.decodermaxblock = BLOCK_BYTES
            yield image


class _Timed(io.BufferedReader):
    """A file that cannot be read for ever: small ones can be made that take hours to decode."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._end = time.monotonic() + DECODE_S

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._end:
            raise TimeoutError("the picture takes too long to decode")
        return super().read(size)
