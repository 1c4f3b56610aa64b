"""How soon the bot is there after a start with nothing new to publish, beside a bare bot."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.clock import Clock
from bot.sandbox.discord.files import File
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.run import environment
from bot.sandbox.studio.server import StudioSandbox
from tests.bench.bare import COMMAND
from tests.bench.paired import Paired, circumstances, load
from tests.bench.played import ENDPOINTS, PNG, ROOT
from tests.bench.report import Goal, Part, note

PAIRS = 5
COMMANDS = 100
MOST = 1.2
PATIENCE_S = 60.0
ABOUT = f"""From the start of the process: until the first command, used the moment that the bot is
connected, is answered; and until that, and until discord.py says that it is ready: it waits for two seconds
whether there are more servers. The bot has {COMMANDS} endpoints whose commands are there already,
and a SQLite without jobs; a bare bot has one command, which it looks for, too."""
WAY = """What stands in the way of an answer as soon as a bare bot's: the modules of the database and of
what is checked (SQLAlchemy, pydantic), and the bot's own, which are loaded before it connects."""


@dataclass
class Started:
    """How long a start took until a command was answered, until all was ready, and what it wrote."""

    answered_s: float
    ready_s: float
    writes: int


@dataclass
class World:
    """What one kind of bot is started against, again and again."""

    discord: DiscordSandbox
    command: Sequence[str]
    environ: Mapping[str, str]

    @classmethod
    @asynccontextmanager
    async def open(cls, *command: str, endpoints: Path) -> AsyncIterator["World"]:
        """A Discord and a service of its own; it is started once, so that its commands are there."""
        clock = Clock()
        with tempfile.TemporaryDirectory() as folder:
            async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
                environ = {
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(ROOT),
                    **environment(discord, studio, Path(folder) / "data"),
                    "ENDPOINTS": str(endpoints),
                }
                world = cls(discord, command, environ)
                await world.start()
                yield world

    async def start(self) -> Started:
        """One start, and its end."""
        before, begun = len(self.discord.requests), time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self.command,
            env=dict(self.environ),
            cwd=ROOT,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr
        try:
            ready = asyncio.create_task(_said("ready: ", process.stderr))
            await self._answers()
            answered_s = time.perf_counter() - begun
            await asyncio.wait_for(ready, PATIENCE_S)
            ready_s = time.perf_counter() - begun
        finally:
            process.terminate()
            await process.communicate()
        await self.discord.until(lambda: not self.discord.connected, within_s=PATIENCE_S)
        return Started(answered_s, ready_s, self._writes(before))

    async def _answers(self) -> None:
        """A member uses a command as soon as the bot is there."""
        discord = self.discord
        await discord.until(
            lambda: discord.connected and discord.commands.scopes(), within_s=PATIENCE_S
        )
        handle = await discord.member("Mei").slash(COMMAND, image=File("me.png", PNG))
        await handle.responded()

    def _writes(self, before: int) -> int:
        asked = list(self.discord.requests)[before:]
        return sum(each.method != "GET" and "/commands" in each.route for each in asked)


async def _said(word: str, lines: asyncio.StreamReader) -> None:
    """Nothing once a line has that word."""
    while word not in (line := (await lines.readline()).decode()):
        if not line:
            raise EOFError(f"it ended before it said {word!r}")


def documents(folder: Path) -> Path:
    """A folder with that many endpoints: the bot's own, and others like it."""
    (own,) = ENDPOINTS.glob("*.json")
    document = json.loads(own.read_text(encoding="utf-8"))
    for number in range(COMMANDS):
        given = {"name": f"Endpoint {number}", "endpointId": f"E{number}"} if number else {}
        path = folder / f"{number}.json"
        path.write_text(json.dumps(document | given), encoding="utf-8")
    return folder


async def main() -> None:
    """Measure by turns, and write the part of the page."""
    began_with, remarks = load(), [ABOUT, WAY]
    async with AsyncExitStack() as stack:
        folder = documents(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        bot = await stack.enter_async_context(World.open("-m", "bot", endpoints=folder))
        bare = await stack.enter_async_context(
            World.open("-m", "tests.bench.bare", endpoints=folder)
        )
        there = len(bot.discord.commands.of(None))
        pairs = [(await bot.start(), await bare.start()) for _ in range(PAIRS)]
    ready = [(ours.ready_s, other.ready_s) for ours, other in pairs]
    answered = [(ours.answered_s, other.answered_s) for ours, other in pairs]
    goals = [
        Paired("A start until it is ready and answers", "a bare bot", "s", ready).goal(MOST),
        Paired("A start until it answers", "a bare bot", "s", answered).goal(MOST),
        Goal(f"Writes of the {there} commands at a start", max(a.writes for a, _ in pairs), 0),
    ]
    note(
        Part(
            name="start",
            title="The start",
            goals=goals,
            remarks=[*remarks, circumstances(began_with)],
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
