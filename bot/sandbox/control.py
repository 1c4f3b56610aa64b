"""The page, and its way to the sandbox: actions over HTTP, and what happens over a websocket.

docs/sandbox.md describes both, for whoever writes another page or a script.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from aiohttp import BodyPartReader, web

from bot.sandbox import lines, views
from bot.sandbox.actions import Actions, Given
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import ANSWER_WITHIN, AUTOCOMPLETE, InteractionHandle
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.requests import UNREADABLE, Exchange
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.pictures import sample_picture
from bot.sandbox.studio.server import Call, StudioSandbox
from bot.sandbox.switches import Restart, Switches

Json = Any
PAGE = Path(__file__).with_name("page")
SAMPLES = 4
LOGGED = 300  # entries that a page gets when it opens
BEHIND = 1000  # events that a page may be behind; then it has to begin anew
MAX_BODY_BYTES = 60 * 2**20
POLICY = (
    "default-src 'self'; img-src 'self' blob: http://127.0.0.1:*; media-src http://127.0.0.1:*;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Control:
    """A server on loopback for the page of one sandbox."""

    def __init__(
        self,
        discord: DiscordSandbox,
        studio: StudioSandbox,
        *,
        restart: Restart | None = None,
        port: int = 0,
    ) -> None:
        self._discord = discord
        self._port = port
        self._switches = Switches(discord, studio, restart)
        self._actions = Actions(discord, self._switches)
        self._pages: set[asyncio.Queue[str | None]] = set()
        self._log: deque[Json] = deque(maxlen=LOGGED)
        self._late: set[asyncio.TimerHandle] = set()
        self._shown: set[int] = set()  # channels that pages know
        discord.subscribe(self._happened)
        studio.subscribe(self._called)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guarded])
        app.router.add_get("/", self._index)
        app.router.add_get("/samples/{number}.png", self._sample)
        app.router.add_get("/control/socket", self._socket)
        app.router.add_post("/control/{action}", self._act)
        app.router.add_static("/page/", PAGE)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for page in self._pages:
            page.put_nowait(None)
        for timer in self._late:
            timer.cancel()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self._port}/"

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        # Other pages in the same browser may neither act here nor read along.
        ours = {f"127.0.0.1:{self._port}", f"localhost:{self._port}"}
        origin = request.headers.get("Origin", "")
        if request.host not in ours or (origin and origin.removeprefix("http://") not in ours):
            raise web.HTTPForbidden(text="Only the sandbox's own page may use this.")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = POLICY
            response.headers["Cache-Control"] = "no-store"
        return response

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _sample(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        if number not in {str(each) for each in range(1, SAMPLES + 1)}:
            raise web.HTTPNotFound
        data = await asyncio.to_thread(sample_picture, int(number))
        return web.Response(body=data, content_type="image/png")

    async def _act(self, request: web.Request) -> web.Response:
        try:
            given = await _given(request)
            found = await self._actions.act(request.match_info["action"], given)
        except ClientRefused as error:
            return web.json_response({"error": str(error)}, status=400)
        self._tell({"type": "switches", "switches": self._switches.state()})
        return web.json_response(found)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(heartbeat=20)
        await ws.prepare(request)
        page: asyncio.Queue[str | None] = asyncio.Queue(maxsize=BEHIND)
        page.put_nowait(json.dumps(self._hello()))
        self._pages.add(page)
        sending = asyncio.create_task(_send(ws, page), name="page")
        try:
            async for _message in ws:
                pass  # a page says what it wants by actions
        finally:
            self._pages.discard(page)
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        return ws

    def _hello(self) -> Json:
        discord = self._discord
        people = views.people(discord.guild)
        return {
            "type": "hello",
            "now": discord.clock.now().isoformat(),
            "bot": views.person(discord.bot_user),
            "is_connected": discord.connected,
            "people": [views.person(user, discord.guild) for user in people],
            "channels": self._places(),
            "commands": views.commands(discord),
            "messages": [  # what one member alone sees goes with a reload
                views.message(m)
                for m in discord.all_messages.values()
                if not m.is_deleted and not m.is_ephemeral
            ],
            "interactions": [
                views.interaction(handle)
                for handle in discord.interactions.values()
                if handle.response is None and not handle.failed and handle.kind != AUTOCOMPLETE
            ],
            "samples": [f"samples/{number}.png" for number in range(1, SAMPLES + 1)],
            "switches": self._switches.state(),
            "log": list(self._log),
        }

    def _places(self) -> Json:
        discord, people = self._discord, views.people(self._discord.guild)
        directs = [discord.dm_of(user) for user in people]
        found = [*discord.channels_of(discord.guild), *views.apart(discord), *directs]
        self._shown = {channel.id for channel in found}
        return [views.place(channel) for channel in found]

    def _happened(self, kind: str, what: object) -> None:
        if isinstance(what, Message):
            if what.channel.id not in self._shown:
                self._tell({"type": "channels", "channels": self._places()})
            self._tell({"type": kind, "message": views.message(what)})
        elif isinstance(what, InteractionHandle):
            self._tell_interaction(what)
        elif isinstance(what, Exchange):
            if not lines.is_browsers(what):
                self._note(lines.exchange(what))
        elif kind == "event":
            self._note(lines.event(what))
        elif kind == "commands":
            self._tell({"type": "commands", "commands": views.commands(self._discord)})
        elif kind == "connection":
            self._tell({"type": "connection", "is_connected": self._discord.connected})
        elif kind == "clock":
            self._tell({"type": "clock", "now": self._discord.clock.now().isoformat()})

    def _tell_interaction(self, handle: InteractionHandle) -> None:
        if handle.kind == AUTOCOMPLETE:
            return  # whoever types it is told at once
        found = views.interaction(handle)
        self._tell({"type": "interaction", "interaction": found})
        if found["state"] == "sent":
            # Nobody tells when nothing comes: look once the time for an answer is over.
            loop = asyncio.get_running_loop()
            wait_s = ANSWER_WITHIN.total_seconds() + 0.1
            self._late = {timer for timer in self._late if timer.when() > loop.time()}
            self._late.add(loop.call_later(wait_s, self._look_for_answer, handle))

    def _look_for_answer(self, handle: InteractionHandle) -> None:
        if handle.failed:
            self._tell({"type": "interaction", "interaction": views.interaction(handle)})

    def _called(self, kind: str, call: Call) -> None:
        self._note(lines.call(kind, call))
        self._tell({"type": "switches", "switches": self._switches.state()})

    def _note(self, entry: Json) -> None:
        entry["at"] = self._discord.clock.now().isoformat()
        self._log.append(entry)
        self._tell({"type": "log", "entry": entry})

    def _tell(self, event: Json) -> None:
        if not self._pages:
            return
        text = json.dumps(event)
        for page in list(self._pages):
            if page.qsize() < BEHIND - 1:
                page.put_nowait(text)
            else:
                self._pages.discard(page)
                page.put_nowait(None)


async def _send(ws: web.WebSocketResponse, page: "asyncio.Queue[str | None]") -> None:
    while (text := await page.get()) is not None:
        with suppress(ConnectionError):
            await ws.send_str(text)
    await ws.close()


async def _given(request: web.Request) -> Given:
    """An action's fields and files: JSON, or a form with `payload_json` and files by name."""
    try:
        if request.content_type != "multipart/form-data":
            return Given(fields=_parsed(await request.text()), files=[])
        return await _form(request)
    except (*UNREADABLE, TypeError, RecursionError) as error:
        raise ClientRefused("expected a JSON object, or a form with one") from error


async def _form(request: web.Request) -> Given:
    fields: Json = {}
    files: list[tuple[str, File]] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        if part.name == "payload_json":
            fields = _parsed(data.decode())
        else:
            kind = part.headers.get("Content-Type")
            files.append((part.name or "", File(part.filename or "file", data, kind)))
    return Given(fields=fields, files=files)


def _parsed(text: str) -> Json:
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise TypeError(text)
    return fields
