"""The endpoints as they are offered now: what every way in asks at each use.

Files are looked at every few seconds, as a folder that a container mounts tells of no change; what
was added or hidden in Discord is a row, for all processes.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

from bot.endpoints.catalogue import Endpoint, Made, made_of
from bot.endpoints.documents import read_documents
from bot.endpoints.offer import Checked, Offer, as_read, checked, is_of_file, offer_of
from bot.errors import Refused, StorageError
from bot.jobs.added import Added, Rows
from bot.jobs.request import Request
from bot.settings import PRICED, Settings

log = logging.getLogger(__name__)

LOOK_S = 4.5  # between two looks at the files
READ_AGAIN_S = 1.5  # between two looks at the rows
READ_S = 2.0
SETTLE_S = 0.3  # so long files have to stay as they are
SETTLE_TRIES = 5

Seen = tuple[tuple[str, int, int], ...]  # names, sizes and times


class Shelf:
    """Keeps the offer, which is only ever replaced as a whole: any thread may look at it."""

    def __init__(self, settings: Settings, added: Added, endpoints: Sequence[Endpoint]) -> None:
        self._path = settings.endpoints
        self._need_credits = need_credits(settings)
        self._added = added
        self._made: Sequence[Made] = [as_read(each) for each in endpoints]
        self._rows = Rows()
        self._seen: Seen | None = None
        self._known: frozenset[str] = frozenset()  # faults
        self.restricted: frozenset[str] = frozenset()  # ids, also of what was offered before
        self._followers: list[Callable[[], None]] = []
        self._renewing = asyncio.Lock()
        self._hurried = asyncio.Event()
        self.offer = Offer(endpoints=tuple(endpoints))

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Those that are offered."""
        return self.offer.endpoints

    @property
    def hidden(self) -> frozenset[str]:
        """The commands that are hidden, whether a file has them or not."""
        return self._rows.hidden

    def is_restricted(self, request: Request) -> bool:
        """Whether what came of it is for age-restricted channels alone, as its endpoint is or was."""
        endpoint_id = request.endpoint_id
        is_gone = all(each.id != endpoint_id for each in self.endpoints)
        return endpoint_id in self.restricted or (is_gone and request.is_restricted)

    def follow(self, changed: Callable[[], None]) -> None:
        """Have it called after each change of what is offered."""
        self._followers.append(changed)

    async def renew(self) -> None:
        """Offer what the files had at the last look, and what the rows have now; StorageError."""
        async with self._renewing:
            await self._offer(self._made, await self._added.read())

    async def add(self, content: bytes, source: str) -> Checked:
        """Offer what this text has, too; Refused with all that is wrong with it."""
        found = await asyncio.to_thread(checked, content, source, self.offer, self._need_credits)
        if found.documents:
            await self._added.put(found.documents)
        for command in found.hidden:
            await self._added.drop(command)
        await self.renew()
        offered = {each.qualified_name for each in self.endpoints}
        if left_out := [f"/{each}" for each in found.documents if each not in offered]:
            raise Refused(
                "{commands} cannot be offered beside what was added meanwhile, and will be once that"
                " is gone: `/studio endpoints` says why.",
                commands=left_out,
            )
        return found

    async def show(self, text: str) -> tuple[str, bool]:
        """Hide it no longer: its command, and whether it is offered then. Refused where it is not hidden."""
        command = _one_of(self.hidden, _typed(text))
        if command not in self.hidden:
            raise Refused("/{name} is not hidden: see /studio endpoints.", name=command)
        await self._added.drop(command)
        await self.renew()
        return command, any(each.qualified_name == command for each in self.endpoints)

    async def remove(self, text: str) -> tuple[str, bool]:
        """Offer it no longer: its command, and whether a file still has it. Refused where it is none."""
        command, of_file = self._removable(_typed(text))
        if of_file:
            await self._added.hide(command)
        else:
            await self._added.drop(command)
        await self.renew()
        return command, of_file

    def _removable(self, text: str) -> tuple[str, bool]:
        named = [each for each in self.endpoints if text.casefold() in _names(each)]
        whole = _one_of([each.qualified_name for each in named], text)
        exact = [each for each in named if each.qualified_name == whole]
        if len(exact or named) == 1:
            (endpoint,) = exact or named
            return endpoint.qualified_name, is_of_file(endpoint)
        left_out = _one_of(self._rows.documents, text)
        if left_out in self._rows.documents:
            return left_out, False
        if (text := _one_of(self.hidden, text)) in self.hidden:
            raise Refused(
                "/{name} is hidden already: `/studio add hidden:{name}` offers it again.", name=text
            )
        raise Refused("There is no endpoint {name}: see /studio endpoints.", name=text)

    async def run(self) -> None:
        """See what others change, for as long as the bot runs."""
        await asyncio.gather(self._watch_files(), self._watch_rows())

    async def _watch_files(self) -> None:
        while True:
            self._hurried.clear()
            try:
                if await self._look():
                    await self._announce()
            except Exception:
                log.exception("the endpoints' files cannot be looked at; the last are offered")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), LOOK_S)

    async def _watch_rows(self) -> None:
        is_known = True
        while True:
            await asyncio.sleep(READ_AGAIN_S)
            try:
                async with asyncio.timeout(READ_S):
                    if await self._added.change() != self._rows.change:
                        self._hurried.set()  # another process may have seen that files are others
                        await self.renew()
            except Exception as error:  # noqa: BLE001 - the bot goes on with what it knows
                if is_known:
                    log.warning("added endpoints cannot be read, the last are offered: %r", error)
                is_known = False
            else:
                is_known = True

    async def _announce(self) -> None:
        """Let the other processes look at once, so that all serve it before it is published."""
        try:
            async with asyncio.timeout(READ_S):
                await self._added.announce()
        except (StorageError, TimeoutError) as error:
            log.warning("other processes are not told that endpoints have changed: %r", error)

    async def _look(self) -> bool:
        """Whether files are others than at the last look; they are offered then."""
        is_first, before = self._seen is None, self._seen
        # Without a deadline: a folder that hangs takes one thread, and no more with each look.
        seen = await asyncio.to_thread(_seen_in, self._path)
        if seen == before:
            return False
        for _try in range(0 if is_first else SETTLE_TRIES):  # they may be half written
            before = seen
            await asyncio.sleep(SETTLE_S)
            seen = await asyncio.to_thread(_seen_in, self._path)
            if seen == before:
                break
        self._seen = seen
        made = await asyncio.to_thread(self._read)
        async with self._renewing:
            await self._offer(made, self._rows, is_told=is_first)  # the start has told of them
        return not is_first

    def _read(self) -> tuple[Made, ...]:
        return tuple(made_of(read_documents(self._path), self._need_credits))

    async def _offer(self, made: Sequence[Made], rows: Rows, *, is_told: bool = False) -> None:
        before = self.endpoints
        self.offer = await asyncio.to_thread(offer_of, made, rows, before, self._need_credits)
        self._made, self._rows = made, rows
        now = {each.id for each in self.endpoints}
        self.restricted = self.restricted - now | self.offer.restricted
        known = frozenset((*self.offer.outdated, *self.offer.left_out, *self.offer.warnings))
        if not is_told:
            self._tell(known - self._known)
        self._known = known
        if self.endpoints != before:
            log.info("endpoints that are offered now: %d", len(self.endpoints))
            self._call_followers()

    def _tell(self, new: frozenset[str]) -> None:
        for line in new.intersection(self.offer.outdated):
            log.error("an endpoint stays as it was last: %s", line)
        for line in new.intersection(self.offer.left_out):
            log.error("an endpoint is left out: %s", line)
        for line in new.intersection(self.offer.warnings):
            log.warning("%s", line)

    def _call_followers(self) -> None:
        for changed in self._followers:
            try:
                changed()
            except Exception:
                log.exception("a change of the endpoints was not taken everywhere")


