"""`make chaos`: many jobs, a bot that is killed again and again, and a fault on every third call.

Members ask in every way that there is, cancel, delete, look at their own once more, and some want
to be forgotten (`hands`).

Once, in the middle, the database is away for a while, in the middle of a bot's life. Now and then
the service knows no job for some seconds, a download hangs, or a bot's clock is set. One channel of
each server is slowed by Discord.

With `--processes 2` two bots share a PostgreSQL, with a shard and a server each, and either is killed.

Everything is drawn from one seed, which is printed; the order in which the processes meet it is the
machine's own. At the end, with the faults gone and the bot left alone, eight numbers have to be 0
(`count`), and each thing that members do was answered at least once.
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    closing,
    suppress,
)
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from bot.jobs.job import Failure, Job
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.sandbox.clock import Clock
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.places import Channel
from bot.sandbox.discord.requests import Exchange, Fault
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox
from bot.sandbox.studio.troubles import Trouble
from bot.settings import Settings
from tests.chaos.count import Count, Report
from tests.chaos.faults import (
    DISCORDS,
    FAULTY,
    SET_BY_S,
    SLOW,
    SLOWED,
    SPELL_S,
    SPELLS,
    SPELT,
    STUDIOS,
    TROUBLED,
)
from tests.chaos.hands import Hands
from tests.postgres import Postgres
from tests.scenarios.conftest import BotProcess, Stage
from tests.scenarios.process import SET_BY

SET = 0.3  # how often a clock is set, before a life and within one
LIFE_S = (0.2, 1.6)  # how long a bot is connected before it is killed
ENOUGH = 10  # answers to each thing that members do, where there is time for it
CALM_S = 600.0  # how long the last bot may take for all that is left: a try may wait for 300 s


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is played; several processes need an address that they share."""

    seed: int
    jobs: int
    kills: int
    processes: int = 1
    away_s: float = 60.0  # how long the database is away
    left_s: float = 60.0  # how long the last bot is asked for what was seldom answered
    server: Postgres | None = None  # what several processes share; one has a file
    database_url: str = ""


