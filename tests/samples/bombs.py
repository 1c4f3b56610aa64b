"""Little files that take a decoder very long."""

import struct
from collections.abc import Iterator
from functools import cache

from PIL import Image

from tests.samples.pictures import encoded

DEPTH, REFERENCES, CELL_PX = 3, 5, 64  # libheif takes no more references, and no deeper


@cache
def endless_heic(cells: int = 16, side_px: int = 2000) -> bytes:
    """Some kilobytes, shown as 1,024 × 1,024: a grid of overlays of overlays of one coded picture.

    It is decoded for each place where it shows: 32,000 times with sixteen cells a side.
    """
    plain = dict(_boxes(encoded(Image.new("RGB", (side_px, side_px), "white"), "HEIF", quality=10)))
    inner = dict(_boxes(plain["meta"][4:]))
    hvcc = dict(_boxes(dict(_boxes(inner["iprp"]))["ipco"]))["hvcC"]
    head = _box("ftyp", b"heic" + bytes(4) + b"mif1heic")
    before = len(head) + len(_meta(cells, side_px, hvcc, 0, 0)) + 8
    stream = plain["mdat"]
    return head + _meta(cells, side_px, hvcc, before, len(stream)) + _box("mdat", stream)


def _meta(cells: int, side_px: int, hvcc: bytes, start: int, length: int) -> bytes:
    top = 2 + DEPTH
    overlay = struct.pack(">BB4HHH", 0, 0, 0, 0, 0, 65535, CELL_PX, CELL_PX) + bytes(4 * REFERENCES)
    side = CELL_PX * cells
    grid = struct.pack(">BBBBII", 0, 1, cells - 1, cells - 1, side, side)
    kinds = [b"hvc1", *[b"iovl"] * DEPTH, b"grid"]
    infos = [_box("infe", struct.pack(">HH4sB", n, 0, k, 0), 2) for n, k in enumerate(kinds, 1)]
    drawn = [_drawn(n, n - 1, REFERENCES) for n in range(2, top)] + [_drawn(top, top - 1, cells**2)]
    return _box(
        "meta",
        _box("hdlr", struct.pack(">I4s12sB", 0, b"pict", b"", 0), 0)
        + _box("pitm", struct.pack(">H", top), 0)
        + _box("iloc", _places(top, (start, length), len(overlay), len(grid)), 1)
        + _box("iinf", struct.pack(">H", top) + b"".join(infos), 0)
        + _box("iref", b"".join(drawn), 0)
        + _box("iprp", _properties(top, hvcc, side_px, side))
        + _box("idat", overlay + grid),
        0,
    )


def _places(top: int, stream: tuple[int, int], overlay: int, grid: int) -> bytes:
    places = [
        (1, 0, *stream),
        *((n, 1, 0, overlay) for n in range(2, top)),
        (top, 1, overlay, grid),
    ]
    each = [struct.pack(">HHHHII", n, how, 0, 1, at, size) for n, how, at, size in places]
    return struct.pack(">BBH", 0x44, 0, top) + b"".join(each)


def _properties(top: int, hvcc: bytes, side_px: int, shown_px: int) -> bytes:
    sizes = [
        _box("ispe", struct.pack(">II", each, each), 0) for each in (side_px, CELL_PX, shown_px)
    ]
    depth = _box("pixi", bytes((3, 8, 8, 8)), 0)
    uses = [(1, 0x81, 2, 5), *((n, 3, 5) for n in range(2, top)), (top, 4, 5)]
    of_each = b"".join(struct.pack(">HB", n, len(used)) + bytes(used) for n, *used in uses)
    return _box("ipco", _box("hvcC", hvcc) + b"".join(sizes) + depth) + _box(
        "ipma", struct.pack(">I", top) + of_each, 0
    )


def _drawn(by: int, what: int, count: int) -> bytes:
    return _box("dimg", struct.pack(">HH", by, count) + struct.pack(">H", what) * count)


def _box(kind: str, payload: bytes, version: int | None = None) -> bytes:
    head = b"" if version is None else struct.pack(">I", version << 24)
    return struct.pack(">I4s", 8 + len(head) + len(payload), kind.encode()) + head + payload


def _boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind.decode(), data[at + 8 : at + size]
        at += size
