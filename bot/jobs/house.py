"""The house rules: what is set in Discord, for all processes, and past restarts.

They are rows, and each process keeps what it last read of them, so that no answer waits for them.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import StorageError
from bot.jobs.bylaws import Bylaw, Bylaws, drop, put, read_bylaws
from bot.jobs.database import Database
from bot.jobs.tables import house_rules, notes

log = logging.getLogger(__name__)

READ_AGAIN_S = 1.5  # so that a rule holds in all processes within 5 s
READ_S = 2.0


class RuleKind(StrEnum):
    """What a rule does."""

    PAUSE = "pause"  # nobody may ask for anything
    MEMBER = "member"  # one is blocked
    SERVER = "server"  # the same


class Rule(NamedTuple):
    """One of them; its subject is the id of whoever is blocked."""

    kind: RuleKind
    subject: int = 0


PAUSE = Rule(RuleKind.PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRules:
    """Those that hold."""

    is_paused: bool = False
    members: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()
    bylaws: Bylaws = field(default_factory=Bylaws)


class House:
    """Keeps them. Raises StorageError where they cannot be read or written.

    `rules` are only ever replaced as a whole: any thread may look at them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rules = HouseRules()
        self._asked = 0  # questions so far
        self._outdated = 0  # the last of them whose answer may be older than what is known

    async def read(self) -> None:
        """Know what holds now."""
        self._asked += 1
        mine = self._asked
        found = await self._database.run(_read)
        if mine > self._outdated:
            self._outdated, self.rules = mine, found

    async def impose(self, *rules: Rule) -> None:
        """Let these hold from now on."""
        rows = [rule._asdict() for rule in rules]
        await self._change(lambda db: db.execute(_NEW[db.dialect.name], rows))

    async def lift(self, *rules: Rule) -> None:
        """Let these hold no longer."""
        each = sa.tuple_(house_rules.c.kind, house_rules.c.subject)
        gone = sa.delete(house_rules).where(each.in_([tuple(rule) for rule in rules]))
        await self._change(lambda db: db.execute(gone))

    async def enact(self, *bylaws: Bylaw, without: Collection[Bylaw] = ()) -> None:
        """Let these hold from now on, and those about the same as `without` no longer."""

        def change(db: sa.Connection) -> None:
            drop(db, without)
            put(db, bylaws)

        await self._change(change)

    async def is_new(self, key: str, now: datetime, apart: timedelta) -> bool:
        """Whether nobody has said this for so long, in any process; from now on somebody has."""
        return await self._database.run(lambda db: _noted(db, key, now, apart))

    async def run(self) -> None:
        """Read what other processes write, for as long as the bot runs."""
        is_known = True
        while True:
            await asyncio.sleep(READ_AGAIN_S)
            try:
                async with asyncio.timeout(READ_S):
                    await self.read()
            except (StorageError, TimeoutError) as error:
                if is_known:
                    log.warning("the house rules cannot be read, the last ones hold: %r", error)
                is_known = False
            else:
                is_known = True

    async def _change(self, change: Callable[[sa.Connection], Any]) -> None:
        def work(db: sa.Connection) -> HouseRules:
            change(db)
            return _read(db)

        self.rules = await self._database.run(work)
        self._outdated = self._asked


def _read(db: sa.Connection) -> HouseRules:
    subjects: dict[str, set[int]] = {}
    for kind, subject in db.execute(sa.select(house_rules.c.kind, house_rules.c.subject)):
        subjects.setdefault(kind, set()).add(subject)
    return HouseRules(
        is_paused=RuleKind.PAUSE in subjects,
        members=frozenset(subjects.get(RuleKind.MEMBER, ())),
        servers=frozenset(subjects.get(RuleKind.SERVER, ())),
        bylaws=read_bylaws(db),
    )


def _noted(db: sa.Connection, key: str, now: datetime, apart: timedelta) -> bool:
    insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    row, said = insert(notes).values(key=key, value=now.isoformat()), notes.c.value
    # A clock may have gone back since then, or another process's be a little ahead.
    is_over = sa.or_(said <= (now - apart).isoformat(), said > (now + apart).isoformat())
    statement = row.on_conflict_do_update(
        index_elements=[notes.c.key], set_={"value": now.isoformat()}, where=is_over
    )
    return db.execute(statement.returning(notes.c.key)).first() is not None


_NEW = {
    "sqlite": sqlite.insert(house_rules).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(house_rules).on_conflict_do_nothing(),
}
