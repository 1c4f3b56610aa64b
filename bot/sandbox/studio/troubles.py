"""What goes wrong with calls of the local service, and how it looks on the wire."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from bot.sandbox.trouble import Planned


@dataclass(eq=False, kw_only=True)
class Trouble(Planned):
    """What goes wrong with the next calls of a kind; `accept` takes the job all the same.

    `is_reset` breaks the connection off without an answer, `is_cut` in the middle of one, whose
    `length` was announced or not: then it comes in chunks, or ends where the connection does.
    `is_silent` says nothing more until the other side hangs up.
    """

    status: int = 500
    body: str | bytes = '{"error": "made to fail"}'
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    is_reset: bool = False
    is_cut: bool = False
    length: Literal["announced", "chunks", "none"] = "announced"
    is_silent: bool = False
    accept: bool = False

    @property
    def is_broken_off(self) -> bool:
        """Whether no whole answer comes."""
        return self.is_reset or self.is_cut or self.is_silent

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to a call; what breaks it off has done so by then."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        if self.is_cut:
            await self._begin(request, body)
        if self.is_silent:
            await _hung_up(request)
        if self.is_broken_off and request.transport:
            self._break_off(request.transport)
        return web.Response(
            status=self.status, body=body, content_type=self.content_type, headers=self.headers
        )

    async def _begin(self, request: web.Request, body: bytes) -> None:
        """Begin the answer, and send half of its body."""
        half = body[: len(body) // 2]
        if self.length == "none" and request.transport:
            head = f"HTTP/1.1 {self.status} OK\r\nContent-Type: {self.content_type}\r\n"
            request.transport.write(f"{head}Connection: close\r\n\r\n".encode() + half)
            return
        response = web.StreamResponse(status=self.status)
        response.content_type = self.content_type
        if self.length == "announced":
            response.content_length = len(body)
        await response.prepare(request)
        await response.write(half)

    def _break_off(self, transport: asyncio.BaseTransport) -> None:
        """Close it; where it was cut without a length, as if that were all."""
        if isinstance(transport, asyncio.WriteTransport) and self.length == "announced":
            transport.abort()
        else:
            transport.close()


def always(status: int) -> Trouble:
    """What every call meets while the service answers nothing but this."""
    return Trouble(status=status, headers={"Retry-After": "2"} if status == 429 else {})


async def _hung_up(request: web.Request) -> None:
    while request.transport:  # noqa: ASYNC110 - aiohttp has no event for it
        await asyncio.sleep(0.01)
