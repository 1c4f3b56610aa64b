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


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A small PNG with these chunks before its pixels."""
    return png_of([bytes(12)] * 4, 4, 8, 2, *chunks)


def png_of(
    rows: list[bytes], width: int, depth: int, colour: int, *chunks: tuple[bytes, bytes]
) -> bytes:
    """A PNG of these rows, of that many bits and that type of colour, with these chunks."""
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, 0)
    body = b"".join(_chunk(kind, body) for kind, body in chunks)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    pixels = _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + body + pixels


def jpeg_of_scans(count: int) -> bytes:
    """A JPEG that draws its last scan so often: a little file that is long to decode."""
    data = encoded(Image.new("RGB", (800, 800)), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * count + data[-2:]


def tiff_of_pages(count: int) -> bytes:
    """A TIFF of pages without pixels."""
    kinds = (256, 257, 258, 259, 262, 273, 277, 278, 279)
    size, data = 2 + 12 * len(kinds) + 4, bytearray(b"II*\0" + struct.pack("<I", 8))
    for page in range(count):
        tags = b"".join(struct.pack("<HHII", kind, 4, 1, 1) for kind in kinds)
        following = 8 + (page + 1) * size if page < count - 1 else 0
        data += struct.pack("<H", len(kinds)) + tags + struct.pack("<I", following)
    return bytes(data)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
