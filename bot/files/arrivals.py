"""Files on their way: what came, or was made of it, until it was looked at and is kept or dropped.

Raises StorageError where the disk refuses.
"""

import asyncio
import hashlib
import shutil
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from bot.errors import BotError, StorageError
from bot.files.folders import discard, new_file

BATCH_BYTES = 2**18  # written to the disk at once
LEFT_AFTER_S = 3600.0  # no step takes so long: whoever wrote that file was killed


class OverLimit(BotError):
    """More bytes came than may be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A file that is all here; `key` is the hash of its content."""

    path: Path
    key: str
    size_bytes: int


class Arrivals:
    """A folder on this machine, its owner's alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def blank(self) -> AsyncIterator[Path]:
        """A new file to write into, removed at the end of the block unless it was moved away."""
        with disk_errors_told():
            file = await asyncio.to_thread(on_disk, new_file, self._folder)
        try:
            yield Path(file.name)
        finally:
            discard(file)

    def free_bytes(self) -> int:
        """The room left on its disk."""
        return shutil.disk_usage(self._folder.parent).free

    async def sweep(self) -> None:
        """Remove what a killed process left."""
        await asyncio.to_thread(self._sweep)

    def _sweep(self) -> None:
        before = time.time() - LEFT_AFTER_S
        for path in self._folder.glob("part-*"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


async def fill(path: Path, chunks: AsyncIterable[bytes], *, limit_bytes: int) -> Arrival:
    """The chunks in that file; OverLimit where they are too many. Their own errors come through."""
    with disk_errors_told():
        file: BinaryIO = await asyncio.to_thread(on_disk, lambda: path.open("wb"))
        try:
            key, size = await _write(file, chunks, limit_bytes)
            await asyncio.to_thread(on_disk, file.close)
        except BaseException:
            discard(file)
            raise
    return Arrival(path=path, key=key, size_bytes=size)


async def _write(file: BinaryIO, chunks: AsyncIterable[bytes], limit_bytes: int) -> tuple[str, int]:
    """The key and size in bytes of what was written."""
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


async def filled(path: Path) -> Arrival:
    """What somebody else wrote into the file."""
    key, size = await asyncio.to_thread(_hashed, path)
    return Arrival(path=path, key=key, size_bytes=size)


P = ParamSpec("P")
T = TypeVar("T")


class DiskError(Exception):
    """What the disk refused; its cause says why."""


def on_disk(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work returns; DiskError for its OSError."""
    # The chunks come over a network, whose errors are OSErrors too: these are told apart here.
    try:
        return work(*args, **kwargs)
    except OSError as error:
        raise DiskError from error


@contextmanager
def disk_errors_told() -> Iterator[None]:
    """What the disk refuses in the block as a StorageError."""
    try:
        yield
    except DiskError as error:
        raise StorageError(f"archive: {error.__cause__}") from error


def _hashed(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
