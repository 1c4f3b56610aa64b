"""InstantStudio: the one way to the service. Submit, status, download."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import aiohttp
import yarl
from pydantic import SecretStr

from bot.errors import Rejected, TooSlow, Unavailable
from bot.files.outside import BadAddress, Home, Outside
from bot.jobs.observer import NOBODY, Observer
from bot.reasons import Reason
from bot.studio.answers import Sent, download_error, job_made, outcome, status_error
from bot.studio.deadlines import USUAL, Deadlines
from bot.studio.form import Body, Upload, form_of
from bot.studio.pace import Pace
from bot.studio.replies import (
    Answer,
    StudioJob,
    detail_of,
    job_in,
    location_of,
    retry_after_s,
    sent_at,
)

log = logging.getLogger(__name__)

MAX_REPLY_BYTES = {"POST": 2**20, "GET": 2**24}  # thousands of signed addresses are long
MOST_SLOW_FILES = 3  # who waits for a file holds up others
CHUNK_BYTES = 2**16
PACE_BYTES = 2**16  # so much of a body goes out in each `Deadlines.pace_s`, or it is cut


class InstantStudio:
    """The service, for one key."""

    def __init__(
        self,
        outside: Outside,
        *,
        url: str,
        key: SecretStr,
        requests_per_second: float = 10.0,
        deadlines: Deadlines = USUAL,
    ) -> None:
        self._outside = outside
        self._base = yarl.URL(url.rstrip("/") + "/")
        self._key = key
        self._deadlines = deadlines
        self.observer: Observer = NOBODY
        self.pace = Pace(requests_per_second)
        self._bodies: set[Body] = set()  # that are on their way
        self._is_closed = False

    def turn(self, member: int = 0) -> AbstractAsyncContextManager[None]:
        """The right to submit once; taken before the job is written down as being sent. Shut."""
        return self.pace.submit(member)

    async def submit(
        self, endpoint_id: str, fields: Sequence[tuple[str, str]], uploads: Sequence[Upload]
    ) -> StudioJob:
        """The job that the service made of it; NotTaken, MaybeTaken, Rejected."""
        url = (self._base / "jobs").with_query(endpoint=endpoint_id)
        if self._is_closed:
            return outcome(Sent(is_whole=False, trouble="stopped"))
        with ExitStack() as files:
            try:
                body = files.enter_context(form_of(fields, uploads))
            except (OSError, MemoryError, RuntimeError) as error:
                return outcome(Sent(is_whole=False, trouble=type(error).__name__))
            return outcome(await self._sent(url, body))

    async def _sent(self, url: yarl.URL, body: Body) -> Sent:
        # What is not whole by its end is cut there, so that it never will be.
        try:
            answer = await self._request("POST", url, self._while_sent(body), data=body)
        except (_NotConnected, _Broken) as error:
            return Sent(is_whole=not body.cut(), trouble=str(error))
        except Exception as error:  # this machine's own trouble, or a mistake of ours
            log.exception("POST %s: broken off", url.path)
            return Sent(is_whole=not body.cut(), trouble=type(error).__name__)
        return Sent(is_whole=not body.cut(), answer=answer, job=job_made(answer, self._base))

    def cut_uploads(self) -> None:
        """Send no more of any form that is not whole, nor a new one: these are not taken."""
        self._is_closed = True
        for body in self._bodies:
            body.cut()

    async def status(
        self, job_id: str, member: int = 0, *, slow: int = 0, is_last: bool = False
    ) -> StudioJob:
        """The job's state; TooSlow, Unavailable, or Rejected where the service does not know it.

        It is waited for longer the more questions were too slow, or the slower others were answered
        lately, and long where it is the last.
        """
        url, now = self._base / "jobs" / job_id, asyncio.get_running_loop().time
        async with self.pace.question(member):
            lately_s, begun = self.pace.answer_s, now()
            wait_s = self._deadlines.of_status(slow, lately_s=lately_s, is_last=is_last)
            try:
                answer = await self._request("GET", url, asyncio.timeout(wait_s))
            except (_NotConnected, _Broken) as error:
                kind = TooSlow if isinstance(error, _Late) else Unavailable
                raise kind(f"status: {error}", reason=Reason.SERVICE_DOWN) from error
        if answer.is_late:
            raise TooSlow("status: too slow", reason=Reason.SERVICE_DOWN, status=answer.status)
        self.pace.answered(now() - begun)
        if answer.status != 200:
            raise status_error(answer)
        return self._read(answer, job_id)

    def _read(self, answer: Answer, job_id: str) -> StudioJob:
        try:
            job = job_in(answer, self._base, job_id)
        except ValueError as error:
            raise Unavailable(
                "status: not a job", reason=Reason.SERVICE_DOWN, status=200
            ) from error
        if job.job_id.casefold() != job_id.casefold():
            log.warning("%s: the answer is about another job, %s", answer.call, job.job_id)
            raise Unavailable("status: another job", reason=Reason.SERVICE_DOWN, status=200)
        return job

    async def check_key(self) -> None:
        """Nothing where the service takes the key, and no made-up one; Rejected or Unavailable."""
        if await self._refuses_key():
            raise Rejected("it does not take INSTANT_STUDIO_API_KEY", reason=Reason.KEY_REFUSED)
        made_up = SecretStr(f"no-key-{uuid4().hex}")
        stranger = InstantStudio(
            self._outside, url=f"{self._base}", key=made_up, deadlines=self._deadlines
        )
        if not await stranger._refuses_key():
            raise Rejected(
                "this address may be wrong, as it refuses no key: see INSTANT_STUDIO_URL",
                reason=Reason.KEY_REFUSED,
            )

    async def _refuses_key(self) -> bool:
        """Whether the service refuses the key; Unavailable where it does not say."""
        try:
            await self.status(f"{uuid4()}")
        except Rejected:
            pass  # it knows no such job, and has to know the key to say so
        except Unavailable as error:
            if error.status == 404:
                return False  # the same, on a page
            if error.reason is not Reason.KEY_REFUSED:
                raise
            return True
        return False

    @asynccontextmanager
    async def download(self, url: str, *, slow: int = 0) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of a result in chunks; Unavailable, or Rejected where it is gone for good.

        They are waited for longer the more tries were in vain.

        The key goes to the service's own origin alone, redirected or not; see `Outside`.
        """
        try:
            async with self._outside.get(
                url,
                home=Home(url=self._base, headers=self._headers()),
                connect_s=self._deadlines.connect_s,
                total_s=self._deadlines.download_s,
                patience=2.0 ** min(slow, MOST_SLOW_FILES),
            ) as response:
                if response.status != 200:
                    raise download_error(response.status, response.headers)
                yield response.content.iter_chunked(CHUNK_BYTES)
        except BadAddress as error:
            raise Rejected(f"download: {error}", reason=Reason.BAD_OUTPUT) from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            name = type(error).__name__
            raise Unavailable(f"download: {name}", reason=Reason.IMAGES_GONE) from error

    @asynccontextmanager
    async def _while_sent(self, body: Body) -> AsyncIterator[None]:
        """While the block runs the form goes out and is answered in time, or TimeoutError."""
        async with asyncio.timeout(None) as deadline:
            watch = asyncio.create_task(self._watch(body, deadline), name="upload")
            self._bodies.add(body)
            try:
                yield
            finally:
                self._bodies.discard(body)
                watch.cancel()

    async def _watch(self, body: Body, deadline: asyncio.Timeout) -> None:
        now = asyncio.get_running_loop().time
        ends_at, before = now() + self._deadlines.upload_s, 0
        while not body.ended.is_set():
            wait_s = min(self._deadlines.pace_s, ends_at - now())
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await body.ended.wait()
            if now() >= ends_at or body.sent_bytes - before < PACE_BYTES:
                body.cut()
            before = body.sent_bytes
        deadline.reschedule(now() + self._deadlines.submit_s if body.is_whole else now())

    async def _request(
        self,
        method: str,
        url: yarl.URL,
        within: AbstractAsyncContextManager[object],
        data: Body | None = None,
    ) -> Answer:
        """Every call to the API: the key, the deadline, the body's cap, the owner's log line.

        What the answer says after its status may be cut off.
        """
        call, answer, body = f"{method} {url.path}", None, bytearray()
        options: dict[str, Any] = {"headers": self._headers(), "allow_redirects": False}
        waits = aiohttp.ClientTimeout(total=None, sock_connect=self._deadlines.connect_s)
        request = self._outside.session.request(method, url, data=data, timeout=waits, **options)
        try:
            async with within, request as response:
                answer = _begun(response, call, body, self._key.get_secret_value())
                await _read(response, body, MAX_REPLY_BYTES[method])
                self.observer.studio_called(method, str(answer.status))
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ClientHttpProxyError,
            aiohttp.ConnectionTimeoutError,
        ) as error:
            log.warning("%s: not connected: %s", call, type(error).__name__)
            self.observer.studio_called(method, "not_connected")
            raise _NotConnected(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("%s: broken off: %s", call, type(error).__name__)
            self.observer.studio_called(method, "broken")
            is_late = isinstance(error, TimeoutError)
            if answer is None:
                raise (_Late if is_late else _Broken)(type(error).__name__) from error
            answer = replace(answer, is_late=is_late)
        if answer.status >= 300:
            log.warning("%s: status %d: %s", call, answer.status, detail_of(answer))
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key.get_secret_value()}"}


class _NotConnected(Exception):
    """No byte was sent."""


class _Broken(Exception):
    """The connection ended before there was an answer."""


class _Late(_Broken):
    """It was ended here, as no answer came in time."""


def _begun(response: aiohttp.ClientResponse, call: str, body: bytearray, key: str) -> Answer:
    """The answer, into whose body the rest is still to be read."""
    headers = response.headers
    location = location_of(headers, response.url)
    return Answer(
        response.status,
        body,
        retry_after_s(headers),
        call,
        location,
        key=key,
        sent_at=sent_at(headers),
    )


async def _read(response: aiohttp.ClientResponse, body: bytearray, limit_bytes: int) -> None:
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > limit_bytes:
            raise aiohttp.ClientPayloadError("the reply is too large")
