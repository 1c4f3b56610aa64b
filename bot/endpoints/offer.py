"""What is offered: the endpoints of files, and those that were added in Discord. Pure.

A file goes before what was added, and a document that is faulty now stays as it was last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.endpoints.catalogue import Commands, Endpoint, Made, made_of
from bot.endpoints.documents import Document, Findings, Found, Place, documents_in, one_line
from bot.errors import Refused
from bot.jobs.added import Rows

MOST_FAULTS = 8  # in one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The endpoints, and what the owner has to know of the others.

    `hidden` are commands that files have and nobody is offered; `restricted` are the ids of all,
    hidden ones too, that run in age-restricted channels alone; `outdated` are the faults of
    documents that stay as they were last, `left_out` those of all others.
    """

    endpoints: tuple[Endpoint, ...] = ()
    hidden: tuple[str, ...] = ()
    restricted: frozenset[str] = frozenset()
    outdated: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What may be added: documents by their commands, those that files have, and what is odd."""

    documents: Mapping[str, str]
    hidden: tuple[str, ...]
    warnings: tuple[str, ...]


def offer_of(
    made: Sequence[Made], rows: Rows, before: Sequence[Endpoint] = (), need_credits: str = ""
) -> Offer:
    """What comes of the files' documents and of these rows, where `before` was offered so far."""
    commands, faults = Commands(), _Faults()
    of_files = [each for each in made if not _is_hidden(each, rows)]
    for each in of_files:
        faults.note(each.found.place, each.faults or commands.take(each.endpoint))
    kept = [each for each in before if faults.are_about(each) and not _hides(rows, each)]
    kept = [each for each in kept if not commands.take(each)]
    for each in _added(rows, need_credits):
        faults.note(each.found.place, each.faults or commands.take(each.endpoint))
    outdated = {line for each in kept for line in faults.about(each)}
    lines = faults.lines()
    order = {each.found.place: number for number, each in enumerate(made)}
    known = [*commands.taken, *(each.endpoint for each in made if each.endpoint)]
    return Offer(
        endpoints=tuple(sorted(commands.taken, key=lambda each: _position(each, order))),
        hidden=tuple(e.endpoint.qualified_name for e in made if e.endpoint and e not in of_files),
        restricted=frozenset(each.id for each in known if each.nsfw),
        outdated=tuple(one_line(line) for line in lines if line in outdated),
        left_out=tuple(one_line(line) for line in lines if line not in outdated),
        warnings=tuple(one_line(line) for each in made for line in each.warnings),
    )


def as_read(endpoint: Endpoint) -> Made:
    """An endpoint that was read before."""
    return Made(Found(endpoint.place or Place(endpoint.name), Findings()), endpoint)


def checked(content: bytes, source: str, offer: Offer, need_credits: str = "") -> Checked:
    """What of this text may be added to what is offered; Refused with all that is wrong."""
    new = [*made_of(documents_in(content, Place(source, is_file=False)), need_credits)]
    names = {each.endpoint.qualified_name for each in new if each.endpoint}
    commands = Commands()
    for known in offer.endpoints:
        if known.qualified_name not in names or is_of_file(known):
            commands.take(known)
    faults: list[str] = []
    documents: dict[str, str] = {}
    for each in new:
        faults += each.faults or commands.take(each.endpoint)
        if each.endpoint and each.found.document:
            documents[each.endpoint.qualified_name] = _written(each.found.document)
    if faults or not documents:
        raise _refused(faults or [f"{source}: expected at least one endpoint document"])
    return Checked(
        documents={name: text for name, text in documents.items() if name not in offer.hidden},
        hidden=tuple(name for name in documents if name in offer.hidden),
        warnings=tuple(one_line(line) for each in new for line in each.warnings),
    )


def _written(document: Document) -> str:
    """The document again, without what the service has in it for itself."""
    more = set(document.model_extra or ())
    return document.model_dump_json(by_alias=True, exclude_unset=True, exclude=more)


def _refused(faults: Sequence[str]) -> Refused:
    shown = [one_line(each) for each in faults[:MOST_FAULTS]]
    refused = Refused("Nothing was added, as it cannot be used:\n{faults:\n}", faults=shown)
    rest = len(faults) - len(shown)
    return refused.and_so("\nand {rest} more", rest=rest) if rest else refused


class _Faults:
    """What is wrong, by its place."""

    def __init__(self) -> None:
        self._by_place: dict[Place, list[str]] = {}

    def note(self, place: Place, lines: Sequence[str]) -> None:
        if lines:
            self._by_place.setdefault(place, []).extend(lines)

    def about(self, endpoint: Endpoint) -> Iterator[str]:
        """Those of its document, of the file that it is in, or of the folder around that."""
        place = endpoint.place
        if place and place.is_file:
            for each in dict.fromkeys((place, place.whole, place.folder)):
                yield from self._by_place.get(each, ())

    def are_about(self, endpoint: Endpoint) -> bool:
        return any(self.about(endpoint))

    def lines(self) -> list[str]:
        return [line for lines in self._by_place.values() for line in lines]


def _added(rows: Rows, need_credits: str) -> Iterator[Made]:
    for command, text in rows.documents.items():
        place = Place(f"/{command}, added in Discord", is_file=False)
        yield from made_of(documents_in(text.encode(errors="surrogatepass"), place), need_credits)


def _position(endpoint: Endpoint, order: Mapping[Place, int]) -> int:
    """Where its document, or its file, stands among all; what is of neither comes last."""
    place = endpoint.place
    if place is None:
        return len(order)
    return order.get(place, order.get(place.whole, len(order)))


def is_of_file(endpoint: Endpoint) -> bool:
    """Whether a file has it, rather than that it was added in Discord."""
    return endpoint.place is None or endpoint.place.is_file


def _is_hidden(made: Made, rows: Rows) -> bool:
    return made.endpoint is not None and _hides(rows, made.endpoint)


def _hides(rows: Rows, endpoint: Endpoint) -> bool:
    return endpoint.qualified_name in rows.hidden
