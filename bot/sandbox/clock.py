"""A clock that can be moved ahead by hand."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, plus what it was moved."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def now(self) -> datetime:
        """Now, aware."""
        return datetime.now(UTC) + self._moved

    def advance(self, *, minutes: float = 0.0, seconds: float = 0.0) -> None:
        """Move ahead."""
        self._moved += timedelta(minutes=minutes, seconds=seconds)
