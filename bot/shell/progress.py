"""How far a job in the shell is: its states, and how long the last one takes already."""

import asyncio
import sys
import time
from typing import Self, TextIO

TICK_S = 1.0  # on a terminal
LINE_S = 30.0  # where each time is a line that stays


class Progress:
    """Tells each new state on a line; while one lasts, a terminal shows its seconds count."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._is_terminal = self._out.isatty()
        self._said = ""
        self._began_s = self._told_s = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._clear()

    def say(self, text: str) -> None:
        """A new state, or what came of it."""
        self._clear()
        print(text, file=self._out, flush=True)
        self._said = text
        self._began_s = self._told_s = time.monotonic()

    async def wait(self, seconds: float) -> None:
        """Let so much time pass, and tell how long it takes already."""
        ends_s = time.monotonic() + seconds
        while (left_s := ends_s - time.monotonic()) > 0:
            await asyncio.sleep(min(left_s, TICK_S))
            self._count(time.monotonic())

    def _count(self, now_s: float) -> None:
        text = f"{self._said}, for {now_s - self._began_s:.0f} s"
        if self._is_terminal:
            print(f"\r{text}", end="", file=self._out, flush=True)
        elif now_s - self._told_s >= LINE_S:
            print(text, file=self._out, flush=True)
            self._told_s = now_s

    def _clear(self) -> None:
        if self._is_terminal:
            print("\r\x1b[K", end="", file=self._out)
