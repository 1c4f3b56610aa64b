"""What `check` prints: a line for each finding, how many there are, and what to do next."""

import os
import sys
from collections import Counter
from collections.abc import Mapping
from typing import TextIO

from bot.endpoints.documents import printable
from bot.logs import hide

_COLOURS = {"ok": 32, "note": 33, "wrong": 31}  # green, yellow, red


class Report:
    """Prints what is found, and counts it."""

    def __init__(self) -> None:
        self._counts = Counter[str]()
        self._is_coloured = takes_colours(sys.stdout, os.environ)

    @property
    def is_good(self) -> bool:
        """Whether nothing was wrong so far."""
        return not self._counts["wrong"]

    def right(self, text: str) -> None:
        """What is as it has to be."""
        self._say("ok", text)

    def note(self, text: str) -> None:
        """What works, and is perhaps not meant."""
        self._say("note", text)

    def wrong(self, *texts: str) -> None:
        """What has to be mended, each on a line."""
        for text in texts:
            self._say("wrong", text)

    def more(self, text: str) -> None:
        """What belongs to the line before."""
        print(f"      {printable(hide(text))}")

    def end(self, after: str) -> int:
        """Say how many there were and what comes next – what is wrong before all else; the exit code."""
        right, notes, wrong = (self._counts[kind] for kind in _COLOURS)
        count = f"{notes} note" if notes == 1 else f"{notes} notes"
        print(f"\n{right} ok, {count}, {wrong or 'nothing'} wrong.")
        print(f"Next: {after if self.is_good else 'mend what is wrong, and check again.'}")
        return 0 if self.is_good else 2

    def _say(self, kind: str, text: str) -> None:
        self._counts[kind] += 1
        word = f"{kind:5}"
        if self._is_coloured:
            word = f"\x1b[{_COLOURS[kind]}m{word}\x1b[0m"
        print(f"{word} {printable(hide(text))}")


def takes_colours(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether it is a terminal that shows colours, and nobody asked for none (https://no-color.org)."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
