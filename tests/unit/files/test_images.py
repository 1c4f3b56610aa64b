"""What a file turns out to be, and what is made of it: as the helper does it, in this process."""

import errno
import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from bot.files.bounds import MAX_INPUT_BYTES, Fault, described_fault, refusal
from bot.files.images import _fault_of, carried_out
from bot.files.orders import Answer, Order, Work
from tests.samples.pictures import (
    animated,
    encoded,
    noise,
    picture,
    png_header,
    png_with,
    sideways_jpeg,
    tiff_of_pages,
)

NOTHING = "Nothing was charged; please send another picture."
MOST = "at most 16,383 a side and 60 megapixels are taken"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def looked(path: Path, work: Work = Work.INPUT, limit_bytes: int = MAX_INPUT_BYTES) -> Answer:
    """What comes of the file; what is made of it is beside it."""
    out = path.with_name("out")
    order = Order(work=work, path=str(path), out=str(out), limit_bytes=limit_bytes)
    return carried_out(order)


def sentence_of(answer: Answer) -> str:
    assert answer.fault
    return refusal(answer.fault, "me.png", answer.width_px, answer.height_px).user_message


def made(path: Path) -> bytes:
    return path.with_name("out").read_bytes()


def fitted(path: Path, limit_bytes: int) -> bytes | None:
    return made(path) if looked(path, Work.FIT, limit_bytes).made else None


@pytest.mark.parametrize(
    ("described", "fault"),
    [
        (("a.png", 10, 40, 30), None),
        (("a.png", 10, None, None), None),
        (("a b.txt", 10, None, None), None),
        (("a.png", 0, 1, 1), f"a.png is empty. {NOTHING}"),
        (("a.png", MAX_INPUT_BYTES + 1, 1, 1), f"a.png is larger than 50 MiB. {NOTHING}"),
        (
            ("a.png", 10, 30_000, 30_000),
            f"a.png is 30,000 × 30,000 pixels; {MOST}. {NOTHING}",
        ),
    ],
    ids=["fine", "undescribed", "a text by its name", "empty", "large", "huge"],
)
def test_what_discord_describes_is_judged(
    described: tuple[str, int, int | None, int | None], fault: str | None
) -> None:
    found = described_fault(*described)
    assert (found.user_message if found else None) == fault


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
        (picture("GIF"), "image/gif"),
        (picture("HEIF"), "image/heic"),
        (picture("BMP"), "image/bmp"),
        (picture("PNG", mode="1"), "image/png"),
    ],
    ids=["png", "jpeg", "webp", "gif", "heic", "bmp", "bilevel"],
)
def test_the_bytes_say_what_a_picture_is(path: Path, data: bytes, media_type: str) -> None:
    path.write_bytes(data)
    answer = looked(path)
    assert (answer.fault, answer.media_type) == (None, media_type)
    assert (answer.width_px, answer.height_px) == (40, 30)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "me.png is empty."),
        (b"just text", "me.png is not a picture."),
        (b"<html></html>", "me.png is not a picture."),
        (picture("PNG")[:60], "me.png is damaged."),
        (encoded(noise(), "JPEG")[:2000], "me.png is damaged."),
        (png_header(30_000, 30_000), "me.png has too many pixels."),
        (
            png_header(17_000, 2),
            f"me.png is 17,000 × 2 pixels; {MOST}.",
        ),
    ],
    ids=["empty", "text", "html", "cut png", "cut jpeg", "bomb", "long"],
)
def test_what_is_no_usable_picture_is_told_in_a_sentence(
    path: Path, data: bytes, sentence: str
) -> None:
    path.write_bytes(data)
    assert sentence_of(looked(path)) == f"{sentence} {NOTHING}"


@pytest.mark.parametrize(
    "kind", ["EPS", "PDF", "ICO", "ICNS", "PPM", "TGA", "PCX", "SGI", "DDS", "JPEG2000"]
)
def test_formats_that_are_not_on_the_list_are_never_opened(path: Path, kind: str) -> None:
    path.write_bytes(picture(kind, (64, 64)))
    assert "is not a picture" in sentence_of(looked(path))
    assert fitted(path, 10_000) is None


