"""Addresses that others wrote: they go out as they came, as hosts sign their very text. Pure.

yarl would write some of it in another way, which is the same to it and not to them.
"""

import re
from typing import cast
from urllib.parse import quote

import yarl

# https://www.rfc-editor.org/rfc/rfc3986#appendix-B
_PARTS = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?P<query>\?[^#]*)?",
    re.IGNORECASE,
)
_BLANKS = "".join(map(chr, range(0x21)))
_KEPT = "".join(map(chr, range(0x21, 0x7F)))


def web_address(text: str) -> yarl.URL:
    """The address with nothing encoded but its spaces, control and non-ASCII signs.

    ValueError where it is none of the web, or has a user in it, who would bring an Authorization.
    """
    parts = _parts(text)
    site = yarl.URL(f"{parts['scheme']}://{parts['authority'] or ''}")
    if site.scheme not in {"http", "https"} or not site.raw_host:
        raise ValueError("no web address")
    if site.raw_user or site.raw_password:
        raise ValueError("an address with a user")
    rest = quote(f"{parts['path'] or '/'}{parts['query'] or ''}", _KEPT, errors="surrogateescape")
    return yarl.URL(f"{site.scheme}://{site.raw_authority}{rest}", encoded=True)


def joined(base: str, text: str) -> str:
    """What the address, perhaps a relative one, is where it stands at `base`."""
    here, there = _parts(base), _parts(text)
    if there["scheme"]:
        return there.string
    site, path, query = there["authority"], there["path"], there["query"]
    if site is None:
        site = here["authority"]
        if not path:
            path, query = here["path"], here["query"] if query is None else query
        elif not path.startswith("/"):
            path = _without_dots(here["path"].rpartition("/")[0] + "/" + path)
    return f"{here['scheme']}://{site}{path}{query or ''}"


def _parts(text: str) -> re.Match[str]:
    """Scheme, authority, path and query; any of them may be missing."""
    return cast("re.Match[str]", _PARTS.match(text.strip(_BLANKS)))


def _without_dots(path: str) -> str:
    """The path without its `.` and `..`, which stand for other parts of it."""
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            kept[-1:] = []
        elif part != ".":
            kept.append(part)
    return "/".join(["", *kept, ""] if parts[-1] in {".", ".."} else ["", *kept])
