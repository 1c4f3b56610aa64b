"""Which rows were made of one: each says what it was made of itself, and so on, back to that one."""

from contextlib import suppress

import sqlalchemy as sa

from bot.errors import StorageError
from bot.jobs.job import Job
from bot.jobs.rows import load, named_by

READ_AT_ONCE = 200  # rows, in one transaction


class Lineage:
    """What was read on the way back stays known: a chain of many is read once, a part at a time."""

    def __init__(self, source_id: str) -> None:
        self._comes = {source_id: True}
        self._before: dict[str, str | None] = {}  # by row: the one that it was made of
        self._left = READ_AT_ONCE

    def begin(self) -> None:
        """A transaction begins, in which so many rows may be read."""
        self._left = READ_AT_ONCE

    def comes(self, db: sa.Connection, job: Job) -> bool | None:
        """Whether the job was made of the source; None where that is seen in a later transaction."""
        self._before.setdefault(job.id, _made_of(db, job))
        here: str | None = job.id
        way: set[str] = set()
        while here and here not in self._comes and here not in way:
            way.add(here)
            if here not in self._before:
                if self._left <= 0:
                    return None
                self._left -= 1
                found = readable(db, here)
                self._before[here] = _made_of(db, found) if found else None
            here = self._before[here]
        comes = self._comes.get(here or "", False)
        self._comes |= dict.fromkeys(way, comes)
        return comes


def _made_of(db: sa.Connection, job: Job) -> str | None:
    """The one before, as a row of an earlier version and a message's picture say it, too."""
    origin = job.origin
    messages = filter(None, (origin.again_of, origin.shown_in))
    return origin.made_of or next(filter(None, (named_by(db, each) for each in messages)), None)


def readable(db: sa.Connection, job_id: str, *, lock: bool = False) -> Job | None:
    """The job of the row, or None where there is none that this version can read."""
    with suppress(StorageError):
        return load(db, job_id, lock=lock)
    return None