@pytest.mark.parametrize(
    "chunks",
    [
        lambda: [(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))],
        lambda: [(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**26)))],
        lambda: [(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(10**6)))] * 100,
    ],
    ids=["text", "profile", "many texts"],
)
def test_what_unpacks_to_much_more_in_a_picture_is_left_out_of_it(
    path: Path, chunks: Callable[[], list[tuple[bytes, bytes]]]
) -> None:
    path.write_bytes(png_with(*chunks()))
    tracemalloc.start()
    try:
        assert looked(path).media_type == "image/png"
        assert fitted(path, 10_000)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_a_heif_that_hides_its_size_is_refused(path: Path) -> None:
    data = picture("HEIF", (64, 17_000))
    claim = b"ispe\0\0\0\0" + struct.pack(">II", 64, 17_000)
    assert claim in data
    path.write_bytes(data.replace(claim, b"ispe\0\0\0\0" + struct.pack(">II", 40, 30)))
    assert looked(path).fault


def test_the_pages_of_a_picture_are_not_counted(path: Path) -> None:
    path.write_bytes(tiff_of_pages(100_000))
    began_s = time.process_time()
    assert fitted(path, 10_000) is None
    assert time.process_time() - began_s < 5


def test_broken_tags_are_no_trouble(path: Path) -> None:
    data = picture("JPEG")
    tags = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(18)
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(tags)) + tags + data[2:])
    assert looked(path).media_type == "image/jpeg"
    assert fitted(path, 10_000)


