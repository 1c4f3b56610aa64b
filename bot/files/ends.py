"""Whether a file came whole, by the lengths and the end that its own kind writes down.

Nothing is decoded, so nothing in it is unpacked, and little of it is read. Of kinds that do not say
how long they are, and of files that are odd in another way, nothing is known: they count as whole.
So do those of too many parts to look at.
"""

import os
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
        """As many of these as there are."""
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            raise _EnoughSeen
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
            return True  # no GIF as we know them
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


def _svg(data: _Bytes) -> bool:
    return data.tail().rstrip().endswith(b">")


_CHECKS: Mapping[str, Callable[[_Bytes], bool]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _riff,
    "image/avif": _boxes,
    "image/heic": _boxes,
    "image/jp2": _boxes,
    "image/bmp": lambda data: data.number(2, 4, little=True) <= data.size,
    "image/svg+xml": _svg,
    "image/vnd.adobe.photoshop": _psd,
    "audio/wav": _riff,
    "audio/mp4": _boxes,
    "audio/ogg": _ogg,
    "video/mp4": _boxes,
    "video/quicktime": _boxes,
    "video/webm": _webm,
    "video/x-matroska": _webm,
    "video/x-msvideo": _riff,
    "model/gltf-binary": lambda data: data.number(8, 4, little=True) <= data.size,
    "application/pdf": lambda data: b"%%EOF" in data.tail(),
    "application/zip": _zip,
}
