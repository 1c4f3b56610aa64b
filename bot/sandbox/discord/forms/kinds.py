"""The plain kinds of a form's fields, and what Discord says of a value that is none of its kind.

A kind looks at a value and notes its faults at its place. What is found right has the shape that
its kind says, so whoever reads it later needs no doubt of its own. A null is as if it were not there.
"""

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.discord.refusals import Place

Json = Any
INT32 = 2**31 - 1
MAX_SAFE = 2**53 - 1
MAX_ID = 2**64 - 1


class Kind(ABC):
    """What a field may hold."""

    @abstractmethod
    def check(self, value: Json, place: Place) -> None:
        """Note what is wrong with a value that is not null."""

    def kept(self, value: Json) -> Json:
        """What Discord keeps of a value that is right: as a rule all of it."""
        return value


@dataclass(frozen=True)
class Text(Kind):
    """A text, with bounds of its length."""

    least: int
    most: int
    pattern: str | None = None

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        if not isinstance(value, str):
            place.wrong("STRING_TYPE_CONVERT", f'Could not interpret "{shown(value)}" as string.')
        elif (
            check_length(value, self.least, self.most, place)
            and self.pattern
            and not re.fullmatch(self.pattern, value)
        ):
            place.wrong("STRING_TYPE_REGEX", "String value did not match validation regex.")


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number between bounds."""

    least: int = 0
    most: int = INT32

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        if not isinstance(value, int) or isinstance(value, bool):
            place.wrong("NUMBER_TYPE_COERCE", f'Value "{shown(value)}" is not int.')
        elif value < self.least:
            text = f"int value should be greater than or equal to {self.least}."
            place.wrong("NUMBER_TYPE_MIN", text)
        elif value > self.most:
            text = f"int value should be less than or equal to {self.most}."
            place.wrong("NUMBER_TYPE_MAX", text)


@dataclass(frozen=True)
class Number(Kind):
    """A number between bounds, whole or not."""

    least: int = -MAX_SAFE
    most: int = MAX_SAFE

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            place.wrong("NUMBER_TYPE_COERCE", f'Value "{shown(value)}" is not float.')
        elif not value >= self.least:
            text = f"float value should be greater than or equal to {self.least}."
            place.wrong("NUMBER_TYPE_MIN", text)
        elif not value <= self.most or math.isnan(value):
            text = f"float value should be less than or equal to {self.most}."
            place.wrong("NUMBER_TYPE_MAX", text)


@dataclass(frozen=True)
class YesNo(Kind):
    """True or false."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        if not isinstance(value, bool):
            place.wrong("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


@dataclass(frozen=True)
class Snowflake(Kind):
    """An id, as digits or as a number."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        if not is_id(value):
            place.wrong("NUMBER_TYPE_COERCE", f'Value "{shown(value)}" is not snowflake.')

    def kept(self, value: Json) -> Json:
        """Its digits."""
        return str(value)


@dataclass(frozen=True)
class OneOf(Kind):
    """One of a few values."""

    values: tuple[int | str, ...]

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        is_plain = isinstance(value, int | str) and not isinstance(value, bool)
        if not is_plain or value not in self.values:
            known = ", ".join(map(repr, self.values))
            place.wrong("BASE_TYPE_CHOICES", f"Value must be one of {{{known}}}.")


@dataclass(frozen=True)
class Url(Kind):
    """An address; `attachment://` is one of a file that comes with the message."""

    most: int = 2048
    schemes: tuple[str, ...] = ("http", "https")

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        Text(0, self.most).check(value, place)
        if not place.is_right or not value:
            return
        scheme, there, rest = value.partition("://")
        if not there or not rest or re.search(r"\s", value) or not _can_be_read(value):
            place.wrong("URL_TYPE_INVALID_URL", "Not a well formed URL.")
        elif scheme.lower() not in self.schemes:
            known = ", ".join(map(repr, self.schemes))
            text = f'Scheme "{scheme}" is not supported. Scheme must be one of ({known}).'
            place.wrong("URL_TYPE_INVALID_SCHEME", text)


@dataclass(frozen=True)
class Time(Kind):
    """A moment, as ISO 8601 writes it."""

    def check(self, value: Json, place: Place) -> None:
        """Note its faults."""
        try:
            datetime.fromisoformat(value)
        except (ValueError, TypeError):
            text = f"Could not parse {shown(value)}. Should be ISO8601."
            place.wrong("DATE_TIME_TYPE_PARSE", text)


def check_length(value: str | list[Json], least: int, most: int, place: Place) -> bool:
    """Whether it is long enough and not too long; else its fault is noted."""
    if least <= len(value) <= most:
        return True
    if least:
        place.wrong("BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
    else:
        place.wrong("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    return False


def is_id(value: Json) -> bool:
    """Whether it is a snowflake."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_ID


def shown(value: Json) -> str:
    """A value in the words of a refusal, cut short."""
    return str(value)[:80]


def _can_be_read(url: str) -> bool:
    try:
        return bool(urlsplit(url).netloc)
    except ValueError:
        return False