class Chaos:
    """One run on a stage of its own."""

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self._stage = stage
        self._draw = random.Random(plan.seed)
        self._plan = plan
        self._spell: tuple[float, dict[str, Any]] = (0.0, {})  # until when, and what is said
        self._starting = asyncio.Lock()  # no bot starts while the database is away
        channels = [_channel_of(stage, (n, plan.processes)) for n in range(plan.processes)]
        servers = [stage.discord.guilds[channel.guild_id or 0] for channel in channels]
        self._slow = [stage.discord.add_channel("slow", server) for server in servers]
        self._hands = Hands(stage, self._draw, [*channels, *self._slow])
        self.report = Report(seed=plan.seed)
        limits = {"JOBS_PER_MEMBER": "1000", "JOBS_PER_DAY": "100000"}
        stage.settings |= {"USER_INSTALL": "on", **limits}
        stage.studio.seconds = dict.fromkeys(stage.studio.seconds, 0.2)

    async def run(self) -> Report:
        """Kill, fault and ask; then let the last bot finish, and count."""
        stage = self._stage
        stage.discord.faults.policy = self._discord_fault
        stage.studio.troubles.policy = self._studio_trouble
        async with AsyncExitStack() as bots:
            await asyncio.gather(
                *(self._lives(number, bots) for number in range(self._plan.processes))
            )
            async with asyncio.timeout(CALM_S):
                while len(self._hands.replies()) < self._plan.jobs:
                    self._hands.ask()
                    await asyncio.sleep(0.05)
            with suppress(TimeoutError):  # what was never answered is named
                async with asyncio.timeout(self._plan.left_s):
                    await self._try_what_is_left()
            await self._hands.at_rest()
            stage.discord.faults.policy = lambda _route, _what: None
            stage.studio.troubles.policy = lambda _call, _what: None
            await self._calm_down()
        Count(stage, self._hands, await self._rows()).fill(self.report)
        return self.report

    async def _try_what_is_left(self) -> None:
        """Do, among faults, what was seldom answered yet."""
        while seldom := self._hands.answered_less_than(ENOUGH):
            self._hands.try_one_of(seldom)
            await asyncio.sleep(0.2)

    async def _lives(self, number: int, bots: AsyncExitStack) -> None:
        """The lives of one process, one after the other; its last one does not end here."""
        while self.report.kills < self._plan.kills:
            self.report.kills += 1
            is_half_over = self.report.kills >= self._plan.kills / 2
            async with AsyncExitStack() as life:
                self._set_clock(number)
                bot = await self._started(number, life)
                if is_half_over and not self.report.database_away_s:
                    await self._live_without_database()
                await self._live(number)
                await bot.kill()
        await self._started(number, bots)

    async def _started(self, number: int, stack: AsyncExitStack) -> BotProcess:
        async with self._starting:
            return await stack.enter_async_context(self._process(number))

    def _process(self, number: int) -> AbstractAsyncContextManager[BotProcess]:
        shard = (number, self._plan.processes)
        clock = {SET_BY: str(self._clock_file(number))}
        return self._stage.process(name=f"bot{number}", shard=shard, **clock)

    def _clock_file(self, number: int) -> Path:
        return self._stage.data_dir.with_name(f"clock{number}")

    def _set_clock(self, number: int) -> None:
        """Now and then, the clock of this process shows another time."""
        if self._draw.random() < SET:
            self._clock_file(number).write_text(str(self._draw.choice(SET_BY_S)))
            self.report.clock_jumps += 1

    async def _live_without_database(self) -> None:
        """Ask for some jobs more while the database is away."""
        self.report.database_away_s = away_s = self._plan.away_s
        async with self._starting, self._away():
            ends_at = asyncio.get_running_loop().time() + away_s
            while asyncio.get_running_loop().time() < ends_at:
                self._hands.ask()
                await asyncio.sleep(away_s / 10)

    @asynccontextmanager
    async def _away(self) -> AsyncIterator[None]:
        """PostgreSQL ends as in a crash; a file is locked by somebody else."""
        if server := self._plan.server:
            await asyncio.to_thread(server.go_away)
            yield
            await asyncio.to_thread(server.come_back)
            return
        lock = sqlite3.connect(self._stage.data_dir / "jobs.sqlite3", isolation_level=None)
        with closing(lock):
            lock.execute("PRAGMA busy_timeout = 5000")
            lock.execute("BEGIN EXCLUSIVE")
            yield
            lock.execute("ROLLBACK")

    async def _live(self, number: int) -> None:
        """Ask for this life's share of the jobs, until its time has come."""
        wanted = round(self._plan.jobs * self.report.kills / self._plan.kills)
        ends_at = asyncio.get_running_loop().time() + self._draw.uniform(*LIFE_S)
        if self._draw.random() < 0.2:
            await self._stage.discord.gateway.drop()
        self._set_clock(number)
        while (left_s := ends_at - asyncio.get_running_loop().time()) > 0:
            if len(self._hands.replies()) < wanted:
                self._hands.ask()
            await asyncio.sleep(min(left_s, self._draw.uniform(0.0, 0.1)))

    def _discord_fault(self, route: str, what: Exchange) -> Fault | None:
        if route not in TROUBLED:
            return None
        is_slow = any(f"/channels/{channel.id}/" in what.path for channel in self._slow)
        if is_slow and self._draw.random() < SLOWED:
            self.report.slowed += 1
            return Fault(**SLOW)
        found = self._drawn(DISCORDS)
        return Fault(**found) if found else None

    def _studio_trouble(self, call: str, _what: object) -> Trouble | None:
        now = asyncio.get_running_loop().time()
        if call == "status" and now > self._spell[0] and self._draw.random() < SPELT:
            self._spell = (now + self._draw.uniform(*SPELL_S), self._draw.choice(SPELLS))
            self.report.spells_of_404 += 1
        if call == "status" and now <= self._spell[0]:
            return Trouble(**self._spell[1])
        found = self._drawn(STUDIOS[call])
        self.report.hanging_downloads += bool(found and found.get("is_silent"))
        return Trouble(**found) if found else None

    def _drawn(self, faults: tuple[dict[str, Any], ...]) -> dict[str, Any] | None:
        self.report.calls += 1
        if self._draw.random() >= FAULTY:
            return None
        self.report.faults += 1
        return self._draw.choice(faults)

    async def _calm_down(self) -> None:
        with suppress(TimeoutError):  # what is left hanging then is counted
            await asyncio.wait_for(self._rest(), CALM_S)

    async def _rest(self) -> None:
        while await self._is_at_work():
            for message in self._hands.unended(self._hands.by_token()):  # its token may be over
                with suppress(ClientRefused, TimeoutError):
                    await self._hands.get(message)
            await asyncio.sleep(0.5)

    async def _is_at_work(self) -> bool:
        rows = await self._rows()
        is_left = Count(self._stage, self._hands, rows).is_somebody_left()
        is_hanging = bool(self._hands.hanging([job.id for job in rows]))
        return is_left or is_hanging or any(_is_owed(job) for job in rows)

    async def _rows(self) -> list[Job]:
        settings = Settings.from_env(self._stage.environment())
        async with JobStore.open(settings.database_url) as store:
            rows: list[Job] = []
            last = ""
            while page := await store._page(last):
                rows += [job for _, job in page]
                last, _ = page[-1]
            return rows


def _is_owed(job: Job) -> bool:
    # A refusal keeps its place for a minute, and does nothing more.
    return job.due_at is not None and job.failure != Failure(reason=Reason.NOT_TAKEN)


def _channel_of(stage: Stage, shard: tuple[int, int]) -> Channel:
    """A channel of a server that this shard hears of."""
    number, count = shard
    channel = stage.discord.channel
    while (channel.guild_id or 0) >> 22 & (count - 1) != number:
        stage.discord.advance(seconds=0.001)  # a server's shard follows from its id
        channel = stage.discord.add_channel("chaos", stage.discord.add_guild("Chaos"))
    return channel


async def play(folder: Path, plan: Plan) -> Report:
    """The report of one run, in a folder for the bots' files."""
    clock = Clock()
    async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
        settings = {"DATABASE_URL": plan.database_url}
        return await Chaos(Stage(discord, studio, folder / "data", settings), plan).run()


def main() -> None:
    """Run, print the report, and exit with 1 where one of the eight is not 0, or nobody was answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    parser.add_argument("--away-s", type=float, default=60.0)
    options = parser.parse_args()
    print(f"chaos with --seed {options.seed} --processes {options.processes}", flush=True)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="studio-chaos-"))
        server = stack.enter_context(Postgres()) if options.processes > 1 else None
        url = server.new_database() if server else ""
        plan = Plan(database_url=url, server=server, **vars(options))
        report = uvloop.run(play(Path(folder), plan))
    print("\n".join(report.lines()))
    sys.exit(0 if report.is_clean and not report.never_answered else 1)


if __name__ == "__main__":
    main()
