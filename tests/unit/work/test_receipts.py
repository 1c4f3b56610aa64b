"""The service's ids: in their rows, or in files until they can be; never in two rows."""

import asyncio
import logging
import sqlite3
import stat
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.errors import MaybeTaken, StorageError
from bot.jobs.job import Job, JobStatus
from bot.jobs.observer import NOBODY
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.studio.replies import StudioJob
from bot.work import receipts as module
from bot.work.receipts import Receipts
from tests.jobs import NOON, make_job

PENDING = StudioJob(job_id="44fefe50", state="pending")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[JobStore]:
    async with JobStore.open(database_url) as opened:
        yield opened


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[JobStore]:
    async with JobStore.open(sqlite_url) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "unwritten"


def receipts_of(store: JobStore, folder: Path) -> Receipts:
    """As a process has them after its start."""
    return Receipts(store=store, folder=folder, now=lambda: NOON, observer=NOBODY)


async def sent(store: JobStore) -> Job:
    """A row whose POST is on its way."""
    job = make_job(status=JobStatus.SUBMITTING)
    assert await store.add(job, lambda _usage: None)
    return job


async def written(store: JobStore, job: Job) -> tuple[JobStatus, str | None]:
    """What its row says: its status, and the service's id."""
    row = await store.get(job.id)
    assert row
    return row.status, row.progress.job_id if row.progress else None


