"""A forward proxy on loopback: it carries what is asked of it to the servers that a test names."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Where it listens, and what was asked of it."""

    port: int = 0
    asked: list[str] = field(default_factory=list)  # the first line of each request
    heads: list[str] = field(default_factory=list)
    hellos: list[bytes] = field(default_factory=list)  # what began the TLS of a tunnel

    @property
    def url(self) -> str:
        """For HTTP_PROXY, with who may use it."""
        return f"http://me:pass%40word@127.0.0.1:{self.port}"

    def hosts(self) -> set[str]:
        """All that was asked for."""
        return {line.split()[1].partition("://")[2].partition("/")[0] for line in self.asked}


@asynccontextmanager
async def proxying(ports: Mapping[str, int], *, status: int = 200) -> AsyncIterator[Proxy]:
    """A proxy that knows these hosts; to a CONNECT it answers with the status, and hears a hello."""
    proxy = Proxy()
    open_now: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(asyncio.current_task())
        try:
            await carry(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # somebody hung up, or the test is over
        finally:
            writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        proxy.asked.append(head.split("\r\n")[0])
        proxy.heads.append(head)
        if head.startswith("CONNECT"):
            writer.write(f"HTTP/1.1 {status} So\r\n\r\n".encode())
            proxy.hellos.append(await reader.read(2**16))
            return
        first, _, rest = head.partition("\r\n")
        method, url, version = first.split()
        host, _, path = url.removeprefix("http://").removeprefix("ws://").partition("/")
        if "upgrade:" not in rest.lower():
            rest = f"Connection: close\r\n{rest}"  # the next request may be for another host
        there, back = await asyncio.open_connection("127.0.0.1", ports[host])
        try:
            back.write(f"{method} /{path} {version}\r\n{rest}".encode())
            await asyncio.gather(_pipe(reader, back), _pipe(there, writer))
        finally:
            back.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy
        for task in filter(None, open_now):
            task.cancel()
        await asyncio.gather(*filter(None, open_now), return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()
    writer.close()
