"""Events of the gateway: one that cannot be read costs itself alone, and no handler breaks.

A real bot against the sandbox: each event is a near miss of one that a member really made.
"""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event as statistic
from hypothesis import given
from hypothesis import strategies as st

from bot.app import App, opened
from bot.discord.login import connect, log_in
from bot.endpoints.catalogue import load_endpoints
from bot.sandbox.clock import Clock
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox
from bot.settings import Settings
from tests.fuzz.strategies import near, written
from tests.scenarios.conftest import RERUN, Stage, png, replied

Json = Any
COMMAND_USED = 2  # a kind of interaction
PARTS: tuple[Json, ...] = (
    "0",
    str(2**64),
    -1,
    1.5,
    {},
    [],
    None,
    "🔁",
    "run-again:" + "0" * 32,
    "change:" + "0" * 32,
)
LEFT_OUT = "an event that cannot be read is left out"
OF_A_HANDLER = ("discord", "commandtree")  # how discord.py calls its tasks
NAMES = ("INTERACTION_CREATE", "MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE")


def is_ours(record: logging.LogRecord) -> bool:
    """Whether the error came through the bot's own code."""
    error = record.exc_info and record.exc_info[1]
    if not error:
        return True
    frames = traceback.extract_tb(error.__traceback__)
    return any({"bot", "cogs"} & set(Path(frame.filename).parts) for frame in frames)


class Errors(logging.Handler):
    """The log's errors; an event that was left out, or that discord.py cannot read, is none."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []
        self.left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(LEFT_OUT) or not is_ours(record):
            self.left_out += 1
        else:
            self.found.append(logging.Formatter().format(record))


class Played:
    """The bot as it runs, and what it got from members so far, by the name of the event."""

    def __init__(
        self, runner: asyncio.Runner, stage: Stage, app: App, events: list[Json], errors: Errors
    ) -> None:
        self.runner = runner
        self.stage = stage
        self.app = app
        self.events = events
        self.errors = errors

    async def give(self, name: str, event: Json) -> None:
        """Let the bot have the event, and end all that it does about it."""
        before = asyncio.all_tasks()
        self.app.bot._connection.parsers[name](event)
        while tasks := {t for t in asyncio.all_tasks() - before if is_of_a_handler(t)}:
            await asyncio.wait(tasks, timeout=20)

    def renewed(self, event: Json) -> tuple[Json, InteractionHandle | None]:
        """The event as if it came for the first time; and its handle, where it is to be answered."""
        discord, new_id = self.stage.discord, self.stage.discord.new_id()
        if not isinstance(event, dict):
            return event, None
        handle = discord.interactions.get(str(event.get("token")))
        if handle and event.get("id") == str(handle.id):
            handle = replace(handle, id=new_id, token=f"token-{new_id}", response=None)
            handle = replace(handle, created_at=discord.clock.now())
            discord.interactions[handle.token] = handle
            event |= {"token": handle.token}
        if "message_id" in event and event.get("user_id"):
            event |= {"user_id": str(new_id)}
        return event | ({"id": str(new_id)} if event.get("id") else {}), handle


def is_of_a_handler(task: asyncio.Task[Any]) -> bool:
    return task.get_name().lower().startswith(OF_A_HANDLER)


def is_whole(event: Json, handle: InteractionHandle) -> bool:
    """Whether nothing is changed of what an answer needs."""
    same = {"id": str(handle.id), "token": handle.token, "type": handle.kind, "version": 1}
    return handle.kind == COMMAND_USED and all(event.get(key) == same[key] for key in same)


@asynccontextmanager
async def acted(folder: Path) -> AsyncIterator[tuple[Stage, App, list[tuple[str, Json]]]]:
    """A bot without a worker, after each thing that a member can do was done once."""
    clock = Clock()
    async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
        studio.seconds = dict.fromkeys(studio.seconds, 0.0)
        stage = Stage(discord, studio, folder, {"JOBS_PER_MEMBER": "1000000"})
        settings = Settings.from_env(stage.environment())
        endpoints = load_endpoints(settings.endpoints).endpoints
        async with opened(settings, endpoints, now=clock.now, guild_ready_timeout=0.05) as app:
            await log_in(app.bot)
            running = asyncio.create_task(connect(app.bot))
            worker = asyncio.create_task(app.worker.run())
            asked = (app.bot.permissions.run(), app.bot.publisher.run())
            tasks = [asyncio.create_task(each) for each in asked]
            await stage.until_ready(running)
            heard: list[Json] = []
            discord.subscribe(lambda kind, what: heard.append(what) if kind == "event" else None)
            await act(stage)
            await app.worker.stop()
            await worker
            yield stage, app, [(each["t"], deepcopy(each["d"])) for each in heard]
            for task in tasks:
                task.cancel()
            await app.bot.close()
            await running


async def act(stage: Stage) -> None:
    """All that a member can do, once."""
    mei = stage.member()
    result = await stage.ended(replied(await stage.slash(mei, seed=20)))
    await mei.press(result, "Run again")
    await mei.react(result, RERUN)
    await stage.discord.until(lambda: len(stage.studio.posts) == 3)
    await mei.unreact(result, RERUN)
    asking = await mei.post(f"{stage.discord.bot_mention} snake seed 20", files=[png()])
    await stage.ended(await stage.reply_to(asking))
    await stage.slash(mei, channel=stage.discord.dm(mei))
    await mei.post("snake", files=[png()], channel=stage.discord.dm(mei))
    await stage.discord.until(lambda: len(stage.studio.posts) == 6)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    errors = Errors()
    logging.getLogger().addHandler(errors)
    with asyncio.Runner() as runner:
        acting = acted(tmp_path_factory.mktemp("events") / "data")
        stage, app, events = runner.run(acting.__aenter__())
        yield Played(runner, stage, app, [e for e in events if e[0] in NAMES], errors)
        runner.run(acting.__aexit__(None, None, None))
    logging.getLogger().removeHandler(errors)


@given(data=st.data())
def test_any_event_costs_itself_alone_and_is_answered(played: Played, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    right = data.draw(st.sampled_from([each for kind, each in played.events if kind == name]))
    try:
        event = json.loads(written(data.draw(near(right, *PARTS))))
    except (ValueError, RecursionError):
        return  # nothing that comes over a gateway
    event, handle = played.renewed(event)
    played.errors.left_out, played.errors.found = 0, []
    played.runner.run(played.give(name, deepcopy(event)))
    assert played.errors.found == []
    if handle and is_whole(event, handle) and not played.errors.left_out:
        statistic("it was answered")
        assert handle.response is not None
