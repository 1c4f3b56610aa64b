"""A clock that can be moved ahead by hand."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, plus what it was moved."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def now(self) -> datetime:
        """Now, aware."""
        return datetime.now(UTC) + self._moved

    def steady_s(self) -> float:
        """As many seconds as have passed since some moment, those it was moved by included."""
        return time.monotonic() + self._moved.total_seconds()

    def advance(self, *, minutes: float = 0.0, seconds: float = 0.0) -> None:
        """Move ahead, and let time pass with it."""
        self._moved += timedelta(minutes=minutes, seconds=seconds)
