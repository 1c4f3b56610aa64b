"""`python -m bot health`: whether the worker turned lately."""

import re
from datetime import timedelta

import pytest

from bot.jobs.clocks import utc_now
from bot.jobs.heartbeat import heartbeat_of
from bot.jobs.store import JobStore
from bot.ops.health import health
from bot.settings import Settings
from tests.scenarios.conftest import Stage


async def test_health_is_whether_the_worker_turned_lately(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.settings |= {"SHARD_COUNT": "1", "SHARD_IDS": "0"}
    settings = Settings.from_env(stage.environment())
    assert await health(settings) == 1
    assert capsys.readouterr().err.startswith("unhealthy: [Errno 2] No such file or directory")
    async with stage.bot():
        assert await health(settings) == 0
    assert re.fullmatch(r"healthy: the worker turned \d s ago\n", capsys.readouterr().out)
    assert await health(settings.model_copy(update={"shard_ids": (1,)})) == 1  # another process
    assert capsys.readouterr().err == "unhealthy: the worker last turned at no time\n"
    async with JobStore.open(settings.database_url) as store:
        at = utc_now() - timedelta(days=3, hours=5)
        await store.write_note(heartbeat_of((0,)), at.isoformat())
    assert await health(settings) == 1
    assert capsys.readouterr().err == (
        f"unhealthy: the worker last turned at {at.isoformat()}, 3 days ago\n"
    )
