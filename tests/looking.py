"""One process that looks at pictures for all bots of a test process, as beginning takes its time.

It is the very program, over the same two pipes; a bot only finds it begun, and leaves it to the next.
"""

import asyncio
import subprocess
import sys
import threading
from contextlib import suppress
from typing import ClassVar

from bot.files.helper import PROGRAM, ROOT, Helper, Limits
from bot.files.orders import READY


class SharedHelper(Helper):
    """That process, as one event loop asks it."""

    _shared: ClassVar["subprocess.Popen[bytes] | None"] = None
    _beginning: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, popen: "subprocess.Popen[bytes]") -> None:
        self._popen = popen

    @classmethod
    async def begun(cls, limits: Limits) -> "SharedHelper":
        """The process that is there, or the first one."""
        return cls(await asyncio.to_thread(cls._found, limits))

    @classmethod
    def _found(cls, limits: Limits) -> "subprocess.Popen[bytes]":
        with cls._beginning:  # whoever asked may be gone by now: it is there for the next
            if cls._shared and cls._shared.poll() is not None:
                cls._shared.communicate()
                cls._shared = None
            cls._shared = cls._shared or _begun(limits)
            return cls._shared

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
        with suppress(OSError, ValueError):  # it is gone, and what it was spoken to by is closed
            self._popen.stdin.write(line)
            self._popen.stdin.flush()
            return self._popen.stdout.readline()
        return b""


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
