"""One request to Discord: its deadline, whose token it goes by, and its errors as ours."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord

from bot.errors import (
    DiscordBusy,
    DiscordError,
    MessageGone,
    NotAllowed,
    Refused,
    StorageError,
    TooLarge,
)
from bot.jobs.job import Grant, Job

log = logging.getLogger(__name__)

EDIT_S = 30.0  # deadline of a request without files
UPLOAD_S = 180.0  # deadline of a request with files

MAX_REASON = 300  # characters of what Discord says

_SAID: ContextVar[list[str] | None] = ContextVar("said", default=None)

# https://docs.discord.com/developers/topics/opcodes-and-status-codes
_GONE = {10003, 10004, 10008}  # unknown channel, guild, message
_TOKEN_OVER = {10015, 50027}  # unknown webhook, invalid webhook token
_TOO_LARGE = 40005
_ARCHIVED = 50083


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file to attach: where it is, what it is called in Discord, and what it shows."""

    path: Path
    filename: str
    description: str


class TokenOver(DiscordError):
    """The interaction's token is over; the bot's own is next."""


class Archived(NotAllowed):
    """The message stands in a thread that is archived."""


@asynccontextmanager
async def request(uploads: Sequence[Upload] | None = None) -> AsyncIterator[dict[str, Any]]:
    """One request to Discord with a deadline, and its errors as ours; yields the files' part."""
    # A File can be sent once only: each attempt opens its own.
    files = [
        discord.File(each.path, each.filename, description=each.description)
        for each in uploads or ()
    ]
    try:
        async with asyncio.timeout(UPLOAD_S if files else EDIT_S):
            yield {} if uploads is None else {"attachments": files}
    except discord.HTTPException as error:
        raise _error_of(error) from error
    except discord.RateLimited as error:
        raise DiscordBusy("Discord: rate limited", retry_after_s=error.retry_after) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DiscordBusy(f"Discord: {type(error).__name__}") from error
    finally:
        for file in files:
            file.close()


@contextmanager
def refusals() -> Iterator[list[str]]:
    """What Discord says in each 429 while the block runs: discord.py does not hand that on."""
    said: list[str] = []
    token = _SAID.set(said)
    try:
        yield said
    finally:
        _SAID.reset(token)


async def note_refusal(
    _session: aiohttp.ClientSession,
    _context: SimpleNamespace,
    params: aiohttp.TraceRequestEndParams,
) -> None:
    """For discord.py's session: keeps what a 429 says for `refusals`."""
    said, response = _SAID.get(), params.response
    if said is not None and response.status == 429:
        with suppress(ValueError, AttributeError):
            body = json.loads(await response.text())
            said.append(_told(429, body.get("code", 0), f"{body.get('message')}"))


def why(error: Exception) -> str:
    """What went wrong, on a line for the owner: Discord's code and text, where it gave any."""
    if isinstance(error, discord.HTTPException):
        return _told(error.status, error.code, error.text)
    if isinstance(error, discord.RateLimited):
        return f"status 429: it asks to wait {error.retry_after:.0f} s"
    return type(error).__name__


def _told(status: int, code: int, text: str) -> str:
    return " ".join(f"status {status}, code {code}: {text}".split())[:MAX_REASON]


def _error_of(error: discord.HTTPException) -> DiscordError:
    text = f"Discord: status {error.status}, code {error.code}"
    if error.code in _GONE:
        return MessageGone(text)
    if error.code in _TOKEN_OVER:
        return TokenOver(text)
    if error.code == _ARCHIVED:
        return Archived(text)
    if error.status == 413 or error.code == _TOO_LARGE:
        return TooLarge(text)
    if error.status == 429 or error.status >= 500 or error.status == 401:
        return DiscordBusy(text)
    return NotAllowed(text)


def channel_of(client: discord.Client, job: Job) -> discord.PartialMessageable:
    """Where the job was asked for."""
    return client.get_partial_messageable(job.origin.channel_id, guild_id=job.origin.guild_id)


def webhook_of(client: discord.Client, grant: Grant) -> discord.Webhook:
    """What an interaction's token can do."""
    webhook = discord.Webhook.partial(grant.application_id, grant.token, client=client)
    webhook.type = discord.WebhookType.application  # what it sends may be for one person alone
    return webhook


def note(asked: str, error: BaseException) -> None:
    """Log what nobody foresaw; a storage that fails in a line, as in a burst there are hundreds."""
    if isinstance(error, StorageError):
        log.error("%s: %s", asked, error)
    elif not isinstance(error, Refused):
        log.error("%s: %s", asked, type(error).__name__, exc_info=error)
