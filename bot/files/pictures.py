"""Pictures are looked at in a process of their own: a decoder may take any time, any memory, or break.

The process begins with the first picture, ends when none came for a while, and is made anew where it
ended. It gets paths and limits, and answers with a line.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.files.bounds import MAX_INPUT_BYTES, Fault, refusal
from bot.files.helper import Helper, Limits, NotBegun
from bot.files.names import safe_name
from bot.files.orders import Answer, Order, Work, answer_of, line_of
from bot.files.results import look
from bot.files.turns import Postponed, Turn, Turns

THUMBNAIL_BYTES = 2**18
IDLE_S = 300.0
WATCH_S = 0.25  # how often a long look is thought over


class Ended(Postponed):
    """The process ended while it looked at the picture, and nobody knows why."""


class _TooLong(Exception):
    """The picture has had its time."""


async def _nowhere() -> None:
    """What is handed over is written down nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The member whose picture it is; `noted` is awaited right before it is handed over."""

    member: int
    noted: Callable[[], Awaitable[None]] = _nowhere


class Pictures:
    """Looks at pictures, one at a time. Raises Postponed where one is not looked at now."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._turns = Turns()
        self._helper: Helper | None = None
        self._answers = 0  # of this helper
        self._retiring: asyncio.Task[None] | None = None
        self._is_closed = False
        self.fault: str | None = None  # why there was no helper when one was needed last

    @classmethod
    @asynccontextmanager
    async def open(cls, limits: Limits | None = None) -> AsyncIterator["Pictures"]:
        """One that begins its process where it needs it, and ends it with the block."""
        found = cls(limits)
        try:
            yield found
        finally:
            await found.close()

    async def input(self, path: Path, out: Path, filename: str, whose: Whose) -> Answer:
        """What a member sent; made into `out` where the service may not take its type. BadImage."""
        order = _order(Work.INPUT, path, out, MAX_INPUT_BYTES)
        answer = await self._look(order, whose)
        if answer.fault:
            fault, name = await _told_of(answer.fault, path), safe_name(filename)
            raise refusal(fault, name, answer.width_px, answer.height_px)
        return answer

    async def fit(self, path: Path, out: Path, limit_bytes: int, whose: Whose) -> str:
        """The media type of what is in `out`, smaller; empty where it cannot be made to fit."""
        answer = await self._look(_order(Work.FIT, path, out, limit_bytes), whose)
        return "" if answer.fault else answer.made

    async def thumbnail(self, path: Path, out: Path, whose: Whose) -> str:
        """The media type of what is in `out`, very small; empty where none can be made of it."""
        answer = await self._look(_order(Work.THUMBNAIL, path, out, THUMBNAIL_BYTES), whose)
        return "" if answer.fault else answer.made

    def check_turn(self, member: int) -> None:
        """Nothing, or Postponed where others' pictures go before this member's."""
        self._turns.check(member)

    async def close(self) -> None:
        """End the process, which looks at nothing that the worker waits for, and begin no other."""
        self._is_closed = True
        self._stay()
        if self._helper:
            await self._helper.end()
            self._helper = None

    async def _look(self, order: Order, whose: Whose) -> Answer:
        async with self._turns.of(whose.member) as turn:
            if self._is_closed:
                raise Postponed("the bot stops")
            self._stay()
            try:
                helper = await self._ready()
                await whose.noted()
                answer = await self._asked(helper, order, turn)
                if answer.fault is Fault.TOO_LARGE and self._answers > 1:  # others left it little
                    await self._end()
                    answer = await self._asked(await self._ready(), order, turn)
            finally:
                if not self._is_closed:
                    self._retiring = asyncio.create_task(self._retire(), name="retire")
        if answer.fault is Fault.MACHINE:
            raise Postponed("this machine's disk refuses it")
        return answer

    async def _ready(self) -> Helper:
        if self._helper and not self._helper.is_there:
            await self._end()
        if self._helper is None:
            try:
                self._helper = await Helper.begun(self._limits)
            except NotBegun as error:
                self.fault = str(error)
                raise
            self.fault = None
        return self._helper

    async def _asked(self, helper: Helper, order: Order, turn: Turn) -> Answer:
        asking = asyncio.create_task(helper.ask(line_of(order)), name="look at a picture")
        try:
            line = await self._waited_for(asking, turn)
        except BaseException as error:  # also where nobody waits for it any more
            asking.cancel()
            await self._end()
            if isinstance(error, _TooLong):
                self._turns.was_slow(turn)
                return Answer(fault=Fault.TOO_LONG)
            raise
        with suppress(ValueError):
            answer = answer_of(line)
            self._answers += 1
            return answer
        code = await self._end()
        if code == -signal.SIGXCPU:
            self._turns.was_slow(turn)
            return Answer(fault=Fault.TOO_LONG)
        raise Ended(f"the process that looked at it ended with {code}")

    async def _waited_for(self, asking: asyncio.Task[bytes], turn: Turn) -> bytes:
        ends_s = time.monotonic() + self._limits.wall_s
        while not asking.done():
            await asyncio.wait({asking}, timeout=WATCH_S)
            if asking.done():
                break
            if time.monotonic() > ends_s:
                raise _TooLong
            if self._turns.must_give_way(turn):
                self._turns.gave_way(turn)
                raise Postponed("it takes long, and others' pictures wait")
        return asking.result()

    async def _end(self) -> int:
        """How the helper ended."""
        helper, self._helper, self._answers = self._helper, None, 0
        return await helper.kill() if helper else 0

    def _stay(self) -> None:
        """It is needed: let it not retire."""
        if self._retiring:
            self._retiring.cancel()
            self._retiring = None

    async def _retire(self) -> None:
        await asyncio.sleep(IDLE_S)
        helper, self._helper, self._answers = self._helper, None, 0
        if helper:
            await asyncio.shield(helper.end())


async def _told_of(fault: Fault, path: Path) -> Fault:
    """The fault; of a picture that is none to us, what others know it for."""
    is_picture = fault is Fault.NO_PICTURE and (await look(path)).media_type.startswith("image/")
    return Fault.OF_ANOTHER_KIND if is_picture else fault


def _order(work: Work, path: Path, out: Path, limit_bytes: int) -> Order:
    here, there = str(path.absolute()), str(out.absolute())  # it works in another folder
    return Order(work=work, path=here, out=there, limit_bytes=limit_bytes)
