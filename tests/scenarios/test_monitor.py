"""What the port that is watched says: /metrics after jobs, /healthz when something is wrong."""

import asyncio
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.app import App, opened
from bot.endpoints.catalogue import load_endpoints
from bot.errors import SetupError
from bot.ops import vitals
from bot.ops.health import health
from bot.settings import Address, Settings
from tests.postgres import Postgres
from tests.scenarios.conftest import COMMAND, Stage, asked, described, moved_on, replied

WELL = {"gateway": "ok", "database": "ok", "worker": "ok", "pictures": "ok", "commands": "ok"}


@dataclass
class Scrape:
    """One answer of /metrics."""

    text: str

    def __getitem__(self, name: str) -> dict[tuple[str, ...], float]:
        """The samples of this name that are not zero, by the values of their labels."""
        return {labels: value for labels, value in self._samples(name) if value}

    def value(self, name: str) -> float:
        """The one sample of this name."""
        ((_, value),) = self._samples(name)
        return value

    def _samples(self, name: str) -> Iterable[tuple[tuple[str, ...], float]]:
        families = text_string_to_metric_families(self.text)
        return [
            (tuple(sample.labels.values()), sample.value)
            for family in families
            for sample in family.samples
            if sample.name == f"studio_bot_{name}"
        ]


@dataclass
class Watched:
    """A bot and its port."""

    app: App
    http: aiohttp.ClientSession

    async def metrics(self) -> Scrape:
        async with self.http.get(self._url("metrics")) as response:
            assert response.content_type == "text/plain"
            return Scrape(await response.text())

    async def health(self) -> tuple[int, dict[str, str]]:
        async with self.http.get(self._url("healthz")) as response:
            return response.status, await response.json()

    def _url(self, page: str) -> str:
        return f"http://127.0.0.1:{self.app.metrics_port}/{page}"


@asynccontextmanager
async def watched(stage: Stage, **more: Any) -> AsyncIterator[Watched]:
    stage.settings["METRICS_PORT"] = "127.0.0.1:0"
    async with stage.bot(**more) as app, aiohttp.ClientSession() as http:
        yield Watched(app, http)


async def counted(watch: Watched, is_so: Callable[[Scrape], bool]) -> Scrape:
    """What /metrics says once that is so."""
    async with asyncio.timeout(10):
        while not is_so(found := await watch.metrics()):  # noqa: ASYNC110 - it is asked for
            await asyncio.sleep(0.02)
    return found


async def checked(watch: Watched, expected: tuple[int, dict[str, str]]) -> None:
    """Return once /healthz says this."""
    async with asyncio.timeout(10):
        while await watch.health() != expected:  # noqa: ASYNC110 - it is asked for
            await asyncio.sleep(0.02)


async def test_metrics_say_what_became_of_the_jobs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "COUNTED_FOR", timedelta(0))
    mei = stage.member()
    async with watched(stage) as watch:
        await stage.ended(await asked(stage))
        stage.studio.fail_next("submit", status=401)
        await stage.ended(replied(await stage.slash(mei)))
        stage.studio.hold("processing")
        await stage.slash(mei)

        def is_whole(each: Scrape) -> bool:  # the last job is asked for all the while
            asked_for = sum("/api/v1/jobs/" in path for _, path, _ in stage.studio.requests)
            calls = {("submit", "200"): 2, ("submit", "401"): 1, ("status", "200"): asked_for}
            return bool(each["job_queue_seconds_count"]) and each["studio_requests_total"] == calls

        found = await counted(watch, is_whole)
    assert found["jobs_ended_total"] == {
        (COMMAND, "delivered", ""): 1,
        (COMMAND, "failed", "key_refused"): 1,
    }
    assert found["jobs_unfinished"] == {(COMMAND, "running"): 1}
    assert found["job_waiting_seconds_count"] == {(COMMAND,): 2}
    assert found["job_queue_seconds_count"] == {(COMMAND,): 1}
    assert found["job_duration_seconds_count"] == {(COMMAND,): 1}
    assert found["discord_requests_total"] == {("GET", "101"): 1, **discord_requests(stage)}
    assert (found.value("gateway_shards"), found.value("gateway_shards_connected")) == (1, 1)
    assert found.value("database_up") == 1
    assert kept_secret(stage, found) == []


def discord_requests(stage: Stage) -> dict[tuple[str, str], int]:
    """What the local Discord saw; pictures come from another host."""
    calls = [each for each in stage.discord.requests if "/attachments/" not in each.path]
    return dict(Counter((each.method, str(each.status)) for each in calls))


def kept_secret(stage: Stage, found: Scrape) -> list[str]:
    """Tokens, keys and ids that stand in the metrics all the same."""
    handles = stage.discord.interactions.values()
    ids = [*stage.discord.users, *stage.discord.all_messages, *(each.id for each in handles)]
    secrets = [stage.discord.token, stage.studio.key, *stage.discord.interactions]
    return [each for each in [*secrets, *map(str, ids), *stage.studio.jobs] if each in found.text]


async def test_calls_that_the_service_does_not_answer_are_counted_by_how_they_ended(
    stage: Stage,
) -> None:
    stage.studio.hold("processing")
    async with watched(stage) as watch:
        message = await asked(stage)
        await stage.discord.until(lambda: "Working" in described(message))
        stage.studio.fail_next("status", is_cut=True)
        await moved_on(stage, watch.app, lambda: not stage.studio.troubles._waiting)
        await stage.studio.go_away()
        is_refused = ("status", "not_connected")
        async with asyncio.timeout(10):
            while not (found := (await watch.metrics())["studio_requests_total"]).get(is_refused):
                stage.discord.advance(seconds=60)
                watch.app.worker.wake()
                await asyncio.sleep(0.02)
        await stage.studio.come_back()
    assert found["status", "broken"] == 1


