"""A server that nobody should connect to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Counted:
    """A server that says nothing, and counts who connects to it."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def listening(self, host: str = "127.0.0.1") -> AsyncIterator["Counted"]:
        server = await asyncio.start_server(self._count, host, 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    def _count(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()
