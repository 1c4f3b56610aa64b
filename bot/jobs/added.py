"""The endpoints that the owner has added in Discord, and those of files that are hidden: as rows.

A note says which change was the last, so that every process sees with one short question that there
was another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from bot.jobs.database import Database
from bot.jobs.tables import added_endpoints, notes, write_note

CHANGE = "endpoints changed"  # the note


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is there: documents by their commands, the commands that are hidden, the last change."""

    documents: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    change: str = ""


class Added:
    """Reads and writes them. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> Rows:
        """All of them."""
        return await self._database.run(rows_of)

    async def change(self) -> str:
        """Which change was the last, of any process."""
        return await self._database.run(_change)

    async def put(self, documents: Mapping[str, str]) -> None:
        """Have these under their commands, in place of whatever was there."""
        await self._replace(dict(documents))

    async def hide(self, command: str) -> None:
        """Hide it wherever a file has it."""
        await self._replace({command: None})

    async def drop(self, command: str) -> None:
        """Have its document, or that it is hidden, no longer."""
        await self._replace({command: None}, is_there=False)

    async def announce(self) -> str:
        """Let all processes look anew; which change that is."""
        return await self._database.run(_note)

    async def _replace(self, rows: Mapping[str, str | None], *, is_there: bool = True) -> None:
        def work(db: sa.Connection) -> None:
            # Whoever comes at the same time waits for the note, and then sees what was written.
            _note(db)
            db.execute(sa.delete(_TABLE).where(_TABLE.c.command.in_([*rows])))
            if is_there:
                written = [{"command": name, "document": text} for name, text in rows.items()]
                db.execute(sa.insert(_TABLE), written)

        await self._database.run(work)


async def added_at(url: str) -> Rows:
    """Those of a database that is looked at from outside; StorageError where it has no such table."""
    return await Database.once(url, rows_of) if _is_there(url) else Rows()


def rows_of(db: sa.Connection) -> Rows:
    """All of them."""
    change = _change(db)
    found = db.execute(sa.select(_TABLE.c.command, _TABLE.c.document).order_by(_TABLE.c.command))
    texts = [(str(command), document) for command, document in found]
    return Rows(
        documents={command: text for command, text in texts if text is not None},
        hidden=frozenset(command for command, text in texts if text is None),
        change=change,
    )


def _is_there(url: str) -> bool:
    """False of a file that a look would make."""
    parts = sa.make_url(url)
    return parts.get_backend_name() != "sqlite" or Path(parts.database or "").exists()


def _change(db: sa.Connection) -> str:
    return db.execute(_LAST).scalar_one_or_none() or ""


def _note(db: sa.Connection) -> str:
    change = uuid4().hex
    write_note(db, CHANGE, change)
    return change


_TABLE = added_endpoints
_LAST = sa.select(notes.c.value).where(notes.c.key == CHANGE)
