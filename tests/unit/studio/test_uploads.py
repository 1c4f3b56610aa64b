"""A form that goes out slowly, or not at all: it was not taken before all of it is out."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.errors import MaybeTaken, NotTaken, Rejected
from bot.reasons import Reason
from bot.sandbox.studio.server import StudioSandbox
from bot.studio import client as module
from bot.studio.client import InstantStudio
from bot.studio.deadlines import Deadlines
from bot.studio.form import Upload
from bot.studio.replies import StudioJob
from tests.unit.studio.conftest import client, submit

SIZE = 2**22  # far more than the system's buffers hold
TAKEN = b'HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n{"job_id": "a", "job_state": "pending"}'


class Line:
    """One connection to a service that reads what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.received = bytearray()
        self.ended = asyncio.Event()  # nothing more comes

    @property
    def is_whole(self) -> bool:
        return self.received.endswith(b"--\r\n")

    async def read(self, most: int, *, pause_s: float = 0) -> bool:
        """Read so many bytes at most, after a pause; False where nothing more came."""
        await asyncio.sleep(pause_s)
        try:
            data = await self._reader.read(most)
        except ConnectionError:
            data = b""
        if not data:
            self.ended.set()
        self.received += data
        return bool(data)

    async def read_to_the_end(self) -> None:
        """Read until the form is whole, or nothing more comes."""
        while not self.is_whole and await self.read(2**16):
            pass


@asynccontextmanager
async def slow_service(serve: Callable[[Line], Coroutine[None, None, None]]) -> AsyncIterator[str]:
    """The address of a service that `serve` plays, with hardly a buffer."""
    tasks = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(Line(reader, writer)))
        task.add_done_callback(lambda _task: writer.close())
        tasks.add(task)

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
    server = await asyncio.start_server(connected, sock=listening, limit=2**14)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    path = tmp_path / "me.png"
    path.write_bytes(random.Random(1).randbytes(SIZE))
    return Upload(field_id="load_image_22", filename="me.png", media_type="image/png", path=path)


async def test_a_form_whose_connection_breaks_on_the_way_was_not_taken(upload: Upload) -> None:
    async def serve(line: Line) -> None:
        await line.read(2**16)
        line.writer.transport.abort()

    async with slow_service(serve) as url, client(url) as studio:
        with pytest.raises(NotTaken) as caught:
            await submit(studio, upload)
    assert (caught.value.reason, caught.value.status) == (Reason.SERVICE_DOWN, 0)


async def test_a_form_that_comes_to_a_standstill_is_cut_and_never_gets_whole(
    upload: Upload,
) -> None:
    lines: list[Line] = []
    cut = asyncio.Event()

    async def serve(line: Line) -> None:
        lines.append(line)
        await line.read(2**16)
        await cut.wait()
        await line.read_to_the_end()

    soon = Deadlines(pace_s=0.3)
    async with slow_service(serve) as url, client(url, deadlines=soon) as studio:
        with pytest.raises(NotTaken):
            await asyncio.wait_for(submit(studio, upload), 5)
        cut.set()
        await asyncio.wait_for(lines[0].ended.wait(), 10)
    assert not lines[0].is_whole
    assert len(lines[0].received) < SIZE / 2


async def test_a_form_that_goes_out_slowly_is_waited_for_and_then_its_answer(
    upload: Upload,
) -> None:
    async def serve(line: Line) -> None:
        while not line.is_whole and await line.read(2**18, pause_s=0.02):
            pass
        line.writer.write(TAKEN)
        await line.writer.drain()

    pace = Deadlines(pace_s=2.0, submit_s=1.0)
    began = asyncio.get_running_loop().time()
    async with slow_service(serve) as url, client(url, deadlines=pace) as studio:
        assert await submit(studio, upload) == StudioJob(job_id="a", state="pending")
    assert asyncio.get_running_loop().time() - began > pace.submit_s


async def test_a_form_may_take_ten_minutes(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    given = Deadlines()
    assert (given.upload_s, given.pace_s, module.PACE_BYTES) == (600, 15, 64 * 1024)
    monkeypatch.setattr(module, "PACE_BYTES", 1)

    async def serve(line: Line) -> None:
        while await line.read(2**12, pause_s=0.02):
            pass

    soon = Deadlines(upload_s=1.0, pace_s=0.5)
    async with slow_service(serve) as url, client(url, deadlines=soon) as studio:
        with pytest.raises(NotTaken):
            await asyncio.wait_for(submit(studio, upload), 5)


async def test_silence_after_a_whole_form_was_perhaps_taken(upload: Upload) -> None:
    async def serve(line: Line) -> None:
        await line.read_to_the_end()
        await line.read(1)

    soon = Deadlines(submit_s=0.3)
    async with slow_service(serve) as url, client(url, deadlines=soon) as studio:
        with pytest.raises(MaybeTaken):
            await submit(studio, upload)


EARLY = {
    413: (Rejected, Reason.TOO_LARGE),
    429: (NotTaken, Reason.SERVICE_DOWN),
    408: (NotTaken, Reason.SERVICE_DOWN),
    500: (NotTaken, Reason.SERVICE_DOWN),
    503: (NotTaken, Reason.SERVICE_DOWN),
    200: (MaybeTaken, Reason.MAYBE_CHARGED),
}


@pytest.mark.parametrize("status", EARLY)
async def test_an_error_that_comes_before_the_form_is_whole_took_nothing(
    upload: Upload, status: int
) -> None:
    lines: list[Line] = []
    answered = asyncio.Event()

    async def serve(line: Line) -> None:
        lines.append(line)
        await line.read(2**16)
        line.writer.write(f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n".encode())
        await line.writer.drain()
        await answered.wait()
        await line.read_to_the_end()

    kind, reason = EARLY[status]
    async with slow_service(serve) as url, client(url) as studio:
        with pytest.raises(kind) as caught:
            await submit(studio, upload)
        answered.set()
        await asyncio.wait_for(lines[0].ended.wait(), 10)
    assert caught.value.reason is reason
    assert not lines[0].is_whole


async def test_a_stop_cuts_what_is_on_its_way_and_waits_for_the_answer_to_what_is_out(
    upload: Upload, tmp_path: Path
) -> None:
    stopped, under_way = asyncio.Event(), asyncio.Semaphore(0)

    async def serve(line: Line) -> None:
        await line.read(2**12)
        if b"stands still" in line.received:
            under_way.release()
            await asyncio.Event().wait()
        await line.read_to_the_end()
        under_way.release()
        await stopped.wait()
        line.writer.write(TAKEN)
        await line.writer.drain()

    small = Upload(field_id="a", filename="a.png", media_type="image/png", path=tmp_path / "a")
    small.path.write_bytes(b"little")
    async with slow_service(serve) as url, client(url) as studio:
        cut = asyncio.create_task(studio.submit("PrOhEE", [("text_1", "stands still")], [upload]))
        out = asyncio.create_task(submit(studio, small))
        for _ in range(2):
            await under_way.acquire()
        studio.cut_uploads()
        with pytest.raises(NotTaken):
            await asyncio.wait_for(cut, 5)
        stopped.set()
        assert (await out).job_id == "a"
        with pytest.raises(NotTaken):
            await submit(studio, small)  # nothing more goes out


async def test_a_form_whose_file_is_gone_was_not_taken(
    service: StudioSandbox, studio: InstantStudio, upload: Upload
) -> None:
    upload.path.unlink()
    with pytest.raises(NotTaken):
        await submit(studio, upload)
    assert service.requests == []
