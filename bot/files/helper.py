"""The process that looks at pictures, from outside: begun, asked, ended. What it runs is `looking.py`."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.files.orders import READY
from bot.files.turns import Postponed

PROGRAM = "bot.files.looking"
ROOT = Path(__file__).parents[2]  # where the package is found
BEGIN_S = 30.0
ENDS_S = 5.0  # from its last word to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one picture may take."""

    memory_bytes: int = 3 * 2**29  # 59 megapixels of HEIC need 1.3 GiB
    cpu_s: int = 20
    wall_s: float = 60.0  # where the machine is busy with other things


class NotBegun(Postponed):
    """There is no process to look at pictures now."""


class Helper:
    """One such process: no environment, no terminal, nothing of ours but two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def begun(cls, limits: Limits) -> "Helper":
        """One that is ready; NotBegun."""
        numbers = (str(limits.memory_bytes), str(limits.cpu_s))
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", PROGRAM, *numbers),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                cwd=ROOT,
                env={},
                start_new_session=True,
            )
        except OSError as error:
            raise NotBegun(f"it does not begin: {error.strerror}") from error
        found = cls(process)
        if await found._is_ready():
            return found
        code = await found.kill()
        raise NotBegun(f"it does not begin (exit code {code}): see `python -m {PROGRAM} 0 0`")

    @property
    def is_there(self) -> bool:
        """Whether it still runs, as far as is known."""
        return self._process.returncode is None

    async def ask(self, line: bytes) -> bytes:
        """Its answer to the line; nothing where it ended."""
        if not self._process.stdin or not self._process.stdout:
            return b""
        with suppress(OSError):
            self._process.stdin.write(line)
            await self._process.stdin.drain()
            return await self._process.stdout.readline()
        return b""

    async def end(self) -> None:
        """Let it end, as there is nothing more to ask; it waits for its next order."""
        if self._process.stdin:
            self._process.stdin.close()
        await self._process.communicate()

    async def kill(self) -> int:
        """End it now; its exit code, which says how where it had ended already."""
        with suppress(TimeoutError):
            if self._process.stdout and self._process.stdout.at_eof():
                async with asyncio.timeout(ENDS_S):  # killed, it could not say how any more
                    await self._process.wait()
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        await self._process.communicate()
        return self._process.returncode or 0

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(BEGIN_S):
                return await self.ask(b"") == READY
        except TimeoutError:
            return False
        except asyncio.CancelledError:
            await self.kill()
            raise
