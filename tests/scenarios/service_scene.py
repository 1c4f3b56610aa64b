"""Where the service's trouble is played, and a service that does not listen."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.app import App
from bot.sandbox.discord.files import File
from bot.sandbox.discord.messages import Message
from bot.sandbox.studio.server import StudioSandbox
from tests.samples.pictures import encoded, noise
from tests.scenarios.conftest import RERUN, Stage, described, replied


@dataclass
class Scene:
    """A stage with a bot on it, and a second host that knows the same images."""

    stage: Stage
    elsewhere: StudioSandbox
    app: App
    lines: Callable[[], list[str]]
    waits_s: list[float] = field(default_factory=list)

    @property
    def studio(self) -> StudioSandbox:
        return self.stage.studio

    async def asked(self, **options: Any) -> Message:
        """Mei's command, answered and written down."""
        message = replied(await self.stage.slash(self.stage.member(), **options))
        await eventually(lambda: self.app.bot.service.job_of(message.id))
        return message

    async def next_due(self) -> datetime | None:
        now = self.stage.discord.clock.now()
        agenda = await self.app.bot.store.queue.due(now)
        return now if agenda.rows else agenda.next_at

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Move the clock on to each next step until then."""
        async with asyncio.timeout(20):
            while not is_so():
                now = self.stage.discord.clock.now()
                due = await self.next_due()
                wait_s = (due - now).total_seconds() if due else 0.0
                if wait_s > 0:
                    self.waits_s.append(wait_s)
                    self.stage.discord.advance(seconds=wait_s)
                    self.app.worker.wake()
                await asyncio.sleep(0.01)

    async def logged(self, words: str) -> None:
        await self.until(lambda: any(words in line for line in self.lines()))

    async def ended(self, message: Message) -> None:
        def is_over() -> bool:
            return "Failed" in described(message) or RERUN in message.reactions

        await self.until(is_over)

    def tries(self, call: str) -> int:
        """How often the call was made, for an image the first one's."""
        came = [*self.studio.requests, *self.elsewhere.requests]
        requests = [(kind, path.partition("?")[0]) for kind, path, _ in came]
        method = "POST" if call == "submit" else "GET"
        is_of = re.compile(r".*(files|redirect)/.*/1$" if call == "download" else r"/api/.*")
        paths = [path for kind, path in requests if kind == method and is_of.fullmatch(path)]
        unsent = re.compile(r"(not connected|image 1: download): (ClientConnector|ConnectionTime)")
        return paths.count(paths[0] if paths else "") + sum(
            bool(unsent.search(line)) for line in self.lines()
        )


async def eventually(found: Callable[[], Awaitable[object]]) -> None:
    """Return once it finds something."""
    async with asyncio.timeout(10):
        while not await found():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)


Play = Callable[[Scene], Awaitable[Message]]


@dataclass(frozen=True)
class Case:
    """How a trouble is played, and how often its call is then made at least."""

    play: Play
    tries: int | None = None


@contextmanager
def deaf(port: int) -> Iterator[None]:
    """A port whose queue is full: a new connection waits in vain."""
    address = ("127.0.0.1", port)
    with ExitStack() as stack:
        stack.enter_context(socket.create_server(address, backlog=0))
        for _caller in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            with suppress(BlockingIOError):
                caller.connect(address)
        yield


@asynccontextmanager
async def half_deaf(port: int, *, is_reset: bool = False) -> AsyncIterator[asyncio.Event]:
    """Somebody at the port reads the beginning of a request, and then no more; set once it came.

    It stands still then, or it breaks the connection off.
    """
    came, lines = asyncio.Event(), []

    async def beginning(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer.transport)
        await reader.read(1000)
        came.set()
        if is_reset:
            writer.transport.abort()

    server = await asyncio.start_server(beginning, "127.0.0.1", port)
    try:
        yield came
    finally:
        server.close()
        for line in lines:
            line.abort()


def large_picture() -> File:
    """More than goes out to somebody who does not read."""
    return File("me.png", encoded(noise((1300, 1000)), "PNG"))


def away(call: str, *, is_deaf: bool = False) -> Play:
    """Nobody listens, or somebody who takes no connection, when the call is made."""

    async def play(scene: Scene) -> Message:
        host = scene.elsewhere if call == "download" else scene.studio
        scene.studio.image_address = lambda path: scene.elsewhere.origin + path
        message = await running(scene) if call == "status" else None
        await host.go_away()
        with deaf(host.port) if is_deaf else nullcontext():
            message = message or await scene.asked()
            await scene.logged("Connect")
        await host.come_back()
        scene.studio.release()
        return message

    return play


async def running(scene: Scene) -> Message:
    """Its job gets no further until the service releases it."""
    scene.studio.hold("pending")
    message = await scene.asked()
    await scene.stage.discord.until(lambda: "Sent to the service" in described(message))
    return message


def broken_upload(*, is_reset: bool) -> Play:
    """The form meets somebody who does not read it, and then the service."""

    async def play(scene: Scene) -> Message:
        await scene.studio.go_away()
        async with half_deaf(scene.studio.port, is_reset=is_reset):
            message = await scene.asked(image=large_picture())
            await scene.logged("broken off")
        await scene.studio.come_back()
        return message

    return play
