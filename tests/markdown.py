"""What Discord makes of a text: a suspicious reader of its markdown, which knows nothing of ours.

It takes for a link, a mention or a style whatever any client might, so a text in which it finds
nothing is dead everywhere. https://support.discord.com/hc/en-us/articles/210298617
"""

import re
import unicodedata
from typing import NamedTuple


class Found(NamedTuple):
    """What works in a text; a link with where it leads."""

    kind: str
    target: str = ""


_BLOCK = re.compile(
    r" *(?:(?P<quote>>>>|>)|(?P<heading>#{1,3})|(?P<small>-#)|(?P<list>[-*+]|\d+[.)]))\s"
)
_INLINE = tuple(
    (kind, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for kind, pattern in (
        ("", r"\\[^0-9A-Za-z\s]"),
        ("code", r"(?P<ticks>`+)(?:.*?[^`])(?P=ticks)(?!`)"),
        ("bold", r"\*\*(?P<inner>(?:\\.|[^\\])+?)\*\*(?!\*)"),
        ("underline", r"__(?P<inner>(?:\\.|[^\\])+?)__(?!_)"),
        ("italic", r"\*(?!\s)(?P<inner>(?:\\.|[^*\\])+?)\*|_(?P<also>(?:\\.|[^_\\])+?)_(?![a-z0-9_])"),
        ("struck", r"~~(?P<inner>.+?)~~"),
        ("spoiler", r"\|\|(?P<inner>.+?)\|\|"),
        ("link", r"\[[^\[\]]*(?:\[[^\]]*\][^\[\]]*)*[^\[]*\]\(\s*<?(?P<target>(?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"].*?['\"])?\s*\)"),
        ("mention", r"<(?:@[!&]?|\#)\d+>|</[^>]+:\d+>|<id:\w+>|@(?:everyone|here)"),
        ("time", r"<t:-?\d+(?::\w)?>"),
        ("emoji", r"<a?:\w+:\d+>|:\w+:"),
        ("link", r"<(?P<target>[^\s<>]+(?::/|@)[^\s<>]+)>"),
        ("link", r"(?P<target>(?:[a-z][a-z0-9+.-]*://|www\.|(?:mailto|tel|sms):|[\w-]+\.[a-z]{2,}/)[^\s<]+)"),
        ("link", r"(?P<target>[\w.+-]+@[\w-]+\.\w+)"),
    )
)  # fmt: skip
# What servers and clients look for in the text as it was sent, whatever stands before it.
_SENT = re.compile(
    r"@(?:everyone|here)|<@[!&]?\d+>|(?:https?|steam)://\w|discord(?:app)?\.(?:gg|com/invite)/+\w",
    re.IGNORECASE,
)
_CODE = re.compile(r"(`+)(?:.*?[^`])\1(?!`)", re.DOTALL)
_KEPT_UNSEEN = "\n\u200b\u200c\u200d"


def works(text: str) -> list[Found]:
    """All that is more than letters in the text, in order."""
    unseen = [c for c in text if unicodedata.category(c)[0] == "C" and c not in _KEPT_UNSEEN]
    return [Found("unseen") for c in unseen if unicodedata.category(c) != "Cn"] + _read(text)


def kinds(text: str) -> list[str]:
    """As `works`, without where the links lead."""
    return [found.kind for found in works(text)]


def sent(text: str) -> list[str]:
    """What is found in a text though it be escaped; code is no place for links."""
    return _SENT.findall(_CODE.sub(lambda code: code[0].replace("/", ""), text))


def seen(text: str) -> str:
    """What a person reads of a text in which nothing works."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace("\u200b", "")


def _read(text: str, *, is_begun: bool = False) -> list[Found]:
    found: list[Found] = []
    at, is_start = 0, not is_begun
    while at < len(text):
        if is_start and (block := _BLOCK.match(text, at)):
            found.append(Found(block.lastgroup or ""))
            at = block.end()
            continue
        match = _first(text, at)
        if match is None:
            is_start = text[at] == "\n"
            at += 1
            continue
        is_start = False
        kind, part = match
        groups = part.groupdict()
        found += [Found(kind, groups.get("target") or "")] if kind else []
        found += _read(groups.get("inner") or groups.get("also") or "", is_begun=True)
        at = part.end()
    return found


def _first(text: str, at: int) -> tuple[str, re.Match[str]] | None:
    for kind, pattern in _INLINE:
        if part := pattern.match(text, at):
            return kind, part
    return None
