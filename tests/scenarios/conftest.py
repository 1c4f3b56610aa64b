"""A real bot against the sandbox: in the test's process, or in one of its own."""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, opened
from bot.discord.client import StudioBot
from bot.endpoints.catalogue import load_endpoints
from bot.endpoints.own import HERE, Own
from bot.files.helper import Helper
from bot.sandbox.clock import Clock
from bot.sandbox.discord import server
from bot.sandbox.discord.files import File
from bot.sandbox.discord.gateway import Session
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message, Revision
from bot.sandbox.discord.requests import Exchange
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.pictures import sample_picture
from bot.sandbox.run import environment
from bot.sandbox.studio.server import StudioSandbox
from bot.settings import Settings
from bot.work import polling
from tests.contract import Contract
from tests.looking import SharedHelper
from tests.scenarios.process import Fork

ROOT = Path(__file__).parents[2]
COMMAND = "cny-snakeyear"
PUBLISHED = [COMMAND, *sorted([*Own, HERE])]
RERUN = "🔁"
IMPATIENT = ((10.0, 0.1), *polling.SCHEDULE[1:])
PNG = sample_picture()


def png(name: str = "me.png") -> File:
    return File(name, PNG)


@dataclass
class Stage:
    """The two sandboxes, and the bots that were started against them."""

    discord: DiscordSandbox
    studio: StudioSandbox
    data_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    knows_rules: bool = True  # whether a start is waited for to know who may use its commands

    @asynccontextmanager
    async def bot(self, **more: Any) -> AsyncIterator[App]:
        """A bot in this process, connected, with its commands published."""
        settings = Settings.from_env(self.environment())
        endpoints = load_endpoints(settings.endpoints).endpoints
        clock = self.discord.clock
        times = {"now": clock.now, "steady_s": clock.steady_s}
        options: dict[str, Any] = {"guild_ready_timeout": 0.05}
        async with opened(settings, endpoints, **(times | options | more)) as app:
            running = asyncio.create_task(app.run())
            try:
                await self.until_ready(running)
                await published()
                if self.knows_rules:  # until then a button is refused
                    await self.discord.until(lambda: knows_rules(app, self.discord.guild.id))
                yield app
            finally:
                app.stop()
                await running

    @asynccontextmanager
    async def process(
        self, *command: str, name: str = "bot", shard: tuple[int, int] = (0, 1), **settings: str
    ) -> AsyncIterator["BotProcess"]:
        """A bot in a process of its own, connected; killed at the end if it still runs.

        Without a command its leases end soon, so that no test waits for them.
        """
        path = self.data_dir.parent / f"{name}.log"
        before = set(self.discord.gateway.sessions)
        asked = self.asked_for_rules()
        environ = {"PYTHONPATH": str(ROOT), **self.environment(), **shards(shard), **settings}
        process = await (
            python(*command, environ=environ, log=path) if command else forked(environ, path)
        )

        def sessions() -> list[Session]:
            found = self.discord.gateway.sessions.values()
            return [s for s in found if s.socket and s.shard == shard and s.id not in before]

        try:
            await self.discord.until(
                lambda: sessions() and self.discord.commands.scopes(), within_s=20
            )
            if self.knows_rules and shard == (0, 1):
                await self.discord.until(lambda: self.asked_for_rules() > asked, within_s=20)
            yield BotProcess(process, path)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await self.discord.until(lambda: not sessions())

    def serve(self, document: Mapping[str, Any]) -> None:
        """Let bots have this endpoint in place of others, and the service run it."""
        path = self.data_dir.parent / "endpoint.json"
        path.write_text(json.dumps(document))
        self.settings["ENDPOINTS"] = str(path)
        self.studio.endpoints[document["endpointId"]] = 1

    def asked_for_rules(self) -> int:
        """How often a bot was told of the server's rules for commands."""
        return sum(each.route == server.RULES for each in self.discord.requests)

    def environment(self) -> dict[str, str]:
        return {
            **environment(self.discord, self.studio, self.data_dir),
            "ENDPOINTS": str(ROOT / "endpoints"),
            "STUDIO_REQUESTS_PER_SECOND": "500",
            **self.settings,
        }

    async def until_ready(self, running: object) -> None:
        def is_ready() -> bool:
            if isinstance(running, asyncio.Task) and running.done():
                running.result()
            return self.discord.connected and bool(self.discord.commands.scopes())

        await self.discord.until(is_ready, within_s=20)

    def member(self, name: str = "Mei") -> Member:
        return self.discord.member(name)

    async def slash(self, member: Member, **options: Any) -> InteractionHandle:
        """The member uses the command; its answer is there."""
        handle = await member.slash(COMMAND, **({"image": png()} | options))
        return await handle.responded()

    async def ended(self, message: Message, *, within_s: float = 20) -> Message:
        """The message once its job is over and nothing more is owed there."""

        def is_over() -> bool:
            text = described(message)
            return "Failed" in text or ("Done" in text and RERUN in message.reactions)

        await self.discord.until(is_over, within_s=within_s)
        return message

    async def refused(self, reply: Message) -> str:
        """What whoever asked is told alone, once the reply that stood there is gone."""
        await self.discord.until(lambda: reply.is_deleted)
        (sentence,) = (
            each.content
            for each in self.discord.all_messages.values()
            if (each.metadata or {}).get("original_response_message_id") == str(reply.id)
        )
        return sentence

    async def all_done(self, messages: Iterable[Message], *, within_s: float) -> None:
        """Return once all these jobs are done; each is looked at until it is, and not again."""
        waiting = list(messages)

        def are_done() -> bool:
            while waiting and "Done" in described(waiting[-1]):
                waiting.pop()
            return not waiting

        await self.discord.until(are_done, within_s=within_s)

    async def reply_to(self, message: Message) -> Message:
        def replies() -> list[Message]:
            found = self.discord.messages(message.channel)
            return [each for each in found if each.reply_to == message.id]

        return (await self.discord.until(replies))[-1]

    def seeds(self) -> list[str | None]:
        """The seeds of all POSTs that arrived."""
        return [post.text("seed") for post in self.studio.posts]


