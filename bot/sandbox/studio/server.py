"""The local Instant Studio: takes jobs, moves them on by the clock, hands out their images."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Self, TypeVar
from uuid import uuid4

from aiohttp import BodyPartReader, web

from bot.sandbox.clock import Clock
from bot.sandbox.pictures import render_output
from bot.sandbox.trouble import Faults, Pause, Pauses, Planned, anything, breaking_off
from bot.sandbox.waiting import Changes

Json = Any
T = TypeVar("T")
API = "/api/v1"
KEPT_FOR = timedelta(hours=24)
MAX_BODY_BYTES = 60 * 2**20
STATES = ("pending", "in_queue", "processing", "succeeded")
ENDED = {"succeeded", "failed"}


@dataclass(frozen=True)
class FormPart:
    """One part of a posted form, as it came."""

    name: str
    filename: str | None
    content_type: str | None
    data: bytes


FORM = web.RequestKey("form", list[FormPart])


@dataclass(eq=False)
class Submission:
    """One POST that arrived."""

    endpoint: str
    headers: dict[str, str]
    parts: list[FormPart]
    status: int = 0

    def text(self, name_part: str) -> str | None:
        """The text of the first part whose name holds this, or None."""
        return _text(self.parts, name_part)


@dataclass(eq=False)
class StudioJob:
    """A job of the service."""

    id: str
    submission: Submission
    submitted_at: datetime
    images: int
    state: str = "pending"
    moved_at: datetime | None = None
    reason: Json = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    asked: int = 0


@dataclass(eq=False, kw_only=True)
class Trouble(Planned):
    """What goes wrong with the next calls of a kind; `accept` takes the job all the same.

    `is_reset` breaks the connection off without an answer, `is_cut` in the middle of one;
    `is_silent` says nothing more until the other side hangs up.
    """

    status: int = 500
    body: str | bytes = '{"error": "made to fail"}'
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    is_reset: bool = False
    is_cut: bool = False
    is_silent: bool = False
    accept: bool = False

    @property
    def is_broken_off(self) -> bool:
        """Whether no whole answer comes."""
        return self.is_reset or self.is_cut or self.is_silent


@dataclass(frozen=True)
class Attempt:
    """One POST whose body arrived, whatever it was answered; 0: its connection was broken off."""

    seed: str | None
    status: int


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the bot and its answer."""

    method: str
    path: str
    status: int
    parts: list[FormPart]
    answer: Json


