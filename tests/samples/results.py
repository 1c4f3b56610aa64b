"""Files that workflows make besides small pictures, made on the spot."""

import io
import struct
import wave
import zipfile
import zlib

from PIL import Image

from tests.samples.pictures import animated, encoded, noise, picture


def sound() -> bytes:
    """A second of silence as WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return out.getvalue()


def print_of(side_px: int) -> bytes:
    """A real PNG of so many pixels a side, one bit each: a small file."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + sum_

    pack, row = zlib.compressobj(9), b"\0" + bytes((side_px + 7) // 8)
    body = b"".join(pack.compress(row) for _ in range(side_px)) + pack.flush()
    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def box(kind: bytes, body: bytes) -> bytes:
    """A part of an MP4."""
    return struct.pack(">I", 8 + len(body)) + kind + body


def packed() -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.txt", "a" * 100)
    return out.getvalue()


def with_thumbnail() -> bytes:
    """A JPEG with a smaller one in its EXIF, whose end comes first."""
    data, small = encoded(noise(), "JPEG"), picture("JPEG")
    note = b"Exif\0\0" + small
    return data[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(note)) + note + data[2:]


def exr() -> bytes:
    """An OpenEXR of three parts of its rows, of which each is nothing."""
    head = b"v/1\1\2\0\0\0" + b"lineOrder\0lineOrder\0\1\0\0\0\0" + b"a\0int\0\4\0\0\0\1\0\0\0\0"
    begins = [len(head) + 3 * 8 + n * 48 for n in range(3)]
    rows = b"".join(struct.pack("<ii", n, 40) + bytes(40) for n in range(3))
    return head + struct.pack("<3Q", *begins) + rows


_FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2")
_PSD = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30, 40, 8, 3)
_OGG = "OggS\0{:c}" + "\0" * 20 + "\2\12\12"  # a page of two parts of ten bytes
_EBML = b"\x1a\x45\xdf\xa3\x88\x42\x82\x85webm."

