"""Pictures for the sandbox: one to send, and results made from what was sent."""

import colorsys
import io
import math
import random
import textwrap
from functools import lru_cache

from PIL import (
    Image,
    ImageDraw,
    ImageEnhance,
    ImageFilter,
    ImageFont,
    ImageOps,
    UnidentifiedImageError,
)

SIDE_PX = 512


def sample_picture(seed: int = 1) -> bytes:
    """A PNG of somebody with a face."""
    draw = random.Random(seed)
    size = SIDE_PX
    image = Image.new("RGB", (size, size), _colour(draw.random(), 0.35, 0.95))
    canvas = ImageDraw.Draw(image)
    coat, skin, hair = (
        _colour(draw.random(), s, v) for s, v in ((0.6, 0.6), (0.4, 0.9), (0.5, 0.3))
    )
    canvas.ellipse((96, 340, 416, 700), fill=coat)
    canvas.ellipse((146, 96, 366, 336), fill=hair)
    canvas.ellipse((166, 130, 346, 370), fill=skin)
    for x in (220, 292):
        canvas.ellipse((x - 14, 226, x + 14, 254), fill="white")
        canvas.ellipse((x - 6, 234, x + 8, 248), fill="black")
    canvas.arc((210, 260, 302, 330), 20, 160, fill=_colour(0.0, 0.6, 0.6), width=6)
    return _encoded(image, "PNG")


def render_output(picture: bytes | None, seed: int, number: int) -> bytes:
    """The JPEG of a result: what was sent, in the colours of the seed; every second is framed."""
    try:
        grey = _in_grey(picture or sample_picture(seed))
    except (UnidentifiedImageError, OSError):
        grey = _in_grey(sample_picture(seed))
    draw = random.Random(seed)
    dark, light = _colour(draw.random(), 0.8, 0.35), _colour(draw.random(), 0.3, 1.0)
    image = ImageOps.colorize(grey, dark, light)
    if number % 2 == 0:
        image = ImageOps.expand(image, border=24, fill=_colour(draw.random(), 0.9, 0.8))
    return _encoded(image, "JPEG")


def poster(words: str, size: tuple[int, int], seed: int) -> bytes:
    """The JPEG of a poster of this size, with the words on hills in the colours of the seed."""
    draw, (width, height) = random.Random(seed), size
    hue = draw.random()
    image = Image.linear_gradient("L").resize(size)
    image = ImageOps.colorize(image, _colour(hue, 0.7, 0.5), _colour(hue + 0.1, 0.35, 1.0))
    canvas = ImageDraw.Draw(image)
    sun, radius = draw.randint(width // 5, 4 * width // 5), min(size) // 7
    canvas.ellipse(
        (sun - radius, height // 4 - radius, sun + radius, height // 4 + radius),
        fill=_colour(hue + 0.15, 0.25, 1.0),
    )
    for far in range(3):
        top, shift = height * (5 + far) // 9, draw.uniform(0, 2 * math.pi)
        ridge = [
            (x, top + math.sin(x / width * (5 + 2 * far) + shift) * height / 14)
            for x in range(0, width + 8, 8)
        ]
        hill = _colour(hue + 0.45, 0.5, 0.55 - 0.13 * far)
        canvas.polygon([*ridge, (width, height), (0, height)], fill=hill)
    font = ImageFont.load_default(max(20, width // 16))
    text = "\n".join(textwrap.wrap(" ".join(words.split())[:200], 24))
    canvas.multiline_text(
        (width / 2, height * 0.75), text, fill="white", font=font, anchor="mm", align="center",
        stroke_width=2, stroke_fill=_colour(hue + 0.45, 0.6, 0.2),
    )  # fmt: skip
    return _encoded(image, "JPEG")


def restyled(picture: bytes, style: str, strength: float, seed: int) -> bytes:
    """The JPEG of the picture in that style, so strongly (0 to 1), in the colours of the seed."""
    plain = Image.open(io.BytesIO(picture)).convert("RGB")
    plain.thumbnail((SIDE_PX, SIDE_PX))
    hue = random.Random(seed).random()
    grey = ImageOps.grayscale(plain)
    if style == "ink":
        lines = ImageOps.invert(ImageOps.autocontrast(grey.filter(ImageFilter.FIND_EDGES)))
        made = ImageOps.colorize(lines, _colour(hue, 0.8, 0.3), (250, 246, 236))
    elif style == "poster":
        made = ImageOps.posterize(ImageEnhance.Color(plain).enhance(2.5), 2)
    elif style == "night":
        made = ImageOps.colorize(grey, (4, 6, 24), _colour(hue, 0.45, 0.9))
    else:
        made = ImageEnhance.Brightness(plain.filter(ImageFilter.GaussianBlur(9))).enhance(1.15)
    return _encoded(Image.blend(plain, made, max(0.0, min(1.0, strength))), "JPEG")


@lru_cache(maxsize=8)
def _in_grey(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((SIDE_PX, SIDE_PX))
    return ImageOps.grayscale(image)


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _encoded(image: Image.Image, kind: str) -> bytes:
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()
