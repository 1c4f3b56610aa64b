"""Inputs and outputs in a bucket of an S3-compatible store, shared by processes and machines.

What is kept was a file on this machine first, as its hash names the object.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from bot.errors import SetupError, StorageError
from bot.files.archive import KEY, Archive, NotKept, whole
from bot.files.arrivals import BATCH_BYTES, Arrival, Arrivals, OverLimit, fill
from bot.jobs.request import Stored
from bot.settings import Settings

if TYPE_CHECKING:
    from obstore import GetResult, ListStream, ObjectMeta
    from obstore.store import S3Config

FOLDER = "studio-files"  # ours, under the prefix: nothing beside it is listed or removed
PART_BYTES = 5 * 2**20  # of a larger upload; the least that S3 takes
PARTS_AT_ONCE = 2
PAGE = 1000  # objects of one listing, and the most that one request removes
RETRIES = 3  # of a call that got no answer, or 5xx


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that a call may take, its retries included."""

    connect_s: float = 10.0
    call_s: float = 30.0  # also the longest silence while a file is on its way
    transfer_s: float = 300.0


class BucketArchive(Archive):
    """An archive in a bucket; what is on its way is in a folder that is its owner's alone."""

    def __init__(self, settings: Settings, deadlines: Deadlines) -> None:
        self.arrivals = Arrivals(settings.data_dir / "transfer")
        self.kept_bytes = 0
        self._store = _store_of(settings, deadlines)
        self._deadlines = deadlines

    @classmethod
    async def open(cls, settings: Settings) -> "BucketArchive":
        """The archive of ARCHIVE_URL, tried out; SetupError where it cannot be used."""
        try:
            archive = cls(settings, Deadlines())
            await archive.arrivals.sweep()
            await archive.check()
        except (BaseError, OSError, StorageError, NotKept) as error:
            why = str(error).removeprefix("archive: ").partition("\n")[0]
            raise SetupError(f"ARCHIVE_URL={settings.archive_url} cannot be used: {why}.") from None
        return archive

    async def check(self) -> None:
        """Write, read, list and remove a file; StorageError or NotKept where that is not so."""
        stored = await self.put(whole(uuid4().bytes), limit_bytes=16)
        async with self.local(stored):
            await self._page(self._listed())
        await self.delete(stored.key)

    async def keep(self, arrival: Arrival, media_type: str) -> Stored:
        """See Archive."""
        async with _answered(self._deadlines.transfer_s):
            await obstore.put_async(
                self._store,
                _name(arrival.key),
                arrival.path,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
        self.kept_bytes += arrival.size_bytes
        return Stored(key=arrival.key, size_bytes=arrival.size_bytes, media_type=media_type)

    @asynccontextmanager
    async def local(self, stored: Stored) -> AsyncIterator[Path]:
        """See Archive; NotKept for what is no longer what was kept, too."""
        async with self.arrivals.blank() as path:
            await self._fetch(stored, path)
            yield path

    async def delete(self, key: str) -> None:
        """See Archive."""
        await self._delete([_name(key)])

    async def drop(self, keys: Collection[str], older_than: datetime) -> int:
        """See Archive."""
        sizes = {name: await self._old_bytes(name, older_than) for name in map(_name, keys)}
        old = {name: size for name, size in sizes.items() if size is not None}
        if old:
            await self._delete(list(old))
        self.kept_bytes -= sum(old.values())
        return len(old)

    async def shelf(self, number: int, older_than: datetime) -> AsyncIterator[Sequence[str]]:
        """See Archive; what a killed process left on this machine goes."""
        await self.arrivals.sweep()
        first = f"{number:02x}"
        pages = self._listed(f"{FOLDER}/{first}")
        while page := await self._page(pages):
            yield [
                key
                for found in page
                if (key := _key_in(found["path"], first)) and found["last_modified"] < older_than
            ]
            if page[-1]["path"] > f"{FOLDER}/{first}g":  # after all of its keys
                return

    async def count(self) -> None:
        """See Archive."""
        size, pages = 0, self._listed()
        while page := await self._page(pages):
            size += sum(found["size"] for found in page)
        self.kept_bytes = size

    async def _old_bytes(self, name: str, older_than: datetime) -> int | None:
        """The object's size; None where there is none so old."""
        async with _answered(self._deadlines.call_s):
            try:
                found = await obstore.head_async(self._store, name)
            except FileNotFoundError:
                return None
        return found["size"] if found["last_modified"] < older_than else None

    async def _fetch(self, stored: Stored, path: Path) -> None:
        async with _answered(self._deadlines.transfer_s):
            try:
                found = await obstore.get_async(self._store, _name(stored.key))
                key = (await fill(path, _chunks(found), limit_bytes=stored.size_bytes)).key
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                raise NotKept(f"archive: {stored.key} is not kept") from None
            except OverLimit:
                key = ""
        if key != stored.key:
            raise NotKept(f"archive: {stored.key} is not what was kept")

    async def _delete(self, names: Sequence[str]) -> None:
        async with _answered(self._deadlines.call_s):
            await obstore.delete_async(self._store, names)

    def _listed(self, after: str | None = None) -> "ListStream[Sequence[ObjectMeta]]":
        return obstore.list(self._store, FOLDER, offset=after, chunk_size=PAGE)

    async def _page(
        self, pages: "ListStream[Sequence[ObjectMeta]]"
    ) -> "Sequence[ObjectMeta] | None":
        async with _answered(self._deadlines.call_s):
            return await anext(pages, None)


def _store_of(settings: Settings, deadlines: Deadlines) -> S3Store:
    for name in [name for name, value in os.environ.items() if not value.strip()]:
        if name.startswith("AWS_"):
            del os.environ[name]  # obstore reads it, and takes an empty one for a value
    bucket, _, prefix = settings.archive_url.removeprefix("s3://").partition("/")
    given = {
        "access_key_id": settings.aws_access_key_id,
        "secret_access_key": settings.aws_secret_access_key.get_secret_value(),
        "session_token": settings.aws_session_token.get_secret_value(),
        "region": settings.aws_region or settings.aws_default_region,
        "endpoint": settings.aws_endpoint_url,
    }
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=cast("S3Config", {key: value for key, value in given.items() if value}),
        client_options={
            "allow_http": (settings.aws_endpoint_url or "").startswith("http://"),
            "connect_timeout": timedelta(seconds=deadlines.connect_s),
            "read_timeout": timedelta(seconds=deadlines.call_s),
            "timeout": timedelta(seconds=deadlines.transfer_s),
        },
        retry_config={
            "max_retries": RETRIES,
            "retry_timeout": timedelta(seconds=deadlines.call_s),
        },
    )


