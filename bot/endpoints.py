"""Endpoint documents: read from files, checked whole, and turned into Endpoint and Field."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Key

from bot.errors import SetupError
from bot.fields import infer_kind, option_name, parse_field_id, slug
from bot.jobs import MAX_SEED, FieldKind

# https://docs.discord.com/developers/interactions/application-commands
MAX_OPTIONS = 25
MAX_COMMANDS = 100
MAX_SUBCOMMANDS = 25
MAX_CHOICES = 25
MAX_DESCRIPTION = 100
MAX_COMMAND_CHARACTERS = 8000

Scalar = bool | int | float | str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One hosted workflow, and the command that runs it."""

    id: str
    name: str
    command: str
    description: str
    fields: tuple[Field, ...]
    group: str | None = None
    cover_url: str | None = None
    credits: float | None = None

    @property
    def qualified_name(self) -> str:
        """The command as it is typed."""
        return f"{self.group} {self.command}" if self.group else self.command


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """All documents, and what is odd about them without being wrong."""

    endpoints: tuple[Endpoint, ...]
    warnings: tuple[str, ...]


class _FieldKeys(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str | None = None
    name: str | None = None
    description: str | None = Key(default=None, min_length=1, max_length=MAX_DESCRIPTION)
    required: bool | None = None
    default: Scalar | None = None
    min: float | None = None
    max: float | None = None
    choices: list[Scalar] | None = Key(default=None, min_length=1, max_length=MAX_CHOICES)


class _Document(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    name: str = Key(min_length=1)
    endpoint_id: str = Key(alias="endpointId", min_length=1)
    field_ids: list[str] = Key(alias="fieldIds", max_length=MAX_OPTIONS)
    cover_url: str | None = Key(alias="coverUrl", default=None)
    description: str | None = Key(default=None, min_length=1, max_length=MAX_DESCRIPTION)
    credits: float | None = Key(default=None, ge=0)
    group: str | None = Key(default=None, min_length=1)
    fields: dict[str, _FieldKeys] = Key(default_factory=dict)


@dataclass(slots=True)
class _Findings:
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def load_endpoints(path: Path, *, need_credits: bool = False) -> Loaded:
    """Every document of a folder or file; SetupError with all faults, each with its place."""
    findings = _Findings()
    found: list[tuple[str, Endpoint]] = []
    for place, raw in _documents(path, findings):
        document = _document(place, raw, findings)
        if document:
            before = len(findings.faults)
            endpoint = _endpoint(place, document, findings)
            if need_credits and endpoint.credits is None:
                findings.faults.append(
                    f"{place}: credits: expected a number, as CREDITS_PER_MEMBER_PER_DAY is set"
                )
            if len(findings.faults) == before:
                found.append((place, endpoint))
    findings.faults += _clashes(found)
    if findings.faults:
        raise SetupError(*findings.faults)
    return Loaded(
        endpoints=tuple(endpoint for _, endpoint in found), warnings=tuple(findings.warnings)
    )


def group_description(name: str) -> str:
    """What Discord shows beside a group's command."""
    return f"Run one of {name}"


def find(endpoints: Sequence[Endpoint], text: str) -> Endpoint | None:
    """The endpoint of this command, name or id, or None."""
    wanted = text.casefold()
    return next(
        (e for e in endpoints if wanted in {e.qualified_name, e.command, e.name.casefold()}),
        next((e for e in endpoints if e.id == text), None),
    )


def _documents(path: Path, findings: _Findings) -> Iterator[tuple[str, Any]]:
    paths = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not paths:
        findings.faults.append(f"{path}: expected at least one endpoint document (*.json)")
    for each in paths:
        try:
            raw = json.loads(each.read_text(encoding="utf-8"))
        except FileNotFoundError:
            findings.faults.append(f"{each}: there is no such file or folder; see ENDPOINTS")
        except (OSError, UnicodeDecodeError) as error:
            findings.faults.append(f"{each}: cannot be read ({type(error).__name__})")
        except json.JSONDecodeError as error:
            findings.faults.append(
                f"{each}: line {error.lineno}, column {error.colno}: expected JSON: {error.msg}"
            )
        else:
            if isinstance(raw, list):
                yield from ((f"{each}: [{index}]", one) for index, one in enumerate(raw))
            else:
                yield f"{each}", raw


def _document(place: str, raw: Any, findings: _Findings) -> _Document | None:  # noqa: ANN401 - any JSON
    if not isinstance(raw, dict):
        findings.faults.append(f"{place}: expected an object with name, endpointId and fieldIds")
        return None
    try:
        document = _Document.model_validate(raw)
    except ValidationError as error:
        findings.faults += [f"{place}: {_where(e['loc'])}: {_what(e)}" for e in error.errors()]
        return None
    findings.warnings += [
        f"{place}: {key}: an unknown key, which is left alone" for key in document.model_extra or {}
    ]
    return document


def _where(location: tuple[int | str, ...]) -> str:
    parts = [
        f"[{part}]" if isinstance(part, int) else f".{part}"
        for part in location
        if part not in {"bool", "int", "float", "str"}
    ]
    return "".join(parts).removeprefix(".")


def _what(error: Any) -> str:  # noqa: ANN401 - pydantic's TypedDict
    if error["type"] == "missing":
        return "expected this key, and it is missing"
    if error["type"] == "extra_forbidden":
        return f"an unknown key; expected one of {', '.join(_FieldKeys.model_fields)}"
    if error["type"] == "too_long":
        return f"expected at most {error['ctx']['max_length']} items"
    text = str(error["msg"])[:150]
    return text.replace("Input should be", "expected", 1)


def _endpoint(place: str, document: _Document, findings: _Findings) -> Endpoint:
    command = slug(document.name)
    if not command:
        findings.faults.append(f"{place}: name: expected letters or digits, got {document.name!r}")
    group = slug(document.group) if document.group else None
    if group == "":
        findings.faults.append(f"{place}: group: expected letters or digits")
    findings.faults += [
        f"{place}: fields.{key}: expected one of fieldIds"
        for key in document.fields
        if key not in document.field_ids
    ]
    endpoint = Endpoint(
        id=document.endpoint_id,
        name=document.name,
        command=command,
        group=group,
        description=(document.description or f"Run {document.name}")[:MAX_DESCRIPTION],
        cover_url=_cover(document),
        credits=document.credits,
        fields=_fields(place, document, findings),
    )
    if group is None and _characters(endpoint) > MAX_COMMAND_CHARACTERS:
        findings.faults.append(
            f"{place}: expected at most {MAX_COMMAND_CHARACTERS:,} characters in all names,"
            " descriptions and choices together"
        )
    return endpoint


def _cover(document: _Document) -> str | None:
    url = document.cover_url or ""
    return url if url.startswith(("https://", "http://")) and len(url) <= 2048 else None


def _fields(place: str, document: _Document, findings: _Findings) -> tuple[Field, ...]:
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
        keys = document.fields.get(field_id, _FieldKeys())
        fields.append(_field(field_id, parts.input, keys, f"{place}: fields.{field_id}", findings))
        nodes.append(parts.node)
    given = [document.fields.get(each.id, _FieldKeys()).name for each in fields]
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
        replace(each, name=f"{each.name[:24]}_{node}")
        if counts[each.name] > 1 and not own
        else each
        for each, node, own in zip(fields, nodes, given, strict=True)
    ]


def _field(
    field_id: str, input_name: str, keys: _FieldKeys, where: str, findings: _Findings
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
    return words[:1].upper() + words[1:]


def _field_faults(found: Field) -> Iterator[str]:
    yield from _bound_faults(found)
    if found.kind is FieldKind.IMAGE and (found.default is not None or found.choices):
        yield ".default: expected none for a picture"
    for index, choice in enumerate(found.choices):
        if not _is_of(found, choice) or len(str(choice)) not in range(1, 101):
            yield f".choices[{index}]: expected a short value of kind {found.kind}, got {choice!r}"
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
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not (whole or (found.kind is FieldKind.NUMBER and isinstance(value, float))):
        return False
    low = found.min if found.min is not None else float("-inf")
    high = found.max if found.max is not None else float("inf")
    return low <= float(value) <= high


def _characters(endpoint: Endpoint) -> int:
    own = len(endpoint.command) + len(endpoint.description)
    options = sum(
        len(each.name) + len(each.description) + sum(2 * len(str(c)) for c in each.choices)
        for each in endpoint.fields
    )
    return own + options


def _clashes(found: Sequence[tuple[str, Endpoint]]) -> Iterator[str]:
    places: dict[str, str] = {}
    for place, endpoint in found:
        first = places.setdefault(endpoint.qualified_name, place)
        if first != place:
            yield (
                f"{place}: name: the command /{endpoint.qualified_name} is that of {first}, too;"
                " rename one"
            )
    groups = Counter(endpoint.group for _, endpoint in found if endpoint.group)
    alone = [(place, e) for place, e in found if not e.group]
    yield from (
        f"{place}: name: /{e.command} is the name of a group, too"
        for place, e in alone
        if e.command in groups
    )
    yield from (
        f"group {name}: expected at most {MAX_SUBCOMMANDS} endpoints, got {count}"
        for name, count in groups.items()
        if count > MAX_SUBCOMMANDS
    )
    yield from _large_groups(found)
    if len(alone) + len(groups) > MAX_COMMANDS:
        yield (
            f"expected at most {MAX_COMMANDS} commands, got {len(alone) + len(groups)}:"
            " put some into a `group`"
        )


def _large_groups(found: Sequence[tuple[str, Endpoint]]) -> Iterator[str]:
    # Discord counts a group with all its subcommands as one command.
    sizes: Counter[str] = Counter()
    for _, endpoint in found:
        if endpoint.group:
            sizes[endpoint.group] += _characters(endpoint)
    for name, inner in sizes.items():
        size = len(name) + len(group_description(name)) + inner
        if size > MAX_COMMAND_CHARACTERS:
            yield (
                f"group {name}: expected at most {MAX_COMMAND_CHARACTERS:,} characters in the"
                f" names, descriptions and choices of its endpoints together, got {size:,}"
            )
