"""What every test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import JobStore


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'jobs.sqlite3'}"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[JobStore]:
    async with JobStore.open(database_url) as opened:
        yield opened