@contextmanager
def locked(url: str) -> Iterator[None]:
    """While the block runs nobody else can write."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def away() -> Iterator[None]:
    """While the block runs no id can be written."""

    async def fails(*_given: object) -> None:
        raise StorageError("database: OperationalError")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JobStore, "record", fails)
        yield


def looked_at_once(receipts: Receipts) -> Receipts:
    receipts._look_at = 0.0
    return receipts


async def test_an_id_is_written_into_its_row(store: JobStore, folder: Path) -> None:
    job = await sent(store)
    await receipts_of(store, folder).record(job, PENDING)
    assert await written(store, job) == (JobStatus.RUNNING, "44fefe50")
    assert not folder.exists()


async def test_an_id_that_cannot_be_written_is_a_file_at_once_and_a_row_later(
    sqlite: JobStore, sqlite_url: str, folder: Path
) -> None:
    job, receipts = await sent(sqlite), receipts_of(sqlite, folder)
    with locked(sqlite_url):
        began = time.monotonic()
        await receipts.record(job, PENDING)
        assert time.monotonic() - began < module.WRITE_S + 1
        (file,) = folder.iterdir()
        assert (file.name, stat.S_IMODE(file.stat().st_mode)) == (f"{job.id}.json", 0o600)
        await receipts.catch_up()
        assert list(folder.iterdir()) == [file]
    await looked_at_once(receipts).catch_up()
    assert await written(sqlite, job) == (JobStatus.RUNNING, "44fefe50")
    assert list(folder.iterdir()) == []


async def test_a_file_is_written_after_a_restart_though_its_row_was_given_up(
    sqlite: JobStore, folder: Path
) -> None:
    job = await sent(sqlite)
    with away():
        await receipts_of(sqlite, folder).record(job, PENDING)
    await sqlite.change(job.id, lambda row: row.failed(Reason.MAYBE_CHARGED, at=NOON))
    await receipts_of(sqlite, folder).catch_up()
    assert await written(sqlite, job) == (JobStatus.RUNNING, "44fefe50")
    assert list(folder.iterdir()) == []


async def test_a_file_that_another_process_left_is_found_while_this_one_runs(
    sqlite: JobStore, folder: Path
) -> None:
    job, other = await sent(sqlite), receipts_of(sqlite, folder)
    await other.catch_up()
    with away():
        await receipts_of(sqlite, folder).record(job, PENDING)
    await looked_at_once(other).catch_up()
    assert await written(sqlite, job) == (JobStatus.RUNNING, "44fefe50")


async def test_an_id_for_which_there_is_no_file_either_is_kept_in_memory(
    sqlite: JobStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.parent.mkdir()
    folder.write_text("a file where a folder should be")
    job, receipts = await sent(sqlite), receipts_of(sqlite, folder)
    with away():
        await receipts.record(job, PENDING)
    assert "its id is in no file either" in caplog.text
    await receipts.catch_up()
    assert await written(sqlite, job) == (JobStatus.RUNNING, "44fefe50")


async def test_one_id_that_cannot_be_written_holds_up_no_other(
    sqlite: JobStore, folder: Path
) -> None:
    jobs = [await sent(sqlite) for _ in range(3)]
    receipts = receipts_of(sqlite, folder)
    with away():
        for number, job in enumerate(jobs):
            await receipts.record(job, StudioJob(job_id=f"id-{number}", state="pending"))
    broken = f"UPDATE jobs SET document = '' WHERE id = '{jobs[0].id}'"  # noqa: S608 - the test's
    await sqlite._database.run(lambda db: db.exec_driver_sql(broken))
    for _turn in range(3):
        await looked_at_once(receipts).catch_up()
    assert [await written(sqlite, job) for job in jobs[1:]] == [
        (JobStatus.RUNNING, "id-1"),
        (JobStatus.RUNNING, "id-2"),
    ]
    assert [path.stem for path in folder.iterdir()] == [jobs[0].id]


@pytest.mark.parametrize("text", ["", "{}", '{"job_id": "a"}', "\x00"])
async def test_a_file_that_is_none_of_ours_is_set_aside(
    sqlite: JobStore, folder: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder.mkdir(parents=True)
    (folder / "strange.json").write_text(text)
    receipts = receipts_of(sqlite, folder)
    for _turn in range(2):
        await looked_at_once(receipts).catch_up()
    assert [path.name for path in folder.iterdir()] == ["strange.left"]
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR] == [
        f"{folder}/strange.json cannot be read"
    ]


async def test_a_file_whose_row_is_not_there_is_set_aside(
    sqlite: JobStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with away():
        await receipts_of(sqlite, folder).record(make_job(id="elsewhere"), PENDING)
    await receipts_of(sqlite, folder).catch_up()
    assert [path.name for path in folder.iterdir()] == ["elsewhere.left"]
    assert "job elsewhere: there is no row for the service's id 44fefe50" in caplog.text


async def test_a_file_is_believed_more_than_a_row_of_a_copy_that_was_never_sent(
    sqlite: JobStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = make_job()
    await sqlite.add(job, lambda _usage: None)
    with away():
        await receipts_of(sqlite, folder).record(job, PENDING)
    await receipts_of(sqlite, folder).catch_up()
    assert list(folder.iterdir()) == []
    assert await written(sqlite, job) == (JobStatus.RUNNING, "44fefe50")
    assert f"job {job.id}: its row did not know that it was sent" in caplog.text


async def test_an_id_that_another_row_has_is_none(store: JobStore, folder: Path) -> None:
    receipts = receipts_of(store, folder)
    first, second = await sent(store), await sent(store)
    await receipts.record(first, PENDING)
    with pytest.raises(MaybeTaken) as caught:
        await receipts.record(second, PENDING)
    assert str(caught.value) == "44fefe50 is another job's"
    assert await written(store, second) == (JobStatus.SUBMITTING, None)
    await receipts.record(first, PENDING)  # once more is no harm
    assert await written(store, first) == (JobStatus.RUNNING, "44fefe50")


async def test_of_rows_that_are_given_one_id_at_the_same_time_one_gets_it(
    store: JobStore, folder: Path
) -> None:
    jobs = [await sent(store) for _ in range(8)]
    receipts = receipts_of(store, folder)
    given = await asyncio.gather(
        *(receipts.record(job, PENDING) for job in jobs), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in given) == ["MaybeTaken"] * 7 + ["NoneType"]
    found = [await written(store, job) for job in jobs]
    assert found.count((JobStatus.RUNNING, "44fefe50")) == 1


async def test_a_file_with_an_id_that_another_row_has_is_set_aside(
    sqlite: JobStore, folder: Path
) -> None:
    first, second = await sent(sqlite), await sent(sqlite)
    with away():
        await receipts_of(sqlite, folder).record(second, PENDING)
    await receipts_of(sqlite, folder / "other").record(first, PENDING)
    await receipts_of(sqlite, folder).catch_up()
    assert await written(sqlite, second) == (JobStatus.SUBMITTING, None)
    assert [path.name for path in folder.iterdir()] == [f"{second.id}.left"]
