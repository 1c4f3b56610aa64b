"""Names of others' hosts, looked up apart: whoever does not answer for theirs holds nobody else up."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

ANSWER_S = 10.0  # so long whoever knows a name is waited for
AT_ONCE = 32  # as many as fetch
_FLAGS = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Lookups(AbstractResolver):
    """Looks names up in threads of its own: the event loop's are two, for the way to Discord, too."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of the host; OSError, TimeoutError among them."""
        how = (family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        ask = partial(socket.getaddrinfo, host, port, *how)
        async with asyncio.timeout(ANSWER_S):
            found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [
            ResolveResult(
                hostname=host, host=f"{number}", port=port, family=kind, proto=proto, flags=_FLAGS
            )
            for kind, _, proto, _, (number, *_) in found
        ]

    async def close(self) -> None:
        """Wait for no answer any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
