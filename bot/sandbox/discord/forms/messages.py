"""The form of messages: as they are sent, edited, and answered with.

https://docs.discord.com/developers/resources/message
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.forms.components import ROWS, check_custom_ids
from bot.sandbox.discord.forms.embeds import EMBEDS, check_characters
from bot.sandbox.discord.forms.kinds import Kind, Number, OneOf, Snowflake, Text, Whole, YesNo
from bot.sandbox.discord.forms.layouts import LAYOUT, check_amounts
from bot.sandbox.discord.forms.shapes import Fields, ListOf
from bot.sandbox.discord.refusals import Place

Json = Any
MAX_CONTENT = 2000
PARSED = ("users", "roles", "everyone")


@dataclass(frozen=True)
class _Nonce(Kind):
    """A text or a number that its sender knows a message by."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        if not isinstance(value, int | str) or isinstance(value, bool):
            text = "This field must be a string or integer."
            place.wrong("NONCE_TYPE_INVALID_TYPE", text)
        elif len(str(value)) > 25:
            place.wrong("NONCE_TYPE_TOO_LONG", "Must be 25 or fewer characters long.")


@dataclass(frozen=True)
class _Poll(Kind):
    """A poll, which nobody can hold here."""

    def check(self, _value: Json, place: Place) -> None:
        """Say so."""
        place.wrong("SANDBOX_HAS_NO_POLLS", "The sandbox has no polls: see docs/sandbox.md.")


def _check_exclusive(allowed: Json, place: Place) -> None:
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or []) and allowed.get(kind):
            text = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            place.wrong("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)


ALLOWED_MENTIONS = Fields(
    {
        "parse": ListOf(OneOf(PARSED), is_set=True),
        "users": ListOf(Snowflake(), most=100, is_set=True),
        "roles": ListOf(Snowflake(), most=100, is_set=True),
        "replied_user": YesNo(),
    },
    rules=(_check_exclusive,),
)
ATTACHMENT = Fields(
    {
        "id": Snowflake(),
        "filename": Text(1, 1024),
        "description": Text(0, 1024),
        "title": Text(0, 1024),
        "is_spoiler": YesNo(),
        "duration_secs": Number(0),
        "waveform": Text(0, 400),
    },
    required=("id",),
)
REFERENCE = Fields(
    {
        "type": OneOf((0, 1)),
        "message_id": Snowflake(),
        "channel_id": Snowflake(),
        "guild_id": Snowflake(),
        "fail_if_not_exists": YesNo(),
    },
    required=("message_id",),
)
_WRITTEN: Mapping[str, Kind] = {
    "content": Text(0, MAX_CONTENT),
    "tts": YesNo(),
    "embeds": EMBEDS,
    "allowed_mentions": ALLOWED_MENTIONS,
    "attachments": ListOf(ATTACHMENT),
    "flags": Whole(-(2**53), 2**53),
    "poll": _Poll(),
    "sticker_ids": ListOf(Snowflake(), most=3),
    "nonce": _Nonce(),
    "enforce_nonce": YesNo(),
    "message_reference": REFERENCE,
    "components": ROWS,
}
MESSAGE = Fields(_WRITTEN, rules=(check_characters, check_custom_ids))
OF_COMPONENTS = Fields({**_WRITTEN, "components": LAYOUT}, rules=(check_amounts, check_custom_ids))
