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
        is_well, news = await asyncio.to_thread(_answered, settings.metrics_port)
    else:
        is_well, news = await _noted(settings)
    if is_well:
        print(f"healthy: {news}")
        return 0
    print(f"unhealthy: {news}", file=sys.stderr)
    return 1


def _answered(address: Address) -> tuple[bool, str]:
    """Whether it is well, and what /healthz says now."""
    host = _EVERYWHERE.get(address.host, address.host)
    connection = http.client.HTTPConnection(host, address.port, timeout=ASK_S)
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        found = json.load(response)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return False, f"no answer from {host} port {address.port}: {error}"
    finally:
        connection.close()
    if response.status == 200:
        return True, "the bot itself says so now"
    return False, "; ".join(f"{name}: {text}" for name, text in found.items() if text != "ok")


async def _noted(settings: Settings) -> tuple[bool, str]:
    """Whether it is well, and how long ago the worker noted that in the database."""
    from bot.jobs.store import JobStore  # noqa: PLC0415 - it takes a while to load

    try:
        async with JobStore.open(settings.database_url) as store:
            beat = await store.note(heartbeat_of(settings.shard_ids))
            now = await store.time() or utc_now()
    except (StorageError, OSError) as error:
        return False, str(error)
    if not beat:
        return False, "the worker last turned at no time"
    age = now - datetime.fromisoformat(beat)
    if age <= timedelta(seconds=FRESH_S):
        return True, f"the worker turned {_ago(age)}"
    return False, f"the worker last turned at {beat}, {_ago(age)}"


def _ago(age: timedelta) -> str:
    seconds = max(0, round(age.total_seconds()))
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
