import asyncio
import gc
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.files.archive import SHELVES, Archive, FolderArchive, NotKept
from bot.files.arrivals import BATCH_BYTES, OverLimit
from bot.files.folders import discard, new_file
from bot.jobs.request import Stored
from tests.buckets import Bucket, opened


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@dataclass(kw_only=True)
class Place:
    """An archive, and a look at what is in it."""

    archive: Archive
    keys: Callable[[], set[str]]
    folder: Path  # where the disk can refuse
    arrivals: Path  # where files are until they are whole

    def is_empty(self) -> bool:
        return not self.keys() and not files(self.folder) and not files(self.arrivals)


async def folder_archive(root: Path, _request: pytest.FixtureRequest) -> Place:
    def keys() -> set[str]:
        return {path.name for path in files(root)}

    arrivals = root.with_name("transfer")
    return Place(archive=FolderArchive(root), keys=keys, folder=root, arrivals=arrivals)


async def bucket_archive(root: Path, request: pytest.FixtureRequest) -> Place:
    bucket: Bucket = request.getfixturevalue("bucket")
    archive = await opened(bucket, root)

    def keys() -> set[str]:
        return {Path(name).name for name in bucket.names()}

    arrivals = root / "transfer"
    return Place(archive=archive, keys=keys, folder=arrivals, arrivals=arrivals)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture(params=[folder_archive, bucket_archive], ids=["folder", "bucket"])
async def place(request: pytest.FixtureRequest, root: Path) -> Place:
    found: Place = await request.param(root, request)
    return found


def files(root: Path) -> list[Path]:
    return [path for path in root.glob("**/*") if path.is_file()]


async def test_a_file_comes_back_by_the_hash_of_its_content(place: Place) -> None:
    data = os.urandom(3 * BATCH_BYTES)
    parts = (data[:100], data[100 : 2 * BATCH_BYTES], data[2 * BATCH_BYTES :])
    stored = await place.archive.put(chunks(*parts), limit_bytes=len(data), media_type="image/png")
    key = hashlib.sha256(data).hexdigest()
    assert stored == Stored(key=key, size_bytes=len(data), media_type="image/png")
    async with place.archive.local(stored) as path:
        assert path.read_bytes() == data


async def test_one_content_is_one_file(place: Place) -> None:
    stored = [await place.archive.put(chunks(b"abc"), limit_bytes=3) for _ in range(2)]
    assert place.keys() == {each.key for each in stored}
    assert len(place.keys()) == 1


async def test_a_file_is_its_owners_alone(place: Place, root: Path) -> None:
    stored = await place.archive.put(chunks(b"abc"), limit_bytes=3)
    async with place.archive.local(stored):
        (path,) = files(root)
        assert path.stat().st_mode & 0o777 == 0o600
        folders = [place.folder, *(p for p in place.folder.iterdir() if p.is_dir())]
        folders.append(place.arrivals)
        assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


async def test_too_many_bytes_leave_nothing_behind(place: Place) -> None:
    with pytest.raises(OverLimit):
        await place.archive.put(chunks(b"ab", b"cd"), limit_bytes=3)
    assert place.is_empty()


@pytest.mark.parametrize("error", [ConnectionResetError, TimeoutError])
async def test_a_network_error_passes_and_leaves_nothing_behind(
    place: Place, error: type[Exception]
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"ab"
        raise error

    with pytest.raises(error):
        await place.archive.put(broken(), limit_bytes=30)
    assert place.is_empty()


async def test_a_cancelled_put_leaves_nothing_behind(place: Place) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"ab"
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(place.archive.put(endless(), limit_bytes=30))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert place.is_empty()


def test_whenever_who_stores_is_cancelled_no_file_is_left_open(root: Path) -> None:
    async def cut_off(turns: int) -> None:
        parts = chunks(*[bytes(BATCH_BYTES)] * 3)
        storing = asyncio.create_task(FolderArchive(root).put(parts, limit_bytes=2**30))
        for _turn in range(turns):
            await asyncio.sleep(0)
        storing.cancel()

    for turns in range(0, 120, 4):
        asyncio.run(cut_off(turns))
    gc.collect()  # which tells of such a file


async def test_a_disk_that_refuses_is_a_storage_error(place: Place) -> None:
    with suppress(FileNotFoundError):
        place.folder.rmdir()
    place.folder.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="archive:"):
        await place.archive.put(chunks(b"a"), limit_bytes=1)


def test_what_a_full_disk_refuses_at_last_is_discarded_in_silence(root: Path) -> None:
    file = new_file(root)
    file.write(b"in memory")
    os.close(file.fileno())  # so that its last bytes are refused
    discard(file)
    assert files(root) == []


@pytest.mark.parametrize("key", ["0" * 64, "../../etc/passwd", ""])
async def test_what_is_not_there_is_not_kept(place: Place, key: str) -> None:
    with pytest.raises(NotKept):
        async with place.archive.local(Stored(key=key, size_bytes=1, media_type="")):
            pass


async def test_a_deleted_file_is_not_kept(place: Place) -> None:
    stored = await place.archive.put(chunks(b"a"), limit_bytes=1)
    await place.archive.delete(stored.key)
    await place.archive.delete(stored.key)
    with pytest.raises(NotKept):
        async with place.archive.local(stored):
            pass


async def shelves(archive: Archive, numbers: Iterable[int], older_than: datetime) -> list[str]:
    """All keys of these shelves that are old, shelf by shelf."""
    found: list[str] = []
    for number in numbers:
        async for keys in archive.shelf(number, older_than):
            found += keys
    return found


async def test_what_is_dropped_goes_unless_it_was_stored_again_since(place: Place) -> None:
    one, two = [await place.archive.put(chunks(data), limit_bytes=9) for data in (b"a", b"b")]
    now = datetime.now(UTC)
    keys = [one.key, "0" * 64]  # one of them is not there
    assert await place.archive.drop(keys, now - timedelta(hours=1)) == 0
    assert await place.archive.drop(keys, now + timedelta(hours=1)) == 1
    assert place.keys() == {two.key}


async def test_what_is_old_stands_on_one_shelf(place: Place) -> None:
    kept = [await place.archive.put(chunks(bytes([n])), limit_bytes=9) for n in range(3)]
    theirs = sorted({int(stored.key[:2], 16) for stored in kept})
    others = [number for number in (0, SHELVES // 2, SHELVES - 1) if number not in theirs]
    now = datetime.now(UTC)
    before, behind = now - timedelta(hours=1), now + timedelta(hours=1)
    assert await shelves(place.archive, theirs, before) == []
    assert await shelves(place.archive, theirs, behind) == sorted(s.key for s in kept)
    assert await shelves(place.archive, others, behind) == []


async def test_a_look_at_a_shelf_takes_what_an_interrupted_put_left(place: Place) -> None:
    left = new_file(place.folder)
    left.close()
    os.utime(left.name, (0, 0))
    async for _page in place.archive.shelf(0, datetime.now(UTC) - timedelta(days=1)):
        pass
    assert not Path(left.name).exists()
