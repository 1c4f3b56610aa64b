"""One process that looks at pictures for all bots of a test process, as beginning takes its time.

It is the very program, over the same two pipes; a bot only finds it begun, and leaves it to the next.
"""

import asyncio
import subprocess
import sys
from typing import ClassVar

from bot.files.helper import PROGRAM, ROOT, Helper, Limits
from bot.files.orders import READY


class SharedHelper(Helper):
    """That process, as one event loop asks it."""

    _shared: ClassVar["subprocess.Popen[bytes] | None"] = None

    def __init__(self, popen: "subprocess.Popen[bytes]") -> None:
        self._popen = popen

    @classmethod
    async def begun(cls, limits: Limits) -> "SharedHelper":
        """The process that is there, or the first one."""
        if cls._shared is None or cls._shared.poll() is not None:
            cls._shared = await asyncio.to_thread(_begun, limits)
        return cls(cls._shared)

    @classmethod
    def leave(cls) -> None:
        """End it, after the last test."""
        if cls._shared:
            cls._shared.communicate()

    @property
    def is_there(self) -> bool:
        return self._popen.poll() is None

    async def ask(self, line: bytes) -> bytes:
        return await asyncio.to_thread(self._asked, line)

    async def end(self) -> None:
        """Nothing: there is another test."""

    async def kill(self) -> int:
        self._popen.kill()
        await asyncio.to_thread(self._popen.communicate)
        return self._popen.returncode

    def _asked(self, line: bytes) -> bytes:
        assert self._popen.stdin
        assert self._popen.stdout
        self._popen.stdin.write(line)
        self._popen.stdin.flush()
        return self._popen.stdout.readline()


def _begun(limits: Limits) -> "subprocess.Popen[bytes]":
    popen = subprocess.Popen(
        [sys.executable, "-m", PROGRAM, str(limits.memory_bytes), str(limits.cpu_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={},
        start_new_session=True,
    )
    assert popen.stdout
    assert popen.stdout.readline() == READY
    return popen
