"""Endpoints from their documents, checked whole: every fault is named, each with its place."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.endpoints.documents import MAX_DESCRIPTION, Document, Findings, one_line, read_documents
from bot.endpoints.fields import slug
from bot.endpoints.options import Field, options_of
from bot.errors import SetupError

# https://docs.discord.com/developers/interactions/application-commands
MAX_COMMANDS = 100
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

    @property
    def qualified_name(self) -> str:
        """The command as it is typed."""
        return f"{self.group} {self.command}" if self.group else self.command


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """All documents, and what is odd about them without being wrong."""

    endpoints: tuple[Endpoint, ...]
    warnings: tuple[str, ...]


def load_endpoints(path: Path, *, need_credits: bool = False) -> Loaded:
    """Every document of a folder or file; SetupError with all faults, each with its place."""
    findings = Findings()
    found: list[tuple[str, Endpoint]] = []
    for place, document in read_documents(path, findings):
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
        raise SetupError(*map(one_line, findings.faults))
    return Loaded(
        endpoints=tuple(endpoint for _, endpoint in found),
        warnings=tuple(map(one_line, findings.warnings)),
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


def _endpoint(place: str, document: Document, findings: Findings) -> Endpoint:
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
        nsfw=document.nsfw,
        fields=options_of(place, document, findings),
    )
    if group is None and _characters(endpoint) > MAX_COMMAND_CHARACTERS:
        findings.faults.append(
            f"{place}: expected at most {MAX_COMMAND_CHARACTERS:,} characters in all names,"
            " descriptions and choices together"
        )
    return endpoint


def _cover(document: Document) -> str | None:
    url = document.cover_url or ""
    is_taken = len(url) <= 2048 and url.isprintable() and re.fullmatch(r"https?://[^\s/?#]\S*", url)
    return url if is_taken else None


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
    kinds = {(e.group, e.nsfw) for _, e in found if e.group}
    yield from (
        f"group {name}: expected nsfw for all of its endpoints or for none of them:"
        " Discord restricts a group as a whole"
        for name in groups
        if {(name, True), (name, False)} <= kinds
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
