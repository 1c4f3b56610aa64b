"""The local Instant Studio on its port: its routes, and what a test holds of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, Self, TypeVar

from aiohttp import BodyPartReader, web

from bot.sandbox.clock import Clock
from bot.sandbox.kept import Kept
from bot.sandbox.studio.jobs import FormPart, Jobs, StudioJob, Submission, text_of, wrong_parts
from bot.sandbox.studio.troubles import Trouble, always
from bot.sandbox.trouble import Faults, Pause, Pauses, anything, breaking_off
from bot.sandbox.waiting import News

Json = Any
T = TypeVar("T")
API = "/api/v1"
MAX_BODY_BYTES = 60 * 2**20
FORM = web.RequestKey("form", list[FormPart])


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


class StudioSandbox(Jobs):
    """An Instant Studio on loopback."""

    def __init__(self, clock: Clock | None = None, key: str = "sandbox-key", port: int = 0) -> None:
        super().__init__(clock or Clock(), lambda path: self.origin + path)
        self.key = key
        self.more_keys: set[str] = set()  # of the same account
        self._port = port
        self.known_as: str | None = None  # the origin that is told where a proxy leads here
        self.posts: Kept[Submission] = Kept()  # those that were carried out
        self.attempts: Kept[Attempt] = Kept()  # all
        self.requests: Kept[tuple[str, str, dict[str, str]]] = Kept()
        self.redirects_to: str | None = None  # where /redirect leads; None: to itself
        self.always_answers: int | None = None  # every call gets this status
        self.answer_s = 0.0  # so late each call is answered, but a download
        self.troubles: Faults[Trouble] = Faults()
        self._pauses = Pauses()
        self._news: News[Call] = News()

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
        """Where it is asked."""
        return self.known_as or f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """For INSTANT_STUDIO_URL."""
        return self.origin + API

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
        return await self._news.changes.until(found, within_s=within_s)

    def subscribe(self, listener: Callable[[str, Call], None]) -> None:
        """Be told of every call (submit, status, download)."""
        self._news.subscribe(listener)

    def _served(self, call: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            self.requests.append((request.method, request.path_qs, dict(request.headers)))
            request[FORM] = await _parts(request)
            await self._pauses.hold(call, "before", request)
            trouble = self.troubles.take(call, request)
            if trouble is None and self.always_answers is not None:
                trouble = always(self.always_answers)
            if trouble and not trouble.accept:
                response = await trouble.answer(request)
            else:
                response = await handler(request)
            await self._pauses.hold(call, "after", request)
            if self.answer_s and call != "download":
                await asyncio.sleep(self.answer_s)
            if trouble and trouble.accept:
                response = await trouble.answer(request)
            if call == "submit":
                status = 0 if trouble and trouble.is_broken_off else response.status
                self.attempts.append(Attempt(text_of(request[FORM], "seed"), status))
            self._news.tell(call, _call(request, response))
            if not response.prepared:
                response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
            return response

        return serve

    async def _submit(self, request: web.Request) -> web.Response:
        endpoint = request.query.get("endpoint", "")
        submission = Submission(endpoint, dict(request.headers), request[FORM])
        self.posts.append(submission)
        fault = self._submit_fault(request, submission)
        if fault:
            submission.status = fault.status
            return fault
        submission.status = 200
        return web.json_response(self.payload(self.begin(submission)))

    def _submit_fault(self, request: web.Request, submission: Submission) -> web.Response | None:
        if not self._knows(request):
            return web.json_response({"error": "invalid API key"}, status=401)
        if not (submission.endpoint in self.endpoints or self.runs_others):
            return web.json_response({"error": "endpoint not found"}, status=404)
        if request.content_type != "multipart/form-data":
            return web.json_response({"error": "multipart expected"}, status=415)
        if errors := wrong_parts(submission.parts):
            return web.json_response({"errors": errors}, status=422)
        return None

    async def _status(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return web.json_response({"error": "invalid API key"}, status=401)
        job = self._job(request)
        if job is None:
            return web.json_response({"error": "job not found"}, status=404)
        job.asked += 1
        self.move(job)
        return web.json_response(self.payload(job))

    async def _download(self, request: web.Request) -> web.Response:
        job, number = self._job(request), request.match_info["number"]
        if job is None or not number.isdigit() or not 1 <= int(number) <= job.images:
            return web.Response(status=404, text="not found")
        if not self.hands_out(request.raw_path):
            refusal = "<Error><Code>SignatureDoesNotMatch</Code></Error>"
            return web.Response(status=403, text=refusal, content_type="application/xml")
        data, kind = await asyncio.to_thread(self.output, job, int(number))
        return web.Response(body=data, content_type=kind)

    async def _redirect(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path_qs, dict(request.headers)))
        location = (self.redirects_to or self.origin) + request.raw_path.removeprefix("/redirect")
        return web.Response(status=302, headers={"Location": location})

    def _knows(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization")
        return given in {f"Bearer {key}" for key in (self.key, *self.more_keys)}

    def _job(self, request: web.Request) -> StudioJob | None:
        return self.find(request.match_info["job_id"])


def _call(request: web.Request, response: web.StreamResponse) -> Call:
    is_text = isinstance(response, web.Response) and response.content_type == "application/json"
    return Call(
        method=request.method,
        path=request.path_qs,
        status=response.status,
        parts=request[FORM],
        answer=response.text if isinstance(response, web.Response) and is_text else None,
    )


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
