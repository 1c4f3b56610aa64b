import asyncio
import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import BadImage
from bot.files import images
from bot.files.images import (
    MAX_INPUT_BYTES,
    Picture,
    described_fault,
    extension_of,
    fit,
    inspect,
    inspect_output,
    prepare_input,
)
from tests.samples.pictures import (
    animated,
    encoded,
    jpeg_of_scans,
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


@pytest.mark.parametrize(
    ("described", "fault"),
    [
        (("a.png", "image/png", 10, 40, 30), None),
        (("a.png", None, 10, None, None), None),
        (("a b.txt", "text/plain", 10, None, None), f"a_b.txt is not a picture. {NOTHING}"),
        (("a.png", "image/png", 0, 1, 1), f"a.png is empty. {NOTHING}"),
        (
            ("a.png", "image/png", MAX_INPUT_BYTES + 1, 1, 1),
            f"a.png is larger than 50 MiB. {NOTHING}",
        ),
        (
            ("a.png", "image/png", 10, 30_000, 30_000),
            f"a.png is 30,000 × 30,000 pixels; {MOST}. {NOTHING}",
        ),
    ],
    ids=["fine", "undescribed", "text", "empty", "large", "huge"],
)
def test_what_discord_describes_is_judged(
    described: tuple[str, str | None, int, int | None, int | None], fault: str | None
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
async def test_the_bytes_say_what_a_picture_is(path: Path, data: bytes, media_type: str) -> None:
    path.write_bytes(data)
    assert await inspect(path, "a") == Picture(media_type=media_type, width_px=40, height_px=30)


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
async def test_what_is_no_usable_picture_is_told_in_a_sentence(
    path: Path, data: bytes, sentence: str
) -> None:
    path.write_bytes(data)
    with pytest.raises(BadImage) as caught:
        await inspect(path, "me.png")
    assert caught.value.user_message == f"{sentence} {NOTHING}"


@pytest.mark.parametrize(
    "kind", ["EPS", "PDF", "ICO", "ICNS", "PPM", "TGA", "PCX", "SGI", "DDS", "JPEG2000"]
)
async def test_formats_that_are_not_on_the_list_are_never_opened(path: Path, kind: str) -> None:
    path.write_bytes(picture(kind, (64, 64)))
    with pytest.raises(BadImage, match="not a picture"):
        await inspect(path, "me.png")
    with pytest.raises(BadImage):
        await inspect_output(path)
    assert await fit(path, 10_000) is None


@pytest.mark.parametrize(
    "chunks",
    [
        lambda: [(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))],
        lambda: [(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**26)))],
        lambda: [(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(10**6)))] * 100,
    ],
    ids=["text", "profile", "many texts"],
)
async def test_what_unpacks_to_much_more_in_a_picture_is_refused(
    path: Path, chunks: Callable[[], list[tuple[bytes, bytes]]]
) -> None:
    path.write_bytes(png_with(*chunks()))
    tracemalloc.start()
    try:
        with pytest.raises(BadImage, match="damaged"):
            await inspect(path, "me.png")
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


async def test_a_heif_that_hides_its_size_is_refused(path: Path) -> None:
    data = picture("HEIF", (64, 17_000))
    claim = b"ispe\0\0\0\0" + struct.pack(">II", 64, 17_000)
    assert claim in data
    path.write_bytes(data.replace(claim, b"ispe\0\0\0\0" + struct.pack(">II", 40, 30)))
    with pytest.raises(BadImage):
        await inspect(path, "me.heic")


async def test_a_picture_that_takes_very_long_to_decode_is_given_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(jpeg_of_scans(5_000))
    monkeypatch.setattr(images, "DECODE_S", 0.1)
    with pytest.raises(BadImage, match="damaged"):
        await inspect(path, "me.jpg")
    assert await fit(path, 10_000) is None


async def test_the_pages_of_a_picture_are_not_counted(path: Path) -> None:
    path.write_bytes(tiff_of_pages(100_000))
    async with asyncio.timeout(5):
        assert await fit(path, 10_000) is None


