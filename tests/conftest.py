"""What every test may ask for."""

import asyncio
import gc
import importlib
import logging
import os
import pkgutil
import shutil
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
import uvloop
from coverage import Coverage
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import URL
from sqlalchemy.schema import CreateIndex, CreateTable

import bot
import cogs
from bot.jobs import engines
from bot.jobs.tables import metadata
from bot.logs import LEAST
from tests.buckets import Bucket, LocalS3
from tests.counted import Counted
from tests.postgres import Postgres

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux' own; what is written there waits for no disk
ROOM_BYTES = 4 << 30

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None

# A few made-up cases, always the same ones; `make fuzz` takes many, at random.
_FEW = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
settings.register_profile("few", _FEW)
settings.register_profile("many", _FEW, max_examples=10_000, derandomize=False)
settings.load_profile("few")


# Counted, a test takes nearly twice its time. Of what plays whole conversations, these walk nearly all
# lines that any does, and are counted; of the other tests those are not that walk what others walk.
PLAYED = frozenset({"browser", "scenarios"})
COUNTED = frozenset(
    {
        "test_apart",
        "test_cancel",
        "test_changes",
        "test_check",
        "test_demo",
        "test_discord_errors",
        "test_files",
        "test_floods",
        "test_health",
        "test_here",
        "test_history",
        "test_monitor",
        "test_permissions",
        "test_proxies",
        "test_publishing",
        "test_resume",
        "test_second_thoughts",
        "test_shelf",
        "test_spoken_to",
        "test_start",
        "test_storage",
        "test_studio",
        "test_submit",
        "test_suggestions",
        "test_ways",
    }
)
UNCOUNTED = frozenset(
    {
        "test_added",
        "test_answers",
        "test_any_field_id",
        "test_any_quote",
        "test_any_text",
        "test_database",
        "test_ledger",
        "test_outside",
        "test_plans",
        "test_polling",
        "test_processes",
        "test_redirects",
        "test_replies",
        "test_store",
        "test_usage",
    }
)


class Counting:
    """Has coverage count the lines that a test walks, or not."""

    def __init__(self) -> None:
        self._paused: Coverage | None = None

    def begin(self) -> None:
        if self._paused:
            self._paused.start()
            self._paused = None

    def pause(self) -> None:
        """Stop it, and what pytest-cov leaves running in a worker below the worker's own."""
        self._paused = self._paused or Coverage.current()
        while running := Coverage.current():
            running.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        is_played = item.path.parent.name in PLAYED
        if item.path.stem in COUNTED if is_played else item.path.stem not in UNCOUNTED:
            self.begin()
        else:
            self.pause()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        """Load the code, of which lines are counted, and the tests, of which they are not.

        No garbage is collected meanwhile, what is loaded by then is never looked at, and later it
        is collected seldom: each time takes longer than the last.
        """
        gc.disable()
        for package in (bot, cogs):
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
        self.pause()
        try:
            return (yield)
        finally:
            gc.freeze()
            gc.set_threshold(100_000, 20, 100)
            gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: begins first, so that nothing waits for its end")
    config.pluginmanager.register(Counting())


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop that the bot has."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long begins first; what needs a PostgreSQL stands together, so that few are begun."""
    items.sort(key=lambda item: (item.get_closest_marker("long") is None, not needs_postgres(item)))


def needs_postgres(item: pytest.Item) -> bool:
    """Whether the test, or what it asks for, asks for such a server."""
    given = getattr(getattr(item, "callspec", None), "params", {})
    asked = (*getattr(item, "fixturenames", ()), *map(str, given.values()))
    return any(name.startswith("postgres") for name in asked)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """What SQLite's engines make of a statement is made once for all of them."""
    first: list[sa.Engine] = []
    create, create_all = engines._sqlite, metadata.create_all

    def create_like_first(url: URL) -> sa.Engine:
        engine = create(url)
        first.append(engine)
        engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        del first[1:]
        return engine

    @cache
    def statements(dialect: sa.Dialect) -> list[str]:
        made: list[CreateTable | CreateIndex] = []
        for table in metadata.sorted_tables:
            made.append(CreateTable(table, if_not_exists=True))
            made += [CreateIndex(index, if_not_exists=True) for index in table.indexes]
        return [str(each.compile(dialect=dialect)) for each in made]

    def create_all_like_first(db: sa.Connection) -> None:
        if db.dialect.name != "sqlite":
            create_all(db)
            return
        for statement in statements(db.dialect):
            db.exec_driver_sql(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "_sqlite", create_like_first)
        patch.setattr(metadata, "create_all", create_all_like_first)
        yield


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'jobs.sqlite3'}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of this process."""
    with Postgres() as server:
        yield server


@pytest.fixture
def postgresql_url(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture
async def private() -> AsyncIterator[Counted]:
    """A server in the private network."""
    async with Counted().listening() as server:
        yield server


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Logging as it was before, and what Python does with what nobody catches."""
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(capture=False)
    for name in LEAST:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def s3() -> Iterator[LocalS3]:
    found = LocalS3()
    yield found
    found.stop()


@pytest.fixture
def bucket(s3: LocalS3) -> Bucket:
    return s3.bucket()