class StudioSandbox:
    """An Instant Studio on loopback."""

    def __init__(self, clock: Clock | None = None, key: str = "sandbox-key", port: int = 0) -> None:
        self.clock = clock or Clock()
        self.key = key
        self.more_keys: set[str] = set()  # of the same account
        self._port = port
        self.changes = Changes()
        self.endpoints: dict[str, int] = {"PrOhEE": 2}  # and how many images each gives
        self.seconds = {"pending": 0.5, "in_queue": 0.5, "processing": 1.0}
        self.jobs: dict[str, StudioJob] = {}
        self.posts: list[Submission] = []  # those that were carried out
        self.attempts: list[Attempt] = []  # all
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.outputs: dict[int, tuple[bytes, str]] = {}  # by number: other bytes, and their type
        self.image_address: Callable[[str], str] = lambda path: self.origin + path
        self.redirects_to: str | None = None  # where /redirect leads; None: to itself
        self.new_id: Callable[[], str] = lambda: str(uuid4())
        self.held: str | None = None  # the state that no job gets beyond
        self.always_answers: int | None = None  # every call gets this status
        self._next_reason: Json = None
        self.troubles: Faults[Trouble] = Faults()
        self._pauses: Pauses = Pauses()
        self._listeners: list[Callable[[str, Call], None]] = []

    async def __aenter__(self) -> Self:
        await self.come_back()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._pauses.drop()
        await self.go_away()

    async def come_back(self) -> None:
        """Listen, on the port that it had before."""
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[breaking_off])
        app.router.add_post(f"{API}/jobs", self._served("submit", self._submit))
        app.router.add_get(f"{API}/jobs/{{job_id}}", self._served("status", self._status))
        app.router.add_get("/files/{job_id}/{number}", self._served("download", self._download))
        app.router.add_get("/redirect/{path:.*}", self._redirect)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def go_away(self) -> None:
        """Close all connections, and refuse new ones until `come_back`."""
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """Its port, which it keeps."""
        return self._port

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """For INSTANT_STUDIO_URL."""
        return self.origin + API

    def hold(self, state: str) -> None:
        """Let no job get beyond this state until `release`."""
        self.held = state

    def release(self) -> None:
        """Let the jobs go on."""
        self.held = None

    def fail_job_next(self, reason: Json = "out of memory") -> None:
        """Let the next job end as failed, with this as its `error`."""
        self._next_reason = reason

    @property
    def next_job_fails(self) -> bool:
        """Whether the next job will end as failed."""
        return self._next_reason is not None

    def fail_next(self, call: str, **trouble: Any) -> None:  # noqa: ANN401 - Trouble's fields
        """Let the next call of a kind (submit, status, download) fail; see Trouble."""
        self.troubles.add(call, Trouble(**trouble))

    def pause(
        self, call: str, *, when: str = "before", match: Callable[[Any], bool] = anything
    ) -> Pause:
        """Stop the next call of a kind before it is carried out, or before it is answered."""
        return self._pauses.add(call, when, match)

    async def until(self, found: Callable[[], T], *, within_s: float = 10.0) -> T:
        """What `found` gives once it is true."""
        return await self.changes.until(found, within_s=within_s)

    def subscribe(self, listener: Callable[[str, Call], None]) -> None:
        """Be told of every call (submit, status, download)."""
        self._listeners.append(listener)

    def _served(self, call: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            self.requests.append((request.method, request.path_qs, dict(request.headers)))
            request[FORM] = await _parts(request)
            await self._pauses.hold(call, "before", request)
            trouble = self.troubles.take(call, request) or self._constant()
            if trouble and not trouble.accept:
                response = await self._troubled(trouble, request)
            else:
                response = await handler(request)
            await self._pauses.hold(call, "after", request)
            if trouble and trouble.accept:
                response = await self._troubled(trouble, request)
            if call == "submit":
                status = 0 if trouble and trouble.is_broken_off else response.status
                self.attempts.append(Attempt(_text(request[FORM], "seed"), status))
            self._tell(call, request, response)
            return response

        return serve

    def _constant(self) -> Trouble | None:
        if self.always_answers is None:
            return None
        headers = {"Retry-After": "2"} if self.always_answers == 429 else {}
        return Trouble(status=self.always_answers, headers=headers)

    def _tell(self, call: str, request: web.Request, response: web.StreamResponse) -> None:
        is_text = isinstance(response, web.Response) and response.content_type.startswith("app")
        found = Call(
            method=request.method,
            path=request.path_qs,
            status=response.status,
            parts=request[FORM],
            answer=response.text if isinstance(response, web.Response) and is_text else None,
        )
        for listener in self._listeners:
            listener(call, found)
        self.changes.tell()

    async def _troubled(self, trouble: Trouble, request: web.Request) -> web.Response:
        body = trouble.body.encode() if isinstance(trouble.body, str) else trouble.body
        if trouble.is_cut:
            await _begin(request, trouble, body)
        if trouble.is_silent:
            await _hung_up(request)
        if trouble.is_broken_off and request.transport:
            request.transport.abort()
        return web.Response(
            status=trouble.status,
            body=body,
            content_type=trouble.content_type,
            headers=trouble.headers,
        )

    async def _submit(self, request: web.Request) -> web.Response:
        endpoint = request.query.get("endpoint", "")
        submission = Submission(endpoint, dict(request.headers), request[FORM])
        self.posts.append(submission)
        fault = self._submit_fault(request, submission)
        if fault:
            submission.status = fault.status
            return fault
        submission.status = 200
        job = StudioJob(self.new_id(), submission, self.clock.now(), self.endpoints[endpoint])
        job.reason, self._next_reason = self._next_reason, None
        self.jobs[job.id] = job
        return web.json_response(self._payload(job))

    def _submit_fault(self, request: web.Request, submission: Submission) -> web.Response | None:
        if not self._knows(request):
            return web.json_response({"error": "invalid API key"}, status=401)
        if submission.endpoint not in self.endpoints:
            return web.json_response({"error": "endpoint not found"}, status=404)
        if request.content_type != "multipart/form-data":
            return web.json_response({"error": "multipart expected"}, status=415)
        for part in submission.parts:
            is_image = bool(re.search(r"image|mask", part.name))
            if is_image and (part.filename is None or not part.data):
                return web.json_response({"errors": {part.name: ["is no image"]}}, status=422)
            if "seed" in part.name and not part.data.isdigit():
                return web.json_response({"errors": {part.name: ["is no number"]}}, status=422)
        return None

    async def _status(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return web.json_response({"error": "invalid API key"}, status=401)
        job = self._job(request)
        if job is None:
            return web.json_response({"error": "job not found"}, status=404)
        job.asked += 1
        self._move(job)
        return web.json_response(self._payload(job))

    async def _download(self, request: web.Request) -> web.Response:
        job, number = self._job(request), request.match_info["number"]
        if job is None or not number.isdigit() or not 1 <= int(number) <= job.images:
            return web.Response(status=404, text="not found")
        if int(number) in self.outputs:
            data, kind = self.outputs[int(number)]
            return web.Response(body=data, content_type=kind)
        seed = int(job.submission.text("seed") or 0)
        files = [part.data for part in job.submission.parts if part.filename is not None]
        picture = files[0] if files else None
        data = await asyncio.to_thread(render_output, picture, seed, int(number))
        return web.Response(body=data, content_type="image/jpeg")

    async def _redirect(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path_qs, dict(request.headers)))
        location = f"{self.redirects_to or self.origin}/{request.match_info['path']}"
        return web.Response(status=302, headers={"Location": location})

    def _knows(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization")
        return given in {f"Bearer {key}" for key in (self.key, *self.more_keys)}

    def _job(self, request: web.Request) -> StudioJob | None:
        job = self.jobs.get(request.match_info["job_id"])
        if job is None or self.clock.now() - job.submitted_at > KEPT_FOR:
            return None
        return job

    def _move(self, job: StudioJob) -> None:
        """Move on by what the clock says; a held state lasts until it is released."""
        now = self.clock.now()
        job.moved_at = job.moved_at or job.submitted_at
        while job.state not in ENDED and job.state != self.held and job.state in self.seconds:
            due = job.moved_at + timedelta(seconds=self.seconds[job.state])
            if now < due:
                return
            job.moved_at = due
            job.state = STATES[STATES.index(job.state) + 1]
            if job.state == "processing":
                job.started_at = now
            elif job.state == "succeeded":
                job.completed_at = now
                job.state = "failed" if job.reason is not None else "succeeded"

    def _payload(self, job: StudioJob) -> Json:
        found: Json = {
            "job_id": job.id,
            "job_state": job.state,
            "started_at": _written(job.started_at),
            "completed_at": _written(job.completed_at),
        }
        if job.state == "succeeded":
            found["image_urls"] = [
                self.image_address(f"/files/{job.id}/{number}")
                for number in range(1, job.images + 1)
            ]
        if job.state == "failed":
            found["error"] = job.reason
        return found


def _text(parts: list[FormPart], name_part: str) -> str | None:
    return next((part.data.decode() for part in parts if name_part in part.name), None)


async def _hung_up(request: web.Request) -> None:
    while request.transport:  # noqa: ASYNC110 - aiohttp has no event for it
        await asyncio.sleep(0.01)


async def _begin(request: web.Request, trouble: Trouble, body: bytes) -> None:
    """Announce the whole body, and send half of it."""
    response = web.StreamResponse(status=trouble.status)
    response.content_type, response.content_length = trouble.content_type, len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])


def _written(at: datetime | None) -> str | None:
    eastern = timezone(timedelta(hours=8))
    return at.astimezone(eastern).isoformat(timespec="milliseconds") if at else None


async def _parts(request: web.Request) -> list[FormPart]:
    if request.content_type != "multipart/form-data":
        return []
    parts = []
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader):
            kind = part.headers.get("Content-Type")
            data = bytes(await part.read())
            parts.append(FormPart(part.name or "", part.filename, kind, data))
    return parts
