"""What happened of late: so that it is not said, or done, twice."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

REMEMBERED = 10_000  # keys


class Recent:
    """Remembers for a while what it was asked for, the last ten thousand of it."""

    def __init__(self, now: Callable[[], datetime], pause: timedelta) -> None:
        self._now = now
        self._pause = pause
        self._last: OrderedDict[Hashable, datetime] = OrderedDict()

    def is_new(self, key: Hashable) -> bool:
        """Whether this did not happen in the last pause; from now on it did."""
        now = self._now()
        last = self._last.get(key)
        if last is not None and now - last < self._pause:
            return False
        self._last[key] = now
        self._last.move_to_end(key)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return True

    def forget(self, key: Hashable) -> None:
        """Let it count as new again."""
        self._last.pop(key, None)
