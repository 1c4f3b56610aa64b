"""Inputs and outputs as files, found by the hash of their content: a folder on this machine."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.errors import BotError
from bot.files.arrivals import Arrival, Arrivals, disk_errors_told, fill, on_disk
from bot.jobs.request import Stored

KEY = re.compile(r"[0-9a-f]{64}")
SHELVES = 256  # by the first two characters of a key


class NotKept(BotError):
    """The file is no longer there."""

    user_message = "The picture of this job is no longer kept; please send it again."


class Archive(Protocol):
    """Where files are kept. Raises StorageError where the medium cannot be used.

    `arrivals` has what is not kept yet. `kept_bytes` is how much is, by this process: counted by
    `count`, and with it goes what is kept and dropped since.
    """

    arrivals: Arrivals
    kept_bytes: int

    async def put(
        self, chunks: AsyncIterable[bytes], *, limit_bytes: int, media_type: str = ""
    ) -> Stored:
        """Keep the chunks as one file, unlooked; OverLimit, and nothing is kept, for too many."""
        async with self.arrivals.blank() as path:
            arrival = await fill(path, chunks, limit_bytes=limit_bytes)
            return await self.keep(arrival, media_type)

    async def keep(self, arrival: Arrival, media_type: str) -> Stored:
        """Keep what has arrived, of that type."""

    def local(self, stored: Stored) -> AbstractAsyncContextManager[Path]:
        """The file on this machine while the block runs; NotKept."""

    async def delete(self, key: str) -> None:
        """Remove the file, where it is there."""

    async def drop(self, keys: Collection[str], older_than: datetime) -> int:
        """Remove those of the files that were last stored before then; how many."""

    def shelf(self, number: int, older_than: datetime) -> AsyncIterator[Sequence[str]]:
        """The keys of one of the `SHELVES` parts of the archive that were last stored before then."""

    async def count(self) -> None:
        """Count anew how much is kept, whoever kept it."""


async def whole(data: bytes) -> AsyncIterator[bytes]:
    """What is at hand already, as the one chunk to `put`."""
    yield data


class FolderArchive(Archive):
    """An archive in a folder that is its owner's alone: folders 0700, files 0600."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.arrivals = Arrivals(root.with_name("transfer"))
        self.kept_bytes = 0

    async def keep(self, arrival: Arrival, media_type: str) -> Stored:
        """See Archive."""
        with disk_errors_told():
            self.kept_bytes += await asyncio.to_thread(on_disk, self._keep, arrival)
        return Stored(key=arrival.key, size_bytes=arrival.size_bytes, media_type=media_type)

    @asynccontextmanager
    async def local(self, stored: Stored) -> AsyncIterator[Path]:
        """See Archive."""
        path = self._path(stored.key)
        if not await asyncio.to_thread(path.is_file):
            raise NotKept(f"archive: {stored.key} is not kept")
        yield path

    async def delete(self, key: str) -> None:
        """See Archive."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def drop(self, keys: Collection[str], older_than: datetime) -> int:
        """See Archive."""
        sizes = await asyncio.to_thread(self._drop, keys, older_than.timestamp())
        self.kept_bytes -= sum(sizes)
        return len(sizes)

    async def shelf(self, number: int, older_than: datetime) -> AsyncIterator[Sequence[str]]:
        """See Archive; what an interrupted `keep` left goes."""
        await self.arrivals.sweep()
        yield await asyncio.to_thread(self._shelf, number, older_than.timestamp())

    async def count(self) -> None:
        """See Archive."""
        self.kept_bytes = await asyncio.to_thread(lambda: sum(self._sizes()))

    def _keep(self, arrival: Arrival) -> int:
        """Move it to its place, and see to it that it is on the disk; how many bytes are new."""
        path = self._path(arrival.key)
        new_bytes = 0 if path.exists() else arrival.size_bytes
        for folder in (self._root, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        beside = self._root / arrival.path.name
        shutil.move(arrival.path, beside)  # the archive may be on a disk of its own
        _sync(beside)
        beside.replace(path)
        _sync(path.parent)
        return new_bytes

    def _drop(self, keys: Collection[str], before: float) -> list[int]:
        found = (_dropped_bytes(self._path(key), before) for key in keys)
        return [size for size in found if size is not None]

    def _shelf(self, number: int, before: float) -> list[str]:
        for left in self._root.glob("part-*"):
            _dropped_bytes(left, before)
        shelf = self._root / f"{number:02x}"
        return [path.name for path in shelf.glob("*") if path.stat().st_mtime < before]

    def _sizes(self) -> Iterator[int]:
        for path in self._root.glob("??/*"):
            with suppress(FileNotFoundError):  # it went meanwhile
                yield path.stat().st_size

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise NotKept("archive: that is no key")
        return self._root / key[:2] / key


def _dropped_bytes(path: Path, before: float) -> int | None:
    """The size of the file, which is gone now; None where there was none so old."""
    with suppress(FileNotFoundError):
        found = path.stat()
        if found.st_mtime < before:
            path.unlink()
            return found.st_size
    return None


def _sync(path: Path) -> None:
    # A file that was moved is where it belongs only once its folder is on the disk, too.
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
