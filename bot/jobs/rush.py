"""A rush of commands: Discord waits three seconds for each answer, and a job's steps can wait."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MANY = 5  # that are not answered yet


class Rush:
    """How many commands are not answered yet."""

    def __init__(self) -> None:
        self._unanswered = 0
        self._few = asyncio.Event()
        self._few.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """One more, until the block ends."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    async def over(self, within_s: float) -> None:
        """Return once there are few of them, or after that time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._few.wait(), within_s)

    def _count(self, more: int) -> None:
        self._unanswered += more
        if self._unanswered < MANY:
            self._few.set()
        else:
            self._few.clear()
