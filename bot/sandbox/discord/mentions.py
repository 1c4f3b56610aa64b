"""Whom a message mentions: who its text names, as far as its sender lets it.

https://docs.discord.com/developers/resources/message#allowed-mentions-object
"""

import re
from collections.abc import Sequence
from typing import Any

Json = Any
ONLY_USERS: Json = {"parse": ["users"]}  # of an interaction's messages, where they say nothing


def users_named(text: str, allowed: Json) -> list[int]:
    """The ids of users that stand in a text, as far as `allowed_mentions` goes."""
    return _allowed(re.findall(r"<@!?(\d+)>", _without_code(text)), allowed, "users")


def roles_named(text: str, allowed: Json) -> list[int]:
    """The ids of roles."""
    return _allowed(re.findall(r"<@&(\d+)>", _without_code(text)), allowed, "roles")


def names_everyone(text: str, allowed: Json) -> bool:
    """Whether it calls everybody, and may."""
    found = re.search(r"@(everyone|here)\b", _without_code(text))
    return bool(found) and (allowed is None or "everyone" in (allowed.get("parse") or ()))


def pings_author(allowed: Json) -> bool:
    """Whether a reply mentions the author of what it answers, without a word in its text."""
    return allowed is None or bool(allowed.get("replied_user"))


def _without_code(text: str) -> str:
    """The text without what stands between backticks, and the same number of them: it is shown."""
    kept, *rest = re.split(r"(?<!\\)(`+)", text)
    while rest:
        ticks = rest[0]
        if ticks in rest[2::2]:
            rest = rest[rest.index(ticks, 2) :]
        kept += rest[1]
        rest = rest[2:]
    return kept


def _allowed(found: Sequence[str], allowed: Json, kind: str) -> list[int]:
    ids = sorted({int(each) for each in found})
    if allowed is None or kind in (allowed.get("parse") or ()):
        return ids
    listed = {int(each) for each in allowed.get(kind) or ()}
    return [each for each in ids if each in listed]
