"""The trouble that a service can be in, by its name in docs/operating.md, and how it is played."""

import asyncio
import gzip
import json
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.app import App
from bot.jobs.job import JobStatus
from bot.sandbox.discord.messages import Message
from bot.sandbox.studio.server import StudioSandbox
from tests.samples.pictures import animated, picture, png_header
from tests.scenarios.conftest import RERUN, Stage, asked, described

REASON = '{"error": "because"}'
ENDPOINT = "PrOhEE"
CAP_BYTES = 100_000  # in place of 200 MiB
LONG_S = 600  # a Retry-After that is longer than any wait of the bot's own
VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(100)


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

    async def asked(self) -> Message:
        """Mei's command, answered and written down."""
        message = await asked(self.stage)
        await eventually(lambda: self.app.bot.service.job_of(message.id))
        return message

    async def next_due(self) -> datetime | None:
        return await self.app.bot.store.queue.next_due(frozenset(JobStatus))

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
        requests = [*self.studio.requests, *self.elsewhere.requests]
        method = "POST" if call == "submit" else "GET"
        is_of = re.compile(r".*(files|redirect)/.*/1$" if call == "download" else r"/api/.*")
        paths = [path for kind, path, _ in requests if kind == method and is_of.fullmatch(path)]
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


def is_first(request: web.Request) -> bool:
    return request.path.endswith("/1")


def faulty(call: str, *troubles: dict[str, Any]) -> Play:
    """The next calls of the kind meet these, one after the other."""

    async def play(scene: Scene) -> Message:
        for trouble in troubles:
            match = {"match": is_first} if call == "download" else {}
            scene.studio.fail_next(call, **(match | {"body": REASON} | trouble))
        return await scene.asked()

    return play


def said(state: str) -> dict[str, object]:
    """An answer with a state of its own."""
    return {"status": 200, "body": json.dumps({"job_id": "a", "job_state": state})}


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
        return message

    return play


async def running(scene: Scene) -> Message:
    message = await scene.asked()
    await scene.stage.discord.until(lambda: "Pending" in described(message))
    return message


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


def for_long(call: str, minutes: int, **trouble: Any) -> Play:
    """The call meets this whenever it is made, until so many minutes are over."""

    async def play(scene: Scene) -> Message:
        scene.studio.fail_next(call, **({"times": 10_000, "body": REASON} | trouble))
        message = await scene.asked()
        await scene.logged(f"{call}: {trouble['status']}")
        await eventually(scene.next_due)  # what was logged is written down, too
        scene.stage.discord.advance(minutes=minutes)
        return message

    return play


def taken_but_said(body: str) -> Play:
    """The job j-1 is made, and the answer is this."""

    async def play(scene: Scene) -> Message:
        scene.studio.new_id = lambda: "j-1"
        scene.studio.fail_next("submit", status=200, body=body, accept=True)
        return await scene.asked()

    return play


async def endless(scene: Scene) -> Message:
    scene.studio.hold("in_queue")
    message = await running(scene)
    scene.stage.discord.advance(minutes=12 * 60 + 1)
    return message


async def failing(scene: Scene) -> Message:
    scene.studio.fail_job_next("because")
    return await scene.asked()


def result_of(images: int) -> Play:
    async def play(scene: Scene) -> Message:
        scene.studio.endpoints[ENDPOINT] = images
        scene.studio.outputs |= dict.fromkeys(range(1, images + 1), (picture(), "image/png"))
        return await scene.asked()

    return play


def handing_out(data: bytes, kind: str, *numbers: int) -> Play:
    """The service hands out these bytes as the first image, or as those of the numbers."""

    async def play(scene: Scene) -> Message:
        scene.studio.outputs |= dict.fromkeys(numbers or (1,), (data, kind))
        return await scene.asked()

    return play


def offering(address: Callable[[Scene, str], str]) -> Play:
    """The first image has this address."""

    async def play(scene: Scene) -> Message:
        scene.elsewhere.redirects_to = scene.studio.origin
        scene.studio.redirects_to = scene.elsewhere.origin
        origin = scene.studio.origin
        scene.studio.image_address = lambda path: (
            address(scene, path) if path.endswith("/1") else origin + path
        )
        return await scene.asked()

    return play


def answers(call: str, *statuses: int) -> dict[str, Case]:
    """Each of the statuses, once; refusals with a reason, and the rest as proxies write it."""
    html = {"body": "<html>sorry</html>", "content_type": "text/html"}
    return {
        str(status): Case(
            faulty(call, {"status": status} | (html if status in {408, *range(429, 600)} else {}))
        )
        for status in statuses
    }


def asking_to_wait(call: str) -> dict[str, Case]:
    wait = {"headers": {"Retry-After": str(LONG_S)}}
    return {
        f"{status} with Retry-After": Case(faulty(call, {"status": status} | wait))
        for status in (429, 503)
    }


def bodies(call: str, **named: str) -> dict[str, Case]:
    texts = {
        "HTML with 200": "<html>Welcome</html>",
        "an empty answer with 200": "",
        "{}": "{}",
        "wrong types": '{"job_id": 5, "job_state": ["pending"]}',
    }
    return {
        name: Case(faulty(call, {"status": 200, "body": text}))
        for name, text in (texts | named).items()
    }


