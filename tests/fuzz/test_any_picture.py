"""Pictures: any bytes are one that we can hand on, or a fault with a sentence."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.files.bounds import Fault, refusal
from bot.files.images import carried_out
from bot.files.names import safe_name
from bot.files.orders import Order, Work, answer_of, line_of
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


@given(data=files, name=texts)
def test_any_bytes_are_a_picture_or_a_bad_one(tmp_path: Path, data: bytes, name: str) -> None:
    path, out = tmp_path / "any", tmp_path / "out"
    path.write_bytes(data)
    for work in Work:
        out.write_bytes(b"")
        order = Order(work=work, path=str(path), out=str(out), limit_bytes=2000)
        answer = answer_of(line_of(carried_out(order)))
        if answer.fault:
            assert answer.fault is not Fault.MACHINE
            assert 0 < len(refusal(answer.fault, safe_name(name)).user_message) < 500
        elif work is Work.INPUT:
            assert answer.width_px > 0
        assert not answer.made or 0 < out.stat().st_size <= 2000
