from collections.abc import AsyncIterator

import pytest

from bot.jobs.store import JobStore
from tests.jobs import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(database_url: str, clock: HandClock) -> AsyncIterator[JobStore]:
    async with JobStore.open(database_url, clock) as opened:
        yield opened
