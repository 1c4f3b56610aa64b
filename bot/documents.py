"""Endpoint documents as the service shows them, with our own keys: read from files, and checked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Key

# https://docs.discord.com/developers/interactions/application-commands
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_DESCRIPTION = 100

Scalar = bool | int | float | str


class FieldKeys(BaseModel):
    """What the owner says more about one field."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str | None = None
    name: str | None = None
    description: str | None = Key(default=None, min_length=1, max_length=MAX_DESCRIPTION)
    required: bool | None = None
    default: Scalar | None = None
    min: float | None = None
    max: float | None = None
    choices: list[Scalar] | None = Key(default=None, min_length=1, max_length=MAX_CHOICES)


class Document(BaseModel):
    """One document; what the service adds of its own is kept as extra."""

    model_config = ConfigDict(extra="allow", strict=True)

    name: str = Key(min_length=1)
    endpoint_id: str = Key(alias="endpointId", min_length=1)
    field_ids: list[str] = Key(alias="fieldIds", max_length=MAX_OPTIONS)
    cover_url: str | None = Key(alias="coverUrl", default=None)
    description: str | None = Key(default=None, min_length=1, max_length=MAX_DESCRIPTION)
    credits: float | None = Key(default=None, ge=0)
    group: str | None = Key(default=None, min_length=1)
    fields: dict[str, FieldKeys] = Key(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What is wrong with documents, and what is only odd."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_documents(path: Path, findings: Findings) -> Iterator[tuple[str, Document]]:
    """Each document of a folder or file that is of the right form, with its place."""
    for place, raw in _raw_documents(path, findings):
        if document := _document(place, raw, findings):
            yield place, document


def _raw_documents(path: Path, findings: Findings) -> Iterator[tuple[str, Any]]:
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


def _document(place: str, raw: Any, findings: Findings) -> Document | None:  # noqa: ANN401 - any JSON
    if not isinstance(raw, dict):
        findings.faults.append(f"{place}: expected an object with name, endpointId and fieldIds")
        return None
    try:
        document = Document.model_validate(raw)
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
        return f"an unknown key; expected one of {', '.join(FieldKeys.model_fields)}"
    if error["type"] == "too_long":
        return f"expected at most {error['ctx']['max_length']} items"
    text = str(error["msg"])[:150]
    return text.replace("Input should be", "expected", 1)
