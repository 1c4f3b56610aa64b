"""What a file is by its bytes, how large a picture may be, and what is said of one. No decoder."""

import re
from enum import StrEnum

from bot.errors import BadImage
from bot.files.names import safe_name

MAX_INPUT_BYTES = 50 * 2**20
MAX_SIDE_PX = 16_383  # the largest side of a JPEG or WebP is 65,535 or 16,383
MAX_PIXELS = 60_000_000  # 240 MB once decoded, and some of these while it is converted
HEAD_BYTES = 64  # so much of a file says what it is

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
# https://developer.mozilla.org/docs/Web/Media/Guides/Formats
_HEADS = {
    rb"\xff\xd8\xff": "image/jpeg",
    rb"\x89PNG\r\n\x1a\n": "image/png",
    rb"RIFF.{4}WEBP": "image/webp",
    rb"GIF8[79]a": "image/gif",
    rb".{4}ftypavi[fs]": "image/avif",
    rb".{4}ftyp(?:hei|hev|mif|msf)": "image/heic",
    rb".{4}ftypqt  ": "video/quicktime",
    rb".{4}ftyp(?:iso|mp4|avc|dash|M4V)": "video/mp4",
    rb"\x1a\x45\xdf\xa3": "video/webm",
    rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0": "image/bmp",
    rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]": "image/tiff",
}
_HERE = " Nothing was charged; please send another picture."


class Unseen(BadImage):
    """It could not be looked at, so nobody knows what it is."""


class Fault(StrEnum):
    """Why a picture cannot be used."""

    EMPTY = "empty"
    NO_PICTURE = "no_picture"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_WIDE = "too_wide"
    # What follows is said of the look at it: nobody knows what the picture is.
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    ENDED = "ended"
    MACHINE = "machine"  # which has a trouble of its own


UNSEEN = frozenset({Fault.TOO_LARGE, Fault.TOO_LONG, Fault.ENDED})

_SENTENCES = {
    Fault.EMPTY: "{name} is empty." + _HERE,
    Fault.NO_PICTURE: "{name} is not a picture." + _HERE,
    Fault.DAMAGED: "{name} is damaged." + _HERE,
    Fault.TOO_MANY_PIXELS: "{name} has too many pixels." + _HERE,
    Fault.TOO_WIDE: (
        "{name} is {width:,} × {height:,} pixels; at most {side:,} a side and {millions} megapixels"
        " are taken." + _HERE
    ),
    Fault.TOO_LARGE: (
        "{name} is too large: to open it takes more memory than there is for one picture."
        " Nothing was charged; please send a smaller one."
    ),
    Fault.TOO_LONG: "{name} takes too long to open." + _HERE,
    Fault.ENDED: "{name} cannot be opened: whatever tries to breaks off." + _HERE,
}


def refusal(fault: Fault, name: str, width_px: int = 0, height_px: int = 0) -> BadImage:
    """What its sender reads of a picture with this fault; Unseen where nobody saw it."""
    kind = Unseen if fault in UNSEEN else BadImage
    return kind(
        _SENTENCES[fault],
        name=name,
        width=width_px,
        height=height_px,
        side=MAX_SIDE_PX,
        millions=MAX_PIXELS // 10**6,
    )


def described_fault(
    filename: str, size_bytes: int, width_px: int | None, height_px: int | None
) -> BadImage | None:
    """What Discord's own description shows to be wrong, or None; its type is none of these."""
    name = safe_name(filename)
    if size_bytes <= 0:
        return refusal(Fault.EMPTY, name)
    if size_bytes > MAX_INPUT_BYTES:
        most = MAX_INPUT_BYTES // 2**20
        return BadImage("{name} is larger than {most} MiB." + _HERE, name=name, most=most)
    width, height = width_px or 1, height_px or 1
    return None if is_within(width, height) else refusal(Fault.TOO_WIDE, name, width, height)


def is_within(width_px: int, height_px: int) -> bool:
    """Whether a picture of that size is taken."""
    return max(width_px, height_px) <= MAX_SIDE_PX and width_px * height_px <= MAX_PIXELS


def media_type_of(head: bytes) -> str | None:
    """What a file that begins so is, or None where that is none of ours."""
    found = (kind for sign, kind in _HEADS.items() if re.match(sign, head, re.DOTALL))
    return next(found, None)


def extension_of(media_type: str) -> str:
    """The usual ending of a file of this type, without the dot."""
    return _EXTENSIONS.get(media_type, "bin")
