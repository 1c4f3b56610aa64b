"""A form on its way to the service: its fields and files, and how much of it is out."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aiohttp
from aiohttp.abc import AbstractStreamWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One field that is a file."""

    field_id: str
    filename: str
    media_type: str
    path: Path


class Body(aiohttp.Payload):
    """A form as it is sent. Until its last line is handed over nobody can have read it."""

    def __init__(self, parts: aiohttp.MultipartWriter) -> None:
        super().__init__(parts, headers=parts.headers)
        self._parts = parts
        self._writer: AbstractStreamWriter | None = None
        self.is_whole = False
        self.ended = asyncio.Event()  # whole, or cut

    @property
    def size(self) -> int | None:
        """How long all of it is."""
        return self._parts.size

    @property
    def sent_bytes(self) -> int:
        """How much of the request has left this process."""
        if self._writer is None:
            return 0
        transport = self._writer.transport
        unsent = transport.get_write_buffer_size() if transport else 0
        return self._writer.output_size - unsent

    def cut(self) -> bool:
        """Send no more of it; False where it is whole."""
        if self.is_whole:
            return False
        self.ended.set()
        if self._writer and self._writer.transport:
            self._writer.transport.abort()  # to close it would send what its buffer holds
        return True

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """All of it as text."""
        return self._parts.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Hand it over, and its last line once all else is out."""
        if self.ended.is_set():
            raise ConnectionAbortedError
        self._writer = writer
        await self._parts.write(writer, close_boundary=False)
        await _flushed(writer)
        self.is_whole = True
        self.ended.set()
        await writer.write(f"--{self._parts.boundary}--\r\n".encode())


@contextmanager
def form_of(fields: Sequence[tuple[str, str]], uploads: Sequence[Upload]) -> Iterator[Body]:
    """Fields and files as one multipart form; the files are open while the block runs. OSError."""
    # Field ids are written as they are: `data[#22][load_image]`, not percent-encoded.
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    with ExitStack() as files:
        for field_id, text in fields:
            form.add_field(field_id, text)
        for each in uploads:
            file = files.enter_context(each.path.open("rb"))
            form.add_field(
                each.field_id, file, filename=each.filename, content_type=each.media_type
            )
        yield Body(cast("aiohttp.MultipartWriter", form()))


async def _flushed(writer: AbstractStreamWriter) -> None:
    """Return once the transport's buffer is empty; with TLS it may be half a megabyte."""
    if writer.transport:
        writer.transport.set_write_buffer_limits(high=1)  # 0 would never end with TLS
        await writer.drain()
    if writer.transport:
        writer.transport.set_write_buffer_limits()
