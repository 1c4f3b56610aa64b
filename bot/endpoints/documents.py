"""Endpoint documents as the service shows them, with our own keys: read from files, and checked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Key
from pydantic_core import ErrorDetails

from bot.faults import expected, guess, nearest

# https://docs.discord.com/developers/interactions/application-commands
MAX_OPTIONS = 25
MAX_CHOICES = 25  # that a command lists; more are suggested as one types
MAX_SUGGESTED = 1000
MAX_DESCRIPTION = 100
MAX_NAME = 200  # of an endpoint and its id; the service sets no limit
MAX_ID = 300  # of a field
MAX_LINE = 500

Scalar = bool | int | float | str
Description = Annotated[str, Key(max_length=MAX_DESCRIPTION, pattern=r"\S")]
Bound = Annotated[float, Key(allow_inf_nan=False)]


class FieldKeys(BaseModel):
    """What the owner says more about one field."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str | None = None
    name: str | None = None
    description: Description | None = None
    required: bool | None = None
    default: Scalar | None = None
    min: Bound | None = None
    max: Bound | None = None
    choices: list[Scalar] | None = Key(default=None, min_length=1, max_length=MAX_SUGGESTED)


class Document(BaseModel):
    """One document; what the service adds of its own is kept as extra."""

    model_config = ConfigDict(extra="allow", strict=True)

    name: str = Key(min_length=1, max_length=MAX_NAME)
    endpoint_id: str = Key(alias="endpointId", max_length=MAX_NAME, pattern=r"^[^\s\p{C}]+$")
    field_ids: list[Annotated[str, Key(max_length=MAX_ID)]] = Key(
        alias="fieldIds", max_length=MAX_OPTIONS
    )
    cover_url: str | None = Key(alias="coverUrl", default=None)
    description: str | None = None  # the service may write one, of any length
    credits: float | None = Key(default=None, ge=0, allow_inf_nan=False)
    group: str | None = Key(default=None, min_length=1, max_length=MAX_NAME)
    nsfw: bool = False
    fields: dict[str, FieldKeys] = Key(default_factory=dict)


_KEYS = {field.alias or name for name, field in Document.model_fields.items()}
_SCALARS = {"bool", "int", "float", "str"}
_TOO_LARGE = "expected JSON: a number or a nesting is too large"
_NO_DOCUMENTS = "expected at least one endpoint document (*.json)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document is: in a file by its path, or as it was added in Discord; in its list."""

    source: str
    index: int | None = None
    is_file: bool = True

    def __str__(self) -> str:
        """As a fault names it."""
        return self.source if self.index is None else f"{self.source}: [{self.index}]"

    @property
    def whole(self) -> "Place":
        """The place of all that stands there together."""
        return Place(self.source, is_file=self.is_file)

    @property
    def folder(self) -> "Place":
        """The place of the folder that the file is in."""
        return Place(f"{Path(self.source).parent}")


