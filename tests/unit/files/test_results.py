"""What a result is, and whether it came whole: told by its bytes alone."""

import io
from pathlib import Path

import pytest

from bot.files import ends
from bot.files.ends import is_whole
from bot.files.results import PAGE, Look, ending_of, kind_of, look
from tests.samples.pictures import encoded, jpeg_of_scans, noise, png_header
from tests.samples.results import ENDLESS, KINDS, PAGES

ALL = KINDS | ENDLESS


@pytest.mark.parametrize("name", ALL)
def test_a_file_is_known_by_how_it_begins_and_counts_as_whole(name: str) -> None:
    data, media_type, ending = ALL[name]
    assert kind_of(data) == media_type
    assert ending_of(media_type) == ending
    assert is_whole(io.BytesIO(data), media_type)


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_breaks_off_anywhere_is_not_whole(name: str) -> None:
    data, media_type, _ending = KINDS[name]
    lengths = {len(data) * part // 16 for part in range(5, 16)} | {len(data) - 3}
    cut = [data[:length] for length in lengths]
    assert not [len(each) for each in cut if is_whole(io.BytesIO(each), media_type)]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "QOI", "PDF", "ZIP"])
@pytest.mark.parametrize("rest", [b"\0", b"<html><body>504 Gateway Time-out</body></html>"])
def test_a_file_whose_rest_is_something_else_is_not_whole(name: str, rest: bytes) -> None:
    data, media_type, _ending = KINDS[name]
    half = data[: len(data) // 2]
    ended = half + rest * (1 if len(rest) > 1 else len(data) - len(half))
    assert not is_whole(io.BytesIO(ended), media_type)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png_header(30, 30) + bytes(9999), "image/png"),
        (b"GIF89a", "image/gif"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
    ],
)
def test_a_beginning_alone_is_not_whole(data: bytes, media_type: str) -> None:
    assert not is_whole(io.BytesIO(data), media_type)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (encoded(noise(), "JPEG") + bytes(999), "image/jpeg"),
        (encoded(noise(), "PNG") + b"more", "image/png"),
        (jpeg_of_scans(5), "image/jpeg"),
        (b"GIF89a" + bytes(7) + b"?", "image/gif"),
        (b"\xff\xd8\xff\xe0\0\x02odd", "image/jpeg"),
    ],
    ids=["padded", "followed", "of scans", "odd gif", "odd jpeg"],
)
def test_what_is_odd_but_has_its_end_counts_as_whole(data: bytes, media_type: str) -> None:
    assert is_whole(io.BytesIO(data), media_type)


@pytest.mark.parametrize("place", [0, 3, 2**63, 2**64 - 1])
def test_what_points_out_of_its_file_is_not_whole(place: int) -> None:
    order = b"lineOrder\0lineOrder\0\1\0\0\0\0"
    data = b"\x76\x2f\x31\x01\2\0\0\0" + order + b"\0" + place.to_bytes(8, "little") + bytes(40)
    assert not is_whole(io.BytesIO(data), "image/x-exr")


def test_of_endless_parts_not_all_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends, "_MOST_LOOKS", 50)
    endless = b"GIF89a" + bytes(7) + b"\x21\x01\0" * 100
    assert is_whole(io.BytesIO(endless), "image/gif")


@pytest.mark.parametrize("data", PAGES)
def test_a_page_is_a_page_whatever_it_is_called(data: bytes) -> None:
    assert kind_of(data) == PAGE


def test_a_file_of_remarks_alone_is_soon_known() -> None:
    assert kind_of(b"<!-- -->" * 500) == "text/plain"


async def test_a_look_says_what_a_file_is_and_whether_it_is_anything(tmp_path: Path) -> None:
    path = tmp_path / "file"
    looks = []
    for data in (b"", PAGES[0], encoded(noise(), "PNG")[:-9]):
        path.write_bytes(data)
        looks.append(await look(path))
    assert looks == [
        Look(media_type="", is_whole=False),
        Look(media_type=PAGE, is_whole=True),
        Look(media_type="image/png", is_whole=False),
    ]
    assert [each.is_nothing for each in looks] == [True, True, False]


@pytest.mark.parametrize(
    ("media_type", "address", "ending"),
    [
        ("image/png", "https://a.example/1.jpg", "png"),
        ("application/zip", "https://a.example/model.usdz?X-Amz=a.png#b.c", "usdz"),
        ("text/plain", "https://a.example/%E5%89%AF.OBJ", "obj"),
        ("text/plain", "https://a.example/page.html", "txt"),
        ("application/json", "https://a.example/files/1", "json"),
        ("application/octet-stream", "https://a.example/x.safetensors.1", "bin"),
        ("application/octet-stream", "https://a.example/x.a%2Fb", "bin"),
        ("application/octet-stream", "https://a.example", "bin"),
        ("application/x-thing", "https://a.example/x.thing", "bin"),
    ],
)
def test_where_the_bytes_say_little_the_address_gives_the_ending(
    media_type: str, address: str, ending: str
) -> None:
    assert ending_of(media_type, address) == ending
