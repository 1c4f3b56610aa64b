import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.jobs.job import JobStatus
from bot.jobs.progress import Progress
from bot.jobs.queue import Backlog
from bot.ops.metrics import REMOVED, Metrics
from bot.ops.vitals import Reading
from bot.reasons import Reason
from tests.jobs import NOON, make_job

MANUAL = Path(__file__).parents[3] / "docs" / "operating.md"
READING = Reading(
    backlog=Backlog(unfinished={("gone", JobStatus.RUNNING): 2}, due=1, oldest_due_s=3.5),
    database_s=0.01,
    turned_s=0.5,
    shards=1,
    connected=1,
    latencies_s={0: 0.04},
    free_bytes=10**9,
)


def make_metrics() -> Metrics:
    return Metrics({"PrOhEE": "cny-snakeyear"}, lambda: datetime.now(UTC))


def test_the_manual_names_every_metric_and_no_other() -> None:
    text = make_metrics().text(READING).decode()
    measured = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    found = re.findall(r"\b(?:studio_bot|process)_\w+", MANUAL.read_text(encoding="utf-8"))
    named = {re.sub(r"_(bucket|count|sum)$", "", name) for name in found}
    ours = {name for name in measured if name.startswith("studio_bot_")}
    assert {name for name in named if name.startswith("studio_bot_")} == ours
    assert named <= measured


def test_a_job_whose_document_is_gone_is_counted_all_the_same() -> None:
    text = make_metrics().text(READING).decode()
    assert f'unfinished{{endpoint="{REMOVED}",state="running"}} 2.0\n' in text
    assert "studio_bot_jobs_due_oldest_seconds 3.5\n" in text


def test_an_endpoint_that_is_new_is_counted_from_zero_and_by_its_name() -> None:
    metrics = make_metrics()
    metrics.know({"gone": "tint"})
    text = metrics.text(READING).decode()
    assert 'unfinished{endpoint="tint",state="running"} 2.0\n' in text
    assert 'ended_total{endpoint="tint",outcome="delivered",reason=""} 0.0\n' in text


def test_the_last_count_stays_while_the_database_does_not_answer() -> None:
    metrics = make_metrics()
    metrics.text(READING)
    text = metrics.text(replace(READING, backlog=None)).decode()
    assert "studio_bot_jobs_due_oldest_seconds 3.5\n" in text
    assert "studio_bot_database_up 0.0\n" in text


def test_a_paid_job_that_is_given_up_and_a_row_that_cannot_be_read_are_counted() -> None:
    metrics = make_metrics()
    progress = Progress(job_id="x", state="processing", submitted_at=NOON, ask_at=NOON)
    paid = make_job(status=JobStatus.RUNNING, progress=progress)
    for reason in (Reason.TIMED_OUT, Reason.FAILED):
        metrics.advanced(paid, paid.failed(reason, at=NOON))
    metrics.unreadable(paid.id)
    text = metrics.text(READING).decode()
    counted = re.findall(r'given_up_total\{endpoint="cny-snakeyear",reason="(\w+)"\} 1', text)
    assert counted == [Reason.TIMED_OUT]
    assert "studio_bot_rows_unreadable_total 1.0\n" in text


def test_a_shard_that_is_away_shows_no_latency() -> None:
    metrics = make_metrics()
    assert b'latency_seconds{shard="0"} 0.04' in metrics.text(READING)
    assert b"latency_seconds{" not in metrics.text(replace(READING, connected=0, latencies_s={}))
