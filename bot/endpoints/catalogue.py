"""Endpoints from their documents, checked whole: every fault is named, each with its place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.endpoints.documents import (
    MAX_DESCRIPTION,
    Document,
    Findings,
    Found,
    Place,
    one_line,
    read_documents,
    shortened,
)
from bot.endpoints.fields import slug
from bot.endpoints.options import Field, options_of
from bot.endpoints.own import NAMES
from bot.errors import SetupError
from bot.faults import guess

# https://docs.discord.com/developers/interactions/application-commands
MAX_COMMANDS = 100 - len(NAMES)
MAX_SUBCOMMANDS = 25
MAX_COMMAND_CHARACTERS = 8000


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
    nsfw: bool = False  # runs in age-restricted channels alone
    place: Place | None = None  # of its document

    @property
    def qualified_name(self) -> str:
        """The command as it is typed."""
        return f"{self.group} {self.command}" if self.group else self.command


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a document, or of what was there in place of one."""

    found: Found
    endpoint: Endpoint | None

    @property
    def faults(self) -> list[str]:
        """Why there is no endpoint of it; nothing where there is one."""
        return self.found.findings.faults

    @property
    def warnings(self) -> list[str]:
        """What is only odd."""
        return self.found.findings.warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """All documents that can be used, what is wrong with the others, and what is only odd."""

    endpoints: tuple[Endpoint, ...] = ()
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def load_endpoints(path: Path, *, need_credits: str = "") -> Loaded:
    """Every document of a folder or file; SetupError with all faults where none can be used.

    `need_credits` names the setting by which each has to say what it costs.
    """
    commands = Commands()
    faults: list[str] = []
    warnings: list[str] = []
    for made in made_of(read_documents(path), need_credits):
        faults += made.faults or commands.take(made.endpoint)
        warnings += made.warnings
    if faults and not commands.taken:
        raise SetupError(*map(one_line, faults))
    return Loaded(
        endpoints=tuple(commands.taken),
        faults=tuple(map(one_line, faults)),
        warnings=tuple(map(one_line, warnings)),
    )


def made_of(documents: Iterable[Found], need_credits: str = "") -> Iterator[Made]:
    """An endpoint of each document, where it can be used."""
    for found in documents:
        if found.document is None:
            yield Made(found, None)
            continue
        endpoint = _endpoint(found.place, found.document, found.findings)
        faults = found.findings.faults
        if need_credits and endpoint.credits is None:
            faults.append(f"{found.place}: credits: expected a number, as {need_credits} is set")
        yield Made(found, None if faults else endpoint)


def group_description(name: str) -> str:
    """What Discord shows beside a group's command."""
    return f"Run one of {name}"


def find(endpoints: Sequence[Endpoint], text: str) -> Endpoint | None:
    """The endpoint of this command, name or id, or None."""
    wanted = text.casefold()
    names = [{n.casefold() for n in (e.qualified_name, e.command, e.name)} for e in endpoints]
    return next(
        (e for e, known in zip(endpoints, names, strict=True) if wanted in known),
        next((e for e in endpoints if e.id == text), None),
    )


def named_like(endpoints: Sequence[Endpoint], text: str) -> list[Endpoint]:
    """Those that the text names, wholly or by a part of their names."""
    if whole := find(endpoints, text):
        return [whole]
    part = _letters(text)
    names = ((e, _letters(f"{e.qualified_name} {e.name}")) for e in endpoints)
    return [endpoint for endpoint, name in names if part and part in name]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _endpoint(place: Place, document: Document, findings: Findings) -> Endpoint:
    command = slug(document.name)
    if not command:
        findings.faults.append(f"{place}: name: expected letters or digits, got {document.name!r}")
    group = slug(document.group) if document.group else None
    if group == "":
        findings.faults.append(f"{place}: group: expected letters or digits")
    findings.faults += [
        f"{place}: fields.{key}: expected one of fieldIds{guess(key, document.field_ids)}"
        for key in document.fields
        if key not in document.field_ids
    ]
    endpoint = Endpoint(
        id=document.endpoint_id,
        name=document.name,
        command=command,
        group=group,
        description=shortened(document.description or "") or shortened(f"Run {document.name}"),
        cover_url=_cover(document),
        credits=document.credits,
        nsfw=document.nsfw,
        fields=options_of(f"{place}", document, findings),
        place=place,
    )
    if len(document.description or "") > MAX_DESCRIPTION:
        findings.warnings.append(f"{place}: description: cut to {MAX_DESCRIPTION} characters")
    if group is None and command_size([endpoint]) > MAX_COMMAND_CHARACTERS:
        findings.faults.append(
            f"{place}: expected at most {MAX_COMMAND_CHARACTERS:,} characters in all names,"
            " descriptions and choices together"
        )
    return endpoint