def need_credits(settings: Settings) -> str:
    """The setting by which each endpoint has to say what it costs; nothing where none does."""
    named = (name.upper() for name in PRICED if getattr(settings, name) is not None)
    return next(named, "")


def _names(endpoint: Endpoint) -> set[str]:
    names = (endpoint.qualified_name, endpoint.command, endpoint.name)
    return {each.casefold() for each in names}


def _typed(text: str) -> str:
    return " ".join(text.strip().removeprefix("/").split())


def _one_of(commands: Collection[str], typed: str) -> str:
    """The command that was typed, in small letters or large; what was typed where it is none."""
    folded = {each.casefold(): each for each in commands}
    return typed if typed in commands else folded.get(typed.casefold(), typed)


def _seen_in(path: Path) -> Seen:
    """What tells whether files have changed; nothing of what cannot be looked at."""
    try:
        names = sorted(each.name for each in os.scandir(path)) if path.is_dir() else [""]
    except OSError:
        return ()
    return tuple(_stamp(path, name) for name in names if not name.startswith("."))


def _stamp(folder: Path, name: str) -> tuple[str, int, int]:
    if name and not name.endswith(".json"):  # of which nothing but its name is ever told
        return name, 0, 0
    try:
        found = (folder / name if name else folder).stat()
    except OSError:
        return name, -1, 0
    return name, found.st_size, found.st_mtime_ns
