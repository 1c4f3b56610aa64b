"""What a server costs: the bot's memory with many, beside its memory with one in the same run."""

import asyncio
import re
import tempfile
from pathlib import Path

from bot.sandbox.clock import Clock
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox
from tests.scenarios.conftest import Stage, replied

CHANNELS = 30  # in each server
COUNTS = (1, 500, 1000)


async def main() -> None:
    """Measure, and print a line for each number of servers."""
    first = 0.0
    for count in COUNTS:
        mib = await _memory_mib(count)
        first = first or mib
        each = (mib - first) * 1024 / count
        print(
            f"{count:5} servers of {CHANNELS} channels {mib:8.1f} MiB   ratio {mib / first:.2f}   {each:.1f} KiB each",
            flush=True,
        )


async def _memory_mib(servers: int) -> float:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
            for number in range(1, servers):
                guild = discord.add_guild(f"Server {number}")
                for name in range(CHANNELS):
                    discord.add_channel(f"channel-{name}", guild)
            stage = Stage(discord, studio, Path(folder) / "data")
            async with stage.process() as bot:
                await stage.ended(replied(await stage.slash(stage.member())))
                status = Path(f"/proc/{bot.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    asyncio.run(main())
