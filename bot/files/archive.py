"""Inputs and outputs as files, found by the hash of their content: a folder on this machine."""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ParamSpec, Protocol, TypeVar

from bot.errors import BotError, StorageError
from bot.files.folders import discard, new_file
from bot.jobs.job import Stored

BATCH_BYTES = 2**18  # written to the disk at once
KEY = re.compile(r"[0-9a-f]{64}")
SHELVES = 256  # by the first two characters of a key


class OverLimit(BotError):
    """More bytes came than may be kept."""


class NotKept(BotError):
    """The file is no longer there."""

    user_message = "The picture of this job is no longer kept; please send it again."


class Archive(Protocol):
    """Where files are kept. Raises StorageError where the medium cannot be used."""

    async def put(
        self, chunks: AsyncIterable[bytes], *, limit_bytes: int, media_type: str = ""
    ) -> Stored:
        """The chunks as one file; OverLimit, and nothing is kept, where they are too many."""

    def local(self, stored: Stored) -> AbstractAsyncContextManager[Path]:
        """The file on this machine while the block runs; NotKept."""

    async def delete(self, key: str) -> None:
        """Remove the file, where it is there."""

    async def drop(self, keys: Collection[str], older_than: datetime) -> int:
        """Remove those of the files that were last stored before then; how many."""

    def shelf(self, number: int, older_than: datetime) -> AsyncIterator[Sequence[str]]:
        """The keys of one of the `SHELVES` parts of the archive that were last stored before then."""


async def whole(data: bytes) -> AsyncIterator[bytes]:
    """What is at hand already, as the one chunk to `put`."""
    yield data


class FolderArchive:
    """An archive in a folder that is its owner's alone: folders 0700, files 0600."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(
        self, chunks: AsyncIterable[bytes], *, limit_bytes: int, media_type: str = ""
    ) -> Stored:
        """See Archive."""
        try:
            return await self._put(chunks, limit_bytes, media_type)
        except DiskError as error:
            raise StorageError(f"archive: {error.__cause__}") from error

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
        return await asyncio.to_thread(self._drop, keys, older_than.timestamp())

    async def shelf(self, number: int, older_than: datetime) -> AsyncIterator[Sequence[str]]:
        """See Archive; what an interrupted `put` left goes."""
        yield await asyncio.to_thread(self._shelf, number, older_than.timestamp())

    async def _put(self, chunks: AsyncIterable[bytes], limit_bytes: int, media_type: str) -> Stored:
        file = await asyncio.to_thread(on_disk, new_file, self._root)
        try:
            key, size = await write(file, chunks, limit_bytes)
            await asyncio.to_thread(on_disk, self._finish, file, key)
        except BaseException:
            discard(file)
            raise
        return Stored(key=key, size_bytes=size, media_type=media_type)

    def _finish(self, file: BinaryIO, key: str) -> None:
        with file:
            file.flush()
            os.fsync(file.fileno())
        path = self._path(key)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        Path(file.name).replace(path)
        _sync(path.parent)

    def _drop(self, keys: Collection[str], before: float) -> int:
        return sum(_is_dropped(self._path(key), before) for key in keys)

    def _shelf(self, number: int, before: float) -> list[str]:
        for left in self._root.glob("part-*"):
            _is_dropped(left, before)
        shelf = self._root / f"{number:02x}"
        return [path.name for path in shelf.glob("*") if path.stat().st_mtime < before]

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise NotKept("archive: that is no key")
        return self._root / key[:2] / key


def _is_dropped(path: Path, before: float) -> bool:
    """Whether the file was there, and older than that; it is gone then."""
    try:
        if path.stat().st_mtime >= before:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _sync(folder: Path) -> None:
    # A file that was moved is where it belongs only once its folder is on the disk, too.
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class DiskError(Exception):
    """What the disk refused; its cause says why."""


async def write(file: BinaryIO, chunks: AsyncIterable[bytes], limit_bytes: int) -> tuple[str, int]:
    """Write the chunks into the file; its key and size in bytes. OverLimit, DiskError."""
    digest, size, batch = hashlib.sha256(), 0, bytearray()
    async for chunk in chunks:
        size += len(chunk)
        if size > limit_bytes:
            raise OverLimit(f"archive: more than {limit_bytes} bytes")
        digest.update(chunk)
        batch += chunk
        if len(batch) >= BATCH_BYTES:
            await asyncio.to_thread(on_disk, file.write, bytes(batch))
            batch.clear()
    await asyncio.to_thread(on_disk, file.write, bytes(batch))
    return digest.hexdigest(), size


P = ParamSpec("P")
T = TypeVar("T")


def on_disk(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work returns; DiskError for its OSError."""
    # The chunks come over a network, whose errors are OSErrors too: these are told apart here.
    try:
        return work(*args, **kwargs)
    except OSError as error:
        raise DiskError from error
