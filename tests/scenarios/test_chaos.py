"""A small run of `make chaos`: jobs, kills and faults at random."""

from pathlib import Path

import pytest

from tests.chaos import Plan, play


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("processes", "jobs", "kills"), [(1, 12, 3), (2, 20, 5)])
async def test_whatever_happens_nothing_is_lost_sent_twice_or_left_hanging(
    tmp_path: Path, postgresql_url: str, processes: int, jobs: int, kills: int
) -> None:
    database_url = postgresql_url if processes > 1 else ""
    plan = Plan(seed=20, jobs=jobs, kills=kills, processes=processes, database_url=database_url)
    report = await play(tmp_path, plan)
    text = "\n".join(report.lines())
    assert report.is_clean, text
    assert report.kills == kills, text
    assert report.accepted >= jobs, text
    assert report.delivered, text
    assert report.faults >= report.calls / 3, text
