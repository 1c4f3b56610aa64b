"""Opening a picture's bytes as every viewer does. Pillow's, and for the helper alone.

Pillow is stricter than a viewer, so what it refuses it is asked once more, to bear with it.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO, cast

import pillow_heif
from PIL import (  # each that is named here spares Pillow to load all that there are
    AvifImagePlugin,  # noqa: F401
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

from bot.files.bounds import MAX_PIXELS, Fault
from bot.files.colours import mend_key

MISSING = 0.1  # so much of a picture may be missing: every viewer shows the rest

TAKEN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
CONVERTED = {
    "HEIF": "image/heic",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
}
_FORMATS = (*TAKEN, *CONVERTED)
_PIXELS = {b"VP8", b"ALP", b"ANM"}  # how the parts of a WebP begin that have any
KINDS = {**TAKEN, **CONVERTED, "MPO": "image/jpeg"}  # a JPEG with more than one picture in it

_Gif = GifImagePlugin.GifImageFile

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
PngImagePlugin.MAX_TEXT_CHUNK = 3 * 2**20  # holds for colour profiles: a larger one is left out


def _passed_over(stream: PngImagePlugin.PngStream, _at: int, length: int) -> bytes:
    return ImageFile._safe_read(cast("BinaryIO", stream.fp), length)  # noqa: SLF001 - as its own do


# A workflow may stand there, packed, that unpacks to gigabytes: nobody needs it to see the picture.
for _chunk in ("tEXt", "zTXt", "iTXt"):
    setattr(PngImagePlugin.PngStream, f"chunk_{_chunk}", _passed_over)


class Faulty(Exception):
    """The picture cannot be used; where its size is why, that is said, too."""

    def __init__(self, fault: Fault, size: tuple[int, int] = (0, 0)) -> None:
        super().__init__(fault)
        self.fault = fault
        self.size = size


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The picture while the block runs, of one of our formats, its pixels still to be read."""
    with path.open("rb") as file, _identified(file) as image:
        yield image


@contextmanager
def loaded(path: Path, side_px: int) -> Iterator[tuple[Image.Image, bool]]:
    """The picture with its pixels, no side longer than that; and whether it is sound."""
    with ExitStack() as stack:
        try:
            image, is_sound = stack.enter_context(opened(path)), True
            _load(image, side_px)
        except (Faulty, MemoryError, Image.DecompressionBombError):
            raise
        except Exception:
            found = _borne_with(stack, path, side_px)
            if not found:
                raise
            image, is_sound = found, False
        yield image, is_sound


@contextmanager
def _identified(file: BinaryIO) -> Iterator[Image.Image]:
    _check_canvas(file.read(30))
    file.seek(0)
    # Pillow only warns of what is up to twice its limit, and of tags that are broken.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(file, formats=_FORMATS) as image:
            yield image


def _load(image: Image.Image, side_px: int) -> None:
    _check_size(image.size, side_px)
    mend_key(image)
    image.load()
    _check_size(image.size, side_px)  # a HEIF may turn out to be larger


def _check_size(size: tuple[int, int], side_px: int) -> None:
    if max(size) > side_px or size[0] * size[1] > MAX_PIXELS:
        raise Faulty(Fault.TOO_WIDE, size)


def _check_canvas(head: bytes) -> None:
    """Nothing, or Faulty for a WebP whose pixels Pillow would make room for as it opens it."""
    # https://developers.google.com/speed/webp/docs/riff_container
    kind = head[12:16] if head[:4] == b"RIFF" else b""
    size = (1, 1)
    if kind == b"VP8X":
        size = (int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:], "little") + 1)
    elif kind == b"VP8 ":
        size = (head[26] + head[27] % 64 * 256, head[28] + head[29] % 64 * 256)
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        size = (bits % 2**14 + 1, (bits >> 14) % 2**14 + 1)
    _check_size(size, 2**24)


def _borne_with(stack: ExitStack, path: Path, side_px: int) -> Image.Image | None:
    """The picture where nearly all of it is there to be seen."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        file = stack.enter_context(path.open("rb"))
        image = stack.enter_context(_identified(_filled_up(file)))
        _load(image, side_px)
        return image if _missing(path, image) <= MISSING else None
    except Exception:  # noqa: BLE001 - the first error says it better
        return None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _filled_up(file: BinaryIO) -> BinaryIO:
    """The file; a WebP without its end gets another, as to Pillow it is all or nothing."""
    data = file.read()
    file.seek(0)
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return file
    parts, at = [], 12
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            if kind[:3] not in _PIXELS or len(body) < length * (1 - MISSING):
                break
            # A decoder may go further in zeros than it would have gone in what is missing.
            body = body.ljust(2 * length, b"\0")
        parts.append(kind + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2))
        at += 8 + length + length % 2
    whole = b"WEBP" + b"".join(parts)
    return io.BytesIO(b"RIFF" + len(whole).to_bytes(4, "little") + whole)


def _missing(path: Path, image: Image.Image) -> float:
    """How much of its height was not there to be read."""
    if image.format in {"HEIF", "AVIF"}:  # there is all of it or nothing
        return 1.0
    if image.format == "WEBP":  # it was filled up
        return 0.0
    rows = _rows(image)
    if image.format in {"JPEG", "MPO"}:  # what is not there becomes grey
        below = takewhile(lambda row: row.count(row[0]) == len(row), reversed(rows))
        return sum(row[0] in {127, 128} for row in below) / len(rows)
    with opened(path) as other:  # on white, as the first one was on black
        drawn = other.tile[0][1] if isinstance(other, _Gif) else None  # of the canvas
        _begin_on_white(other)
        other.load()
        pairs = zip(_rows(image.crop(drawn)), _rows(other.crop(drawn)), strict=True)
        differs = [one != two for one, two in pairs]
    return sum(differs) / len(differs)


def _begin_on_white(image: Image.Image) -> None:
    """Let what is not there to be read have another colour than it usually has."""
    is_grey = len(image.getbands()) == 1
    white: Any = 255 if is_grey else (255,) * len(image.getbands())
    image.im = Image.new(image.mode, image.size, white).im
    if isinstance(image, _Gif) and image._frame_transparency is not None:  # noqa: SLF001
        image._frame_transparency = 255 - image._frame_transparency  # noqa: SLF001 - it is filled so


def _rows(image: Image.Image) -> list[bytes]:
    data = image.tobytes()
    stride = len(data) // image.height
    return [data[at : at + stride] for at in range(0, len(data), stride)]