# What each is, and its usual ending.
KINDS: dict[str, tuple[bytes, str, str]] = {
    "JPEG": (encoded(noise(), "JPEG"), "image/jpeg", "jpg"),
    "JPEG, progressive": (encoded(noise(), "JPEG", progressive=True), "image/jpeg", "jpg"),
    "JPEG, with a thumbnail": (with_thumbnail(), "image/jpeg", "jpg"),
    "PNG": (encoded(noise(), "PNG"), "image/png", "png"),
    "PNG, sixteen bits": (encoded(Image.new("I;16", (40, 30)), "PNG"), "image/png", "png"),
    "WebP": (encoded(noise(), "WEBP"), "image/webp", "webp"),
    "WebP, moving": (animated("WEBP"), "image/webp", "webp"),
    "GIF": (encoded(noise(mode="L"), "GIF"), "image/gif", "gif"),
    "GIF, moving": (animated("GIF"), "image/gif", "gif"),
    "HEIC": (picture("HEIF"), "image/heic", "heic"),
    "AVIF": (picture("AVIF"), "image/avif", "avif"),
    "BMP": (picture("BMP"), "image/bmp", "bmp"),
    "PSD": (_PSD + bytes(10) + b"\3\0" + bytes(768 + 3), "image/vnd.adobe.photoshop", "psd"),
    "SVG": (b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="a"><path/></svg>\n', "image/svg+xml", "svg"),
    "WAV": (sound(), "audio/wav", "wav"),
    "Ogg": (_OGG.format(2).encode() + bytes(20) + _OGG.format(4).encode() + bytes(20), "audio/ogg", "ogg"),
    "MP4": (_FTYP + box(b"moov", bytes(57)) + box(b"mdat", bytes(99)), "video/mp4", "mp4"),
    "MOV": (box(b"ftyp", b"qt  \0\0\0\0") + box(b"mdat", bytes(99)), "video/quicktime", "mov"),
    "WebM": (_EBML + b"\x18\x53\x80\x67\x40\x50" + bytes(80), "video/webm", "webm"),
    "GLB": (b"glTF" + struct.pack("<II", 2, 32) + bytes(20), "model/gltf-binary", "glb"),
    "PDF": (b"%PDF-1.7\n" + bytes(50) + b"%%EOF\n", "application/pdf", "pdf"),
    "AIFF": (b"FORM\0\0\0\x67AIFF" + bytes(99), "audio/aiff", "aiff"),
    "MIDI": (b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\x20" + bytes(32), "audio/midi", "mid"),
    "3GP": (box(b"ftyp", b"3gp4\0\0\2\0") + box(b"mdat", bytes(99)), "video/3gpp", "3gp"),
    "JPEG XL": (b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"jxlc", bytes(100)), "image/jxl", "jxl"),
    "OpenEXR": (exr(), "image/x-exr", "exr"),
    "JSON": (b'\xef\xbb\xbf {"a": 1, "b": [2, 3], "c": "d"}', "application/json", "json"),
    "QOI": (b"qoif" + bytes(60) + b"\xff\0\0\0\0\0\0\0\1", "image/x-qoi", "qoi"),
    "icon": (picture("ICO", (64, 64)), "image/vnd.microsoft.icon", "ico"),
    "TIFF": (picture("TIFF"), "image/tiff", "tiff"),
    "TIFF of strips": (encoded(noise((200, 150)), "TIFF", compression="tiff_lzw"), "image/tiff", "tiff"),
    "TIFF, the other way round": (encoded(noise(), "TIFF", big_endian=True), "image/tiff", "tiff"),
    "XML": (b'<?xml version="1.0"?>\n<COLLADA>\n<asset/></COLLADA>\n', "application/xml", "xml"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<IQQI", 0, 40, 9, 0) + bytes(49), "application/x-7z-compressed", "7z"),
    "ZIP": (packed(), "application/zip", "zip"),
}  # fmt: skip

# Of these nothing says where they end.
ENDLESS: dict[str, tuple[bytes, str, str]] = {
    "MP3": (b"ID3\4\0\0\0\0\0\x21" + bytes(33) + b"\xff\xfb\x90\0" + bytes(413), "audio/mpeg", "mp3"),
    "MP3, without a tag": (b"\xff\xfb\x90\0" + bytes(413), "audio/mpeg", "mp3"),
    "FLAC": (b"fLaC\x80\0\0\x22" + bytes(34), "audio/flac", "flac"),
    "HDR": (b"#?RADIANCE\n", "image/vnd.radiance", "hdr"),
    "JPEG XL, bare": (b"\xff\x0a" + bytes(100), "image/jxl", "jxl"),
    "JPEG 2000": (picture("JPEG2000"), "image/jp2", "jp2"),
    "video of unknown length": (_EBML + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"x", "video/webm", "webm"),
    "Matroska": (b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska", "video/x-matroska", "mkv"),
    "MP4, to its end": (_FTYP + b"\0\0\0\0mdat" + bytes(9), "video/mp4", "mp4"),
    "WAV of unknown length": (b"RIFF\xff\xff\xff\xffWAVEfmt ", "audio/wav", "wav"),
    "PLY": (b"ply\nformat ascii 1.0\n", "model/x-ply", "ply"),
    "FBX": (b"Kaydara FBX Binary  \0", "model/x-fbx", "fbx"),
    "OpenEXR of tiles": (b"v/1\1\2\2\0\0" + bytes(300), "image/x-exr", "exr"),
    "words in brackets": (b"[Verse 1]\nla la", "application/json", "json"),
    "BigTIFF": (b"II+\0\x08\0\0\0" + bytes(99), "image/tiff", "tiff"),
    "gzip": (b"\x1f\x8b\x08\0\0\0", "application/gzip", "gz"),
    "text": ("v 0 0 0 # 副本".encode()[:-1], "text/plain", "txt"),
    "Latin-1": ("v 0 0 é 0".encode("latin-1"), "application/octet-stream", "bin"),
    "anything": (b"\0\1\2\3<html>", "application/octet-stream", "bin"),
}  # fmt: skip

PAGES = (
    b"<html><body>Sorry</body></html>",
    b"\xef\xbb\xbf\r\n  <!DOCTYPE html>\n<title>Sign in</title>",
    b"<!-- a proxy -->\n<!doctype HTML PUBLIC>",
    b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">',
    b'<head lang="en">',
    b"<HTML>",
    b"<h1>502 Bad Gateway</h1>",
    b"<p>We are busy",
    b"<br />\n<b>Warning</b>: out of memory",
    b"<script>location = '/login'</script>",
)
