"""One row of the table of docs/operating.md about Discord, being played."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import App
from bot.jobs.job import Job
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel
from tests.scenarios.conftest import COMMAND, Stage, described, moved_on, png, replied
from tests.scenarios.tables import are_at_rest


@dataclass
class Play:
    """One row, being played: a stage with a bot and a member."""

    stage: Stage
    app: App
    mei: Member
    log: pytest.LogCaptureFixture

    def fail(self, route: str, **fault: Any) -> None:
        self.stage.discord.fail_next(route, **fault)

    def lines(self) -> list[str]:
        return [record.getMessage() for record in self.log.records]

    async def asked(self, channel: Channel | None = None) -> Message:
        handle = await self.mei.slash(COMMAND, image=png(), channel=channel)
        return replied(await handle.responded())

    async def processing(self, channel: Channel | None = None, *, minutes: float = 0) -> Message:
        """The reply of a job that the service is at, for so long."""
        self.stage.studio.hold("processing")
        message = await self.asked(channel)
        await self.until(lambda: "Working" in described(message))
        self.stage.discord.advance(minutes=minutes)
        return message

    async def until(self, found: Callable[[], object], *, step_s: float = 2) -> None:
        """Move the clock on until that is so."""
        await moved_on(self.stage, self.app, found, step_s=step_s)

    async def ended(self, *, step_s: float = 2) -> None:
        """Move the clock on until nothing is left to be done for any job."""
        self.stage.studio.release()
        for _turn in range(500):
            if await self._have_ended():
                return
            self.stage.discord.advance(seconds=step_s)
            self.app.worker.wake()
            await asyncio.sleep(0.02)
        pytest.fail("it never ended")

    async def _have_ended(self) -> bool:
        jobs = await self.jobs()
        return all([job.is_terminal and await are_at_rest(self.app, job.id) for job in jobs])

    async def jobs(self) -> list[Job]:
        """All jobs that were ever accepted."""
        found = [re.match(r"job (\w+): accepted", line) for line in self.lines()]
        jobs = [await self.app.bot.store.get(match[1]) for match in found if match]
        return [job for job in jobs if job]


Script = Callable[[Play], Awaitable[Message | None]]


@dataclass(frozen=True)
class Case:
    """How a row is played; on which routes its trouble is; how many POSTs come of it."""

    script: Script
    routes: tuple[str, ...] = ()
    posts: int = 1
