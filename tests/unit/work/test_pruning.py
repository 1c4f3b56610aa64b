import asyncio
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.files.archive import SHELVES, FolderArchive, NotKept
from bot.jobs.job import JobStatus
from bot.jobs.request import Stored
from bot.jobs.store import JobStore
from bot.work import pruning
from bot.work.pruning import Pruning
from tests.jobs import NOON, make_job, make_request

DAY = timedelta(days=1)


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def kept(archive: FolderArchive, root: Path, data: bytes) -> Stored:
    """A file of forty days ago."""
    found = await archive.put(once(data), limit_bytes=100)
    at = (NOON - 40 * DAY).timestamp()
    os.utime(root / found.key[:2] / found.key, (at, at))
    return found


async def test_files_go_with_the_last_row_that_names_them(
    database_url: str, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    archive = FolderArchive(root)
    shared, alone = await kept(archive, root, b"shared"), await kept(archive, root, b"alone")
    async with JobStore.open(database_url) as store:
        for file, age in ((shared, 31), (alone, 31), (shared, 1)):
            request = make_request()
            inputs = (replace(request.inputs[0], stored=file),)
            job = make_job(
                status=JobStatus.DELIVERED,
                created_at=NOON - age * DAY,
                due_at=None,
                request=replace(request, inputs=inputs),
            )
            await store.add(job, lambda _usage: None)
        await Pruning(store=store, archive=archive, now=lambda: NOON, keep=30 * DAY).once()
        assert await store.forgetting.unnamed({shared.key, alone.key}) == {alone.key}
    async with archive.local(shared) as path:
        assert path.read_bytes() == b"shared"
    with pytest.raises(NotKept):
        async with archive.local(alone):
            pass


async def test_what_no_row_ever_named_goes_once_its_shelf_is_looked_at(
    sqlite_url: str, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    archive = FolderArchive(root)
    stray = await kept(archive, root, b"refused")
    first = NOON - timedelta(hours=NOON.timestamp() // 3600 % SHELVES)  # the hour of the first one
    left: list[bool] = []
    async with JobStore.open(sqlite_url) as store:
        for hours in (0, int(stray.key[:2], 16), SHELVES):
            at = first + timedelta(hours=hours)
            await Pruning(store=store, archive=archive, now=lambda at=at: at, keep=DAY).once()  # type: ignore[misc]
            left.append((root / stray.key[:2] / stray.key).exists())
    assert left == [True, False, False]


async def test_trouble_waits_for_the_next_time(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(pruning, "EVERY_S", 0.0)
    caplog.set_level(logging.WARNING)
    async with JobStore.open(database_url) as store:
        pass
    work = Pruning(
        store=store, archive=FolderArchive(tmp_path / "a"), now=lambda: NOON, keep=30 * DAY
    )
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work.run(), 0.1)
    assert len(caplog.records) > 1
    assert caplog.records[0].getMessage() == "nothing was removed this time: database: closed"


async def test_many_old_rows_are_removed_a_few_at_a_time_and_nobody_waits_for_all(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.forgetting.AT_ONCE", 10)
    ended: list[object] = []
    async with JobStore.open(sqlite_url) as store:
        for _ in range(25):
            job = make_job(status=JobStatus.DELIVERED, due_at=None)
            await store.add(job, lambda _usage: None)

        async def ask() -> None:
            ended.append(await store.note("schema"))

        async def remove() -> None:
            ended.append(await store.forgetting.prune(NOON + DAY, now=NOON + DAY))

        await asyncio.gather(remove(), ask())
    assert ended == ["2", 25]
