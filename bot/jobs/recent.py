"""What happened of late: so that it is not said, or done, twice."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

REMEMBERED = 10_000  # keys

K = TypeVar("K")
V = TypeVar("V")


class Latest(OrderedDict[K, V], Generic[K, V]):
    """What was put there last, so much of it at most."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def put(self, key: K, value: V) -> None:
        """Keep it as the newest; the oldest goes where that is too much."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)


class Recent:
    """Remembers for a while what it was asked for, the last ten thousand of it."""

    def __init__(self, now: Callable[[], datetime], pause: timedelta) -> None:
        self._now = now
        self._pause = pause
        self._last: Latest[Hashable, datetime] = Latest(REMEMBERED)

    def knows(self, key: Hashable) -> bool:
        """Whether this happened in the last pause."""
        return self._is_recent(key, self._now())

    def is_new(self, key: Hashable) -> bool:
        """Whether this did not happen in the last pause; from now on it did."""
        now = self._now()
        if self._is_recent(key, now):
            return False
        self._last.put(key, now)
        return True

    def note(self, key: Hashable) -> None:
        """It happens now."""
        self._last.put(key, self._now())

    def forget(self, key: Hashable) -> None:
        """Let it count as new again."""
        self._last.pop(key, None)

    def forget_all(self, are_meant: Callable[[Hashable], bool]) -> None:
        """Let these count as new again."""
        for key in [key for key in self._last if are_meant(key)]:
            del self._last[key]

    def _is_recent(self, key: Hashable, now: datetime) -> bool:
        last = self._last.get(key)
        return last is not None and now - last < self._pause
