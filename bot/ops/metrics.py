"""What Prometheus reads. Loaded only where METRICS_PORT is set: prometheus-client is an extra.

Every label has few values: configured endpoints, our own states and reasons, methods, HTTP's
statuses, shards. Nothing that a member wrote, and nobody's id, is in one.
"""

from asyncio import CancelledError
from collections.abc import Callable, Mapping
from datetime import datetime
from types import SimpleNamespace

import aiohttp
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.jobs.job import TERMINAL, Job, JobStatus
from bot.jobs.observer import Observer
from bot.jobs.queue import Backlog
from bot.ops.vitals import Reading
from bot.reasons import Reason
from bot.work.resuming import GIVEN_UP, is_given_up

PREFIX = "studio_bot_"
# Seconds to a day: some jobs wait for a service that is down.
JOB_BUCKETS = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)
LAG_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
UNFINISHED = [status for status in JobStatus if status not in TERMINAL]
REMOVED = "removed"  # the endpoint of a job whose document is gone
CALLS = {"POST": "submit", "GET": "status"}


class Metrics(Observer):
    """Counts what it is told, for endpoints by id with the names to show."""

    def __init__(self, endpoints: Mapping[str, str], now: Callable[[], datetime]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # nothing reads these series
        self.registry = CollectorRegistry()  # our own: several bots may live in one process
        self._endpoints = endpoints
        self._now = now
        ProcessCollector(registry=self.registry)
        self._define_jobs()
        self._define_others()
        self._begin_at_zero()

    def know(self, endpoints: Mapping[str, str]) -> None:
        """Count for these endpoints from now on."""
        self._endpoints = endpoints
        self._begin_at_zero()

    def _define_jobs(self) -> None:
        self._unfinished = self._gauge(
            "jobs_unfinished", "Jobs that have not ended.", "endpoint", "state"
        )
        self._due = self._gauge("jobs_due", "Rows whose next step is due and not begun.")
        self._oldest = self._gauge("jobs_due_oldest_seconds", "How long the oldest has been due.")
        self._ended = self._counter(
            "jobs_ended", "Jobs that ended.", "endpoint", "outcome", "reason"
        )
        self._given_up = self._counter(
            "jobs_given_up",
            "Jobs that are paid for, and ended without their images.",
            "endpoint",
            "reason",
        )
        self._unreadable = self._counter(
            "rows_unreadable", "Rows that this version cannot read, each hour anew."
        )
        self._waiting = self._histogram(
            "job_waiting_seconds", "From accepted to taken by the service."
        )
        self._queue = self._histogram(
            "job_queue_seconds", "From taken by the service to first seen in processing."
        )
        self._duration = self._histogram("job_duration_seconds", "From accepted to delivered.")

    def _define_others(self) -> None:
        self._studio = self._counter(
            "studio_requests", "Calls to the service, downloads left out.", "call", "status"
        )
        self._discord = self._counter(
            "discord_requests", "Requests to Discord, tries included.", "method", "status"
        )
        self._shards = self._gauge("gateway_shards", "Shards that this process serves.")
        self._connected = self._gauge("gateway_shards_connected", "Those that are connected.")
        self._latency = self._gauge(
            "gateway_latency_seconds", "How long the last heartbeat took.", "shard"
        )
        self._unpublished = self._gauge(
            "commands_unpublished", "Servers, or everywhere, that lack their commands at Discord."
        )
        self._database_up = self._gauge("database_up", "1 where the database answered in time.")
        self._database = self._gauge("database_answer_seconds", "How long the count took it.")
        self._turned = self._gauge("worker_turned_seconds", "Since the worker's last turn.")
        self._free = self._gauge("data_free_bytes", "Space left in DATA_DIR.")
        self._lag = Histogram(
            PREFIX + "event_loop_lag_seconds",
            "How late a task of the event loop woke.",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(PREFIX + name, meaning, labels, registry=self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str) -> Histogram:
        return Histogram(
            PREFIX + name, meaning, ["endpoint"], buckets=JOB_BUCKETS, registry=self.registry
        )

    def _begin_at_zero(self) -> None:
        # A counter that first appears with 1 is no increase to Prometheus.
        for name in self._endpoints.values():
            self._ended.labels(name, JobStatus.DELIVERED, "")
            self._ended.labels(name, JobStatus.UNDELIVERABLE, "")
            self._ended.labels(name, JobStatus.CANCELLED, "")
            for given_up in (*GIVEN_UP, JobStatus.UNDELIVERABLE):
                self._given_up.labels(name, given_up)
            for reason in Reason:
                self._ended.labels(name, JobStatus.FAILED, reason)

    def taken(self, job: Job) -> None:
        """Note how long the job waited for the service to take it."""
        if job.progress:
            waited = job.progress.submitted_at - job.created_at
            self._waiting.labels(self._named(job)).observe(waited.total_seconds())

    def advanced(self, before: Job, after: Job) -> None:
        """Note the job's end, and when the service begins with it."""
        if after.is_terminal and not before.is_terminal:
            reason = after.failure.reason if after.failure else ""
            self._ended.labels(self._named(after), after.status, reason).inc()
            if is_given_up(after):
                self._given_up.labels(self._named(after), reason or after.status).inc()
        if after.status is JobStatus.DELIVERED and before.status is not after.status:
            took = after.changed_at - after.created_at
            self._duration.labels(self._named(after)).observe(took.total_seconds())
        if after.progress and _is_processing(after) and not _is_processing(before):
            queued = self._now() - after.progress.submitted_at
            self._queue.labels(self._named(after)).observe(queued.total_seconds())

    def unreadable(self, job_id: str) -> None:
        """Count the row, which is counted again an hour later."""
        del job_id
        self._unreadable.inc()

    def studio_called(self, method: str, outcome: str) -> None:
        """Count the call."""
        self._studio.labels(CALLS[method], outcome).inc()

    def loop_woke(self, late_s: float) -> None:
        """Note how late the event loop is."""
        self._lag.observe(late_s)

    def discord_trace(self) -> aiohttp.TraceConfig:
        """For discord.py's session: counts every request of it."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._discord_answered)
        trace.on_request_exception.append(self._discord_failed)
        return trace

    async def _discord_answered(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        self._discord.labels(params.method, str(params.response.status)).inc()

    async def _discord_failed(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        if not isinstance(params.exception, OSError | aiohttp.ClientError | CancelledError):
            return  # it was answered, and counted by that
        is_unsent = isinstance(params.exception, aiohttp.ClientConnectorError)
        outcome = "not_connected" if is_unsent else "broken"
        self._discord.labels(params.method, outcome).inc()

    def text(self, reading: Reading) -> bytes:
        """Everything as Prometheus reads it, with this look at what is not counted."""
        self._show_rows(reading.backlog)
        self._shards.set(reading.shards)
        self._connected.set(reading.connected)
        self._latency.clear()
        for shard, latency_s in reading.latencies_s.items():
            self._latency.labels(str(shard)).set(latency_s)
        self._unpublished.set(reading.unpublished)
        self._database_up.set(reading.backlog is not None)
        self._database.set(reading.database_s)
        self._turned.set(reading.turned_s)
        self._free.set(reading.free_bytes)
        return generate_latest(self.registry)

    def _show_rows(self, backlog: Backlog | None) -> None:
        if backlog is None:
            return  # the last count stays; `database_up` says that it is old
        self._unfinished.clear()
        for name in self._endpoints.values():
            for state in UNFINISHED:
                self._unfinished.labels(name, state)
        for (endpoint_id, state), jobs in backlog.unfinished.items():
            name = self._endpoints.get(endpoint_id, REMOVED)
            self._unfinished.labels(name, state).inc(jobs)
        self._due.set(backlog.due)
        self._oldest.set(backlog.oldest_due_s)

    def _named(self, job: Job) -> str:
        return self._endpoints.get(job.request.endpoint_id, REMOVED)


def _is_processing(job: Job) -> bool:
    return job.progress is not None and job.progress.state == "processing"
