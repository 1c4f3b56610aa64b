"""The bylaws: limits that are set in Discord, and what a server's administrators set for it alone."""

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.jobs.limits import EVERY_SERVER, Measure, Most, Quota
from bot.jobs.tables import bylaws

log = logging.getLogger(__name__)


class BylawKind(StrEnum):
    """What a bylaw does that is no limit; those are called as what they measure."""

    BLOCK = "block"  # a member, in one server
    LOG = "log"  # where a server is told of troubles


class Bylaw(NamedTuple):
    """One of them; its subject is the id of whoever is blocked, its value a number or an id."""

    kind: str
    server: int
    subject: int = 0
    value: str = ""


@dataclass(frozen=True, slots=True)
class Bylaws:
    """Those that hold: the limits of each server, or of every; who is blocked where; and channels."""

    limits: Mapping[int, Most] = field(default_factory=dict)
    blocked: frozenset[tuple[int, int]] = frozenset()  # a server and a member
    logs: Mapping[int, int] = field(default_factory=dict)

    def quotas_in(self, server: int | None) -> tuple[Quota, ...]:
        """Those that hold in a server, or where there is none."""
        places = (EVERY_SERVER, server)
        return tuple(
            Quota(each, self.limits[each])
            for each in places
            if each is not None and each in self.limits
        )

    def blocked_in(self, server: int) -> list[int]:
        """The members who are blocked in this server alone."""
        return sorted(member for where, member in self.blocked if where == server)


def limit(measure: Measure, server: int, most: float) -> Bylaw:
    """The bylaw that allows so much."""
    return Bylaw(measure, server, value=f"{most}")


def read_bylaws(db: sa.Connection) -> Bylaws:
    """All that are kept; what a later version has written is passed over."""
    limits: dict[int, dict[Measure, float]] = {}
    blocked, logs = set(), {}
    for row in db.execute(_ALL):
        kind, server, subject, value = row
        with suppress(ValueError):
            if kind == BylawKind.BLOCK:
                blocked.add((server, subject))
            elif kind == BylawKind.LOG:
                logs[server] = int(value)
            else:
                limits.setdefault(server, {})[Measure(kind)] = float(value)
    return Bylaws(limits, frozenset(blocked), logs)


def put(db: sa.Connection, wanted: Collection[Bylaw]) -> None:
    """Put them in place of those about the same."""
    if wanted:
        db.execute(_PUT[db.dialect.name], [each._asdict() for each in wanted])


def drop(db: sa.Connection, gone: Collection[Bylaw]) -> None:
    """Remove those about the same as these."""
    each = sa.tuple_(bylaws.c.kind, bylaws.c.server, bylaws.c.subject)
    db.execute(sa.delete(bylaws).where(each.in_([tuple(bylaw[:3]) for bylaw in gone])))


_ALL = sa.select(bylaws.c.kind, bylaws.c.server, bylaws.c.subject, bylaws.c.value)
_KEY = [*bylaws.primary_key]


def _upsert(row: postgresql.Insert | sqlite.Insert) -> sa.Insert:
    return row.on_conflict_do_update(index_elements=_KEY, set_={"value": row.excluded.value})


_PUT = {
    "sqlite": _upsert(sqlite.insert(bylaws)),
    "postgresql": _upsert(postgresql.insert(bylaws)),
}
