"""A document's fields as the options of a command: their kinds, names, bounds and defaults."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.endpoints.documents import (
    MAX_CHOICES,
    Document,
    FieldKeys,
    Findings,
    Scalar,
    shortened,
)
from bot.endpoints.fields import FieldId, option_names, parse_field_id, slug
from bot.faults import guess
from bot.jobs.request import MAX_DRAWN, MAX_SEED, FieldKind, is_negative

SPELLINGS = "'input_<node>' or 'data[title#<node>][input]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of an endpoint: the id it is posted under, and the option it is asked by."""

    id: str
    kind: FieldKind
    name: str
    description: str
    required: bool
    default: Scalar | None = None
    min: float | None = None
    max: float | None = None
    choices: tuple[Scalar, ...] = ()
    draw_max: float = MAX_DRAWN  # of a seed that nobody gave

    @property
    def listed(self) -> tuple[Scalar, ...]:
        """The choices that its command lists: none where they are too many."""
        return self.choices if len(self.choices) <= MAX_CHOICES else ()

    def suggested(self, typed: str) -> list[Scalar]:
        """The choices that have what was typed so far, and first those that begin with it."""
        words = typed.casefold().strip()
        fitting = [each for each in self.choices if words in str(each).casefold()]
        fitting.sort(key=lambda each: not str(each).casefold().startswith(words))
        return fitting[:MAX_CHOICES]


def options_of(place: str, document: Document, findings: Findings) -> tuple[Field, ...]:
    """The fields as options, in the document's order; what is wrong or odd is in the findings."""
    ids = _ids(place, document, findings)
    keys = [document.fields.get(text, FieldKeys()) for text in ids]
    names = option_names(list(ids.values()), [each.name for each in keys])
    twice = [name for name, count in Counter(names).items() if count > 1]
    findings.faults += [f"{place}: fields: two options are called {name!r}" for name in twice]
    fields = []
    for (text, parts), name, said in zip(ids.items(), names, keys, strict=True):
        found = _field(text, parts, name, said)
        faults = (*_key_faults(said), *_field_faults(found))
        findings.faults += [f"{place}: fields.{text}{fault}" for fault in faults]
        fields.append(found)
    return tuple(fields)


def _ids(place: str, document: Document, findings: Findings) -> dict[str, FieldId]:
    """The ids with their parts, each once."""
    found: dict[str, FieldId] = {}
    for index, text in enumerate(document.field_ids):
        where = f"{place}: fieldIds[{index}]"
        if text in found:
            findings.faults.append(f"{where}: {text!r} stands there twice")
            continue
        try:
            found[text] = parse_field_id(text)
        except ValueError as error:
            findings.faults.append(f"{where}: {error}")
            continue
        keys = document.fields.get(text)
        if not found[text].node and not (keys and keys.kind):
            findings.warnings.append(
                f"{where}: expected {SPELLINGS}, got {text!r}: taken as a text;"
                " its `kind` may stand in `fields`"
            )
    return found


def _field(text: str, parts: FieldId, name: str, keys: FieldKeys) -> Field:
    kind = FieldKind(keys.kind) if keys.kind in set(FieldKind) else parts.kind
    required = keys.required
    if required is None:
        is_prompt = parts.input.lower() in {"text", "prompt", "positive"}
        is_needed = is_prompt and not is_negative(text, name)
        required = keys.default is None and (kind is FieldKind.IMAGE or is_needed)
    found = Field(
        id=text,
        kind=kind,
        name=name,
        description="",
        required=required,
        default=keys.default,
        min=keys.min,
        max=keys.max,
        choices=tuple(keys.choices or ()),
    )
    found = replace(found, description=keys.description or _description(found))
    if kind is not FieldKind.SEED:
        return found
    low = 0 if keys.min is None else keys.min
    if keys.max is None:
        return replace(found, min=low, max=MAX_SEED)
    return replace(found, min=low, draw_max=keys.max)


def bounds(field: Field) -> str:
    """Its bounds in words; nothing where it has none."""
    if field.min is None and field.max is None:
        return ""
    if field.min is None:
        return f"at most {field.max:.16g}"
    if field.max is None:
        return f"at least {field.min:.16g}"
    return f"{field.min:.16g} to {field.max:.16g}"