@asynccontextmanager
async def _answered(within_s: float) -> AsyncIterator[None]:
    """What the bucket refuses, or does not answer in time, as StorageError."""
    try:
        async with asyncio.timeout(within_s):
            yield
    except (BaseError, OSError) as error:
        # Not `from error`: it quotes the answer, and S3 sends a refused session token back.
        raise StorageError(f"archive: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = str(error)
    if "http://169.254." in text:  # where the role of a machine or a container is asked for
        return "AWS_ACCESS_KEY_ID is not set, and this machine has no role"
    if status := re.search(r"status code: (\d{3})", text):
        code = re.search(r"<Code>(\w+)</Code>", text)
        return f"status {status[1]} ({code[1]})" if code else f"status {status[1]}"
    if "HTTP error" in text:
        return "it cannot be reached"
    return text.partition("\n")[0].rpartition(" - ")[2]


def _name(key: str) -> str:
    if not KEY.fullmatch(key):
        raise NotKept("archive: that is no key")
    return f"{FOLDER}/{key}"


def _key_in(name: str, first: str) -> str | None:
    """The key of one of our files that begins so, or None."""
    folder, _, key = name.rpartition("/")
    return key if folder == FOLDER and KEY.fullmatch(key) and key.startswith(first) else None


async def _chunks(found: "GetResult") -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=BATCH_BYTES):
        yield bytes(chunk)
