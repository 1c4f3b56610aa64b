"""What a member gave, checked against an endpoint's fields. Pure."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.endpoints.catalogue import Endpoint
from bot.endpoints.choice import choose
from bot.endpoints.documents import Scalar
from bot.endpoints.options import Field, bounds
from bot.errors import Refused
from bot.jobs.job import MAX_SEED, Draw, FieldKind, Value

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The endpoint and the option values that a text asked for."""

    endpoint: Endpoint
    given: dict[str, object]


def values_of(endpoint: Endpoint, given: Mapping[str, object], draw: Draw) -> tuple[Value, ...]:
    """What is posted as text, in the fields' order; Refused names the option at fault.

    A seed that is left out is drawn; any other optional field without a default is not posted.
    """
    fields = [field for field in endpoint.fields if field.kind is not FieldKind.IMAGE]
    names = {field.name for field in endpoint.fields}
    for name in given:
        if name not in names:
            raise Refused(
                "{endpoint} has no option {name}. It has: {names}.",
                endpoint=endpoint.name,
                name=name,
                names=sorted(names),
            )
    missing = [f.name for f in endpoint.fields if f.required and given.get(f.name) in {None, ""}]
    if missing and any(name in missing for name in (f.name for f in fields)):
        raise Refused("{endpoint} needs {missing: and }.", endpoint=endpoint.name, missing=missing)
    return tuple(
        Value(field_id=field.id, name=field.name, kind=field.kind, text=text)
        for field in fields
        if (text := _text(field, given.get(field.name), draw)) is not None
    )


def parse_text(endpoints: Sequence[Endpoint], text: str) -> Parsed:
    """What a message asks for: an endpoint by its name or a part of it, then options by name.

    `snake seed 20`, `seed=20` and `seed: 20` are understood; words that match no option go to the
    first text field. Refused where it is not clear what is meant.
    """
    words = text.split()
    endpoint, words = choose(endpoints, words)
    names = {field.name: field for field in endpoint.fields if field.kind is not FieldKind.IMAGE}
    given: dict[str, object] = {}
    loose: list[str] = []
    while words:
        name, value, words = _option(names, words)
        if name is None:
            loose.append(value)
        elif value:
            given[name] = value
        else:
            raise Refused("{name} is there without a value: write `{name} value`.", name=name)
    if loose:
        given.setdefault(_text_field(endpoint, loose), " ".join(loose))
    return Parsed(endpoint=endpoint, given=given)


def _option(names: Mapping[str, Field], words: list[str]) -> tuple[str | None, str, list[str]]:
    """The first option of the words and its value, or None and the first word; and the rest."""
    first, rest = words[0], words[1:]
    name, *values = re.split("[=:]", first, maxsplit=1)
    name, value = name.lower(), "".join(values)
    if name not in names:
        return None, first, rest
    taken = [value] if value else rest[:1]
    rest = rest if value else rest[1:]
    if names[name].kind is FieldKind.STRING:
        while rest and re.split("[=:]", rest[0])[0].lower() not in names:
            taken.append(rest.pop(0))
    return name, " ".join(taken), rest


def _text_field(endpoint: Endpoint, loose: Sequence[str]) -> str:
    for field in endpoint.fields:
        if field.kind is FieldKind.STRING:
            return field.name
    names = [field.name for field in endpoint.fields if field.kind is not FieldKind.IMAGE]
    raise Refused(
        "{endpoint} has no option for “{text}”." + (" It has: `{names}`." if names else ""),
        endpoint=endpoint.name,
        text=" ".join(loose)[:100],
        names=names,
    )


def drawn(field: Field, draw: Draw) -> str:
    """A seed at random: one of its choices, or else any number within its bounds."""
    if field.choices:
        return str(int(field.choices[draw(0, len(field.choices) - 1)]))
    low, most = math.ceil(field.min or 0), MAX_SEED if field.max is None else field.max
    high = math.floor(min(most, field.draw_max))
    return str(draw(low, high if low <= high else math.floor(most)))


def _text(field: Field, value: object, draw: Draw) -> str | None:
    if value in {None, ""}:
        if field.kind is FieldKind.SEED and field.default is None:
            return drawn(field, draw)
        value = field.default
    if value is None:
        return None
    if field.kind is FieldKind.SEED and _is_any(value):
        return drawn(field, draw)
    found = _typed(field, value)
    if field.choices and found not in field.choices:
        raise Refused("{name} has to be one of: {choices}.", name=field.name, choices=field.choices)
    return str(found).lower() if isinstance(found, bool) else str(found)


def _is_any(value: object) -> bool:
    """Whether these are words for a seed at random, as elsewhere; as a number −1 is none."""
    return isinstance(value, str) and value.strip().lower() in {"random", "-1"}


def _typed(field: Field, value: object) -> Scalar:
    text = str(value).strip()
    if field.kind is FieldKind.STRING:
        return text
    if field.kind is FieldKind.BOOLEAN:
        if text.lower() not in _TRUE | _FALSE:
            raise Refused(
                "{name} has to be yes or no, not “{text}”.", name=field.name, text=text[:50]
            )
        return text.lower() in _TRUE
    try:
        number = float(text) if field.kind is FieldKind.NUMBER else int(text)
    except ValueError:
        raise Refused(
            "{name} has to be {kind}, not “{text}”.",
            name=field.name,
            kind="a number" if field.kind is FieldKind.NUMBER else "a whole number",
            text=text[:50],
        ) from None
    low = -MAX_SEED if field.min is None else field.min
    high = MAX_SEED if field.max is None else field.max
    if not low <= number <= high:
        raise Refused(
            "{name} has to be {range}, not {text}.",
            name=field.name,
            range=bounds(field) or f"{-MAX_SEED} to {MAX_SEED}",
            text=text[:50],
        )
    return number
