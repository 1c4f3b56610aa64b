"""The forms of what a client says over the gateway.

https://docs.discord.com/developers/events/gateway-events#send-events
"""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.forms.kinds import Kind, Snowflake, Text, Whole
from bot.sandbox.discord.forms.shapes import Fields, ListOf
from bot.sandbox.discord.refusals import Place

Json = Any
ANY_TEXT = Text(0, 4096)
HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, MEMBERS, SOUNDS = 1, 2, 3, 4, 6, 8, 31


@dataclass(frozen=True)
class _Ids(Kind):
    """An id, or some."""

    def check(self, value: Json, place: Place) -> None:
        """Note their faults."""
        kind = ListOf(Snowflake()) if isinstance(value, list) else Snowflake()
        kind.check(value, place)

    def kept(self, value: Json) -> Json:
        """A list of them, as numbers."""
        return [int(each) for each in (value if isinstance(value, list) else [value])]


FORMS: dict[int, Kind] = {
    IDENTIFY: Fields(
        {
            "token": ANY_TEXT,
            "intents": Whole(-(2**63), 2**63),
            "shard": ListOf(Whole(-(2**31)), 2, 2),
            "properties": Fields({}),
        },
        required=("token",),
    ),
    RESUME: Fields(
        {"token": ANY_TEXT, "session_id": ANY_TEXT, "seq": Whole(0, 2**53)},
        required=("token", "session_id"),
    ),
    MEMBERS: Fields(
        {
            "guild_id": Snowflake(),
            "query": ANY_TEXT,
            "limit": Whole(0, 2**31),
            "user_ids": _Ids(),
            "nonce": ANY_TEXT,
        },
        required=("guild_id",),
    ),
}
OTHERS = {HEARTBEAT, PRESENCE, VOICE, SOUNDS}


def understood(op: int, data: Json) -> Json | None:
    """What is said, as its form keeps it; None where it is not of its form."""
    if op in OTHERS:
        return data or {}
    place = Place()
    FORMS[op].check(data, place)
    return FORMS[op].kept(data) if place.is_right else None
