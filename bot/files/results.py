"""What the service handed out: of which kind, by its first bytes, and whether it came whole.

Nothing of it is decoded, so whatever it is costs little to look at.

https://mimesniff.spec.whatwg.org, https://www.iana.org/assignments/media-types
"""

import asyncio
import re
from codecs import getincrementaldecoder
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from bot.files.ends import is_whole

HEAD_BYTES = 2**12  # so many tell what it is
PAGE = "text/html"
UNKNOWN = "application/octet-stream"

_BLANK = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*+"
_TAGS = rb"html|head|body|title|meta|link|style|script|iframe|div|table|h1|font|center|br|[abp]"

# The first that fits is it: its type, the usual ending of its name, how it begins.
_KINDS = tuple(
    (media_type, ending, re.compile(begins, re.DOTALL))
    for media_type, ending, begins in (
        ("image/jpeg", "jpg", rb"\xff\xd8\xff"),
        ("image/png", "png", rb"\x89PNG\r\n\x1a\n"),
        ("image/webp", "webp", rb"RIFF....WEBP"),
        ("image/gif", "gif", rb"GIF8[79]a"),
        ("image/avif", "avif", rb"....ftyp(?:avi[fs]|mif1....(?:....){0,8}?avif)"),
        ("image/heic", "heic", rb"....ftyp(?:he[iv][a-z]|mif1|msf1)"),
        ("image/bmp", "bmp", rb"BM....\0\0\0\0"),
        ("image/tiff", "tiff", rb"II[*+]\0|MM\0[*+]"),
        ("image/vnd.adobe.photoshop", "psd", rb"8BPS\0[\x01\x02]"),
        ("image/x-exr", "exr", rb"v/1\x01"),
        ("image/vnd.radiance", "hdr", rb"#\?R(?:ADIANCE|GBE)"),
        ("image/jxl", "jxl", rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
        ("image/jp2", "jp2", rb"\0\0\0\x0cjP  \r\n\x87\n"),
        ("image/x-qoi", "qoi", rb"qoif"),
        ("image/vnd.ms-dds", "dds", rb"DDS "),
        ("image/vnd.microsoft.icon", "ico", rb"\0\0\x01\0[^\0]\0"),
        ("audio/wav", "wav", rb"(?:RIFF|RF64)....WAVE"),
        ("audio/flac", "flac", rb"fLaC"),
        ("audio/ogg", "ogg", rb"OggS"),
        ("audio/mp4", "m4a", rb"....ftypM4[AB]"),
        ("audio/aiff", "aiff", rb"FORM....AIF[FC]"),
        ("audio/midi", "mid", rb"MThd"),
        ("audio/aac", "aac", rb"\xff[\xf0\xf1\xf8\xf9]"),
        ("audio/mpeg", "mp3", rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),
        ("video/x-matroska", "mkv", rb"\x1a\x45\xdf\xa3.{0,40}matroska"),
        ("video/webm", "webm", rb"\x1a\x45\xdf\xa3"),
        ("video/quicktime", "mov", rb"....(?:ftypqt  |moov|mdat)"),
        ("video/3gpp", "3gp", rb"....ftyp3g"),
        ("video/mp4", "mp4", rb"....ftyp"),
        ("video/x-msvideo", "avi", rb"RIFF....AVI "),
        ("model/gltf-binary", "glb", rb"glTF[\x01\x02]\0\0\0"),
        ("model/x-ply", "ply", rb"ply\r?\n"),
        ("model/x-fbx", "fbx", rb"Kaydara FBX Binary"),
        ("application/pdf", "pdf", rb"%PDF-"),
        ("application/zip", "zip", rb"PK(?:\x03\x04|\x05\x06)"),
        ("application/gzip", "gz", rb"\x1f\x8b\x08"),
        ("application/x-7z-compressed", "7z", rb"7z\xbc\xaf\x27\x1c"),
        ("image/svg+xml", "svg", _BLANK + rb"(?:<!DOCTYPE svg[^>]*>\s*)?<(?:svg:)?svg[\s>]"),
        (PAGE, "html", rb"(?i:" + _BLANK + rb"<(?:!doctype\s+html|(?:" + _TAGS + rb"))[\s/>])"),
        ("application/xml", "xml", rb"(?:\xef\xbb\xbf)?\s*<\?xml\s"),
    )
)
_ENDINGS = {media_type: ending for media_type, ending, _begins in _KINDS} | {
    "application/json": "json",
    "text/plain": "txt",
}
# Other kinds are made of these, and only a name tells which.
_VAGUE = {
    UNKNOWN, "application/gzip", "application/json", "application/xml", "application/zip", "text/plain",
}  # fmt: skip
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a file turned out to be; `is_whole` says whether it has its end."""

    media_type: str
    is_whole: bool

    @property
    def is_nothing(self) -> bool:
        """Whether it is empty, or a page that stands in for a file."""
        return self.media_type in {"", PAGE}


async def look(path: Path) -> Look:
    """What the file is; nothing of it is decoded."""
    return await asyncio.to_thread(_look, path)


def _look(path: Path) -> Look:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        media_type = kind_of(head) if head else ""
        return Look(media_type=media_type, is_whole=bool(head) and is_whole(file, media_type))


def kind_of(head: bytes) -> str:
    """The media type of a file that begins so."""
    found = (media_type for media_type, _ending, begins in _KINDS if begins.match(head))
    return next(found, None) or _kind_of_text(head)


def ending_of(media_type: str, address: str = "") -> str:
    """The usual ending of a file of this type, or its address's own where the type says little."""
    path = unquote(re.sub("^[^/]*//[^/]*|[?#].*", "", address)).lower()
    named = re.search(r"\.([a-z][a-z0-9]{0,7})$", path)
    if media_type not in _VAGUE or not named or named[1] in {"htm", "html", "xhtml"}:
        return _ENDINGS.get(media_type, "bin")
    return named[1]


def _kind_of_text(head: bytes) -> str:
    try:
        text = getincrementaldecoder("utf-8-sig")().decode(head)  # the last sign may be cut
    except UnicodeDecodeError:
        return UNKNOWN
    if _NO_TEXT.search(text):
        return UNKNOWN
    return "application/json" if text.lstrip()[:1] in {"{", "["} else "text/plain"
