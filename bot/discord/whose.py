"""Whose message a reaction is about: what is another's is dropped before anything is made of it."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

STRANGERS_A_SECOND = 20  # of messages of which nobody says whose they are


class Whose:
    """Looks at events as they come; `is_known` says whether a message is surely ours."""

    def __init__(
        self, is_known: Callable[[int], bool], steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._is_known = is_known
        self._steady = steady
        self._strangers: deque[float] = deque(maxlen=STRANGERS_A_SECOND)

    def is_anothers(self, event: Mapping[str, Any], our_id: int) -> bool:
        """Whether nothing comes of this reaction. Where it does not say whose, a few are looked at."""
        author = event.get("message_author_id")
        if author is not None:
            return str(author) != str(our_id)
        message_id = str(event.get("message_id"))
        if message_id.isdecimal() and self._is_known(int(message_id)):
            return False
        now = self._steady()
        if len(self._strangers) == STRANGERS_A_SECOND and now - self._strangers[0] < 1:
            return True
        self._strangers.append(now)
        return False
