"""A burst of commands: how soon each is answered, how soon all have their images, at what cost.

The bot stands beside a bare discord.py bot that only answers, and beside a raw script with the same
exchanges and bytes: pairs of runs, one after the other. Each ratio is held against the one that it was before.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.bench.paired import Paired, circumstances, load
from tests.bench.played import Burst, playing, raise_limit_of_files
from tests.bench.report import Goal, Part, note
from tests.postgres import Postgres

PAIRS = 5
COMMANDS = 200
ANSWER_S = 3.0  # so long Discord waits
LIKELY, MOST = 1000, 10_000
OURS, BARE, RAW = ("-m", "bot"), ("-m", "tests.bench.bare"), ("-m", "tests.bench.raw")
Settings = Mapping[str, str]
# The ratios as they were before replies and limits grew, and how much more they may be now.
BEFORE = {
    "SQLite": {"answer": 2.0, "job": 1 / 0.26, "cpu": 11.0, "most": 0.64},
    "PostgreSQL": {"answer": 3.6, "job": 1 / 0.17, "cpu": 17.0, "most": 0.33},
}
MORE = 1.1
ABOUT = """Every commit is on the disk. The goal of each line is what it was before replies and limits
grew, and a tenth more."""


async def main() -> None:
    """Measure, and write the part of the page."""
    raise_limit_of_files()
    began_with, remarks, goals = load(), [ABOUT], list[Goal]()
    with databases() as places:
        for name, new in places.items():
            goals += [await answers(name, new), *await jobs(name, new)]
        goals += await most_in_time(places)
    note(
        Part(
            name="burst",
            title="A burst of commands",
            goals=goals,
            remarks=[*remarks, circumstances(began_with)],
        )
    )


@contextmanager
def databases() -> Iterator[Mapping[str, Callable[[], str]]]:
    """Of each kind, what makes a new one and gives its address: every commit is on the disk."""
    with tempfile.TemporaryDirectory() as folder, Postgres(is_durable=True) as postgres:
        numbers = count()
        yield {
            "SQLite": lambda: f"sqlite:///{Path(folder) / f'{next(numbers)}.sqlite3'}",
            "PostgreSQL": postgres.new_database,
        }


async def answers(name: str, new: Callable[[], str]) -> Goal:
    """The first answers to a burst, beside a bare bot's."""
    pairs = [
        (
            await _burst(OURS, {"DATABASE_URL": new()}, is_delivered=False),
            await _burst(BARE, {}, is_delivered=False),
        )
        for _ in range(PAIRS)
    ]
    what = f"{name}: the 99th of 100 first answers to {COMMANDS} commands at once"
    found = [(ours.percentile_s(0.99), bare.percentile_s(0.99)) for ours, bare in pairs]
    return Paired(what, "a bare bot", "s", found).goal(MORE * BEFORE[name]["answer"])


async def jobs(name: str, new: Callable[[], str]) -> Iterator[Goal]:
    """Jobs from the command to the reaction, beside a raw script's: their time, and the processor's."""
    pairs = [
        (
            await _burst(OURS, {"DATABASE_URL": new()}, is_delivered=True),
            await _burst(RAW, {}, is_delivered=True),
        )
        for _ in range(PAIRS)
    ]
    times = [(ours.took_s / COMMANDS, raw.took_s / COMMANDS) for ours, raw in pairs]
    used = [(ours.cpu_s / COMMANDS, raw.cpu_s / COMMANDS) for ours, raw in pairs]
    return (
        Paired(f"{name}: {what}, of {COMMANDS} at once", "a raw script", "s", found).goal(
            MORE * BEFORE[name][key]
        )
        for key, what, found in (("job", "a job", times), ("cpu", "processor time a job", used))
    )


async def _burst(
    command: Sequence[str], settings: Settings, *, is_delivered: bool, count: int = COMMANDS
) -> Burst:
    async with playing(*command, settings=settings) as bot:
        return await bot.burst(count, is_delivered=is_delivered)


async def most_in_time(places: Mapping[str, Callable[[], str]]) -> list[Goal]:
    """How many commands at once are all answered in time, beside how many a bare bot answers."""
    found = [(kind, [await _most(kind, places, LIKELY)]) for kind in ("", *places)]
    for _ in range(PAIRS - 1):
        for kind, numbers in found:
            numbers.append(await _most(kind, places, numbers[-1]))
    (_, bare), *ours = found
    return [
        Paired(
            f"{name}: commands at once before an answer takes {ANSWER_S:g} s",
            "a bare bot, its number by ours",
            "",
            list(zip(bare, numbers, strict=True)),
        ).goal(MORE / BEFORE[name]["most"])
        for name, numbers in ours
    ]


async def _most(kind: str, places: Mapping[str, Callable[[], str]], likely: int) -> int:
    """For a bot with such a database, or the bare one: found by eighths, from a likely number on."""

    async def is_in_time(number: int) -> bool:
        command, settings = (OURS, {"DATABASE_URL": places[kind]()}) if kind else (BARE, {})
        found = await _burst(command, settings, is_delivered=False, count=number)
        return max(found.answers_s) <= ANSWER_S

    number = likely
    if await is_in_time(number):
        while number < MOST and await is_in_time(number * 9 // 8):
            number = number * 9 // 8
    else:
        while not await is_in_time(number := number * 8 // 9):
            pass
    return number


if __name__ == "__main__":
    asyncio.run(main())
