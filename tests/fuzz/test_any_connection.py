"""The service over a real socket: whatever bytes come back, the outcome is a job or our error."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import StudioError
from bot.files.outside import Outside
from bot.studio.client import InstantStudio
from bot.studio.deadlines import Deadlines
from tests.fuzz.strategies import bodies

PENDING = {"job_id": "0b0e-4a", "job_state": "in_queue", "image_urls": ["/files/1.png"]}
# None of these names a host that could be asked for.
PLACES = ["/files/2", "", "http://[", "//", "http://a..b/", "http://xn--/", "data:,", "?\x7f", "é"]
values = {
    "Retry-After": ["5", "-1", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "soon"],
    "Location": PLACES,
    "Content-Type": ["application/json", "text/html; charset=x", "image/png", ";", "\x01"],
    "Content-Encoding": ["gzip", "deflate", "br", "x", ""],
    "Transfer-Encoding": ["chunked", "x"],
    "Content-Length": ["0", "3", "99999999", "-1", "x"],
    "Set-Cookie": ["a=b; Max-Age=x", "=;;", "é=\x00"],
    "Connection": ["close", "upgrade"],
}
headers = st.lists(
    st.sampled_from(sorted(values)).flatmap(
        lambda name: st.sampled_from(values[name]).map(lambda value: f"{name}: {value}")
    ),
    max_size=4,
).map("\r\n".join)
statuses = st.sampled_from([100, 101, 200, 204, 206, 302, 304, 400, 404, 429, 503, 999])


def response(status: int, head: str, body: bytes) -> bytes:
    return (
        f"HTTP/1.1 {status} x\r\n{head}\r\n\r\n".replace("\r\n\r\n\r\n", "\r\n\r\n").encode() + body
    )


answers = st.builds(response, statuses, headers, bodies(PENDING)) | st.binary(max_size=60)


@dataclass
class Service:
    """A service that says what it is told to, to everything, and hangs up."""

    answer: bytes = b""
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.answer)
            await writer.drain()
        writer.close()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def service(loop: asyncio.Runner) -> Iterator[Service]:
    found = Service()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(found.serve, "127.0.0.1", 0)

    server = loop.run(start())
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
    loop.run(server.wait_closed())


async def all_calls(url: str) -> None:
    """Each of the client's calls once; only its own errors are left out."""
    soon = Deadlines(connect_s=2.0, submit_s=2.0, status_s=2.0, download_s=2.0)
    async with Outside.open() as outside:
        studio = InstantStudio(
            outside, url=url, key=SecretStr("key"), requests_per_second=1e6, deadlines=soon
        )

        async def download() -> None:
            async with studio.download(f"{url}/files/1.png") as chunks:
                async for _chunk in chunks:
                    pass

        calls: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: studio.submit("PrOhEE", [("seed_56", "20")], []),
            lambda: studio.status("0b0e-4a"),
            download,
        )
        for call in calls:
            with suppress(StudioError):
                await call()


@given(answer=answers)
@example(answer=response(302, "Location: http://a..b/", b""))
@example(answer=response(400, "", b'{"error": ' * 5_000))
def test_any_bytes_of_the_service_are_an_answer_or_one_of_our_errors(
    loop: asyncio.Runner, service: Service, answer: bytes
) -> None:
    service.answer = answer
    loop.run(all_calls(f"http://127.0.0.1:{service.port}/api"))
