"""Pictures for the sandbox: one to send, and results made from what was sent."""

import colorsys
import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

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
