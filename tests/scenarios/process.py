"""The bot as `python -m bot run` starts it, but leases end and tries follow sooner: no test waits."""

import asyncio
import os
import signal
from datetime import timedelta

import bot.service
import bot.work.polling
from bot.app import opened
from bot.endpoints.catalogue import load_endpoints
from bot.logs import set_up_logs
from bot.settings import Settings

LEASE_S = 1.0
REPLY_DUE = timedelta(seconds=3.5)  # sooner, an answer that Discord still takes may be on its way


async def main() -> None:
    os.umask(0o077)
    settings = Settings.from_env(os.environ)
    set_up_logs(settings.log_level, settings.log_format, settings.secrets())
    bot.service.REPLY_DUE = REPLY_DUE
    bot.work.polling.FIRST_RETRY_S = 0.2
    endpoints = load_endpoints(settings.endpoints).endpoints
    async with opened(settings, endpoints, lease_s=LEASE_S, guild_ready_timeout=0.05) as app:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop)
        await app.run()


asyncio.run(main())
