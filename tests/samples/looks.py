"""Pictures of four fields in every way to write one, and how each of them is seen."""

import io
import struct
from typing import Any

from PIL import Image, ImageCms

from tests.samples.pictures import encoded, png_of

SIZE = (64, 48)
COLOURS = ((200, 40, 40), (40, 180, 60), (50, 60, 190), (150, 150, 150))
ALPHAS = (255, 255, 120, 0)
GREYS = (30, 100, 170, 240)

Pixel = tuple[int, int, int, int]


def fields(values: Any, mode: str) -> Image.Image:
    """Four fields: the first above, left; the second beside it; the third below the first."""
    image = Image.new(mode, SIZE)
    width, height = SIZE[0] // 2, SIZE[1] // 2
    for number, value in enumerate(values):
        left, top = number % 2 * width, number // 2 * height
        image.paste(value, (left, top, left + width, top + height))
    return image


def rgb() -> Image.Image:
    return fields(COLOURS, "RGB")


def rgba() -> Image.Image:
    return fields([(*c, a) for c, a in zip(COLOURS, ALPHAS, strict=True)], "RGBA")


def grey() -> Image.Image:
    return fields(GREYS, "L")


def grey_alpha() -> Image.Image:
    image = grey().convert("LA")
    image.putalpha(fields(ALPHAS, "L"))
    return image


def deep(mode: str = "I;16", white: float = 65535) -> Image.Image:
    """The greys at another depth."""
    wide = grey().convert("F" if mode == "F" else "I")
    wide = wide.point(lambda value: value * (white / 255) + 0)
    return wide if mode in {"I", "F"} else wide.convert(mode)


def deep_tiff(bits: int, *, is_negative: bool = False) -> bytes:
    """A TIFF of the greys with so many bits each."""
    white = 2**bits - 1
    pixels = [abs(white * is_negative - v * white // 255) for v in grey().tobytes()]
    if bits == 16:
        body = struct.pack(f"<{len(pixels)}H", *pixels)
    else:  # the highest bits first
        packed = int("".join(f"{pixel:0{bits}b}" for pixel in pixels), 2)
        body = packed.to_bytes(len(pixels) * bits // 8, "big")
    tags = {256: SIZE[0], 257: SIZE[1], 258: bits, 259: 1, 262: 0 if is_negative else 1,
            273: 8 + 2 + 9 * 12 + 4, 277: 1, 278: SIZE[1], 279: len(body)}  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4) + body


def palette() -> Image.Image:
    return rgb().convert("P", palette=Image.Palette.ADAPTIVE)


def palette_alpha() -> Image.Image:
    image = palette()
    image.putalpha(fields(ALPHAS, "L"))
    return image


def gif_of_a_part() -> bytes:
    """A GIF of twice the size, of whose four quarters the first alone is painted."""
    data = encoded(fields(COLOURS[:1] * 4, "RGB"), "GIF")
    size, twice = struct.pack("<HH", *SIZE), struct.pack("<HH", *(2 * side for side in SIZE))
    return data.replace(size, twice, 1)


def keyed(pixels: list[bytes], depth: int, colour: int, key: bytes) -> bytes:
    """A PNG of four fields, given as the bytes of a pixel (or of eight bits), without one colour."""
    half = SIZE[0] // 2 * min(depth, 8) // 8
    above, below = (one * half + other * half for one, other in (pixels[:2], pixels[2:]))
    rows = [above] * (SIZE[1] // 2) + [below] * (SIZE[1] // 2)
    return png_of(rows, SIZE[0], depth, colour, (b"tRNS", key))


def swapped_profile() -> bytes:
    """SRGB with red and green in each other's place: what is written red is seen green."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    head, table = data[:128], data[128:]
    table = table.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    return head + table


def seen_rgb(values: Any = COLOURS, alphas: Any = (255,) * 4) -> list[Pixel]:
    return [(*value, alpha) for value, alpha in zip(values, alphas, strict=True)]


def seen_grey(values: Any = GREYS, alphas: Any = (255,) * 4) -> list[Pixel]:
    return seen_rgb([(value,) * 3 for value in values], alphas)


def at_the_middle_of_each(data: bytes) -> list[Pixel]:
    """How the four fields are seen in a picture that is upright, in sRGB and of eight bits."""
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode in {"L", "RGB", "RGBA"}
        assert not image.info.get("icc_profile")
        wide = image.convert("RGBA")
        places = [(wide.width * x // 4, wide.height * y // 4) for y in (1, 3) for x in (1, 3)]
        return [wide.getpixel(place) for place in places]  # type: ignore[misc]


def difference(found: list[Pixel], wanted: list[Pixel]) -> float:
    """By how much any value differs; what nothing is seen of may have any colour."""
    pairs: list[tuple[float, float]] = []
    for one, other in zip(found, wanted, strict=True):
        pairs += zip(one, other, strict=True) if other[3] else [(one[3], other[3])]
    return max(abs(one - other) for one, other in pairs)
