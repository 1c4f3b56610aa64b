"""A picture as every viewer shows it: upright, in sRGB, eight bits a channel. For the helper alone."""

import io
from contextlib import suppress
from functools import reduce
from typing import cast

from PIL import GifImagePlugin, Image, ImageChops, ImageCms, ImageMath, ImageOps

_ORIENTATION = 0x0112  # https://exiftool.org/TagNames/EXIF.html
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WHITES = (1, 2**8 - 1, 2**16 - 1, 2**32 - 1)
# https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
_BITS, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0


def as_seen(image: Image.Image) -> Image.Image:
    """The loaded picture in L or RGB, or in RGBA where anything shines through it."""
    colours, alpha = _parted(image)
    alpha = _within_frame(image, alpha)
    seen = _in_srgb(colours, image.info.get("icc_profile"))
    if alpha and alpha.getextrema()[0] != 255:
        seen = seen.convert("RGB") if seen.mode == "L" else seen.copy()
        seen.putalpha(alpha)
    turn = _TURNS.get(_orientation(image))
    if turn is not None:
        seen = seen.transpose(turn)
    seen.info = {}  # what Pillow would write along: a profile, a key, words
    return seen


def mend_key(image: Image.Image) -> None:
    """Bring the colour that a PNG leaves out to the eight bits that its pixels are read as.

    Pillow spreads greys of fewer bits, and cuts colours of more, but leaves this one as it stands.
    """
    key = image.info.get("transparency")
    read_as = str(getattr(image, "tile", ""))
    if isinstance(key, int) and "L;2" in read_as:
        image.info["transparency"] = key * 85
    elif isinstance(key, int) and "L;4" in read_as:
        image.info["transparency"] = key * 17
    elif isinstance(key, tuple) and "RGB;16" in read_as:
        image.info["transparency"] = tuple(each >> 8 for each in key)


def _parted(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Its colours, and how much of each is there."""
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image), _deep_key(image)
    if image.mode in {"1", "L", "RGB"}:
        return (image.convert("L") if image.mode == "1" else image), _key(image)
    if image.mode in {"CMYK", "LAB"}:
        return image, None
    if not image.has_transparency_data:
        return image.convert("RGB"), None
    kind = "LA" if image.mode in {"LA", "La"} else "RGBA"
    whole = image if image.mode == kind else image.convert(kind)
    return whole.convert(kind[:-1]), whole.getchannel("A")


def _within_frame(image: Image.Image, alpha: Image.Image | None) -> Image.Image | None:
    """The same, and nothing where the first frame of a GIF leaves its canvas free."""
    frame = image.dispose_extent if isinstance(image, GifImagePlugin.GifImageFile) else None
    if frame is None or frame == (0, 0, *image.size):
        return alpha
    there = Image.new("L", image.size)
    there.paste(alpha.crop(frame) if alpha else 255, frame)
    return there


def _eight_bits(image: Image.Image) -> Image.Image:
    """A grey of any depth as L: what is white at that depth stays white."""
    tags = getattr(image, "tag_v2", {})
    wide = image if image.mode == "F" else image.convert("I")
    white: float = 2 ** min(16, *tags.get(_BITS, (16,))) - 1
    if image.mode in {"I", "F"}:  # which does not say how deep it is
        top = cast("float", wide.getextrema()[1])
        possible = _WHITES if image.mode == "F" else _WHITES[1:]
        white = next((each for each in possible if top <= each), top)
    grey = wide.point(lambda value: value * (255 / white) + 0.5).convert("L")
    return ImageOps.invert(grey) if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else grey


def _key(image: Image.Image) -> Image.Image | None:
    """All but the one colour that a PNG leaves out; None where it leaves out none."""
    key = image.info.get("transparency")
    keys = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(each, int) for each in keys):
        return None
    bands = [
        band.point([0 if value == each else 255 for value in range(256)])
        for band, each in zip(image.split(), keys, strict=False)
    ]
    return reduce(ImageChops.lighter, bands).convert("L")


def _deep_key(image: Image.Image) -> Image.Image | None:
    key = image.info.get("transparency")
    if not isinstance(key, int):
        return None
    grey = image.convert("I")
    there: Image.Image = ImageMath.lambda_eval(lambda given: given["grey"] != key, grey=grey)
    return there.point(lambda value: value * 255).convert("L")


def _in_srgb(colours: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours in sRGB; a profile that does not fit them says nothing."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        if colours.mode == "LAB" or profile:
            is_lab = colours.mode == "LAB"  # which is absolute, whatever profile comes with it
            source = ImageCms.createProfile("LAB") if is_lab else io.BytesIO(profile or b"")
            made = ImageCms.profileToProfile(
                colours,
                ImageCms.ImageCmsProfile(source),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            return made or colours
    return colours if colours.mode in {"L", "RGB"} else colours.convert("RGB")


def _orientation(image: Image.Image) -> int:
    with suppress(Exception):  # odd EXIF is no reason to refuse a picture
        return int(image.getexif().get(_ORIENTATION, 1))
    return 1
