"""How many presses hand out images, or show them again, at the same time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import Refused

MOST = 8  # in this process: each may hold ten files open, and send them
EACH = 2  # of one member


class Handing:
    """Lets in so many at once, of all members and of one."""

    def __init__(self) -> None:
        self._theirs: Counter[int] = Counter()

    @contextmanager
    def one(self, member: int) -> Iterator[None]:
        """One more of the member until the block ends; Refused where that is too many."""
        if self._theirs[member] >= EACH:
            raise Refused(
                "Images are on their way to you already: press again once they are there."
            )
        if self._theirs.total() >= MOST:
            raise Refused("The bot hands out images to many others now: press again in a minute.")
        self._theirs[member] += 1
        try:
            yield
        finally:
            self._theirs[member] -= 1
            self._theirs += Counter()  # without those who have none
