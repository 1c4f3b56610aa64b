"""What the owner has added and hidden: kept, and seen by every process."""

import asyncio
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.jobs.added import Rows, added_at
from bot.jobs.store import JobStore


async def test_what_one_process_writes_another_sees_by_its_note(database_url: str) -> None:
    async with JobStore.open(database_url) as one, JobStore.open(database_url) as two:
        changes = [await two.added.change()]

        async def seen() -> Rows:
            found = await two.added.read()
            assert found.change == await two.added.change()
            changes.append(found.change)
            return found

        await one.added.put({"b": "{}", "a b": "1"})
        found = await seen()
        assert ([*found.documents.items()], found.hidden) == (
            [("a b", "1"), ("b", "{}")],
            frozenset(),
        )
        await two.added.put({"b": "2"})
        await one.added.hide("a b")
        await one.added.hide("c")
        found = await seen()
        assert (found.documents, found.hidden) == ({"b": "2"}, frozenset({"a b", "c"}))
        await one.added.put({"c": "3"})
        await one.added.drop("a b")
        await one.added.drop("b")
        found = await seen()
        assert (found.documents, found.hidden) == ({"c": "3"}, frozenset())
        await asyncio.gather(one.added.hide("c"), two.added.put({"d": "4"}), one.added.hide("d"))
        assert (await seen()).hidden >= {"c"}
        await one.added.announce()
        await seen()
        assert len({*changes}) == len(changes)
    assert (await added_at(database_url)).hidden >= {"c"}


async def test_a_look_from_outside_makes_no_database(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    assert await added_at(f"sqlite:///{path}") == Rows()
    assert not path.exists()
    path.touch()
    with pytest.raises(StorageError):
        await added_at(f"sqlite:///{path}")
