"""Inputs and outputs as files, found by the hash of their content: a folder on this machine."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.errors import BotError
from bot.files.arrivals import Arrival, Arrivals, disk_errors_told, fill, on_disk
from bot.jobs.job import Stored

KEY = re.compile(r"[0-9a-f]{64}")


class NotKept(BotError):
    """The file is no longer there."""

    user_message = "The picture of this job is no longer kept; please send it again."


class Archive(Protocol):
    """Where files are kept. Raises StorageError where the medium cannot be used.

    `arrivals` has what is not kept yet. `kept_bytes` is how much is: counted by each sweep, and
    what is put there since is added.
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

    async def sweep(self, keep: Collection[str], older_than: datetime) -> int:
        """Remove the files that nobody keeps and that were last stored before then; how many."""


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

    async def sweep(self, keep: Collection[str], older_than: datetime) -> int:
        """See Archive; what an interrupted `keep` left goes, too."""
        await self.arrivals.sweep()
        removed, self.kept_bytes = await asyncio.to_thread(
            self._sweep, keep, older_than.timestamp()
        )
        return removed

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

    def _sweep(self, keep: Collection[str], before: float) -> tuple[int, int]:
        """How many files were removed, and how many bytes are left."""
        removed = left_bytes = 0
        for path in self._root.glob("**/*"):
            if not path.is_file():
                continue
            found = path.stat()
            if path.name not in keep and found.st_mtime < before:
                path.unlink(missing_ok=True)
                removed += 1
            else:
                left_bytes += found.st_size
        return removed, left_bytes

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise NotKept("archive: that is no key")
        return self._root / key[:2] / key


def _sync(path: Path) -> None:
    # A file that was moved is where it belongs only once its folder is on the disk, too.
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
