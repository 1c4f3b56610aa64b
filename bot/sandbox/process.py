"""The demo's own bot: a process that can be restarted, and whose clock moves with the sandbox's."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

from bot.sandbox.clock import Clock

STOP_S = 10.0
KEPT_BYTES = 2**16  # of its log
LAST_LINES = 20


class BotProcess:
    """`python -m COMMAND SECONDS`: told how far its clock is ahead, and then each move on a line."""

    def __init__(self, command: str, environ: Mapping[str, str], clock: Clock) -> None:
        self._command = command
        self._environ = environ
        self._clock = clock
        self._told_s = 0.0  # how far its clock is ahead
        self._log = b""
        self._process: asyncio.subprocess.Process
        self._reading: asyncio.Task[None]
        self._restarting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._stop()

    async def restart(self) -> None:
        """Stop it as an operator would, and start it again."""
        async with self._restarting:
            await self._stop()
            await self._start()

    async def ended(self) -> None:
        """Return once it has ended by itself."""
        while True:
            process = self._process
            await process.wait()
            async with self._restarting:
                if process is self._process:
                    return

    def follow_clock(self) -> None:
        """Let its clock be as far ahead as the sandbox's is."""
        by_s = self._clock.moved_s - self._told_s
        if by_s and self._process.returncode is None and self._process.stdin:
            self._process.stdin.write(f"{by_s}\n".encode())
            self._told_s += by_s

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self._log.decode(errors="replace").splitlines()[-LAST_LINES:])

    async def _start(self) -> None:
        self._told_s = self._clock.moved_s
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._command,
            str(self._told_s),
            env=self._environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read(self._process.stdout), name="bot's log")

    async def _read(self, out: asyncio.StreamReader | None) -> None:
        while out and (data := await out.read(KEPT_BYTES)):
            self._log = (self._log + data)[-KEPT_BYTES:]

    async def _stop(self) -> None:
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading
