"""The bot as `python -m bot run` starts it, but leases end and tries follow sooner: no test waits.

Each is forked from a process that has loaded everything, as that takes longer than most tests.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Lock
from types import ModuleType

import uvloop

import bot.jobs.postgresql  # a driver that is loaded only where it is needed
import bot.service
import bot.work.polling
import bot.work.worker
from bot.app import opened
from bot.endpoints.catalogue import load_endpoints
from bot.jobs.clocks import utc_now
from bot.logs import set_up_logs
from bot.settings import Settings
from bot.shell.cli import SELDOM

LEASE_S = 1.0
SET_BY = "WALL_SET_BY_S"  # names the file of the seconds by which this process's clock is wrong
REPLY_DUE = timedelta(seconds=3.5)  # sooner, an answer that Discord still takes may be on its way

_CONTEXT = get_context("forkserver")
_STARTING = Lock()


class Fork:
    """A bot in a process of its own, with an environment of its own, whose output goes to a file."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        _CONTEXT.set_forkserver_preload([__name__])
        self._process = _CONTEXT.Process(target=_run, args=(dict(environ), str(log)), daemon=True)

    async def start(self) -> None:
        """Fork it."""
        await asyncio.to_thread(self._start)

    def _start(self) -> None:
        """The script that asks for it is not run in it once more."""
        with _STARTING:
            asking, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
            try:
                self._process.start()
            finally:
                sys.modules["__main__"] = asking

    @property
    def pid(self) -> int | None:
        """Its number."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.exitcode

    async def wait(self) -> int:
        """How it ended, once it has."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        return self.returncode or 0

    def send_signal(self, number: signal.Signals) -> None:
        """Nothing where it has ended."""
        if self.pid and self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def wall() -> datetime:
    """The time, as the file says that the clock on the wall was set."""
    with suppress(KeyError, OSError, ValueError):
        return utc_now() + timedelta(seconds=float(Path(os.environ[SET_BY]).read_text()))
    return utc_now()


def _run(environ: dict[str, str], log: str) -> None:
    gc.freeze()  # what is loaded stays
    gc.set_threshold(*SELDOM)
    os.environ.clear()
    os.environ.update(environ)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.umask(0o077)
    uvloop.run(_serve())


async def _serve() -> None:
    settings = Settings.from_env(os.environ)
    set_up_logs(settings.log_level, settings.log_format, settings.secrets())
    bot.service.REPLY_DUE = REPLY_DUE
    bot.work.polling.FIRST_RETRY_S, bot.work.polling.LONGEST_RETRY_S = 0.2, 20.0
    bot.work.worker.HEARTBEAT_S = 1.0  # type: ignore[attr-defined]  # so often it looks at its clock
    bot.work.polling.SCHEDULE = ((10.0, 0.1), *bot.work.polling.SCHEDULE[1:])
    endpoints = load_endpoints(settings.endpoints).endpoints
    opening = opened(settings, endpoints, now=wall, lease_s=LEASE_S, guild_ready_timeout=0.05)
    async with opening as app:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop)
        await app.run()
