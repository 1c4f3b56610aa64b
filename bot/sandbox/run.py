"""The sandbox and the bot together: for the demo, and for whoever wants to point a bot at it."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop

from bot.endpoints.catalogue import load_endpoints
from bot.errors import Refused
from bot.sandbox import examples
from bot.sandbox.clock import Clock
from bot.sandbox.control import Control
from bot.sandbox.discord import places
from bot.sandbox.discord.people import USER_INSTALL
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.process import BotProcess
from bot.sandbox.script import play
from bot.sandbox.studio.server import StudioSandbox
from bot.sandbox.views import people
from bot.settings import Settings, load_env
from bot.shell.serve import serve as serve_bot

READY_S = 30.0
KEPT = 300  # requests
A_DAY = "1000"  # jobs: who may have the bot for themselves needs some limit
PEOPLE = ("Mei", "Ana")  # beside the administrator
FORUM = "ideas"
ELSEWHERE = "elsewhere"  # where the bot is not


@asynccontextmanager
async def sandboxes(endpoints: Path) -> AsyncIterator[tuple[DiscordSandbox, StudioSandbox]]:
    """Both on ports of their own, with one clock; the service knows these endpoints."""
    clock = Clock()
    async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
        discord.limits.is_on = True
        discord.application.installs.add(USER_INSTALL)
        for endpoint in load_endpoints(endpoints).endpoints:
            studio.endpoints.setdefault(endpoint.id, 1)
        for log in (discord.requests, studio.requests, studio.posts, studio.attempts):
            log.most = KEPT  # it may run for days
        yield discord, studio


def inhabit(discord: DiscordSandbox) -> None:
    """Let there be people, and places to write; the first has the bot for where it is not."""
    first, *_others = [discord.member(name) for name in PEOPLE]
    first.install()
    discord.add_channel(FORUM, kind=places.FORUM)
    server = discord.add_guild(ELSEWHERE, has_bot=False)
    for each in people(discord.guild):
        discord.join(server, each)
    discord.add_channel(ELSEWHERE, server)


def configured() -> Path:
    """Where the owner's own endpoint documents are."""
    return Path(load_env(os.environ, Path()).get("ENDPOINTS") or "endpoints")


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


def own_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The demo's bot's: what the owner has set for the real service is nothing to it."""
    unset = dict.fromkeys((name.upper() for name in Settings.model_fields), "")
    return {**os.environ, **unset, **settings}


async def own_bot(moved_s: float) -> int:
    """The demo's bot: as `python -m bot`, but its clock is so far ahead, and moves on by its input."""
    clock = Clock(moved_s)
    moving = asyncio.create_task(_move(clock), name="clock")
    try:
        settings = Settings.from_env(load_env(os.environ, Path()))
        return await serve_bot(settings, now=clock.now, steady_s=clock.steady_s)
    finally:
        moving.cancel()


async def _move(clock: Clock) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        clock.advance(seconds=float(line))


async def script(out: Path) -> int:
    """Play one conversation with the bot and print it; 0 when all of it happened. Refused."""
    _make(out)
    async with _stage(is_own=False) as (discord, studio, bot):
        try:
            await play(discord, studio, out)
        except TimeoutError as error:
            print(f"The demo did not get on: {error}. The bot's log:", file=sys.stderr)
            print(bot.last_words(), file=sys.stderr)
            return 1
    return 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            "The images cannot be saved in {folder} ({why}): name another folder with --out.",
            folder=folder,
            why=error.strerror,
        ) from error


async def demo(port: int, *, is_shown: bool) -> int:
    """The chat page with the bot in it, until SIGINT; 0, or 1 where the bot ended by itself."""
    async with _stage(is_own=True) as (discord, studio, bot):
        inhabit(discord)
        async with _page(discord, studio, bot, port) as control:
            await discord.until(lambda: bool(discord.commands.scopes()), within_s=READY_S)
            stop = _interrupt()
            print(f"The chat is at {control.url} – Ctrl-C ends it.", flush=True)
            if is_shown:
                await asyncio.to_thread(webbrowser.open, control.url)
            if await _interrupted(stop, bot):
                return 0
            print(f"The bot ended by itself. Its log:\n{bot.last_words()}", file=sys.stderr)
    return 1


async def serve(port: int) -> int:
    """Print where the sandbox listens, and what to tell a bot; until SIGINT."""
    async with sandboxes(configured()) as (discord, studio):
        inhabit(discord)
        async with _page(discord, studio, None, port) as control:
            stop = _interrupt()
            print("A local Discord and a local Instant Studio, on this machine only.")
            print(f"The chat is at {control.url} – Ctrl-C ends it. For a bot's .env:")
            for name, value in environment(discord, studio, Path("data")).items():
                print(f"{name}={value}", flush=True)
            await _interrupted(stop, None)
    return 0


@asynccontextmanager
async def _stage(
    *, is_own: bool
) -> AsyncIterator[tuple[DiscordSandbox, StudioSandbox, BotProcess]]:
    """The two services and the bot, with the demo's own workflows, or with the script's one."""
    with tempfile.TemporaryDirectory(prefix="studio-demo-") as folder:
        snake = Path(folder) / "snake.json"
        snake.write_text(json.dumps(examples.SNAKE), encoding="utf-8")
        path = examples.write(Path(folder) / "endpoints") if is_own else snake
        async with sandboxes(path) as (discord, studio):
            if is_own:
                examples.teach(studio)
            settings = environment(discord, studio, Path(folder) / "data")
            settings["ENDPOINTS"] = str(path)
            if is_own:  # the administrator is who runs it
                guild = discord.guild
                settings |= {"OWNER_GUILD_ID": str(guild.id), "OWNER_IDS": str(guild.owner.id)}
                settings |= {"USER_INSTALL": "on", "JOBS_PER_DAY": A_DAY}
            environ = own_environment(settings)
            async with BotProcess("bot.sandbox.run", environ, discord.clock) as bot:
                discord.subscribe(
                    lambda kind, _what: bot.follow_clock() if kind == "clock" else None
                )
                yield discord, studio, bot


@asynccontextmanager
async def _page(
    discord: DiscordSandbox, studio: StudioSandbox, bot: BotProcess | None, port: int
) -> AsyncIterator[Control]:
    control = Control(discord, studio, restart=bot.restart if bot else None, port=port)
    try:
        await control.__aenter__()
    except OSError as error:
        raise Refused(
            "Port {port} cannot be used ({why}): choose another.", port=port, why=error.strerror
        ) from error
    try:
        yield control
    finally:
        await control.__aexit__()


def _interrupt() -> asyncio.Event:
    """What SIGINT and SIGTERM set from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _interrupted(stop: asyncio.Event, bot: BotProcess | None) -> bool:
    """Wait for the interrupt; False where the bot ended before."""
    waits: set[asyncio.Task[Any]] = {asyncio.create_task(stop.wait())}
    if bot:
        waits.add(asyncio.create_task(bot.ended()))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return stop.is_set()
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(uvloop.run(own_bot(float(sys.argv[1]))))
