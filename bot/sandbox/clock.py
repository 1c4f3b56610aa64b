"""A clock that can be moved ahead by hand."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, plus what it was moved."""

    def __init__(self, moved_s: float = 0.0) -> None:
        self._moved = timedelta(seconds=moved_s)

    @property
    def moved_s(self) -> float:
        """How far it was moved."""
        return self._moved.total_seconds()

    def now(self) -> datetime:
        """Now, aware."""
        return datetime.now(UTC) + self._moved

    def steady_s(self) -> float:
        """As many seconds as have passed since some moment, those it was moved by included."""
        return time.monotonic() + self._moved.total_seconds()

    def advance(self, *, minutes: float = 0.0, seconds: float = 0.0) -> None:
        """Move ahead, and let time pass with it."""
        self._moved += timedelta(minutes=minutes, seconds=seconds)