def _description(found: Field) -> str:
    """What it is, its bounds as the document gives them, and what is taken where it is left out."""
    words = found.name.replace("_", " ").replace("-", " ").strip()
    text = words[:1].upper() + words[1:] or found.name
    if found.kind is FieldKind.SEED:
        text = "The same seed gives the same result"
    elif found.kind is FieldKind.IMAGE:
        text = f"A picture: {words}"
    if within := bounds(found):
        text += f" ({within})"
    if found.default is not None:
        default = str(found.default).lower() if found.kind is FieldKind.BOOLEAN else found.default
        text += f"; left out, it is {default}"
    elif found.kind is FieldKind.SEED:
        text += "; left out, it is drawn at random"
    return shortened(text)


def _key_faults(keys: FieldKeys) -> Iterator[str]:
    if keys.kind is not None and keys.kind not in set(FieldKind):
        yield f".kind: expected one of {', '.join(FieldKind)}, got {keys.kind!r}{guess(keys.kind, FieldKind)}"
    if keys.name is not None and slug(keys.name) != keys.name:
        yield (f".name: expected up to 32 lower-case letters, digits, - or _, got {keys.name!r}")


def _field_faults(found: Field) -> Iterator[str]:
    yield from _bound_faults(found)
    if found.kind is FieldKind.IMAGE and (found.default is not None or found.choices):
        yield ".default: expected none for a picture"
    for index, choice in enumerate(found.choices):
        if not _is_of(found, choice) or not str(choice).strip() or len(str(choice)) > 100:
            yield f".choices[{index}]: expected a short value of kind {found.kind}, got {_shown(choice)}"
        elif not _is_within(found, choice):
            yield f".choices[{index}]: out of bounds: expected {_range(found)}, got {choice}"
    counts = Counter(map(str, found.choices))
    yield from (f".choices: {text!r} stands there twice" for text in counts if counts[text] > 1)
    if found.default is not None and found.kind is not FieldKind.IMAGE:
        if not _is_of(found, found.default):
            yield f".default: expected a value of kind {found.kind}, got {_shown(found.default)}"
        elif not _is_within(found, found.default):
            yield f".default: out of bounds: expected {_range(found)}, got {found.default}"
        elif found.choices and found.default not in found.choices:
            yield f".default: expected one of choices, got {_shown(found.default)}"


def _shown(value: Scalar) -> str:
    """The value as a document has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _bound_faults(found: Field) -> Iterator[str]:
    is_whole = found.kind in {FieldKind.INTEGER, FieldKind.SEED}
    is_number = is_whole or found.kind is FieldKind.NUMBER
    if not is_number and (found.min is not None or found.max is not None):
        yield f".min: expected only for numbers, and this is of kind {found.kind}"
    if found.min is not None and found.max is not None and found.min > found.max:
        yield f".min: expected at most max ({found.max:g}), got {found.min:g}"
    if is_number and max(abs(found.min or 0), abs(found.max or 0)) > MAX_SEED:
        yield f".max: expected at most {MAX_SEED}"
    for key, bound in (("min", found.min), ("max", found.max)):
        if is_whole and bound is not None and bound % 1:
            yield f".{key}: expected a whole number, got {bound:g}"


def _is_of(found: Field, value: Scalar) -> bool:
    if found.kind is FieldKind.BOOLEAN:
        return isinstance(value, bool)
    if found.kind is FieldKind.STRING:
        return isinstance(value, str)
    if isinstance(value, bool | str):
        return False
    return isinstance(value, int) or (found.kind is FieldKind.NUMBER and math.isfinite(value))


def _is_within(found: Field, value: Scalar) -> bool:
    """Whether a number is within its field's bounds; what is none has none."""
    if isinstance(value, bool | str):
        return True
    low = found.min if found.min is not None else -MAX_SEED
    high = found.max if found.max is not None else MAX_SEED
    return low <= value <= high


def _range(found: Field) -> str:
    return bounds(found) or f"{-MAX_SEED} to {MAX_SEED}"
