"""Whose picture is next: turns, and who gives way to whom. No picture is looked at here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.files import turns
from bot.files.turns import MEMBERS, SLICE_S, SLOW_FOR_S, Postponed, Turn, Turns

EVE, MEI, ANA = 1, 2, 3


class Table:
    """Members who come with pictures; what was done with them, in order."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.turns = Turns(lambda: self.now_s)
        self.begun: list[int] = []
        self.put_off: list[int] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def comes(self, *members: int) -> None:
        """Each waits for a turn, and ends it at once when it comes."""
        self._tasks += [asyncio.create_task(self._looked_at(member)) for member in members]
        await self.settled()

    async def settled(self) -> None:
        for _turn in range(20):
            await asyncio.sleep(0)

    @asynccontextmanager
    async def busy_with(self, member: int) -> AsyncIterator[Turn]:
        async with self.turns.of(member) as turn:
            yield turn

    async def _looked_at(self, member: int) -> None:
        try:
            async with self.turns.of(member):
                self.begun.append(member)
        except Postponed:
            self.put_off.append(member)


async def test_members_take_turns_whoever_brings_more() -> None:
    table = Table()
    async with table.busy_with(EVE):
        await table.comes(EVE, EVE, EVE, MEI, ANA, MEI)
        assert table.begun == []
    await table.settled()
    assert table.begun == [MEI, ANA, EVE, MEI, EVE, EVE]


async def test_one_that_is_long_gives_way_only_where_somebody_waits() -> None:
    table = Table()
    async with table.busy_with(EVE) as turn:
        table.now_s += SLICE_S * 10
        assert not table.turns.must_give_way(turn)
        await table.comes(MEI)
        assert table.turns.must_give_way(turn)
    async with table.busy_with(EVE) as turn:
        await table.comes(MEI)
        assert not table.turns.must_give_way(turn)


async def test_who_was_slow_comes_behind_all_others_and_holds_nobody_up() -> None:
    table = Table()
    async with table.busy_with(EVE):
        await table.comes(EVE, MEI, EVE)
        table.turns.slow(EVE)
        await table.settled()
        assert table.put_off == [EVE, EVE]  # they wait nowhere
    await table.settled()
    assert table.begun == [MEI]
    async with table.busy_with(MEI):
        with pytest.raises(Postponed):
            table.turns.check(EVE)
    async with table.busy_with(EVE) as turn:  # while nobody else's waits
        await table.comes(EVE)
        assert not table.turns.must_give_way(turn)
        await table.comes(MEI)
        assert table.turns.must_give_way(turn)
    assert table.put_off == [EVE, EVE, EVE]


async def test_nobody_is_slow_for_ever() -> None:
    table = Table()
    table.turns.slow(EVE)
    table.now_s += SLOW_FOR_S + 1
    async with table.busy_with(MEI):
        await table.comes(EVE)
    await table.settled()
    assert (table.begun, table.put_off) == ([EVE], [])
    table.turns.slow(MEI)
    assert len(table.turns._slow_until_s) == 1


async def test_who_gives_up_waiting_leaves_the_place_to_the_next() -> None:
    table = Table()
    async with table.busy_with(ANA):
        await table.comes(EVE, MEI)
        table._tasks[0].cancel()
        table.turns.slow(EVE)
    await table.settled()
    async with table.busy_with(ANA):
        await table.comes(MEI)
        table._tasks[-1].cancel()
    await table.comes(ANA)
    assert table.begun == [MEI, ANA]


async def test_only_so_many_members_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MEMBERS", 10)
    table = Table()
    await table.comes(*range(MEMBERS // 20))
    assert len(table.turns._last) == 10
