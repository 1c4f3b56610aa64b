"""How large a picture may be, and what its sender reads of one that cannot be used. No decoder."""

from enum import StrEnum

from bot.errors import BadImage
from bot.files.names import safe_name

MAX_INPUT_BYTES = 50 * 2**20
MAX_SIDE_PX = 16_383  # the largest side of a JPEG or WebP is 65,535 or 16,383
MAX_PIXELS = 60_000_000  # 240 MB once decoded, and some of these while it is converted

_HERE = " Nothing was charged; please send another picture."


class Fault(StrEnum):
    """Why a picture cannot be used."""

    EMPTY = "empty"
    NO_PICTURE = "no_picture"
    OF_ANOTHER_KIND = "of_another_kind"  # than those that are opened
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_WIDE = "too_wide"
    TOO_LARGE = "too_large"  # for the memory that there is for one
    TOO_LONG = "too_long"
    ENDED = "ended"  # whatever looked at it
    MACHINE = "machine"  # which has a trouble of its own


_SENTENCES = {
    Fault.EMPTY: "{name} is empty." + _HERE,
    Fault.NO_PICTURE: "{name} is not a picture." + _HERE,
    Fault.OF_ANOTHER_KIND: (
        "{name} is of a kind of picture that the bot cannot open. Nothing was charged; please send"
        " it as a PNG or a JPEG."
    ),
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
    """What its sender reads of a picture with this fault."""
    bounds = {"side": MAX_SIDE_PX, "millions": MAX_PIXELS // 10**6}
    return BadImage(_SENTENCES[fault], name=name, width=width_px, height=height_px, **bounds)


def described_fault(
    filename: str, size_bytes: int, width_px: int | None, height_px: int | None
) -> BadImage | None:
    """What Discord's own description shows to be wrong, or None; its type shows nothing."""
    name = safe_name(filename)
    if size_bytes <= 0:
        return refusal(Fault.EMPTY, name)
    if size_bytes > MAX_INPUT_BYTES:
        most = MAX_INPUT_BYTES // 2**20
        return BadImage("{name} is larger than {most} MiB." + _HERE, name=name, most=most)
    width, height = width_px or 1, height_px or 1
    if max(width, height) <= MAX_SIDE_PX and width * height <= MAX_PIXELS:
        return None
    return refusal(Fault.TOO_WIDE, name, width, height)