async def python(*command: str, environ: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    """A new Python that carries the command out."""
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, env=environ, stdout=out, stderr=out
        )


async def forked(environ: dict[str, str], log: Path) -> Fork:
    """A bot that is started as process.py says."""
    fork = Fork(environ, log)
    await fork.start()
    return fork


def shards(shard: tuple[int, int]) -> dict[str, str]:
    """The settings of a process that serves this one alone."""
    number, count = shard
    return {} if count == 1 else {"SHARD_IDS": str(number), "SHARD_COUNT": str(count)}


@dataclass
class BotProcess:
    """A bot that can be killed."""

    process: asyncio.subprocess.Process | Fork
    log: Path

    async def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        await self.process.wait()

    def stop(self) -> None:
        """SIGSTOP: it stands still, with its connections open."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    async def terminate(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


async def published() -> None:
    """Return once this start has told Discord of its commands, or could not."""
    publishing = {task for task in asyncio.all_tasks() if task.get_name() == "publish"}
    if publishing:
        await asyncio.wait(publishing, timeout=10)


async def at_once(_bot: StudioBot, _shard_id: int | None, *, initial: bool = False) -> None:
    """For discord.py's five seconds before a new session."""
    del initial


def knows_rules(app: App, guild_id: int) -> bool:
    """Whether the bot knows who may use its commands in the server, where it serves that."""
    served = app.bot.settings.guild_ids
    return bool(served and guild_id not in served) or app.bot.permissions.of(guild_id) is not None


async def asked(stage: Stage) -> Message:
    """Mei's command, answered."""
    return replied(await stage.slash(stage.member()))


async def stage_tick(app: App) -> None:
    """Let the worker turn once."""
    app.worker.wake()
    await asyncio.sleep(0.05)


