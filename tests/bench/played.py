"""Bots in processes of their own, against the local Discord and service, and what they are asked."""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.files.helper import PROGRAM
from bot.sandbox.clock import Clock
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.pictures import sample_picture
from bot.sandbox.run import environment
from bot.sandbox.studio.server import StudioSandbox
from tests.bench.bare import COMMAND

ROOT = Path(__file__).parents[2]
ENDPOINTS = ROOT / "endpoints"
PNG = sample_picture()
TICKS_S = os.sysconf("SC_CLK_TCK")
LOOKING = PROGRAM.encode()


@dataclass
class Burst:
    """What came of so many commands at one moment."""

    answers_s: list[float] = field(default_factory=list)  # from the event to its answer
    took_s: float = 0.0  # until everything was there
    cpu_s: float = 0.0  # of the bot's process

    def percentile_s(self, share: float) -> float:
        """The time within which that share of the answers came."""
        return sorted(self.answers_s)[
            min(len(self.answers_s) - 1, int(share * len(self.answers_s)))
        ]


@asynccontextmanager
async def playing(
    *command: str, settings: Mapping[str, str] | None = None, log: Path | None = None
) -> AsyncIterator["Playing"]:
    """A bot that is connected, in a process of its own; what it logs goes to that file, or is shown."""
    clock = Clock()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        said = stack.enter_context(log.open("wb")) if log else None
        async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
            studio.seconds = dict.fromkeys(studio.seconds, 0.0)
            studio.outputs = dict.fromkeys((1, 2), (PNG, "image/png"))
            environ = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                **environment(discord, studio, Path(folder) / "data"),
                "ENDPOINTS": str(ENDPOINTS),
                "STUDIO_REQUESTS_PER_SECOND": "1000",
                "JOBS_PER_MEMBER": "100000",
                "LOG_LEVEL": "error",
                **(settings or {}),
            }
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env=environ, cwd=ROOT, stderr=said
            )
            try:
                await discord.until(lambda: discord.connected, within_s=30)
                await discord.until(discord.commands.scopes, within_s=30)
                await asyncio.sleep(1)  # it settles
                yield Playing(discord, studio, process.pid)
            finally:
                process.terminate()
                await process.wait()


class Playing:
    """What members do with the bot."""

    def __init__(self, discord: DiscordSandbox, studio: StudioSandbox, pid: int) -> None:
        self.discord, self.studio = discord, studio
        self._pid = pid

    async def burst(self, count: int, *, is_delivered: bool) -> Burst:
        """So many members use the command at once; until each is answered, or has its images."""
        members = [self.discord.member(f"member{number}") for number in range(count)]
        began: dict[int, float] = {}
        found = Burst()

        def listen(kind: str, what: object) -> None:
            if kind != "interaction" or not isinstance(what, InteractionHandle):
                return
            now = time.perf_counter()
            if what.response is None:
                began[what.id] = now
            elif what.id in began:
                found.answers_s.append(now - began.pop(what.id))

        self.discord.subscribe(listen)
        cpu_s, at = self.cpu_s(), time.perf_counter()
        handles = await asyncio.gather(
            *(
                member.slash(COMMAND, image=File("me.png", PNG), seed=seed)
                for seed, member in enumerate(members)
            )
        )
        await self.discord.until(lambda: not began or self._is_late(began), within_s=60)
        found.answers_s += [time.perf_counter() - since for since in began.values()]
        if is_delivered:
            waiting = [handle.message for handle in handles if handle.message]
            await self.discord.until(lambda: self._are_done(waiting), within_s=120)
        found.took_s = time.perf_counter() - at
        found.cpu_s = self.cpu_s() - cpu_s
        return found

    def _is_late(self, began: Mapping[int, float]) -> bool:
        return time.perf_counter() - max(began.values()) > 5

    def _are_done(self, waiting: list[Message]) -> bool:
        while waiting and waiting[-1].reactions:
            waiting.pop()
        return not waiting

    def cpu_s(self) -> float:
        """What the bot's process has used of a processor so far."""
        words = (
            Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(words[11]) + int(words[12])) / TICKS_S

    def kib(self) -> int:
        """The memory that the bot's process has."""
        return kib_of(self._pid)

    def open_files(self) -> int:
        """How many files the bot's process has open, connections among them."""
        return len(list(Path(f"/proc/{self._pid}/fd").iterdir()))

    def forget_most(self) -> None:
        """Let `most_kib` begin anew."""
        Path(f"/proc/{self._pid}/clear_refs").write_text("5", encoding="ascii")

    def most_kib(self) -> int:
        """The most memory that the bot's process has had."""
        return kib_of(self._pid, "VmHWM")

    def looker(self) -> int | None:
        """The number of the process that looks at its pictures, where there is one."""
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = path.read_text(encoding="ascii").rpartition(")")[2].split()[1]
                if int(parent) == self._pid and LOOKING in path.with_name("cmdline").read_bytes():
                    return int(path.parent.name)
        return None


def kib_of(pid: int, what: str = "VmRSS") -> int:
    """The memory that a process has, or another of the numbers that the system keeps of it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition(f"{what}:")[2].split()[0])


def raise_limit_of_files() -> None:
    """A burst needs a connection for each command."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