CUT = {"status": 200, "is_cut": True}
SILENT = {"is_silent": True}
PACKED = {"status": 200, "content_type": "image/png", "headers": {"Content-Encoding": "gzip"}}
ERRORS = (400, 401, 402, 403, 408, 413, 422, 429, 500, 502, 503, 504)

TROUBLES: dict[str, dict[str, Case]] = {
    "submit": {
        "connection refused": Case(away("submit")),
        "time-out while connecting, before the body was sent": Case(away("submit", is_deaf=True)),
        "nothing taken for 2 hours": Case(for_long("submit", 121, status=503)),
        "reset before an answer": Case(faulty("submit", {"is_reset": True})),
        "reset within the answer": Case(faulty("submit", CUT | {"accept": True})),
        "time-out before the body was read": Case(faulty("submit", SILENT)),
        "time-out after the job was made": Case(faulty("submit", SILENT | {"accept": True})),
        **answers("submit", 404, *ERRORS),
        "418, and any other 3xx or 4xx": Case(faulty("submit", {"status": 418})),
        **asking_to_wait("submit"),
        **bodies("submit"),
        "truncated JSON without the job's id": Case(
            faulty("submit", {"status": 200, "body": '{"job_state": "pending", "job_i'})
        ),
        "truncated JSON with the job's id": Case(taken_but_said('{"job_id": "j-1", "job_st')),
        "wrong types beside the job's id": Case(
            taken_but_said('{"job_id": "j-1", "job_state": 5}')
        ),
    },
    "status": {
        "connection refused": Case(away("status")),
        "time-out while connecting, before the question was sent": Case(
            away("status", is_deaf=True)
        ),
        # aiohttp itself asks once more.
        "reset before an answer": Case(faulty("status", *[{"is_reset": True}] * 2), tries=3),
        "reset within the answer": Case(faulty("status", CUT)),
        "time-out before the question was read": Case(faulty("status", SILENT)),
        "time-out after it was read": Case(faulty("status", SILENT | {"accept": True})),
        **answers("status", 302, *ERRORS),
        **asking_to_wait("status"),
        "404 once": Case(faulty("status", {"status": 404})),
        "404 once after a while of 503": Case(
            faulty("status", *[{"status": 503}] * 4, {"status": 404}), tries=6
        ),
        "404 four times": Case(faulty("status", *[{"status": 404}] * 4), tries=4),
        **bodies("status"),
        "truncated JSON": Case(faulty("status", {"status": 200, "body": '{"job_id": "a", "jo'})),
        "a state never heard of": Case(faulty("status", said("warming_up"))),
        "states running backwards": Case(
            faulty("status", said("processing"), said("in_queue")), tries=3
        ),
        "failed": Case(failing),
        "succeeded with no images": Case(result_of(0)),
        "no end within JOB_TIMEOUT_MINUTES": Case(endless),
    },
    "download": {
        "connection refused": Case(away("download")),
        "time-out while connecting": Case(away("download", is_deaf=True)),
        "reset before an answer": Case(faulty("download", *[{"is_reset": True}] * 2), tries=3),
        "reset within the file": Case(faulty("download", CUT)),
        "time-out before an answer": Case(faulty("download", SILENT)),
        "time-out within the file": Case(faulty("download", CUT | SILENT)),
        **answers("download", *ERRORS),
        **asking_to_wait("download"),
        "404 once, and then 200": Case(faulty("download", {"status": 404})),
        "404 for 24 hours, one image": Case(
            for_long("download", 24 * 60, status=404, match=is_first)
        ),
        "404 for 24 hours, all images": Case(for_long("download", 24 * 60, status=404)),
        "40 images": Case(result_of(40)),
        "a relative URL": Case(offering(lambda _scene, path: f"../../..{path}")),
        "a URL that redirects once": Case(
            offering(lambda scene, path: f"{scene.elsewhere.origin}/redirect{path}")
        ),
        "a URL at a private address": Case(
            offering(lambda scene, path: scene.elsewhere.origin + path), tries=0
        ),
        "a URL that redirects to a private address": Case(
            offering(lambda scene, path: f"{scene.studio.origin}/redirect{path}")
        ),
        "a URL on another host": Case(offering(lambda scene, path: scene.elsewhere.origin + path)),
        "a URL that redirects forever": Case(
            offering(lambda scene, path: f"{scene.studio.origin}{'/redirect' * 9}{path}")
        ),
        "a URL that is no web address": Case(
            offering(lambda _scene, path: f"file://{path}"), tries=0
        ),
        "a URL that cannot be read": Case(
            offering(lambda _scene, path: f"http://[{path}"), tries=0
        ),
        "an HTML page called .png": Case(handing_out(b"<html>an image</html>", "image/png")),
        "a decompression bomb, by its size in pixels": Case(
            handing_out(png_header(30_000, 30_000), "image/png")
        ),
        "a decompression bomb, by its Content-Encoding": Case(
            faulty("download", PACKED | {"body": gzip.compress(bytes(10 * CAP_BYTES))})
        ),
        "500 MB, or anything over 200 MiB": Case(
            handing_out(picture() + bytes(CAP_BYTES), "image/png")
        ),
        "no image at all": Case(handing_out(b"<html>no image</html>", "image/png", 1, 2)),
        "a video": Case(handing_out(VIDEO, "video/mp4")),
        "a GIF": Case(handing_out(animated("GIF"), "image/gif")),
    },
}