async def test_broken_tags_are_no_trouble(path: Path) -> None:
    data = picture("JPEG")
    tags = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(18)
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(tags)) + tags + data[2:])
    assert (await inspect(path, "me.jpg")).media_type == "image/jpeg"
    assert await fit(path, 10_000)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_what_the_service_takes_is_left_as_it_is(path: Path, kind: str) -> None:
    path.write_bytes(picture(kind))
    assert await prepare_input(path, "a") is None


@pytest.mark.parametrize(
    ("data", "media_type", "kind"),
    [
        (picture("HEIF"), "image/jpeg", "JPEG"),
        (picture("TIFF", mode="RGBA"), "image/png", "PNG"),
        (picture("TIFF", mode="CMYK"), "image/jpeg", "JPEG"),
    ],
    ids=["heic", "transparent", "cmyk"],
)
async def test_other_types_are_converted(
    path: Path, data: bytes, media_type: str, kind: str
) -> None:
    path.write_bytes(data)
    prepared = await prepare_input(path, "a")
    assert prepared
    assert prepared.media_type == media_type
    with Image.open(io.BytesIO(prepared.data)) as image:
        assert (image.format, image.size) == (kind, (40, 30))


async def test_a_picture_that_breaks_off_cannot_be_converted(path: Path) -> None:
    path.write_bytes(encoded(noise(), "TIFF")[:5000])
    with pytest.raises(BadImage, match="damaged"):
        await prepare_input(path, "a")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("limit_bytes", [120_000, 20_000, 1_000])
async def test_a_picture_is_made_to_fit_and_stays_what_it_is(
    path: Path, mode: str, limit_bytes: int
) -> None:
    path.write_bytes(encoded(noise(mode=mode), "PNG"))
    fitted = await fit(path, limit_bytes)
    assert fitted
    assert len(fitted.data) <= limit_bytes
    with Image.open(io.BytesIO(fitted.data)) as image:
        assert (image.format, image.mode) == ("WEBP", mode)


async def test_a_very_long_picture_becomes_a_jpeg(path: Path) -> None:
    path.write_bytes(encoded(noise((20_000, 4)), "PNG"))
    fitted = await fit(path, 100_000)
    assert fitted
    assert fitted.media_type == "image/jpeg"


async def test_turned_pictures_are_upright_after_fitting(path: Path) -> None:
    path.write_bytes(sideways_jpeg())
    fitted = await fit(path, 10_000)
    assert fitted
    with Image.open(io.BytesIO(fitted.data)) as image:
        assert image.size == (30, 40)


@pytest.mark.parametrize(
    "data",
    [animated("GIF"), b"text", encoded(noise(), "PNG")],
    ids=["animated", "no picture", "no room"],
)
async def test_what_cannot_be_made_to_fit_is_none(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert await fit(path, 20) is None


async def test_a_huge_picture_is_not_unpacked_to_be_made_smaller(path: Path) -> None:
    path.write_bytes(encoded(Image.new("1", (8_000, 7_600)), "PNG"))
    assert await fit(path, 5_000) is None


@pytest.mark.parametrize(
    ("data", "media_type", "extension"),
    [
        (picture("JPEG"), "image/jpeg", "jpg"),
        (animated("WEBP"), "image/webp", "webp"),
        (animated("GIF"), "image/gif", "gif"),
        (b"\x1a\x45\xdf\xa3" + b"0" * 60, "video/webm", "webm"),
        (b"\0\0\0\x20ftypqt  " + b"0" * 60, "video/quicktime", "mov"),
        (b"\0\0\0\x20ftypisom" + b"0" * 60, "video/mp4", "mp4"),
    ],
    ids=["jpeg", "webp", "gif", "webm", "mov", "mp4"],
)
async def test_a_results_type_follows_from_its_bytes(
    path: Path, data: bytes, media_type: str, extension: str
) -> None:
    path.write_bytes(data)
    assert await inspect_output(path) == media_type
    assert extension_of(media_type) == extension


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"{}", picture("PNG")[:50], png_header(30_000, 30_000)]
)
async def test_what_is_no_result_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(BadImage):
        await inspect_output(path)


def test_an_unknown_type_has_a_plain_ending() -> None:
    assert extension_of("application/x-thing") == "bin"
