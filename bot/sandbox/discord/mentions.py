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
    return _allowed(re.findall(r"<@!?(\d+)>", text), allowed, "users")


def roles_named(text: str, allowed: Json) -> list[int]:
    """The ids of roles."""
    return _allowed(re.findall(r"<@&(\d+)>", text), allowed, "roles")


def pings_author(allowed: Json) -> bool:
    """Whether a reply mentions the author of what it answers, without a word in its text."""
    return allowed is None or bool(allowed.get("replied_user"))


def _allowed(found: Sequence[str], allowed: Json, kind: str) -> list[int]:
    ids = sorted({int(each) for each in found})
    if allowed is None or kind in (allowed.get("parse") or ()):
        return ids
    listed = {int(each) for each in allowed.get(kind) or ()}
    return [each for each in ids if each in listed]