def _cover(document: Document) -> str | None:
    url = document.cover_url or ""
    is_taken = len(url) <= 2048 and url.isprintable() and re.fullmatch(r"https?://[^\s/?#]\S*", url)
    return url if is_taken else None


def command_size(endpoints: Sequence[Endpoint]) -> int:
    """The characters of a command: of one endpoint, or of a group, which Discord counts as one."""
    group = endpoints[0].group
    own = 0 if group is None else len(group) + len(group_description(group))
    return own + sum(map(_characters, endpoints))


def _characters(endpoint: Endpoint) -> int:
    own = len(endpoint.command) + len(endpoint.description)
    options = sum(
        len(each.name) + len(each.description) + sum(2 * len(str(c)) for c in each.listed)
        for each in endpoint.fields
    )
    return own + options


def _own(endpoint: Endpoint) -> str | None:
    """The fault of a command that would be called as one of the bot's own."""
    if endpoint.group in NAMES:
        return f"group: /{endpoint.group} is a command of the bot's own: rename the group"
    if endpoint.qualified_name in NAMES:
        return (
            f"name: /{endpoint.command} is a command of the bot's own: choose another name, or put"
            " it into a `group`"
        )
    return None


@dataclass(slots=True)
class Commands:
    """The commands so far: what does not fit beside them is left out."""

    taken: list[Endpoint] = field(default_factory=list)
    _places: dict[str, Place | None] = field(default_factory=dict)
    _alone: set[str] = field(default_factory=set)
    _groups: dict[str, list[Endpoint]] = field(default_factory=dict)

    def take(self, endpoint: Endpoint | None) -> list[str]:
        """Add it, where there is one; else what is wrong."""
        if endpoint is None:
            return []
        fault = _own(endpoint) or self._clash(endpoint) or self._group_fault(endpoint)
        if fault:
            return [f"{endpoint.place}: {fault}"]
        self.taken.append(endpoint)
        self._places[endpoint.qualified_name] = endpoint.place
        if endpoint.group:
            self._groups.setdefault(endpoint.group, []).append(endpoint)
        else:
            self._alone.add(endpoint.command)
        return []

    def _clash(self, endpoint: Endpoint) -> str | None:
        name, group = endpoint.qualified_name, endpoint.group
        if name in self._places:
            return f"name: the command /{name} is that of {self._places[name]}, too; rename one"
        if group is None and name in self._groups:
            return f"name: /{name} is the name of a group, too"
        if group in self._alone:
            return f"group: /{group} is a command, too"
        if group not in self._groups and len(self._alone) + len(self._groups) == MAX_COMMANDS:
            return (
                f"expected at most {MAX_COMMANDS} commands beside the bot's own {len(NAMES)}:"
                " put some into a `group`"
            )
        return None

    def _group_fault(self, endpoint: Endpoint) -> str | None:
        name = endpoint.group
        if name is None:
            return None
        others = self._groups.get(name, [])
        if len(others) == MAX_SUBCOMMANDS:
            return f"group: expected at most {MAX_SUBCOMMANDS} endpoints in {name}"
        if any(each.nsfw is not endpoint.nsfw for each in others):
            return (
                f"nsfw: expected for all endpoints of the group {name} or for none of them:"
                " Discord restricts a group as a whole"
            )
        size = command_size([*others, endpoint])
        if size > MAX_COMMAND_CHARACTERS:
            return (
                f"group: expected at most {MAX_COMMAND_CHARACTERS:,} characters in the names,"
                f" descriptions and choices of all endpoints of {name}, got {size:,}"
            )
        return None
