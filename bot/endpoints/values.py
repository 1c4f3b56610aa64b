"""What a member gave, checked against an endpoint's fields. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.endpoints.catalogue import Endpoint
from bot.endpoints.choice import choose, is_of_the_prompt
from bot.endpoints.documents import MAX_CHOICES, Scalar
from bot.endpoints.options import Field, bounds
from bot.endpoints.showing import said_in
from bot.endpoints.words import (
    Said,
    is_any_seed,
    prompt_field,
    said,
    takes_words,
    yes_or_no,
)
from bot.errors import Lack, Refused, Unfinished
from bot.jobs.request import MAX_SEED, Draw, FieldKind, Value


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
        lacking = Unfinished(
            "{endpoint} needs {missing: and }.", endpoint=endpoint.name, missing=missing
        )
        raise lacking.of(Lack.OPTION, endpoint.qualified_name)
    return tuple(
        Value(
            field_id=field.id,
            name=field.name,
            kind=field.kind,
            text=text,
            is_default=field.kind is not FieldKind.SEED and text == _text(field, None, draw),
            is_choice=bool(field.choices),
        )
        for field in fields
        if (text := _text(field, given.get(field.name), draw)) is not None
    )


def parse_text(endpoints: Sequence[Endpoint], text: str) -> Parsed:
    """What a message asks for: an endpoint by its name or a part of it, options, and the prompt.

    Refused where it is not clear what is meant, or where a part of it has no place.
    """
    endpoint, rest = choose(endpoints, text)
    words, given = said_in(endpoint, rest)
    found = said(endpoint.fields, words)
    if found.prompt and takes_words(endpoint.fields) and is_of_the_prompt(endpoint, text, rest):
        words, given = said_in(endpoint, text)
        found = said(endpoint.fields, words)
    for name, value in found.options:
        if not value:
            raise _without_value(endpoint, name)
        if name in given:
            raise Refused(
                "{name} is there twice. Write it once, as `{example}`.",
                name=name,
                example=example_of(endpoint),
            )
        given[name] = value
    if found.prompt:
        given[_place(endpoint, found)] = found.prompt
    return Parsed(endpoint=endpoint, given=given)


def _place(endpoint: Endpoint, found: Said) -> str:
    """The option that the prompt belongs to; Refused where there is none, or it is named, too."""
    field, options = prompt_field(endpoint.fields), dict(found.options)
    if field is None:
        raise _unplaced(endpoint, found.prompt)
    if field.name in options:
        raise Refused(
            "{endpoint} takes one {name}, and here are two: “{loose}” and “{named}”."
            " Write it in one, as `{example}`.",
            endpoint=endpoint.name,
            name=field.name,
            loose=found.prompt,
            named=options[field.name],
            example=example_of(endpoint),
        )
    return field.name


def _unplaced(endpoint: Endpoint, text: str) -> Refused:
    names = [field.name for field in endpoint.fields if field.kind is not FieldKind.IMAGE]
    if text.lower() in names:
        return _without_value(endpoint, text.lower())
    return Refused(
        "{endpoint} has no option for “{text}”."
        + (" It has: `{names}`." if names else "")
        + " Write it as `{example}`.",
        endpoint=endpoint.name,
        text=text[:100],
        names=names,
        example=example_of(endpoint),
    )


def _without_value(endpoint: Endpoint, name: str) -> Refused:
    return Refused(
        "{name} is there without a value. Write it as `{example}`.",
        name=name,
        example=example_of(endpoint, name),
    )


def example_of(endpoint: Endpoint, name: object = None) -> str:
    """A message that this endpoint would understand: what it needs, and the option of that name."""
    prompted = prompt_field(endpoint.fields)
    prompts = [prompted] if prompted else []
    others = [f for f in endpoint.fields if f.kind is not FieldKind.IMAGE and f not in prompts]
    shown = [each for each in others if each.required or each.name == name]
    if not shown and name not in {each.name for each in prompts}:
        shown = others[:1]
    texts = [f"{each.name}: {_sample(each)}" for each in (*prompts, *shown)]
    return " ".join([endpoint.qualified_name, *texts])


def _sample(field: Field) -> Scalar:
    if field.choices:
        return field.choices[0]
    if field.kind is FieldKind.STRING:
        return "a red fox"
    if field.kind is FieldKind.BOOLEAN:
        return "yes"
    low, high = field.min or 0, MAX_SEED if field.max is None else field.max
    number = max(low, min(high, 20)) if field.default is None else field.default
    return f"{number:g}" if field.kind is FieldKind.NUMBER else int(number)


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
    if field.kind is FieldKind.SEED and isinstance(value, str) and is_any_seed(value):
        return drawn(field, draw)
    found = _typed(field, value)
    if field.choices:
        alike = [each for each in field.choices if each == found]
        alike += [each for each in field.choices if str(each).strip() == found]
        if not alike:
            raise _no_choice(field, str(found))
        found = alike[0]  # Discord, or a person, may leave the spaces at its ends away
    return str(found).lower() if isinstance(found, bool) else str(found)


def _no_choice(field: Field, found: str) -> Refused:
    if field.listed:
        return Refused(
            "{name} has to be one of: {choices}.", name=field.name, choices=field.choices
        )
    return Refused(
        "{name} has to be one of its {many} choices, as: {choices}.",
        name=field.name,
        many=len(field.choices),
        choices=field.suggested(found) or field.choices[:MAX_CHOICES],
    )


def _typed(field: Field, value: object) -> Scalar:
    text = str(value).strip()
    if field.kind is FieldKind.STRING:
        return text
    if field.kind is FieldKind.BOOLEAN:
        meant = yes_or_no(text)
        if meant is None:
            raise Refused(
                "{name} has to be yes or no, not “{text}”.", name=field.name, text=text[:50]
            )
        return meant
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
    return int(number) if number == int(number) else number  # a node of whole ones takes no 6.0
