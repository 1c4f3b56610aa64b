"""`python -m bot health`: whether the worker has turned its loop lately."""

import sys
from datetime import datetime, timedelta

from bot.errors import StorageError
from bot.settings import Settings
from bot.store import JobStore, utc_now
from bot.worker import HEARTBEAT

FRESH = timedelta(seconds=45)


async def health(settings: Settings) -> int:
    """0 while the worker is alive; else 1, and a line that says what is wrong."""
    try:
        async with JobStore.open(settings.database_url) as store:
            beat = await store.note(HEARTBEAT)
    except (StorageError, OSError) as error:
        print(f"unhealthy: {error}", file=sys.stderr)
        return 1
    if beat is None or utc_now() - datetime.fromisoformat(beat) > FRESH:
        print(f"unhealthy: the worker last turned at {beat or 'no time'}", file=sys.stderr)
        return 1
    print(f"healthy: the worker turned at {beat}")
    return 0