async def moved_on(
    stage: Stage, app: App, found: Callable[[], object], *, step_s: float = 2
) -> None:
    """Move the clock on until that is so."""
    for _turn in range(500):
        if found():
            return
        stage.discord.advance(seconds=step_s)
        app.worker.wake()
        await asyncio.sleep(0.02)
    pytest.fail("it never came")


def has_files(exchange: Exchange) -> bool:
    """For faults and pauses: a request that carries files."""
    return bool(exchange.files)


def replied(handle: InteractionHandle) -> Message:
    """The message that answered the interaction."""
    assert handle.message
    return handle.message


def described(message: Message | Revision) -> str:
    """What a job's reply says of how far it is; nothing where it is no reply."""
    if not is_reply(message):
        return ""
    _asked, *more = message.content.split("\n")
    rest = more[1:] if more else [message.content]  # what cannot begin is one sentence alone
    lines = [line.removeprefix("-# ") for line in rest]
    return "\n".join(["**Done**"] * any(":done" in each for each in custom_ids(message)) + lines)


def facts(message: Message | Revision) -> list[str]:
    """What stands in the small line of a job's reply."""
    return message.content.split("\n")[1].removeprefix("-# ").split(" · ")


def fact(message: Message | Revision, name: str) -> str:
    """What follows the word in that line; nothing where it is not there."""
    found = (each for each in facts(message) if each.startswith(f"{name} "))
    return next(found, "").removeprefix(f"{name} ")


def custom_ids(message: Message | Revision) -> list[str]:
    """Those of its buttons."""
    return [item["custom_id"] for row in message.components for item in row["components"]]


def is_reply(message: Message | Revision) -> bool:
    """Whether it is a job's."""
    return any(each.startswith("more:") for each in custom_ids(message))


def shown(message: Message) -> list[str]:
    """What the reply said from its beginning on."""
    return [described(revision) for revision in message.revisions]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A young job is asked for ten times as often, so that no test waits for it."""
    monkeypatch.setattr(polling, "SCHEDULE", IMPATIENT)


@pytest.fixture(autouse=True)
def _one_helper(monkeypatch: pytest.MonkeyPatch, shared_helper: type[Helper]) -> None:
    """Pictures are looked at in a process of their own, that no test has to begin."""
    monkeypatch.setattr(Helper, "begun", shared_helper.begun)


@pytest.fixture(scope="session")
def shared_helper() -> Iterator[type[Helper]]:
    yield SharedHelper
    SharedHelper.leave()


@pytest.fixture(scope="session")
def contract() -> Contract | None:
    return Contract.from_environment()


@pytest.fixture
async def stage(tmp_path: Path, contract: Contract | None) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, contract) as found:
        yield found
    assert {text for each in found.discord.requests for text in might_ping(each)} == set()


@asynccontextmanager
async def on_stage(folder: Path, contract: Contract | None) -> AsyncIterator[Stage]:
    """The two sandboxes, with bots' files in that folder; what was said has to be as Discord says."""
    clock = Clock()
    async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
        studio.seconds = dict.fromkeys(studio.seconds, 0.0)
        events: list[Any] = []
        if contract:
            discord.subscribe(lambda kind, what: events.append(what) if kind == "event" else None)
        yield Stage(discord, studio, folder / "data")
    if contract:
        faults = {fault for each in discord.requests for fault in contract.check(each)}
        faults |= {fault for each in events for fault in contract.check_event(each["t"], each["d"])}
        assert not faults, "\n".join(sorted(faults))


@pytest.fixture
def errors(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The log lines of errors so far."""
    caplog.set_level(logging.INFO)
    return lambda: [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


SHOWN = {"content", "embeds", "components", "attachments"}


def might_ping(exchange: Exchange) -> Iterator[str]:
    """A message or an edit of the bot's that does not say whom alone it may ping."""
    body = exchange.body if isinstance(exchange.body, dict) else {}
    for said in (body, body.get("data") or {}):
        is_message = SHOWN & said.keys() and "title" not in said  # as a form has
        if is_message and (said.get("allowed_mentions") or {}).get("parse") != []:
            yield f"{exchange.route}: {said}"
