"""What came over HTTP and what was answered; faults put on the way."""

import json
import math
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.sandbox.discord.files import Part
from bot.sandbox.discord.forms.kinds import Kind, is_id
from bot.sandbox.discord.forms.shapes import Fields
from bot.sandbox.discord.limits import SAID, limited
from bot.sandbox.discord.refusals import Place, Refusal
from bot.sandbox.trouble import Planned

Json = Any
MAX_BODY_BYTES = 200 * 2**20
MAX_DEPTH = 100  # of lists and objects in each other
VIA = {"Via": "1.1 google"}
TYPES = "{'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json'}"
# Of bodies that are not what their headers say.
UNREADABLE = (
    ValueError,
    LookupError,
    AssertionError,
    HttpProcessingError,
    web.RequestPayloadError,
)


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
    scope: str = "user"  # of a 429: or shared, or global
    is_html: bool = False
    is_reset: bool = False
    is_garbled: bool = False  # answered by what is no HTTP
    is_after: bool = False

    def response(self) -> web.Response:
        """The answer."""
        if self.is_html:
            return web.Response(status=self.status, text="<html>", content_type="text/html")
        body: Json = {"message": self.message, "code": self.code}
        headers: dict[str, str] = {}
        if self.status == 429:
            said = self.message if self.code else SAID
            wait_s = 0.1 if self.retry_after_s is None else self.retry_after_s
            refusal = limited(wait_s, scope=self.scope, code=self.code, text=said)
            body, headers = refusal.body, refusal.headers | (VIA if self.has_via else {})
        return answer(body, status=self.status, headers=headers)


def answer(body: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON, with the content type that Discord writes: without a charset."""
    data = json.dumps(body).encode()
    return web.Response(body=data, status=status, headers=headers, content_type="application/json")


def refuse(refusal: Refusal) -> web.Response:
    """A refusal as Discord writes it."""
    via = VIA if refusal.status == 429 else {}  # without it a client takes it for a ban
    return answer(refusal.body, status=refusal.status, headers={**refusal.headers, **via})


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
    try:
        await _read_body(request, exchange)
    except UNREADABLE as error:
        raise Refusal(400, 50035, "Invalid Form Body") from error
    return exchange


def check_ids(request: web.Request, **words: str) -> None:
    """Nothing, or the Refusal of an id in a path that is none, nor the word that may stand for it."""
    form = Place()
    for name, value in request.match_info.items():
        if name.endswith("_id") and value != words.get(name) and not is_id(value):
            form[name].wrong("NUMBER_TYPE_COERCE", f'Value "{value[:80]}" is not snowflake.')
    form.close()


def queried(request: web.Request, **kinds: Kind) -> dict[str, Json]:
    """The fields of a query, whole numbers and yes or no as such; Refusal of what is no such."""
    given = {name: _plain(text) for name, text in request.query.items() if name in kinds}
    form = Place()
    Fields(kinds).check(given, form)
    form.close()
    return given


def _plain(text: str) -> Json:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else text


async def _read_body(request: web.Request, exchange: Exchange) -> None:
    if request.content_type == "multipart/form-data":
        _sort([part async for part in _parts(request)], exchange)
    elif request.content_type == "application/x-www-form-urlencoded":
        posted = await request.post()
        exchange.body = _form_body({name: str(value) for name, value in posted.items()})
    elif request.content_type == "application/json" and request.can_read_body:
        exchange.body = parsed(await request.read())
    elif request.method in {"POST", "PUT", "PATCH"} and request.can_read_body:
        form = Place()
        form.wrong("CONTENT_TYPE_INVALID", f'Expected "Content-Type" header to be one of {TYPES}.')
        form.close()


def _sort(parts: Sequence[tuple[BodyPartReader, bytes]], exchange: Exchange) -> None:
    form: dict[str, str] = {}
    for part, data in parts:
        if part.filename is None:
            form[part.name or ""] = data.decode()
        else:
            kind = part.headers.get("Content-Type", "")
            exchange.files.append(Part(part.name or "", part.filename, kind, data))
    exchange.body = _form_body(form)


def _form_body(form: Mapping[str, str]) -> Json:
    """What stands in `payload_json`, beside which Discord reads no other field."""
    return parsed(form["payload_json"].encode()) if "payload_json" in form else dict(form)


async def _parts(request: web.Request) -> AsyncIterator[tuple[BodyPartReader, bytes]]:
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader):
            yield part, bytes(await part.read())


def parsed(data: bytes) -> Json:
    """The JSON of a body; half a character is written as the sign for none. Refusal of any other."""
    try:
        text = data.decode()
        found = json.loads(text, parse_constant=_no_number, parse_float=_finite)
        too_deep = text.count("[") + text.count("{") > MAX_DEPTH and _depth(found) > MAX_DEPTH
    except (ValueError, RecursionError):
        too_deep = True
    if too_deep:
        raise Refusal(400, 50109, "The request body contains invalid JSON.")
    return _mended(found) if re.search(r"\\u[dD][89a-fA-F]", text) else found


def _no_number(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    if math.isinf(found := float(text)):
        raise ValueError(text)
    return found


def _depth(value: Json) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _mended(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_mended(key): _mended(each) for key, each in value.items()}
    return [_mended(each) for each in value] if isinstance(value, list) else value
