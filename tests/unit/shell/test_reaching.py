"""Why a server could not be asked."""

import errno
import ssl
from socket import gaierror

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from bot.errors import Unavailable
from bot.reasons import Reason
from bot.shell.reaching import reason_of

KEY = ConnectionKey("x", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)  # fmt: skip
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aiohttp.ClientConnectorError(KEY, REFUSED), "connection refused"),
        (aiohttp.ClientConnectorDNSError(KEY, gaierror(-2, "Name or service")), "its name is not found"),
        (aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLError()), "its certificate is not to be trusted"),
        (aiohttp.ConnectionTimeoutError(), "no answer in time"),
        (TimeoutError(), "no answer in time"),
        (aiohttp.ServerDisconnectedError(), "it closes the connection"),
        (aiohttp.ClientPayloadError(), "its answer cannot be read"),
        (KeyError("id"), "its answer cannot be read"),
    ],
)  # fmt: skip
def test_no_name_of_pythons_says_why(error: Exception, words: str) -> None:
    assert reason_of(error) == words
    outer = Unavailable("status: X", reason=Reason.SERVICE_DOWN)
    outer.__cause__ = RuntimeError()
    outer.__cause__.__cause__ = error
    assert reason_of(outer) == words
