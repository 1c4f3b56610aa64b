"""InstantStudio: the one way to the service. Submit, status, download.

What a POST's answer says about whether the job was taken:

    not taken      refused connection, unknown host, 429, 503
    refused        400, 401, 402, 403, 404, 413, 422, other 3xx and 4xx
    perhaps taken  everything else: 408, other 5xx, time-out, reset, an answer without a job id
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp
import yarl
from aiolimiter import AsyncLimiter
from pydantic import SecretStr

from bot.errors import MaybeTaken, NotTaken, Reason, Rejected, Unavailable
from bot.files.outside import BadAddress, Home, Outside
from bot.jobs.observer import NOBODY, Observer
from bot.studio.answers import (
    Answer,
    StudioJob,
    detail_of,
    download_error,
    job_in,
    retry_after_s,
    status_error,
    submit_error,
    submitted,
)

log = logging.getLogger(__name__)

MAX_REPLY_BYTES = 2**20
CHUNK_BYTES = 2**16
SUBMITS_FIRST_S = 5.0  # so long a question waits for submits that want to go


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One field that is a file."""

    field_id: str
    filename: str
    media_type: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that each call may take, its body included."""

    connect_s: float = 10.0
    submit_s: float = 45.0
    status_s: float = 15.0
    download_s: float = 300.0


class InstantStudio:
    """The service, for one key."""

    def __init__(
        self,
        outside: Outside,
        *,
        url: str,
        key: SecretStr,
        requests_per_second: float = 10.0,
        deadlines: Deadlines = Deadlines(),
    ) -> None:
        self._outside = outside
        self._base = yarl.URL(url.rstrip("/") + "/")
        self._key = key
        self._deadlines = deadlines
        self.observer: Observer = NOBODY
        self._ceiling = AsyncLimiter(1, 1 / requests_per_second)  # evenly, never in a burst
        self._next_question = asyncio.Lock()  # so that one at most waits before a submit
        self._submits_waiting = 0
        self._no_submit_waits = asyncio.Event()
        self._no_submit_waits.set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The right to submit once; taken before the job is written down as being sent."""
        self._submits_waiting += 1
        self._no_submit_waits.clear()
        try:
            await self._ceiling.acquire()
        finally:
            self._submits_waiting -= 1
            if not self._submits_waiting:
                self._no_submit_waits.set()
        yield

    async def submit(
        self, endpoint_id: str, fields: Sequence[tuple[str, str]], uploads: Sequence[Upload]
    ) -> StudioJob:
        """The job that the service made of it; NotTaken, MaybeTaken, Rejected."""
        url = (self._base / "jobs").with_query(endpoint=endpoint_id)
        try:
            with _Form(fields, uploads) as form:
                answer = await self._request("POST", url, self._deadlines.submit_s, data=form)
        except _NotConnected as error:
            raise NotTaken(f"submit: {error}", reason=Reason.SERVICE_DOWN) from error
        except _Broken as error:
            raise MaybeTaken(f"submit: {error}", reason=Reason.MAYBE_CHARGED) from error
        if answer.status // 100 == 2:
            return submitted(answer, self._base)
        raise submit_error(answer)

    async def status(self, job_id: str) -> StudioJob:
        """The job's state; Unavailable, or Rejected where the service no longer knows it."""
        async with self._next_question:
            with suppress(TimeoutError):  # submits go first, but not for ever
                await asyncio.wait_for(self._no_submit_waits.wait(), SUBMITS_FIRST_S)
            await self._ceiling.acquire()
        url = self._base / "jobs" / job_id
        try:
            answer = await self._request("GET", url, self._deadlines.status_s)
        except (_NotConnected, _Broken) as error:
            raise Unavailable(f"status: {error}", reason=Reason.SERVICE_DOWN) from error
        if answer.status != 200:
            raise status_error(answer)
        try:
            return job_in(answer, self._base)
        except ValueError as error:
            raise Unavailable(
                "status: not a job", reason=Reason.SERVICE_DOWN, status=200
            ) from error

    async def check_key(self) -> None:
        """Nothing where the service takes the key; Rejected or Unavailable where it does not."""
        try:
            await self.status(str(uuid4()))
        except Rejected:
            return  # it knows no such job, and had to know the key to say so
        except Unavailable as error:
            if error.reason is Reason.KEY_REFUSED:
                raise Rejected(
                    "it does not take INSTANT_STUDIO_API_KEY", reason=Reason.KEY_REFUSED
                ) from error
            raise

    @asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of a result in chunks; Unavailable, or Rejected where it is gone for good.

        The key goes to the service's own origin alone, redirected or not; see `Outside`.
        """
        try:
            async with self._outside.get(
                url,
                home=Home(url=self._base, headers=self._headers()),
                connect_s=self._deadlines.connect_s,
                total_s=self._deadlines.download_s,
            ) as response:
                if response.status != 200:
                    raise download_error(response.status, response.headers)
                yield response.content.iter_chunked(CHUNK_BYTES)
        except BadAddress as error:
            raise Rejected(f"download: {error}", reason=Reason.BAD_OUTPUT) from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            name = type(error).__name__
            raise Unavailable(f"download: {name}", reason=Reason.IMAGES_GONE) from error

    async def _request(
        self,
        method: str,
        url: yarl.URL,
        total_s: float,
        data: aiohttp.FormData | None = None,
    ) -> Answer:
        """Every call to the API: the key, the deadline, the body's cap, the owner's log line."""
        try:
            async with self._outside.session.request(
                method,
                url,
                data=data,
                headers=self._headers(),
                timeout=aiohttp.ClientTimeout(
                    total=total_s, sock_connect=self._deadlines.connect_s
                ),
                allow_redirects=False,
            ) as response:
                body = await _body(response)
                wait_s, key = retry_after_s(response.headers), self._key.get_secret_value()
                answer = Answer(response.status, body, wait_s, f"{method} {url.path}", key)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            log.warning("%s %s: not connected: %s", method, url.path, type(error).__name__)
            self.observer.studio_called(method, "not_connected")
            raise _NotConnected(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("%s %s: broken off: %s", method, url.path, type(error).__name__)
            self.observer.studio_called(method, "broken")
            raise _Broken(type(error).__name__) from error
        self.observer.studio_called(method, str(answer.status))
        if answer.status >= 300:
            log.warning("%s: status %d: %s", answer.call, answer.status, detail_of(answer))
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key.get_secret_value()}"}


class _NotConnected(Exception):
    """No byte was sent."""


class _Broken(Exception):
    """The connection ended before the answer was whole."""


class _Form:
    """Fields and files as one multipart form; the files are open while the block runs."""

    def __init__(self, fields: Sequence[tuple[str, str]], uploads: Sequence[Upload]) -> None:
        # Field ids are written as they are: `data[#22][load_image]`, not percent-encoded.
        self._form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        self._files = []
        for field_id, text in fields:
            self._form.add_field(field_id, text)
        for upload in uploads:
            file = upload.path.open("rb")
            self._files.append(file)
            self._form.add_field(
                upload.field_id, file, filename=upload.filename, content_type=upload.media_type
            )

    def __enter__(self) -> aiohttp.FormData:
        return self._form

    def __exit__(self, *_exception: object) -> None:
        for file in self._files:
            file.close()


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            raise aiohttp.ClientPayloadError("the reply is too large")
    return bytes(body)
