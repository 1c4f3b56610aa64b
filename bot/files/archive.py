"""Inputs and outputs as files, found by the hash of their content: a folder on this machine."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.errors import BotError
from bot.files.arrivals import Arrival, Arrivals, disk_errors_told, fill, on_disk
from bot.jobs.job import Stored

KEY = re.compile(r"[0-9a-f]{64}")
SHELVES = 256  # by the first two characters of a key


class NotKept(BotError):
    """The file is no longer there."""

    user_message = "The picture of this job is no longer kept; please send it again."


class Archive(Protocol):
    """Where files are kept. Raises StorageError where the medium cannot be used.

    `arrivals` has what is not kept yet. `sizes` is how many bytes are on each shelf: counted by each
    look at it, and what comes and goes between is added and taken away.
    """

    arrivals: Arrivals
    sizes: list[int]

    @property
    def kept_bytes(self) -> int:
        """How much is kept, as far as that was looked at."""
        return sum(self.sizes)

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
        """The keys of one of the `SHELVES` parts of the archive that were last stored before then.

        What a killed process left goes.
        """


async def whole(data: bytes) -> AsyncIterator[bytes]:
    """What is at hand already, as the one chunk to `put`."""
    yield data


class FolderArchive(Archive):
    """An archive in a folder that is its owner's alone: folders 0700, files 0600."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.arrivals = Arrivals(root.with_name("transfer"))
        self.sizes = [0] * SHELVES

    async def keep(self, arrival: Arrival, media_type: str) -> Stored:
        """See Archive."""
        with disk_errors_told():
            new_bytes = await asyncio.to_thread(on_disk, self._keep, arrival)
        self.sizes[shelf_of(arrival.key)] += new_bytes
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
        gone = await asyncio.to_thread(self._drop, keys, older_than.timestamp())
        for key, size in gone.items():
            self.sizes[shelf_of(key)] -= size
        return len(gone)

    async def shelf(self, number: int, older_than: datetime) -> AsyncIterator[Sequence[str]]:
        """See Archive."""
        await self.arrivals.sweep()
        size, old = await asyncio.to_thread(self._shelf, number, older_than.timestamp())
        self.sizes[number] = size
        yield old

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

    def _drop(self, keys: Collection[str], before: float) -> dict[str, int]:
        """The keys of what is gone, each with its size."""
        gone: dict[str, int] = {}
        for key in keys:
            with suppress(FileNotFoundError):
                found = self._path(key).stat()
                if found.st_mtime < before:
                    self._path(key).unlink()
                    gone[key] = found.st_size
        return gone

    def _shelf(self, number: int, before: float) -> tuple[int, list[str]]:
        """How many bytes there are, and the keys that are old."""
        for left in self._root.glob("part-*"):
            if left.stat().st_mtime < before:
                left.unlink(missing_ok=True)
        found = [(path.name, path.stat()) for path in (self._root / f"{number:02x}").glob("*")]
        old = [name for name, stat in found if stat.st_mtime < before]
        return sum(stat.st_size for _, stat in found), old

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise NotKept("archive: that is no key")
        return self._root / key[:2] / key


def shelf_of(key: str) -> int:
    """On which of the shelves a file is."""
    return int(key[:2], 16)


def _sync(path: Path) -> None:
    # A file that was moved is where it belongs only once its folder is on the disk, too.
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