@dataclass(slots=True)
class Findings:
    """What is wrong with a document, and what is only odd."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """What is at a place: a document, or what is wrong with it."""

    place: Place
    findings: Findings
    document: Document | None = None


def read_documents(path: Path) -> Iterator[Found]:
    """Each document of a folder or file, and what else is to be said of it."""
    paths = [path]
    if _is_folder(path):
        findings = Findings()
        paths = _documents_in(path, findings)
        yield Found(Place(f"{path}"), findings)
        if not paths and not findings.faults:  # whatever was there is gone
            yield Found(Place(f"{path / '*.json'}"), Findings([f"{path}: {_NO_DOCUMENTS}"]))
    for each in paths:
        try:
            content = each.read_bytes()
        except FileNotFoundError:
            yield _faulty(Place(f"{each}"), "there is no such file or folder; see ENDPOINTS")
        except OSError as error:
            yield _faulty(Place(f"{each}"), f"cannot be read ({error.strerror})")
        except ValueError:  # no file can be called so
            yield _faulty(Place(f"{each}"), "cannot be read")
        else:
            yield from documents_in(content, Place(f"{each}"))


def documents_in(content: bytes, place: Place) -> Iterator[Found]:
    """The documents of a text that stands there: one, or a list of them."""
    try:
        raw = json.loads(content.decode("utf-8-sig"))  # some editors put a mark first
    except UnicodeDecodeError:
        yield _faulty(place, "expected a text file in UTF-8")
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        yield _faulty(place, f"{where}: expected JSON: {error.msg}")
    except (ValueError, RecursionError):  # Python's own limits of numbers and of nesting
        yield _faulty(place, _TOO_LARGE)
    else:
        if isinstance(raw, list):
            yield from (_found(replace(place, index=i), one) for i, one in enumerate(raw))
        else:
            yield _found(place, raw)


def _faulty(place: Place, fault: str) -> Found:
    return Found(place, Findings([f"{place}: {fault}"]))


def _found(place: Place, raw: Any) -> Found:  # noqa: ANN401 - any JSON
    findings = Findings()
    return Found(place, findings, _document(f"{place}", raw, findings))


def one_line(text: str) -> str:
    """The text as a line of a list: what cannot be printed is escaped, what is too long is cut."""
    shown = printable(text[:MAX_LINE])
    return shown[:MAX_LINE] + "…" if max(len(shown), len(text)) > MAX_LINE else shown


def printable(text: str) -> str:
    """The text with what cannot be printed, or what a terminal would obey, escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shortened(text: str) -> str:
    """The text as Discord takes a description: in one line, and cut where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_DESCRIPTION else line[: MAX_DESCRIPTION - 1].rstrip() + "…"


def _documents_in(folder: Path, findings: Findings) -> list[Path]:
    """The folder's documents; what else is in it is named, as it may be meant for one."""
    try:
        there = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    except OSError as error:
        findings.faults.append(f"{folder}: cannot be read ({error.strerror})")
        return []
    paths = [each for each in there if each.suffix == ".json"]
    for each in there:
        if each.is_dir() and any(each.glob("*.json")):
            findings.warnings.append(f"{each}: passed over, as it is a folder")
        elif each.is_file() and each not in paths:
            findings.warnings.append(f"{each}: passed over, as its name does not end in .json")
    return paths


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long; reading it says so
        return False


def _document(place: str, raw: Any, findings: Findings) -> Document | None:  # noqa: ANN401 - any JSON
    if not isinstance(raw, dict):
        findings.faults.append(f"{place}: expected an object with name, endpointId and fieldIds")
        return None
    try:
        json.dumps(raw, ensure_ascii=False).encode()  # half a character cannot be kept
        document = Document.model_validate(raw)
    except UnicodeEncodeError:
        findings.faults.append(f"{place}: expected text, and there is half a character")
        return None
    except RecursionError:  # a little deeper in the stack than it was read
        findings.faults.append(f"{place}: {_TOO_LARGE}")
        return None
    except ValidationError as error:
        lines = [f"{place}: {_where(e['loc'])}: {_what(e, raw)}" for e in error.errors()]
        findings.faults += dict.fromkeys(lines)  # a value may be of none of several kinds
        return None
    findings.warnings += [
        f"{place}: {key}: an unknown key, which is left alone{guess(key, _KEYS)}"
        for key in document.model_extra or {}
    ]
    return document


def _where(location: tuple[int | str, ...]) -> str:
    parts = [
        f"[{part}]" if isinstance(part, int) else f".{part}"
        for part in location
        if part not in _SCALARS
    ]
    return "".join(parts).removeprefix(".")


def _what(error: ErrorDetails, raw: Mapping[str, Any]) -> str:
    name = str(error["loc"][-1])
    if error["type"] == "extra_forbidden":
        known = FieldKeys.model_fields
        return f"an unknown key; expected one of {', '.join(known)}{guess(name, known)}"
    if error["type"] == "missing":
        meant = nearest(name, raw.keys() - _KEYS)
        return expected(error) + (f"; did you mean it by {meant}?" if meant else "")
    if name in _SCALARS:
        return "expected a text, a number, or true or false"
    return expected(error)
