"""Serving, from the settings to the end: `python -m bot run`, and the demo's own bot."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from bot.app import opened
from bot.endpoints.catalogue import Loaded, load_endpoints
from bot.endpoints.shelf import need_credits
from bot.errors import SetupError, StorageError
from bot.jobs.added import added_at
from bot.jobs.clocks import steady_s, utc_now
from bot.logs import set_up_logs
from bot.settings import Settings
from bot.shell.greeting import greet_once

try:
    import resource
except ImportError:  # it is not there on every system
    resource = None  # type: ignore[assignment]

OPEN_FILES = 8192  # each call that waits for its answer is one, and each picture that it sends


async def serve(
    settings: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
    steady_s: Callable[[], float] = steady_s,
) -> int:
    """Serve until SIGTERM or Ctrl-C, by these clocks; 0."""
    set_up_logs(settings.log_level, settings.log_format, settings.secrets())
    allow_open_files(OPEN_FILES)
    loaded = await _loaded(settings)
    log = logging.getLogger(__name__)
    for fault in loaded.faults:
        log.error("an endpoint is left out: %s", fault)
    for warning in loaded.warnings:
        log.warning("%s", warning)
    async with opened(settings, loaded.endpoints, now=now, steady_s=steady_s) as app:
        greet_once(app.bot)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, app.stop)
        await app.run()
    return 0


def allow_open_files(number: int) -> None:
    """Let this process have so many files open, or as many as the system lets it have."""
    if resource:
        with suppress(OSError, ValueError):
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            most = number if hard == resource.RLIM_INFINITY else min(number, hard)
            if soft != resource.RLIM_INFINITY:
                resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


async def _loaded(settings: Settings) -> Loaded:
    """The endpoints of files; where there are none, those that were added in Discord may do."""
    try:
        return load_endpoints(settings.endpoints, need_credits=need_credits(settings))
    except SetupError as error:
        if not await _has_added(settings):
            raise
        return Loaded(faults=error.faults)


async def _has_added(settings: Settings) -> bool:
    try:
        return bool((await added_at(settings.database_url)).documents)
    except (SetupError, StorageError):
        return False
