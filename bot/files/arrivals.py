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
from typing import ParamSpec, TypeVar

from bot.errors import BotError, StorageError
from bot.files.folders import new_path

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
            path = await asyncio.to_thread(on_disk, new_path, self._folder)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

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
    """The chunks alone in that file; OverLimit where they are too many. Their own errors come through.

    Whenever it is cancelled, no file is left open.
    """
    digest, size, written, batch = hashlib.sha256(), 0, 0, bytearray()
    with disk_errors_told():
        async for chunk in chunks:
            size += len(chunk)
            if size > limit_bytes:
                raise OverLimit(f"archive: more than {limit_bytes} bytes")
            digest.update(chunk)
            batch += chunk
            if len(batch) >= BATCH_BYTES:
                await asyncio.to_thread(on_disk, _write, path, written, bytes(batch))
                written = size
                batch.clear()
        await asyncio.to_thread(on_disk, _write, path, written, bytes(batch))
    return Arrival(path=path, key=digest.hexdigest(), size_bytes=size)


def _write(path: Path, at_byte: int, data: bytes) -> None:
    with path.open("r+b") as file:  # not made anew where nobody waits for it any more
        file.truncate(at_byte)
        file.seek(at_byte)
        file.write(data)


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
