"""What a member has begun to ask for, and Discord would not say again: kept for a day.

The addresses of pictures come with the first interaction alone, and not with what is chosen or
written after it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import Refused
from bot.jobs.database import Database
from bot.jobs.request import Input
from bot.jobs.tables import drafts

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Pictures that a member wants something made of, and the message that they stand in.

    `is_asked`: the message itself asked for it, by its words.
    """

    id: str
    user_id: int
    created_at: datetime
    pictures: tuple[Input, ...]
    message_id: int
    words: str = ""
    is_asked: bool = False
    is_alone: bool = False  # nobody but who began it sees the message
    shown_in: int | None = None  # the message that shows the pictures


_NEW = {
    "sqlite": sqlite.insert(drafts).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(drafts).on_conflict_do_nothing(),
}
_DRAFT: TypeAdapter[Draft] = TypeAdapter(Draft)


class Drafts:
    """The drafts of all members. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: Draft) -> None:
        """Keep it, where another process has not done so."""
        document = _DRAFT.dump_json(draft).decode()
        row = {"id": draft.id, "user_id": draft.user_id, "created_at": draft.created_at}
        row["document"] = document
        await self._database.run(lambda db: db.execute(_NEW[db.dialect.name], row))

    async def prune(self, now: datetime) -> None:
        """Let go of those that are older than a day."""
        old = sa.delete(drafts).where(drafts.c.created_at < now - KEPT_FOR)
        await self._database.run(lambda db: db.execute(old))

    async def get(self, draft_id: str, user_id: int) -> Draft:
        """The member's draft; Refused where it is no longer kept, or somebody else asked."""
        query = sa.select(drafts.c.document).where(drafts.c.id == draft_id)
        document = await self._database.run(lambda db: db.execute(query).scalar_one_or_none())
        draft = _read(document) if document else None
        if draft is None:
            raise Refused("This is no longer kept; please begin again.")
        if draft.user_id != user_id:
            raise Refused("Only who asked can choose here.")
        return draft


def _read(document: str) -> Draft | None:
    try:
        return _DRAFT.validate_json(document)
    except ValidationError:
        return None
