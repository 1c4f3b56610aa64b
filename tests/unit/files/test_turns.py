"""Whose picture is next: turns, and who gives way to whom. No picture is looked at here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.files import turns
from bot.files.turns import GIVES_WAY, SLICE_S, SLOW_FOR_S, Postponed, Turn, Turns

EVE, MEI, ANA = 1, 2, 3


class Table:
    """Members who come with pictures; what was done with them, in order."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.turns = Turns(lambda: self.now_s)
        self.begun: list[int] = []
        self.put_off: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, *members: int) -> None:
        """Each waits for a turn, and ends it at once when it comes."""
        self.tasks += [asyncio.create_task(self._looked_at(member)) for member in members]
        await self.settled()

    async def settled(self) -> None:
        for _turn in range(40):
            await asyncio.sleep(0)

    @asynccontextmanager
    async def busy_with(self, member: int) -> AsyncIterator[Turn]:
        async with self.turns.of(member) as turn:
            yield turn
        await self.settled()

    async def slow(self, member: int, for_s: float = SLICE_S) -> None:
        """One of the member's pictures takes so long in vain."""
        async with self.busy_with(member) as turn:
            self.now_s += for_s
            self.turns.was_slow(turn)

    async def _looked_at(self, member: int) -> None:
        try:
            async with self.turns.of(member):
                self.begun.append(member)
        except Postponed:
            self.put_off.append(member)


async def test_members_take_turns_whoever_brings_more() -> None:
    table = Table()
    async with table.busy_with(EVE):
        await table.come(EVE, EVE, EVE, MEI, ANA, MEI)
        assert table.begun == []
    assert table.begun == [MEI, ANA, EVE, MEI, EVE, EVE]


async def test_one_that_is_long_gives_way_only_where_somebody_else_waits() -> None:
    table = Table()
    async with table.busy_with(EVE) as turn:
        table.now_s += SLICE_S * 10
        await table.come(EVE)
        assert not table.turns.must_give_way(turn)
        await table.come(MEI)
        assert table.turns.must_give_way(turn)
    async with table.busy_with(EVE) as turn:
        await table.come(MEI)
        assert not table.turns.must_give_way(turn)


async def test_who_was_slow_comes_behind_all_others_and_takes_up_few_places() -> None:
    table = Table()
    await table.slow(EVE)
    async with table.busy_with(ANA):
        await table.come(EVE, EVE, EVE, MEI)
        assert table.put_off == [EVE]
        with pytest.raises(Postponed):
            table.turns.check(EVE)
    assert table.begun == [MEI, EVE, EVE]


async def test_what_waits_already_of_who_was_slow_is_put_off() -> None:
    table = Table()
    async with table.busy_with(EVE) as turn:
        await table.come(EVE, MEI, EVE)
        table.turns.was_slow(turn)
        await table.settled()
        assert table.put_off == [EVE, EVE]
    assert table.begun == [MEI]


async def test_who_was_slow_waits_for_a_while_and_then_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.0)
    table = Table()
    await table.slow(EVE)
    async with table.busy_with(MEI):
        await table.come(EVE)
        assert table.put_off == [EVE]
    await table.come(EVE)
    assert table.begun == [EVE]


async def test_what_is_merely_large_comes_to_its_end_and_holds_others_up_a_tenth_of_the_time() -> (
    None
):
    table, needs_s = Table(), 7.0
    tries = []
    while True:
        async with table.busy_with(EVE) as turn:
            began_s = table.now_s
            await table.come(MEI)
            while table.now_s - began_s < needs_s and not table.turns.must_give_way(turn):
                table.now_s += 0.5
            tries.append(table.now_s - began_s)
            if tries[-1] >= needs_s:
                break
            table.turns.gave_way(turn)
        table.now_s += 1
    assert [each for each in tries if each] == [SLICE_S, 2 * SLICE_S, needs_s]
    assert table.now_s > GIVES_WAY * 3 * SLICE_S


async def test_nobody_is_slow_for_ever() -> None:
    table = Table()
    await table.slow(EVE)
    table.now_s += SLOW_FOR_S + 1
    async with table.busy_with(MEI):
        await table.come(EVE, EVE, EVE)
    assert (table.begun, table.put_off) == ([EVE] * 3, [])
    await table.slow(MEI)
    assert list(table.turns._slow) == [MEI]


async def test_who_gives_up_waiting_leaves_the_place_to_the_next() -> None:
    table = Table()
    async with table.busy_with(ANA):
        await table.come(EVE, MEI)
        table.tasks[0].cancel()
    assert table.begun == [MEI]
    async with table.busy_with(ANA):
        await table.come(EVE)
    table.tasks[-1].cancel()  # its turn has come and gone
    await table.come(MEI)
    assert table.begun == [MEI, EVE, MEI]
