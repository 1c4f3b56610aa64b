"""What was used on each of the last days, by member and endpoint: it outlives the jobs' rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.jobs.counting import COUNTS
from bot.jobs.database import Database
from bot.jobs.tables import jobs, ledger

DAYS = 30
_DAY = timedelta(days=1)
_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


class Used(NamedTuple):
    """How much."""

    jobs: int = 0
    credits: float = 0.0

    def plus(self, jobs: int, credits_used: float) -> "Used":
        """It, and more."""
        return Used(self.jobs + jobs, self.credits + credits_used)


NOTHING = Used()


@dataclass(slots=True)
class Account:
    """What was used on this day, and within all that are kept."""

    today: Used = NOTHING
    lately: Used = NOTHING

    def add(self, used: Used, *, is_today: bool) -> None:
        """Count it."""
        self.lately = self.lately.plus(*used)
        if is_today:
            self.today = self.today.plus(*used)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everybody's, by the ids of members and of endpoints."""

    total: Account = field(default_factory=Account)
    members: Mapping[int, Account] = field(default_factory=lambda: defaultdict(Account))
    endpoints: Mapping[str, Account] = field(default_factory=lambda: defaultdict(Account))

    def add(self, user_id: int, endpoint_id: str, used: Used, *, is_today: bool) -> None:
        """Count it for whom and what it was."""
        for account in (self.total, self.members[user_id], self.endpoints[endpoint_id]):
            account.add(used, is_today=is_today)


class Ledger:
    """Tells what was used. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accounts(self, now: datetime) -> Accounts:
        """Those of the days up to now, of UTC; a transaction each, as others wait for it."""
        found, today = Accounts(), _day(now)
        for day in range(today - DAYS + 1, today + 1):
            for user_id, endpoint_id, number, credits_used in await self._of(day):
                used = Used(number, credits_used)
                found.add(user_id, endpoint_id, used, is_today=day == today)
        return found

    async def _of(self, day: int) -> Sequence[sa.Row[int, str, int, float]]:
        kept = sa.select(ledger.c.user_id, ledger.c.endpoint_id, ledger.c.jobs, ledger.c.credits)
        begin = _BEGAN + day * _DAY
        there = _used(jobs.c.created_at >= begin, jobs.c.created_at < begin + _DAY)
        query = kept.where(ledger.c.day == day).union_all(there)
        return await self._database.run(lambda db: db.execute(query).all())


def enter(db: sa.Connection, ids: Sequence[str], now: datetime) -> None:
    """Keep what these jobs have used: their rows are about to go."""
    oldest = _day(now) - DAYS + 1
    db.execute(sa.delete(ledger).where(ledger.c.day < oldest))
    of_these = (jobs.c.id.in_(ids), jobs.c.created_at >= _BEGAN + oldest * _DAY)
    by_day = _used(*of_these).add_columns(_ON_DAY.label("day")).group_by(_ON_DAY)
    insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    row = insert(ledger).from_select(["user_id", "endpoint_id", "jobs", "credits", "day"], by_day)
    more = {name: ledger.c[name] + row.excluded[name] for name in ("jobs", "credits")}
    db.execute(row.on_conflict_do_update(index_elements=[*ledger.primary_key], set_=more))


_ON_DAY = sa.type_coerce(jobs.c.created_at, sa.BigInteger) // sa.literal_column(
    f"{_DAY // timedelta(microseconds=1)}", sa.BigInteger
)


def _used(*where: sa.ColumnElement[bool]) -> sa.Select[int, str, int, float]:
    whose = (jobs.c.user_id, jobs.c.endpoint_id)
    much = (sa.func.count().label("jobs"), sa.func.sum(jobs.c.credits).label("credits"))
    return sa.select(*whose, *much).where(COUNTS, *where).group_by(*whose)


def _day(at: datetime) -> int:
    return (at - _BEGAN) // _DAY
