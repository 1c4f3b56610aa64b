"""Whether a file came whole, by the lengths and the end that its own kind writes down.

Nothing is decoded, so nothing in it is unpacked, and little of it is read. Of kinds that do not say
how long they are, and of files that are odd in another way, nothing is known: they count as whole.
So do those of too many parts to look at.
"""

import os
import re
from collections.abc import Callable, Mapping
from typing import BinaryIO

_TAIL_BYTES = 2**16 + 22  # the last part of an archive has no more
_MOST_LOOKS = 500_000  # half a second


class _EnoughSeen(Exception):
    """The file has so many parts that nobody looks for its end."""


class _Bytes:
    """A file's bytes, wherever they are asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        self._looks = 0

    def part(self, at: int, size: int) -> bytes:
        """As many of these as there are: outside of the file, where its numbers may point, none."""
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            raise _EnoughSeen
        if not 0 <= at < self.size:
            return b""
        self._file.seek(at)
        return self._file.read(size)

    def number(self, at: int, width: int, *, little: bool = False) -> int:
        """The number there; EOFError where the file breaks off before its end."""
        found = self.part(at, width)
        if len(found) < width:
            raise EOFError
        return int.from_bytes(found, "little" if little else "big")

    def tail(self, since: int = 0) -> bytes:
        """The last of them, and none before these."""
        return self.part(max(since, self.size - _TAIL_BYTES), _TAIL_BYTES)


def is_whole(file: BinaryIO, media_type: str) -> bool:
    """False where the file of this type breaks off before its end."""
    check = _CHECKS.get(media_type)
    try:
        return check is None or check(_Bytes(file))
    except EOFError:
        return False
    except _EnoughSeen:
        return True


def _jpeg(data: _Bytes) -> bool:
    # Within its drawing, which comes last, nothing looks like an end; a thumbnail before it has one.
    at = 2
    while (marker := data.number(at, 2)) != 0xFFDA:
        if marker == 0xFFD9 or marker < 0xFF00:
            return True  # no JPEG as we know them
        at += 1 if marker == 0xFFFF else 2 + data.number(at + 2, 2)
    return b"\xff\xd9" in data.tail(since=at)


def _png(data: _Bytes) -> bool:
    at = 8
    while (kind := data.part(at + 4, 4)) != b"IEND":
        if not kind.isalpha():
            return False  # zeros, which somebody meant to overwrite
        at += 12 + data.number(at, 4)
    return at + 12 <= data.size


def _gif(data: _Bytes) -> bool:
    at = 13 + _palette_bytes(data.number(10, 1))
    while (kind := data.number(at, 1)) != 0x3B:
        if kind == 0x2C:
            at += 11 + _palette_bytes(data.number(at + 9, 1))
        elif kind == 0x21:
            at += 2
        else:
            return kind != 0  # zeros again, or no GIF as we know them
        while size := data.number(at, 1):
            at += 1 + size
        at += 1
    return True


def _palette_bytes(flags: int) -> int:
    return 3 * 2 ** (1 + flags % 8) if flags & 0x80 else 0


def _riff(data: _Bytes) -> bool:
    size = data.number(4, 4, little=True)
    return size == 2**32 - 1 or 8 + size <= data.size  # the first of who did not know it


def _boxes(data: _Bytes) -> bool:
    """Of MP4 and its kin: each part says how long it is, but perhaps the last."""
    at = 0
    while at < data.size:
        size = data.number(at, 4)
        if size == 1:
            size = data.number(at + 8, 8)
        if size < 8:
            return True
        at += size
    return at == data.size


def _webm(data: _Bytes) -> bool:
    at = 0
    while at < data.size:
        at += _width(data.number(at, 1))
        width = _width(data.number(at, 1))
        most = 2 ** (7 * width) - 1
        size = data.number(at, width) & most
        if size == most:
            return True  # its writer did not know it
        at += width + size
    return at == data.size


def _width(first: int) -> int:
    """How many bytes a number has that begins with this one."""
    return 9 - max(first.bit_length(), 1)


def _psd(data: _Bytes) -> bool:
    is_big = data.number(4, 2) == 2
    at = 26
    for width in (4, 4, 8 if is_big else 4):
        at += width + data.number(at, width)
    return at + 2 < data.size


def _ogg(data: _Bytes) -> bool:
    tail = data.tail()
    page = tail[tail.rfind(b"OggS") :]
    lengths = page[27 : 27 + page[26]] if len(page) > 26 else b""
    return len(page) >= 27 + len(lengths) + sum(lengths) and bool(page[5] & 4)


def _zip(data: _Bytes) -> bool:
    _, found, rest = data.tail().rpartition(b"PK\5\6")
    return bool(found) and len(rest) >= 18


def _tiff(data: _Bytes) -> bool:
    """Of its first picture the last part: where each begins, and how long it is, stand in tables."""
    is_little = data.part(0, 1) == b"I"
    if data.number(2, 2, little=is_little) != 42:
        return True  # of more than 4 GiB, as far as its numbers go
    at = data.number(4, 4, little=is_little)
    begins, lengths = [0], [0]
    for entry in range(at + 2, at + 2 + 12 * data.number(at, 2, little=is_little), 12):
        tag = data.number(entry, 2, little=is_little)
        if tag in {273, 324}:
            begins = _numbers(data, entry, little=is_little)
        elif tag in {279, 325}:
            lengths = _numbers(data, entry, little=is_little)
    return max(map(sum, zip(begins, lengths, strict=False)), default=0) <= data.size


def _numbers(data: _Bytes, entry: int, *, little: bool) -> list[int]:
    """The value of an entry of a TIFF, which stands in it or, where it is long, elsewhere."""
    width = {3: 2, 4: 4}.get(data.number(entry + 2, 2, little=little), 0)
    count = data.number(entry + 4, 4, little=little) if width else 0
    fits = width * count <= 4
    at = entry + 8 if fits else data.number(entry + 8, 4, little=little)
    return [data.number(at + width * each, width, little=little) for each in range(count)]


def _midi(data: _Bytes) -> bool:
    at = 8 + data.number(4, 4)
    for _track in range(data.number(10, 2)):
        at += 8 + data.number(at + 4, 4)
    return at <= data.size


def _ico(data: _Bytes) -> bool:
    entries = range(6, 6 + 16 * data.number(4, 2, little=True), 16)
    ends = (
        data.number(each + 8, 4, little=True) + data.number(each + 12, 4, little=True)
        for each in entries
    )
    return max(ends, default=0) <= data.size


def _exr(data: _Bytes) -> bool:
    """Of its rows the last part: where each begins stands in a table behind the header."""
    if data.number(5, 1) & ~4:
        return True  # in tiles, deep, or several in one
    at = 8
    while name := data.part(at, 256).partition(b"\0")[0]:
        at += len(name) + 1
        at += data.part(at, 256).find(b"\0") + 1  # its type
        if name == b"lineOrder" and data.number(at + 4, 1):
            return True
        at += 4 + data.number(at, 4, little=True)
    table = at + 1
    parts = (data.number(table, 8, little=True) - table) // 8
    last = data.number(table + 8 * (parts - 1), 8, little=True)
    return parts > 0 and last + 8 + data.number(last + 4, 4, little=True) <= data.size


def _json(data: _Bytes) -> bool:
    head, tail = data.part(0, 2**10), data.tail().rstrip()
    begins = re.match(rb"(?:\xef\xbb\xbf)?\s*(?:(\{)\s*[\"}]|\[\s*[\"\[{\]])", head)
    return begins is None or tail.endswith(b"}" if begins[1] else b"]")  # words may stand in some


def _7z(data: _Bytes) -> bool:
    begins, length = data.number(12, 8, little=True), data.number(20, 8, little=True)
    return 32 + begins + length <= data.size


def _jxl(data: _Bytes) -> bool:
    return data.part(0, 2) == b"\xff\x0a" or _boxes(data)  # a bare one does not say it


def _xml(data: _Bytes) -> bool:
    """Whether its outermost part is closed at its end."""
    head = re.sub(rb"<!--.*?-->", b"", data.part(0, 2**12), flags=re.DOTALL)
    tail = data.tail().rstrip()
    root = re.search(rb"<([\w:][\w:.-]*)[^<>]*?(/?)>", head)
    if root is None or not tail.endswith(b">"):
        return False
    return bool(root[2]) or b"</" + root[1] in tail


_CHECKS: Mapping[str, Callable[[_Bytes], bool]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _riff,
    "image/avif": _boxes,
    "image/heic": _boxes,
    "image/jp2": _boxes,
    "image/bmp": lambda data: data.number(2, 4, little=True) <= data.size,
    "image/svg+xml": _xml,
    "image/tiff": _tiff,
    "image/jxl": _jxl,
    "image/vnd.adobe.photoshop": _psd,
    "image/vnd.microsoft.icon": _ico,
    "image/x-exr": _exr,
    "image/x-qoi": lambda data: data.tail().endswith(b"\0\0\0\0\0\0\0\1"),
    "audio/wav": _riff,
    "audio/aiff": lambda data: 8 + data.number(4, 4) <= data.size,
    "audio/midi": _midi,
    "audio/mp4": _boxes,
    "audio/ogg": _ogg,
    "video/mp4": _boxes,
    "video/3gpp": _boxes,
    "video/quicktime": _boxes,
    "video/webm": _webm,
    "video/x-matroska": _webm,
    "video/x-msvideo": _riff,
    "model/gltf-binary": lambda data: data.number(8, 4, little=True) <= data.size,
    "application/json": _json,
    "application/pdf": lambda data: b"%%EOF" in data.tail(),
    "application/x-7z-compressed": _7z,
    "application/xml": _xml,
    "application/zip": _zip,
}
