"""`python -m bot health`: whether the bot that these settings start is well.

It starts quickly, as it is asked often: without discord.py, and without the database where the bot
itself answers.
"""

import asyncio
import http.client
import json
import sys
from datetime import datetime, timedelta

from bot.errors import StorageError
from bot.jobs.clocks import utc_now
from bot.jobs.heartbeat import FRESH_S, heartbeat_of
from bot.settings import Address, Settings

ASK_S = 8.0  # longer than the bot itself waits for its database
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it listens, not we


async def health(settings: Settings) -> int:
    """0 while it is well; else 1, and a line that says what is wrong."""
    if settings.metrics_port:
        fault = await asyncio.to_thread(_answered_fault, settings.metrics_port)
    else:
        fault = await _noted_fault(settings)
    if fault:
        print(f"unhealthy: {fault}", file=sys.stderr)
        return 1
    print("healthy")
    return 0


def _answered_fault(address: Address) -> str | None:
    """What /healthz says is wrong, or None."""
    host = _EVERYWHERE.get(address.host, address.host)
    connection = http.client.HTTPConnection(host, address.port, timeout=ASK_S)
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        found = json.load(response)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"no answer from {host} port {address.port}: {error}"
    finally:
        connection.close()
    if response.status == 200:
        return None
    return "; ".join(f"{name}: {text}" for name, text in found.items() if text != "ok")


async def _noted_fault(settings: Settings) -> str | None:
    """What the note in the database says is wrong, or None."""
    from bot.jobs.store import JobStore  # noqa: PLC0415 - it takes a while to load

    try:
        async with JobStore.open(settings.database_url) as store:
            beat = await store.note(heartbeat_of(settings.shard_ids))
            now = await store.time() or utc_now()
    except (StorageError, OSError) as error:
        return str(error)
    if beat and now - datetime.fromisoformat(beat) <= timedelta(seconds=FRESH_S):
        return None
    return f"the worker last turned at {beat or 'no time'}"
