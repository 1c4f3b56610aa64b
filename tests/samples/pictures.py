"""Pictures made on the spot."""

import io
import random
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    """A plain picture of that kind."""
    return encoded(Image.new(mode, size, 120 if mode in {"L", "1"} else None), kind)


def noise(size: tuple[int, int] = (300, 200), mode: str = "RGB") -> Image.Image:
    """A picture that no encoder makes small."""
    data = random.Random(1).randbytes(size[0] * size[1] * len(mode))
    return Image.frombytes(mode, size, data)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of its file."""
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def sideways_jpeg() -> bytes:
    """A JPEG whose EXIF says that it has to be turned."""
    image = Image.new("RGB", (40, 30), "red")
    exif = image.getexif()
    exif[0x0112] = 6
    return encoded(image, "JPEG", exif=exif)


def animated(kind: str = "GIF") -> bytes:
    """Two frames."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def png_header(width: int, height: int) -> bytes:
    """A PNG that only claims to be of that size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"0"))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
