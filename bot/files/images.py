"""What the bytes of a picture really are, and making one fit. Pillow's, and for the helper alone."""

import errno
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from bot.files.bounds import MAX_SIDE_PX, Fault
from bot.files.colours import as_seen
from bot.files.opening import CONVERTED, KINDS, TAKEN, Faulty, loaded
from bot.files.orders import Answer, Order, Work

JPEG_SIDE_PX = 2**16 - 1
THUMBNAIL_PX = 256  # its longer side
LARGE_PX = 16_000_000  # a larger one would take an encoder that does its best far too long

_MACHINES = {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOENT, errno.ENOSPC, errno.EDQUOT}
_EXACT = {"BMP", "TIFF", "GIF", "PNG"}  # every pixel is as it was drawn


def carried_out(order: Order) -> Answer:
    """What comes of the order, whatever a decoder raises."""
    path, out = Path(order.path), Path(order.out)
    try:
        if order.work is Work.INPUT:
            return _input(path, out, order.limit_bytes)
        if order.work is Work.THUMBNAIL:
            return Answer(made=_thumbnail(path, out, order.limit_bytes))
        return Answer(made=_fitted(path, out, order.limit_bytes))
    except Exception as error:  # noqa: BLE001 - anything may be raised on broken bytes
        width, height = error.size if isinstance(error, Faulty) else (0, 0)
        return Answer(fault=_fault_of(error), width_px=width, height_px=height)


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, Faulty):
        return error.fault
    if isinstance(error, MemoryError) or "memory" in str(error).lower():  # of libheif and libavif
        return Fault.TOO_LARGE
    if isinstance(error, OSError) and error.errno in _MACHINES:
        return Fault.MACHINE
    if isinstance(error, Image.DecompressionBombError):
        return Fault.TOO_MANY_PIXELS
    is_unknown = isinstance(error, UnidentifiedImageError)
    return Fault.NO_PICTURE if is_unknown else Fault.DAMAGED


def _input(path: Path, out: Path, limit_bytes: int) -> Answer:
    if path.stat().st_size == 0:
        raise Faulty(Fault.EMPTY)
    with loaded(path, MAX_SIDE_PX) as (image, is_sound):
        kind, (width, height) = image.format or "", image.size
        made = ""
        if kind in CONVERTED or not is_sound:
            is_exact = kind in _EXACT and image.mode != "CMYK"
            made = _converted(as_seen(image), out, limit_bytes, is_exact=is_exact)
    return Answer(media_type=KINDS[kind], width_px=width, height_px=height, made=made)


def _fitted(path: Path, out: Path, limit_bytes: int) -> str:
    with loaded(path, JPEG_SIDE_PX) as (image, _):
        if image.format != "MPO" and getattr(image, "is_animated", False):
            return ""
        seen = as_seen(image)
    return _largest_fit(seen, out, limit_bytes)


def _thumbnail(path: Path, out: Path, limit_bytes: int) -> str:
    """The type that a very small one was written as, of what moves its first frame."""
    with loaded(path, JPEG_SIDE_PX) as (image, _):
        small = as_seen(image)
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    return TAKEN["WEBP"] if _fits(small, out, "WEBP", 80, limit_bytes) else ""


def _converted(image: Image.Image, out: Path, limit_bytes: int, *, is_exact: bool) -> str:
    """The type that the picture was written as; Faulty where it is too large as any."""
    is_see_through = image.mode == "RGBA"
    ways = [("PNG", 0)] if is_exact or is_see_through else []
    lossy = "WEBP" if is_see_through else "JPEG"
    for kind, quality in (*ways, (lossy, 95), (lossy, 85)):
        if _fits(image, out, kind, quality, limit_bytes):
            return TAKEN[kind]
    raise Faulty(Fault.TOO_LARGE)


def _largest_fit(image: Image.Image, out: Path, limit_bytes: int) -> str:
    """The type that the picture was written as; nothing where it fits in no way."""
    if image.mode == "RGBA":
        image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))  # there is no way to write a longer one
    is_webp = image.mode == "RGBA" or (max(image.size) <= MAX_SIDE_PX and not _is_large(image))
    kind = "WEBP" if is_webp else "JPEG"
    for quality in (95, 90, 80, 70):
        if _fits(image, out, kind, quality, limit_bytes):
            return TAKEN[kind]
        if out.stat().st_size > 4 * limit_bytes:
            break  # no quality makes that of it
    for _halving in range(8):
        # Bytes go with the area: aim a little below the limit, and never grow.
        scale = min(0.9, (limit_bytes / max(1, out.stat().st_size)) ** 0.5 * 0.95)
        image = image.resize(
            (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        )
        if _fits(image, out, kind, 80, limit_bytes):
            return TAKEN[kind]
    return ""


def _fits(image: Image.Image, out: Path, kind: str, quality: int, limit_bytes: int) -> bool:
    """Whether the picture, written as that, is small enough."""
    is_large = _is_large(image)
    options: dict[str, dict[str, int]] = {
        "PNG": {"compress_level": 1 if is_large else 6},
        "JPEG": {"quality": quality, "subsampling": 0},  # each pixel has its own colour
        "WEBP": {"quality": quality, "method": 2 if is_large else 4},
    }
    try:
        image.save(out, kind, **options[kind])
    except ValueError:  # WebP has bounds of its own for a picture full of noise
        return False
    return 0 < out.stat().st_size <= limit_bytes


def _is_large(image: Image.Image) -> bool:
    return image.width * image.height > LARGE_PX
