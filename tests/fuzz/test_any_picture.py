"""Pictures: any bytes are one that we can hand on, or BadImage with a sentence."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadImage
from bot.files.images import Picture, fit, inspect, inspect_output, prepare_input
from tests.fuzz.strategies import cut, texts
from tests.samples.pictures import animated, picture, png_header, sideways_jpeg

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
RIGHT = [
    *(picture(kind, (9, 7)) for kind in KINDS),
    *(picture(kind, (9, 7), "RGBA") for kind in ("PNG", "WEBP")),
    animated("GIF"),
    animated("WEBP"),
    sideways_jpeg(),
    png_header(2**31 - 1, 1),
    png_header(60_000, 60_000),
]
HEADS = [b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftypqt  ", b"\0\0\0\x18ftypmp42", b"II*\0", b"BM"]
files = (
    cut(RIGHT)
    | st.binary(max_size=200)
    | st.builds(bytes.__add__, st.sampled_from(HEADS), st.binary())
)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


async def all_looks(path: Path, name: str) -> None:
    """Each way to look at it once; only BadImage, with a sentence, is left out."""
    for look in (inspect, prepare_input):
        try:
            found = await look(path, name)
        except BadImage as error:
            assert 0 < len(error.user_message) < 500
            break
        assert not isinstance(found, Picture) or found.width_px > 0
    with suppress(BadImage):
        assert await inspect_output(path)
    encoded = await fit(path, 2000)
    assert encoded is None or len(encoded.data) <= 2000


@given(data=files, name=texts)
def test_any_bytes_are_a_picture_or_a_bad_one(
    tmp_path: Path, loop: asyncio.Runner, data: bytes, name: str
) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    loop.run(all_looks(path, name))
