"""The sandbox and the bot together: for the demo, and for whoever wants to point a bot at it."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.sandbox.clock import Clock
from bot.sandbox.script import play
from bot.sandbox.server import DiscordSandbox
from bot.sandbox.studio import StudioSandbox

STOP_S = 10.0


@asynccontextmanager
async def sandboxes() -> AsyncIterator[tuple[DiscordSandbox, StudioSandbox]]:
    """Both on ports of their own, with one clock."""
    clock = Clock()
    async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
        yield discord, studio


def environment(discord: DiscordSandbox, studio: StudioSandbox, data_dir: Path) -> dict[str, str]:
    """The settings that point a bot at them."""
    return {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "INSTANT_STUDIO_API_KEY": studio.key,
        "INSTANT_STUDIO_URL": studio.url,
        "DATA_DIR": str(data_dir),
    }


@asynccontextmanager
async def bot_process(
    settings: Mapping[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot as a process of its own, ended at the end; its log goes to a file."""
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", env={**os.environ, **settings}, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def demo(out: Path) -> int:
    """Play one conversation with the bot and print it; 0 when all of it happened."""
    with tempfile.TemporaryDirectory(prefix="studio-demo-") as folder:
        log = Path(folder) / "bot.log"
        async with sandboxes() as (discord, studio):
            settings = environment(discord, studio, Path(folder) / "data")
            async with bot_process(settings, log):
                try:
                    await play(discord, studio, out)
                except TimeoutError as error:
                    print(f"The demo did not get on: {error}. The bot's log:", file=sys.stderr)
                    print(log.read_text(), file=sys.stderr)
                    return 1
    return 0


async def serve() -> int:
    """Print where the sandbox listens, and what to tell a bot; until Ctrl-C."""
    async with sandboxes() as (discord, studio):
        print("A local Discord and a local Instant Studio, on this machine only. For a bot's .env:")
        for name, value in environment(discord, studio, Path("data")).items():
            print(f"{name}={value}", flush=True)
        await asyncio.Event().wait()
    return 0