@pytest.mark.parametrize(
    "kind",
    [
        *("PNG", "JPEG", "progressive JPEG", "WEBP", "lossless WEBP"),
        *("GIF", "see-through GIF", "BMP", "TIFF"),
    ],
)
def test_a_picture_that_lacks_its_last_bytes_is_shown_and_half_of_one_is_damaged(
    path: Path, kind: str
) -> None:
    options = {"progressive": "progr" in kind, "lossless": "lossless" in kind}
    see_through = {"transparency": 255} if "through" in kind else {}
    data = encoded(photo(), kind.rsplit(maxsplit=1)[-1], **options, **see_through)
    for missing in (1, 2, 13, len(data) // 50):
        path.write_bytes(data[:-missing])
        answer = looked(path)
        assert answer.fault is None
        with Image.open(path.with_name("out") if answer.made else path) as shown:
            shown.load()
            assert close_to_the_photo(shown)
    path.write_bytes(data[: len(data) // 2])
    is_all_seen = kind == "progressive JPEG"  # a little blurred
    assert looked(path).fault is (None if is_all_seen else Fault.DAMAGED)


def photo() -> Image.Image:
    """Much noise around a grey, as far as an encoder is concerned."""
    return noise((200, 150), "L").point(lambda value: 96 + value // 4).convert("RGB")


PICTURE = encoded(photo(), "PNG")


def spoilt(data: bytes, at: bytes, offset: int) -> bytes:
    """The bytes, one of which is wrong: so many after that sign."""
    place = data.index(at) + offset
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(
    "make",
    [
        lambda: PICTURE + b"and more" * 50,
        lambda: spoilt(PICTURE, b"IEND", -5),
        lambda: spoilt(png_with((b"tEXt", b"a\0b")), b"tEXt", 8),
        lambda: spoilt(png_with((b"gAMA", b"\0\0\xb1\x8f")), b"gAMA", 9),
        lambda: encoded(photo(), "PNG", icc_profile=bytes(9_000_000)),
        lambda: encoded(photo(), "JPEG") + b"and more" * 50,
        lambda: encoded(photo(), "JPEG", icc_profile=bytes(3_000_000)),
        lambda: encoded(photo(), "JPEG", exif=b"Exif\0\0II*\0" + b"\xff" * 40),
        lambda: encoded(photo(), "WEBP", exif=b"Exif\0\0MM\0*" + b"\xff" * 40),
        lambda: encoded(photo(), "WEBP") + b"and more" * 50,
        lambda: encoded(photo(), "WEBP", exif=bytes(400))[:-300],
        lambda: encoded(photo(), "GIF") + b"and more" * 50,
        lambda: encoded(photo(), "BMP")[:2] + bytes(4) + encoded(photo(), "BMP")[6:],
        lambda: encoded(photo(), "HEIF") + b"and more" * 50,
    ],
    ids=[
        *("PNG and more", "checksum of pixels", "checksum of text", "checksum of gamma"),
        *("large profile", "JPEG and more", "large profile of a JPEG", "odd EXIF"),
        *("odd EXIF of a WebP", "WebP and more", "cut EXIF", "GIF and more"),
        *("BMP of no size", "HEIF and more"),
    ],
)
def test_what_every_viewer_opens_is_not_damaged(path: Path, make: Callable[[], bytes]) -> None:
    path.write_bytes(make())
    for work in Work:
        assert looked(path, work, 50_000).fault is None


def close_to_the_photo(image: Image.Image) -> bool:
    return image.size == (200, 150) and 90 < ImageStat.Stat(image.convert("L")).mean[0] < 165


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_the_service_takes_is_left_as_it_is(path: Path, kind: str) -> None:
    path.write_bytes(picture(kind))
    assert looked(path).made == ""


@pytest.mark.parametrize(
    ("data", "media_type", "kind"),
    [
        (picture("HEIF"), "image/jpeg", "JPEG"),
        (picture("TIFF", mode="RGBA"), "image/png", "PNG"),
        (picture("TIFF", mode="CMYK"), "image/jpeg", "JPEG"),
    ],
    ids=["heic", "transparent", "cmyk"],
)
def test_other_types_are_converted(path: Path, data: bytes, media_type: str, kind: str) -> None:
    path.write_bytes(data)
    assert looked(path).made == media_type
    with Image.open(io.BytesIO(made(path))) as image:
        assert (image.format, image.size) == (kind, (40, 30))


def test_a_picture_that_breaks_off_cannot_be_converted(path: Path) -> None:
    path.write_bytes(encoded(noise(), "TIFF")[:5000])
    assert sentence_of(looked(path)) == f"me.png is damaged. {NOTHING}"


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("limit_bytes", [120_000, 20_000, 1_000])
def test_a_picture_is_made_to_fit_and_stays_what_it_is(
    path: Path, mode: str, limit_bytes: int
) -> None:
    path.write_bytes(encoded(noise(mode=mode), "PNG"))
    data = fitted(path, limit_bytes)
    assert data
    assert len(data) <= limit_bytes
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.mode) == ("WEBP", mode)


def test_a_very_long_picture_becomes_a_jpeg(path: Path) -> None:
    path.write_bytes(encoded(noise((20_000, 4)), "PNG"))
    assert looked(path, Work.FIT, 100_000).made == "image/jpeg"


def test_turned_pictures_are_upright_after_fitting(path: Path) -> None:
    path.write_bytes(sideways_jpeg())
    data = fitted(path, 10_000)
    assert data
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (30, 40)


@pytest.mark.parametrize(
    "data",
    [animated("GIF"), b"text", encoded(noise(), "PNG")],
    ids=["animated", "no picture", "no room"],
)
def test_what_cannot_be_made_to_fit_is_none(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert fitted(path, 20) is None


def test_a_huge_picture_is_not_unpacked_to_be_made_smaller(path: Path) -> None:
    path.write_bytes(encoded(Image.new("1", (8_000, 7_600)), "PNG"))
    assert fitted(path, 5_000) is None


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (MemoryError(), Fault.TOO_LARGE),
        (RuntimeError("Memory allocation error: Unspecified: Allocating"), Fault.TOO_LARGE),
        (RuntimeError("Pixel allocation failed: Out of memory"), Fault.TOO_LARGE),
        (OSError(errno.ENOSPC, "No space left on device"), Fault.MACHINE),
        (OSError("image file is truncated"), Fault.DAMAGED),
        (SyntaxError("broken PNG file"), Fault.DAMAGED),
    ],
)
def test_what_a_decoder_lacks_is_no_fault_of_the_picture(error: Exception, fault: Fault) -> None:
    assert _fault_of(error) is fault


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (encoded(noise((1000, 500)), "PNG"), (256, 128)),
        (encoded(noise((40, 90), mode="RGBA"), "PNG"), (40, 90)),
        (sideways_jpeg(), (30, 40)),
        (animated("GIF"), None),
        (b"text", None),
    ],
    ids=["large", "small", "turned", "animated", "no picture"],
)
def test_a_thumbnail_has_256_pixels_at_most_and_is_upright(
    path: Path, data: bytes, size: tuple[int, int] | None
) -> None:
    path.write_bytes(data)
    answer = looked(path, Work.THUMBNAIL, 2**18)
    assert answer.made == ("image/webp" if size or data[:3] == b"GIF" else "")
    if answer.made:
        with Image.open(io.BytesIO(made(path))) as image:
            assert image.size == (size or image.size)
            assert max(image.size) <= 256
            assert getattr(image, "n_frames", 1) == 1
