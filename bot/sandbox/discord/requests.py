"""What came over HTTP and what was answered; faults put on the way."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.discord.files import Part
from bot.sandbox.discord.rules import Refusal
from bot.sandbox.trouble import Planned

Json = Any
MAX_BODY_BYTES = 200 * 2**20
VIA = {"Via": "1.1 google"}


@dataclass(eq=False)
class Exchange:
    """One request and its answer; `route` is its template, as `PATCH /channels/{channel_id}`."""

    method: str
    path: str
    route: str
    headers: dict[str, str]
    body: Json
    files: list[Part]
    at: datetime
    status: int = 0
    answer: Json = None


@dataclass(eq=False, kw_only=True)
class Fault(Planned):
    """What goes wrong with the next requests of a route."""

    status: int = 500
    code: int = 0
    message: str = "made to fail"
    retry_after_s: float | None = None
    has_via: bool = True
    is_html: bool = False
    is_reset: bool = False
    is_garbled: bool = False  # answered by what is no HTTP
    is_after: bool = False

    def response(self) -> web.Response:
        """The answer."""
        if self.is_html:
            return web.Response(status=self.status, text="<html>", content_type="text/html")
        body: Json = {"message": self.message, "code": self.code}
        headers = {}
        if self.status == 429:
            said = self.message if self.code else "You are being rate limited."
            body = {"message": said, "code": self.code, "retry_after": 0.1, "global": False}
            if self.retry_after_s is not None:
                body["retry_after"] = self.retry_after_s
            headers = VIA if self.has_via else {}
        return answer(body, status=self.status, headers=headers)


def answer(body: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON, with the content type that Discord writes: without a charset."""
    data = json.dumps(body).encode()
    return web.Response(body=data, status=status, headers=headers, content_type="application/json")


def refuse(refusal: Refusal) -> web.Response:
    """A refusal as Discord writes it."""
    headers = VIA if refusal.status == 429 else None  # without it a client takes it for a ban
    return answer(refusal.body, status=refusal.status, headers=headers)


async def read(request: web.Request, route: str, at: datetime) -> Exchange:
    """The request with its body parsed, whatever its type."""
    exchange = Exchange(
        method=request.method,
        path=request.path_qs,
        route=route,
        headers=dict(request.headers),
        body=None,
        files=[],
        at=at,
    )
    if request.content_type == "multipart/form-data":
        await _read_parts(request, exchange)
    elif request.content_type == "application/x-www-form-urlencoded":
        form = await request.post()
        exchange.body = _parsed(str(form.get("payload_json", "null")))
    elif request.content_type == "application/json" and request.can_read_body:
        exchange.body = _parsed(await request.text())
    return exchange


async def _read_parts(request: web.Request, exchange: Exchange) -> None:
    reader = await request.multipart()
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        if part.name == "payload_json":
            exchange.body = _parsed(data.decode())
        else:
            kind = part.headers.get("Content-Type", "")
            exchange.files.append(Part(part.name or "", part.filename or "", kind, data))


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from error
