"""A burst of commands: how soon each is answered, how soon all have their images, at what cost.

The bot stands beside a bare discord.py bot that only answers, and beside a raw script with the same
exchanges and bytes: pairs of runs, one after the other. A line has both medians, the median of the
pairs' ratios, and how far these are apart.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.bench.played import Burst, playing, raise_limit_of_files
from tests.postgres import Postgres

PAIRS = 5
COMMANDS = 200
ANSWER_S = 3.0  # so long Discord waits
MOST = 6400
OURS, BARE, RAW = ("-m", "bot"), ("-m", "tests.bench.bare"), ("-m", "tests.bench.raw")
Settings = Mapping[str, str]


async def main() -> None:
    raise_limit_of_files()
    bare = await _most_in_time(BARE, {})
    with databases() as places:
        for name, new in places.items():
            await answers(name, new)
            await jobs(name, new)
            most = await _most_in_time(OURS, {"DATABASE_URL": new()})
            what = f"commands at once before an answer takes {ANSWER_S:g} s, {name}"
            print(f"{what:<62}{most:8}     a bare bot {bare}  ratio {most / bare:.2f}", flush=True)


@contextmanager
def databases() -> Iterator[Mapping[str, Callable[[], str]]]:
    """Of each kind, what makes a new one and gives its address: every commit is on the disk."""
    with tempfile.TemporaryDirectory() as folder, Postgres(is_durable=True) as postgres:
        numbers = count()
        yield {
            "SQLite": lambda: f"sqlite:///{Path(folder) / f'{next(numbers)}.sqlite3'}",
            "PostgreSQL": postgres.new_database,
        }


async def answers(name: str, new: Callable[[], str]) -> None:
    """The first answers to a burst, beside a bare bot's."""
    pairs = [
        (
            await _burst(OURS, {"DATABASE_URL": new()}, is_delivered=False),
            await _burst(BARE, {}, is_delivered=False),
        )
        for _ in range(PAIRS)
    ]
    what = f"the 99th of 100 first answers to {COMMANDS} commands at once, {name}"
    found = [(ours.percentile_s(0.99), bare.percentile_s(0.99)) for ours, bare in pairs]
    say(what, found, "a bare bot", " s")


async def jobs(name: str, new: Callable[[], str]) -> None:
    """Jobs from the command to the reaction, beside a raw script's."""
    pairs = [
        (
            await _burst(OURS, {"DATABASE_URL": new()}, is_delivered=True),
            await _burst(RAW, {}, is_delivered=True),
        )
        for _ in range(PAIRS)
    ]
    found = [(COMMANDS / ours.took_s, COMMANDS / raw.took_s) for ours, raw in pairs]
    say(f"jobs a second, {name}", found, "a raw script", "")
    found = [(1000 * ours.cpu_s / COMMANDS, 1000 * raw.cpu_s / COMMANDS) for ours, raw in pairs]
    say(f"processor time a job, {name}", found, "a raw script", " ms")


async def _burst(command: Sequence[str], settings: Settings, *, is_delivered: bool) -> Burst:
    async with playing(*command, settings=settings) as bot:
        return await bot.burst(COMMANDS, is_delivered=is_delivered)


async def _most_in_time(command: Sequence[str], settings: Settings) -> int:
    """How many commands at once are all answered in time, to within a quarter."""
    fits, number = 0, COMMANDS
    while number <= MOST:
        async with playing(*command, settings=settings) as bot:
            found = await bot.burst(number, is_delivered=False)
        if max(found.answers_s) > ANSWER_S:
            break
        fits, number = number, number * 5 // 4
    return fits


def say(what: str, pairs: Sequence[tuple[float, float]], than: str, unit: str) -> None:
    """Print one line."""
    ours, others = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = sorted(one / other for one, other in pairs)
    spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
    line = f"{what:<62}{ours:8.2f}{unit:3}  {than} {others:.2f}{unit}"
    print(f"{line}  ratio {statistics.median(ratios):.2f} ({spread})", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
