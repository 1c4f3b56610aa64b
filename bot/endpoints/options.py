"""A document's fields as the options of a command: their kinds, names, bounds and defaults."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.endpoints.documents import MAX_DESCRIPTION, Document, FieldKeys, Findings, Scalar
from bot.endpoints.fields import infer_kind, option_name, parse_field_id, slug
from bot.jobs.job import MAX_SEED, FieldKind


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


def options_of(place: str, document: Document, findings: Findings) -> tuple[Field, ...]:
    fields: list[Field] = []
    nodes: list[str] = []
    for index, field_id in enumerate(document.field_ids):
        where = f"{place}: fieldIds[{index}]"
        if field_id in document.field_ids[:index]:
            findings.faults.append(f"{where}: {field_id!r} stands there twice")
            continue
        try:
            parts = parse_field_id(field_id)
        except ValueError as error:
            findings.faults.append(f"{where}: {error}")
            continue
        keys = document.fields.get(field_id, FieldKeys())
        fields.append(_field(field_id, parts.input, keys, f"{place}: fields.{field_id}", findings))
        nodes.append(parts.node)
    given = [document.fields.get(each.id, FieldKeys()).name for each in fields]
    named = _named(fields, nodes, given)
    twice = [name for name, count in Counter(each.name for each in named).items() if count > 1]
    findings.faults += [f"{place}: fields: two options are called {name!r}" for name in twice]
    return tuple(named)


def _named(
    fields: Sequence[Field], nodes: Sequence[str], given: Sequence[str | None]
) -> list[Field]:
    # A node's number stands in the name only where two names would clash.
    counts = Counter(each.name for each in fields)
    return [
        replace(each, name=f"{each.name[:24]}_{node[-7:]}")
        if counts[each.name] > 1 and not own
        else each
        for each, node, own in zip(fields, nodes, given, strict=True)
    ]


def _field(
    field_id: str, input_name: str, keys: FieldKeys, where: str, findings: Findings
) -> Field:
    kind = infer_kind(input_name)
    if keys.kind is not None:
        if keys.kind in set(FieldKind):
            kind = FieldKind(keys.kind)
        else:
            expected = ", ".join(FieldKind)
            findings.faults.append(f"{where}.kind: expected one of {expected}, got {keys.kind!r}")
    name = option_name(input_name)
    if keys.name is not None:
        name = slug(keys.name)
        if name != keys.name:
            findings.faults.append(
                f"{where}.name: expected up to 32 lower-case letters, digits, - or _,"
                f" got {keys.name!r}"
            )
    required = keys.required
    if required is None:
        required = keys.default is None and (
            kind is FieldKind.IMAGE or input_name.lower() in {"text", "prompt", "positive"}
        )
    found = Field(
        id=field_id,
        kind=kind,
        name=name,
        description=keys.description or _description(kind, name),
        required=required,
        default=keys.default,
        min=0 if kind is FieldKind.SEED and keys.min is None else keys.min,
        max=MAX_SEED if kind is FieldKind.SEED and keys.max is None else keys.max,
        choices=tuple(keys.choices or ()),
    )
    findings.faults += [f"{where}{fault}" for fault in _field_faults(found)]
    return found


def _description(kind: FieldKind, name: str) -> str:
    words = name.replace("_", " ").replace("-", " ")
    if kind is FieldKind.SEED:
        return "The same seed gives the same result; left out, it is drawn at random"
    if kind is FieldKind.IMAGE:
        return f"A picture: {words}"[:MAX_DESCRIPTION]
    return words[:1].upper() + words[1:] if words.strip() else name


def _field_faults(found: Field) -> Iterator[str]:
    yield from _bound_faults(found)
    if found.kind is FieldKind.IMAGE and (found.default is not None or found.choices):
        yield ".default: expected none for a picture"
    for index, choice in enumerate(found.choices):
        if not _is_of(found, choice) or not str(choice).strip() or len(str(choice)) > 100:
            yield f".choices[{index}]: expected a short value of kind {found.kind}, got {choice!r}"
    counts = Counter(map(str, found.choices))
    yield from (f".choices: {text!r} stands there twice" for text in counts if counts[text] > 1)
    if found.default is not None and found.kind is not FieldKind.IMAGE:
        if not _is_of(found, found.default):
            yield f".default: expected a value of kind {found.kind}, got {found.default!r}"
        elif found.choices and found.default not in found.choices:
            yield f".default: expected one of choices, got {found.default!r}"


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
    if isinstance(value, float) and found.kind is not FieldKind.NUMBER:
        return False
    low = found.min if found.min is not None else -MAX_SEED
    high = found.max if found.max is not None else MAX_SEED
    return low <= value <= high
