"""At most one word to each member in a while."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

REMEMBERED = 10_000  # members


class Quiet:
    """Remembers whom it let speak of late, the last ten thousand of them."""

    def __init__(self, now: Callable[[], datetime], pause: timedelta) -> None:
        self._now = now
        self._pause = pause
        self._last: OrderedDict[int, datetime] = OrderedDict()

    def may_tell(self, user_id: int) -> bool:
        """Whether this member has not been told anything in the last pause; counts as telling."""
        now = self._now()
        last = self._last.get(user_id)
        if last is not None and now - last < self._pause:
            return False
        self._last[user_id] = now
        self._last.move_to_end(user_id)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return True
