"""A small run of `make chaos`: jobs, kills and faults at random."""

from pathlib import Path

import pytest

from tests.chaos.run import Plan, play
from tests.postgres import Postgres


@pytest.mark.long
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("processes", "jobs", "kills"), [(1, 12, 3), (2, 20, 5)])
async def test_whatever_happens_nothing_is_lost_sent_twice_or_left_hanging(
    tmp_path: Path, postgres: Postgres, processes: int, jobs: int, kills: int
) -> None:
    server = postgres if processes > 1 else None
    plan = Plan(
        seed=20,
        jobs=jobs,
        kills=kills,
        processes=processes,
        away_s=2.0,
        left_s=2.0,
        server=server,
        database_url=server.new_database() if server else "",
    )
    report = await play(tmp_path, plan)
    text = "\n".join(report.lines())
    assert report.is_clean, text
    assert report.kills == kills, text
    assert report.database_away_s, text
    assert report.accepted >= jobs, text
    assert report.delivered, text
    assert report.cancelled + report.deleted, text
    assert report.faults >= report.calls / 3, text
