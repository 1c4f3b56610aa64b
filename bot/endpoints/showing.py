"""The option by which a member says who sees the images: where it has room. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.endpoints.catalogue import MAX_COMMAND_CHARACTERS, Endpoint, command_size
from bot.endpoints.documents import MAX_OPTIONS
from bot.endpoints.options import Field
from bot.endpoints.words import WIDE_SIGNS, behind_sign, joined
from bot.jobs.request import FieldKind

EVERYONE, SPOILER, ONLY_ME = "everyone", "behind a spoiler", "only me"
SHOW = Field(
    id="",
    kind=FieldKind.STRING,
    name="show",
    description="Who sees the images at once; everyone where it is left out",
    required=False,
    choices=(EVERYONE, SPOILER, ONLY_ME),
)
_WRITTEN = re.compile(
    rf"(?<![^\s{WIDE_SIGNS}]){SHOW.name}[^\S\n]*[=:＝：][^\S\n]*({EVERYONE}|{SPOILER}|{ONLY_ME})(?![\w-])",
    re.IGNORECASE,
)


def options_of(endpoints: Sequence[Endpoint]) -> Mapping[str, tuple[Field, ...]]:
    """Each endpoint's options as members have them, by its qualified name.

    Where one of a group finds no room, none of the group has it.
    """
    commands: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints:
        commands[endpoint.group or f"/{endpoint.command}"].append(endpoint)
    return dict(pair for together in commands.values() for pair in _options(together))


def is_hidden(endpoint: Endpoint, given: dict[str, object]) -> bool:
    """Whether the images are to be hidden; the option, where it is ours, is taken out."""
    return not _has_own(endpoint) and given.pop(SHOW.name, EVERYONE) == SPOILER


def is_alone(endpoint: Endpoint, given: Mapping[str, object]) -> bool:
    """Whether nobody but who asks is to see the reply."""
    return not _has_own(endpoint) and given.get(SHOW.name) == ONLY_ME


def alone_in(endpoints: Sequence[Endpoint], text: str) -> list[Endpoint]:
    """Those by whose option the text asks that nobody else sees the reply."""
    return [each for each in endpoints if is_alone(each, said_in(each, text)[1])]


def said_in(endpoint: Endpoint, text: str) -> tuple[str, dict[str, object]]:
    """A text without the option, and the option as it is given there; `show: …` alone is meant."""
    found = None if _has_own(endpoint) else _WRITTEN.search(text)
    if found is None:
        return text, {}
    return joined([text[: found.start()], behind_sign(text[found.end() :])]), {
        SHOW.name: found[1].lower()
    }


def _options(together: Sequence[Endpoint]) -> Iterator[tuple[str, tuple[Field, ...]]]:
    """Of what Discord counts as one command."""
    wanted = [
        endpoint if _has_own(endpoint) else replace(endpoint, fields=(*endpoint.fields, SHOW))
        for endpoint in together
    ]
    has_room = all(len(each.fields) <= MAX_OPTIONS for each in wanted)
    fits = has_room and command_size(wanted) <= MAX_COMMAND_CHARACTERS
    for endpoint in wanted if fits else together:
        yield endpoint.qualified_name, endpoint.fields


def _has_own(endpoint: Endpoint) -> bool:
    return any(field.name == SHOW.name for field in endpoint.fields)
