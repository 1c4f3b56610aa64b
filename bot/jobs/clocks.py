"""What time it is: by the clock on the wall, which may be set, and by one that only goes on.

`now` is what is written down and compared with what others say. What is measured within a process
goes by `steady`, and how old a row is by `seen` (`ages.py`).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

log = logging.getLogger(__name__)

APART = timedelta(seconds=1)  # clocks that are closer than this show the same time
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def utc_now() -> datetime:
    """Now, aware, as this machine's clock says."""
    return datetime.now(UTC)


def steady_s() -> float:
    """Seconds since this machine was started, its sleep included where the system counts it."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A moment on both clocks; `boot` says whose steady clock it was."""

    at: datetime
    steady_s: float
    boot: str


class Clocks:
    """The time of one process: it begins with the clock on the wall, and goes on steadily."""

    def __init__(
        self,
        wall: Callable[[], datetime] = utc_now,
        steady_s: Callable[[], float] = steady_s,
    ) -> None:
        self.wall = wall
        self._steady_s = steady_s
        self._began_at, self._began_s = wall(), steady_s()
        self._set_by = timedelta()
        self._boot = _boot()

    def steady(self) -> datetime:
        """A time that nobody sets: for spans within this process."""
        return self._began_at + timedelta(seconds=self._steady_s() - self._began_s)

    def now(self) -> datetime:
        """The time of day; it jumps by `follow` alone."""
        return self.steady() + self._set_by

    def early(self) -> datetime:
        """The earlier of both, for what must not be over too soon."""
        return min(self.now(), self.steady())

    def seen(self) -> Seen:
        """Now, on both clocks."""
        return Seen(at=self.now(), steady_s=self._steady_s(), boot=self._boot)

    def follow(self, right: datetime) -> None:
        """As `set`, and say so."""
        if ahead := self.set(right):
            log.warning("this clock was off by %+.0f s, and is set right", -ahead.total_seconds())

    def set(self, right: datetime) -> timedelta:
        """Let `now` go by a clock that was set meanwhile, or is another machine's; how far it was off."""
        ahead = right - self.now()
        if abs(ahead) < APART:
            return timedelta()
        self._set_by += ahead
        return ahead


def _boot() -> str:
    """The start of this machine; where nobody says which it is, that of this process."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return uuid4().hex
