"""It looks the same after we touched it: each mode and format that is opened, made anew."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from bot.files.bounds import MAX_INPUT_BYTES
from bot.files.images import carried_out
from bot.files.orders import Order, Work
from tests.samples.looks import (
    ALPHAS,
    COLOURS,
    GREYS,
    Pixel,
    at_the_middle_of_each,
    deep,
    deep_tiff,
    difference,
    fields,
    gif_of_a_part,
    grey,
    grey_alpha,
    keyed,
    palette,
    palette_alpha,
    rgb,
    rgba,
    seen_grey,
    seen_rgb,
    swapped_profile,
)
from tests.samples.pictures import encoded

Make = Callable[[], bytes]
BLACK_AND_WHITE = [(0, 0, 0), (255, 255, 255), (255, 255, 255), (0, 0, 0)]
CYANS = ((255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 128))
UNCYAN = [(0, 255, 255), (255, 0, 255), (255, 255, 0), (127, 127, 127)]
LABS = ((128, 128, 128), (200, 128, 128), (60, 128, 128), (255, 128, 128))
LAB_GREYS = (119, 194, 56, 255)


def bilevel() -> Image.Image:
    return fields((0, 255, 255, 0), "1")


def row(name: str, make: Make, seen: list[Pixel], near: int = 6) -> object:
    return pytest.param(make, seen, near, id=name)


ALL_THERE = seen_rgb()
SEE_THROUGH = seen_rgb(COLOURS, ALPHAS)
GREY = seen_grey()
GREY_SEE_THROUGH = seen_grey(GREYS, ALPHAS)
FIRST_GONE = (0, 255, 255, 255)

TABLE = [
    row("PNG 1", lambda: encoded(bilevel(), "PNG"), seen_rgb(BLACK_AND_WHITE)),
    row("PNG L", lambda: encoded(grey(), "PNG"), GREY),
    row("PNG LA", lambda: encoded(grey_alpha(), "PNG"), GREY_SEE_THROUGH),
    row("PNG I;16", lambda: encoded(deep(), "PNG"), GREY),
    row("PNG P", lambda: encoded(palette(), "PNG"), ALL_THERE),
    row("PNG RGB", lambda: encoded(rgb(), "PNG"), ALL_THERE),
    row("PNG RGBA", lambda: encoded(rgba(), "PNG"), SEE_THROUGH),
    row("TIFF 1", lambda: encoded(bilevel(), "TIFF"), seen_rgb(BLACK_AND_WHITE)),
    row("TIFF L", lambda: encoded(grey(), "TIFF"), GREY),
    row("TIFF LA", lambda: encoded(grey_alpha(), "TIFF"), GREY_SEE_THROUGH),
    row("TIFF P", lambda: encoded(palette(), "TIFF"), ALL_THERE),
    row("TIFF PA", lambda: encoded(palette_alpha(), "TIFF"), SEE_THROUGH),
    row("TIFF RGB", lambda: encoded(rgb(), "TIFF"), ALL_THERE),
    row("TIFF RGBA", lambda: encoded(rgba(), "TIFF"), SEE_THROUGH),
    row("TIFF RGBX", lambda: encoded(rgb().convert("RGBX"), "TIFF"), ALL_THERE),
    row("TIFF CMYK", lambda: encoded(fields(CYANS, "CMYK"), "TIFF"), seen_rgb(UNCYAN)),
    row("TIFF YCbCr", lambda: encoded(rgb().convert("YCbCr"), "TIFF"), ALL_THERE),
    row("TIFF LAB", lambda: encoded(fields(LABS, "LAB"), "TIFF"), seen_grey(LAB_GREYS)),
    row("TIFF I;16", lambda: encoded(deep(), "TIFF"), GREY),
    row("TIFF I;16B", lambda: encoded(deep("I;16B"), "TIFF"), GREY),
    row("TIFF of 12 bits", lambda: deep_tiff(12), GREY),
    row("TIFF of 16 bits, negative", lambda: deep_tiff(16, is_negative=True), GREY),
    row("TIFF of 8 bits, negative", lambda: deep_tiff(8, is_negative=True), GREY),
    row("TIFF I", lambda: encoded(deep("I", 2**31 - 1), "TIFF"), seen_grey([v / 2 for v in GREYS])),
    row("TIFF F", lambda: encoded(deep("F", 1.0), "TIFF"), GREY),
    row("TIFF F of 255", lambda: encoded(deep("F", 255), "TIFF"), GREY),
    row("GIF L", lambda: encoded(grey(), "GIF"), GREY),
    row("GIF P", lambda: encoded(palette(), "GIF"), ALL_THERE),
    row("GIF RGBA", lambda: encoded(rgba(), "GIF"), seen_rgb(COLOURS, (255, 255, 255, 0))),
    row("GIF of a part", gif_of_a_part, seen_rgb(COLOURS, (255, 0, 0, 0))),
    row("BMP 1", lambda: encoded(bilevel(), "BMP"), seen_rgb(BLACK_AND_WHITE)),
    row("BMP L", lambda: encoded(grey(), "BMP"), GREY),
    row("BMP P", lambda: encoded(palette(), "BMP"), ALL_THERE),
    row("BMP RGB", lambda: encoded(rgb(), "BMP"), ALL_THERE),
    row("BMP RGBA", lambda: encoded(rgba(), "BMP"), ALL_THERE),
    row("WEBP RGB", lambda: encoded(rgb(), "WEBP", lossless=True), ALL_THERE),
    row("WEBP RGBA", lambda: encoded(rgba(), "WEBP", lossless=True), SEE_THROUGH),
    row("AVIF L", lambda: encoded(grey(), "AVIF"), GREY),
    row("AVIF RGB", lambda: encoded(rgb(), "AVIF", quality=95), ALL_THERE),
    row("AVIF RGBA", lambda: encoded(rgba(), "AVIF", quality=95), SEE_THROUGH),
    row("HEIF L", lambda: encoded(grey(), "HEIF", quality=95), GREY),
    row("HEIF I;16", lambda: encoded(deep(), "HEIF", quality=95), GREY),
    row("HEIF RGB", lambda: encoded(rgb(), "HEIF", quality=95), ALL_THERE),
    row("HEIF RGBA", lambda: encoded(rgba(), "HEIF", quality=95), SEE_THROUGH),
    row("HEIF RGBa", lambda: encoded(rgba().convert("RGBa"), "HEIF", quality=95), SEE_THROUGH),
    row("JPEG L", lambda: encoded(grey(), "JPEG", quality=95), GREY),
    row("JPEG RGB", lambda: encoded(rgb(), "JPEG", quality=95), ALL_THERE),
    row("JPEG CMYK", lambda: encoded(fields(CYANS, "CMYK"), "JPEG"), seen_rgb(UNCYAN)),
    row("MPO", lambda: encoded(rgb(), "MPO", save_all=True, append_images=[grey()]), ALL_THERE),
]


# Each bit depth of a PNG, one of whose colours is left out.
KEYED = [
    row("1", lambda: keyed([b"\0", b"\xff", b"\xff", b"\0"], 1, 0, b"\0\1"),
        seen_rgb(BLACK_AND_WHITE, (255, 0, 0, 255))),
    row("L of 2 bits", lambda: keyed([b"\x55", b"\0", b"\xaa", b"\xff"], 2, 0, b"\0\1"),
        seen_grey((85, 0, 170, 255), FIRST_GONE)),
    row("L of 4 bits", lambda: keyed([b"\x55", b"\x11", b"\xaa", b"\xff"], 4, 0, b"\0\5"),
        seen_grey((85, 17, 170, 255), FIRST_GONE)),
    row("L", lambda: keyed([b"\x05", b"\x50", b"\xaa", b"\xff"], 8, 0, b"\0\5"),
        seen_grey((5, 80, 170, 255), FIRST_GONE)),
    row("I;16", lambda: keyed([b"\x05\1", b"\x50\0", b"\xaa\0", b"\xff\xff"], 16, 0, b"\5\1"),
        seen_grey((5, 80, 170, 255), FIRST_GONE)),
    row("RGB", lambda: keyed([bytes(c) for c in COLOURS], 8, 2, b"\0\xc8\0\x28\0\x28"),
        seen_rgb(COLOURS, FIRST_GONE)),
    row("RGB of 16 bits",
        lambda: keyed([bytes(b for v in c for b in (v, 9)) for c in COLOURS], 16, 2,
                      b"\xc8\x09\x28\x09\x28\x09"),
        seen_rgb(COLOURS, FIRST_GONE)),
]  # fmt: skip


def profiled(kind: str, **options: object) -> object:
    """A row: a profile says red for green."""
    seen = [(green, red, blue, 255) for red, green, blue in COLOURS]
    profile = swapped_profile()
    return row(kind, lambda: encoded(rgb(), kind, icc_profile=profile, **options), seen, near=14)


PROFILED = [
    *(profiled(kind) for kind in ("PNG", "TIFF")),
    *(profiled(kind, quality=95) for kind in ("JPEG", "AVIF", "HEIF")),
    profiled("WEBP", lossless=True),
]


@pytest.mark.parametrize(("make", "seen", "near"), [*TABLE, *KEYED, *PROFILED])
def test_a_picture_looks_the_same_whatever_it_was_written_as(
    tmp_path: Path, make: Make, seen: list[Pixel], near: int
) -> None:
    path, out = tmp_path / "picture", tmp_path / "out"
    path.write_bytes(make())
    for work, limit_bytes in ((Work.INPUT, MAX_INPUT_BYTES), (Work.FIT, 100_000)):
        answer = carried_out(
            Order(work=work, path=str(path), out=str(out), limit_bytes=limit_bytes)
        )
        assert answer.fault is None
        if answer.made:
            assert difference(at_the_middle_of_each(out.read_bytes()), seen) <= near


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_a_picture_is_turned_as_it_says_and_once(tmp_path: Path, kind: str) -> None:
    for orientation in range(1, 9):
        path, out = tmp_path / f"{orientation}", tmp_path / "out"
        stored = rgb()
        stored.getexif()[0x0112] = orientation
        turned = ImageOps.exif_transpose(stored)
        path.write_bytes(encoded(stored, kind, exif=stored.getexif().tobytes(), quality=95))
        order = Order(work=Work.FIT, path=str(path), out=str(out), limit_bytes=100_000)
        assert carried_out(order).made
        with Image.open(out) as made:
            assert made.size == turned.size
            assert made.getexif().get(0x0112, 1) == 1
        seen = at_the_middle_of_each(encoded(turned, "PNG"))
        assert difference(at_the_middle_of_each(out.read_bytes()), seen) <= 6
