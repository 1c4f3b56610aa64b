import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.archive import BATCH_BYTES, FolderArchive, NotKept, OverLimit, discard, new_file
from bot.errors import StorageError
from bot.jobs import Stored


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def archive(root: Path) -> FolderArchive:
    return FolderArchive(root)


def files(root: Path) -> list[Path]:
    return [path for path in root.glob("**/*") if path.is_file()]


async def test_a_file_comes_back_by_the_hash_of_its_content(archive: FolderArchive) -> None:
    data = os.urandom(3 * BATCH_BYTES)
    parts = (data[:100], data[100 : 2 * BATCH_BYTES], data[2 * BATCH_BYTES :])
    stored = await archive.put(chunks(*parts), limit_bytes=len(data), media_type="image/png")
    key = hashlib.sha256(data).hexdigest()
    assert stored == Stored(key=key, size_bytes=len(data), media_type="image/png")
    async with archive.local(stored) as path:
        assert path.read_bytes() == data


async def test_one_content_is_one_file_that_is_its_owners_alone(
    archive: FolderArchive, root: Path
) -> None:
    for _ in range(2):
        await archive.put(chunks(b"abc"), limit_bytes=3)
    (path,) = files(root)
    assert path.stat().st_mode & 0o777 == 0o600
    folders = {p.stat().st_mode & 0o777 for p in (root, *root.iterdir()) if p.is_dir()}
    assert folders == {0o700}


async def test_too_many_bytes_leave_nothing_behind(archive: FolderArchive, root: Path) -> None:
    with pytest.raises(OverLimit):
        await archive.put(chunks(b"ab", b"cd"), limit_bytes=3)
    assert files(root) == []


async def test_a_network_error_passes_and_leaves_nothing_behind(
    archive: FolderArchive, root: Path
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"ab"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await archive.put(broken(), limit_bytes=30)
    assert files(root) == []


async def test_a_cancelled_put_leaves_nothing_behind(archive: FolderArchive, root: Path) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"ab"
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(archive.put(endless(), limit_bytes=30))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(root) == []


async def test_a_disk_that_refuses_is_a_storage_error(root: Path) -> None:
    root.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="archive:"):
        await FolderArchive(root).put(chunks(b"a"), limit_bytes=1)


def test_what_a_full_disk_refuses_at_last_is_discarded_in_silence(root: Path) -> None:
    file = new_file(root)
    file.write(b"in memory")
    os.close(file.fileno())  # so that its last bytes are refused
    discard(file)
    assert files(root) == []


@pytest.mark.parametrize("key", ["0" * 64, "../../etc/passwd", ""])
async def test_what_is_not_there_is_not_kept(archive: FolderArchive, key: str) -> None:
    with pytest.raises(NotKept):
        async with archive.local(Stored(key=key, size_bytes=1, media_type="")):
            pass


async def test_a_deleted_file_is_not_kept(archive: FolderArchive) -> None:
    stored = await archive.put(chunks(b"a"), limit_bytes=1)
    await archive.delete(stored.key)
    await archive.delete(stored.key)
    with pytest.raises(NotKept):
        async with archive.local(stored):
            pass


async def test_a_sweep_takes_what_is_old_and_kept_by_nobody(
    archive: FolderArchive, root: Path
) -> None:
    kept = await archive.put(chunks(b"kept"), limit_bytes=9)
    await archive.put(chunks(b"old"), limit_bytes=9)
    (root / "part-left").write_bytes(b"left by an interrupted put")
    now = datetime.now(UTC)
    assert await archive.sweep({kept.key}, now - timedelta(hours=1)) == 0
    assert await archive.sweep({kept.key}, now + timedelta(hours=1)) == 2
    assert [path.name for path in files(root)] == [kept.key]
