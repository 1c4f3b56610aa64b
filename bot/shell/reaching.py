"""Why a server could not be asked, in words of ours."""

import os
import ssl
from collections.abc import Iterator
from socket import gaierror

import aiohttp
import discord

from bot.discord.requests import why

_WORDS: dict[tuple[type[BaseException], ...], str] = {
    (TimeoutError,): "no answer in time",
    (aiohttp.ClientConnectorDNSError, gaierror): "its name is not found",
    (aiohttp.ClientSSLError, ssl.SSLError): "its certificate is not to be trusted",
    (aiohttp.ServerDisconnectedError,): "it closes the connection",
}


def reason_of(error: BaseException) -> str:
    """What went wrong on the way to a server, or with its answer."""
    if isinstance(error, discord.HTTPException | discord.RateLimited):
        return why(error)
    found = (_words(each) for each in _causes(error))
    return next(filter(None, found), "its answer cannot be read")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _words(error: BaseException) -> str | None:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy refuses it: status {error.status}"
    for kinds, words in _WORDS.items():
        if isinstance(error, kinds):
            return words
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return None