async def test_a_worker_that_hangs_is_unwell_and_what_is_due_is_counted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, goes_on = asyncio.Event(), asyncio.Event()
    async with watched(stage) as watch:
        worker = watch.app.worker
        turn = worker._turn

        async def hang() -> None:
            hangs.set()
            async with asyncio.timeout(20):
                await goes_on.wait()
            await turn()

        monkeypatch.setattr(worker, "_turn", hang)
        worker.wake()
        await hangs.wait()
        message = await asked(stage)
        await checked(watch, (200, WELL))
        stage.discord.advance(seconds=46)
        status, found = await watch.health()
        assert (status, found | {"worker": "ok"}) == (503, WELL)
        assert re.fullmatch(r"has not turned for 4\d s", found["worker"])
        metrics = await watch.metrics()
        assert metrics["jobs_unfinished"] == {(COMMAND, "accepted"): 1}
        assert metrics.value("jobs_due") == 1
        assert 46 <= metrics.value("jobs_due_oldest_seconds") < 50
        goes_on.set()
        await checked(watch, (200, WELL))
        await stage.ended(message)


async def test_a_locked_database_is_unwell_until_it_answers_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "ANSWER_S", 0.1)
    async with watched(stage) as watch:
        assert await watch.health() == (200, WELL)
        lock = sqlite3.connect(stage.data_dir / "jobs.sqlite3", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        await checked(watch, (503, WELL | {"database": "no answer within 0.1 s"}))
        stage.discord.advance(seconds=6)  # the last count is too old to be shown again
        assert (await watch.metrics()).value("database_up") == 0
        lock.execute("ROLLBACK")
        lock.close()
        await checked(watch, (200, WELL))


async def test_a_database_that_is_gone_is_unwell_until_it_is_back(
    stage: Stage, postgres: Postgres, postgresql_url: str
) -> None:
    stage.settings["DATABASE_URL"] = postgresql_url
    async with watched(stage) as watch:
        assert await watch.health() == (200, WELL)
        await asyncio.to_thread(postgres.go_away)
        try:
            await checked(watch, (503, WELL | {"database": "database: OperationalError"}))
        finally:
            await asyncio.to_thread(postgres.come_back)
        await checked(watch, (200, WELL))


async def test_a_gateway_that_stays_away_is_unwell_after_a_minute(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, is_back = stage.discord.gateway._begin, asyncio.Event()

    async def silent(*what: Any) -> Any:
        await is_back.wait()
        return await begin(*what)

    async with watched(stage) as watch:
        assert await watch.health() == (200, WELL)
        monkeypatch.setattr(stage.discord.gateway, "_begin", silent)
        await stage.discord.gateway.drop()
        await counted(watch, lambda each: each.value("gateway_shards_connected") == 0)
        stage.discord.advance(seconds=59)
        assert (await watch.health())[1]["gateway"] == "ok"
        stage.discord.advance(seconds=2)
        await checked(watch, (503, WELL | {"gateway": "not connected: shard 0"}))
        is_back.set()
        await checked(watch, (200, WELL))


async def test_it_is_not_well_before_the_gateway_was_there(stage: Stage) -> None:
    stage.settings["METRICS_PORT"] = "127.0.0.1:0"
    settings = Settings.from_env(stage.environment())
    endpoints = load_endpoints(settings.endpoints).endpoints
    pause = stage.discord.pause("GET /gateway/bot")
    async with opened(settings, endpoints) as app, aiohttp.ClientSession() as http:
        running = asyncio.create_task(app.run())
        await pause.reached()
        status, found = await Watched(app, http).health()
        assert (status, found["gateway"]) == (503, "not connected yet")
        pause.release()
        await checked(Watched(app, http), (200, WELL))
        app.stop()
        await running


async def test_a_port_that_is_taken_ends_the_start_with_one_sentence(stage: Stage) -> None:
    stage.settings["METRICS_PORT"] = f"127.0.0.1:{stage.studio.port}"
    with pytest.raises(SetupError) as caught:
        async with stage.bot():
            pass
    assert caught.value.faults == (
        (
            f"METRICS_PORT={stage.studio.port}: cannot be listened to on 127.0.0.1"
            " (Address already in use)."
        ),
    )


async def test_a_missing_library_ends_the_start_with_one_sentence(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "bot.ops.metrics", raising=False)
    with pytest.raises(SetupError) as caught:
        async with watched(stage):
            pass
    assert caught.value.faults == (
        ("METRICS_PORT needs prometheus-client: install it by pip install '.[scale]'."),
    )


async def test_the_shell_says_what_is_wrong(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    async with watched(stage) as watch:
        settings, port = at_real_port(watch.app)
        assert (await health(settings), capsys.readouterr()) == (
            0,
            ("healthy: the bot itself says so now\n", ""),
        )
        watch.app.bot.dispatch("shard_disconnect", 0)
        await counted(watch, lambda each: each.value("gateway_shards_connected") == 0)
        stage.discord.advance(seconds=61)
        await checked(watch, (503, WELL | {"gateway": "not connected: shard 0"}))
        expected = (1, ("", "unhealthy: gateway: not connected: shard 0\n"))
        assert (await health(settings), capsys.readouterr()) == expected
    assert await health(settings) == 1
    assert capsys.readouterr().err == (
        f"unhealthy: no answer from 127.0.0.1 port {port}: [Errno 111] Connection refused\n"
    )


def at_real_port(app: App) -> tuple[Settings, int]:
    """The settings as if they had named the port that was found free."""
    port = app.metrics_port or 0
    found = app.bot.settings.model_copy(update={"metrics_port": Address("127.0.0.1", port)})
    return found, port
