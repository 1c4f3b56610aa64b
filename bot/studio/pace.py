"""How soon the service may be called: so often a second, submits before questions, members in turn.

And its shutter: while the service says that it takes nothing now (429, 503), nothing is sent. Once it
may be tried again one job goes first, and the others once that is taken.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta

from aiolimiter import AsyncLimiter

from bot.errors import BotError
from bot.jobs.clocks import utc_now
from bot.jobs.turns import Line

CROWD = 8  # questions that wait are no coincidence
SUBMITS_FIRST_S = 5.0  # so long a question waits for submits that want to go
LATELY = 16  # answers


class Shut(BotError):
    """Nothing may be sent for so long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the service takes nothing for {wait.total_seconds():.0f} s")
        self.wait = wait


class Shutter:
    """The one gate for all submits: closed by a refusal, and at its end one goes first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._until: datetime | None = None  # None: it is open
        self._refusals = 0
        self._is_tried = False

    @property
    def refusals(self) -> int:
        """How often in a row it was closed before; what was sent together was refused once."""
        return self._refusals - self._is_known

    @property
    def _is_known(self) -> bool:
        return self._until is not None and not self._is_tried

    @property
    def closed_for_s(self) -> float | None:
        """How long it stays closed; None where it is open."""
        if self._until is None:
            return None
        return max(0.0, (self._until - self._now()).total_seconds())

    @property
    def room(self) -> int | None:
        """How many may go now; None: any number."""
        if self._until is None:
            return None
        return 0 if self._is_tried or self._now() < self._until else 1

    def check(self) -> None:
        """Nothing where one may go; Shut."""
        if self.room == 0 and self._until:
            raise Shut(max(self._until - self._now(), timedelta()))

    @contextmanager
    def passed(self) -> Iterator[None]:
        """While one is on its way through, which ends with what it found; Shut."""
        self.check()
        is_first = self._until is not None
        self._is_tried |= is_first
        try:
            yield
        finally:
            self._is_tried &= not is_first

    def close(self, for_s: float) -> None:
        """The service takes nothing for so long."""
        until = self._now() + timedelta(seconds=for_s)
        self._refusals += not self._is_known
        self._until = max(until, self._until or until)

    def open(self) -> None:
        """The service takes jobs."""
        self._until, self._refusals = None, 0


class Pace:
    """Lets calls go, one after the other."""

    def __init__(self, per_second: float) -> None:
        self.shutter = Shutter(utc_now)
        self.per_second = per_second
        self.sending = 0  # forms that are on their way, or wait for their answer
        self.asking = 0  # questions that wait for their answer
        self._took_s = deque[float](maxlen=LATELY)
        self._ceiling = AsyncLimiter(1, 1 / per_second)  # evenly, never in a burst
        self._submits, self._questions = Line(), Line()
        self._submits_waiting = 0
        self._no_submit_waits = asyncio.Event()
        self._no_submit_waits.set()

    @property
    def is_crowded(self) -> bool:
        """Whether questions wait for others."""
        return len(self._questions) >= CROWD

    @property
    def answer_s(self) -> float:
        """How long a question takes to be answered: the slowest one of the last."""
        return max(self._took_s, default=0.0)

    def answered(self, took_s: float) -> None:
        """Note how long a question took."""
        self._took_s.append(took_s)

    @asynccontextmanager
    async def submit(self, member: int) -> AsyncIterator[None]:
        """The right to submit once, in the member's turn; Shut."""
        with self._before_questions():
            async with self._submits.place(member):
                self.shutter.check()
                await self._ceiling.acquire()
        with self.shutter.passed():
            self.sending += 1
            try:
                yield
            finally:
                self.sending -= 1

    @asynccontextmanager
    async def question(self, member: int) -> AsyncIterator[None]:
        """The right to ask once, in the member's turn; submits go first, but not for ever."""
        async with self._questions.place(member):  # so that one at most waits before a submit
            if self._submits_waiting:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._no_submit_waits.wait(), SUBMITS_FIRST_S)
            await self._ceiling.acquire()
        self.asking += 1
        try:
            yield
        finally:
            self.asking -= 1

    @contextmanager
    def _before_questions(self) -> Iterator[None]:
        self._submits_waiting += 1
        self._no_submit_waits.clear()
        try:
            yield
        finally:
            self._submits_waiting -= 1
            if not self._submits_waiting:
                self._no_submit_waits.set()
