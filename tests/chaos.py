"""`make chaos`: many jobs, a bot that is killed again and again, and a fault on every third call.

Some of the jobs are cancelled by who asked, and some of the results deleted.

Once, in the middle, the database is away for a while, in the middle of a bot's life. Now and then
the service knows no job for some seconds, a download hangs, or a bot's clock is set. One channel of
each server is slowed by Discord.

With `--processes 2` two bots share a PostgreSQL, with a shard and a server each, and either is killed.

Everything is drawn from one seed, which is printed; the order in which the processes meet it is the
machine's own. At the end, with the faults gone and the bot left alone, six numbers have to be 0.
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    closing,
    suppress,
)
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bot.jobs.job import TERMINAL, Failure, Job, JobStatus
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.sandbox.clock import Clock
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.interactions import UPDATE_LATER
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel
from bot.sandbox.discord.requests import Exchange, Fault
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox
from bot.sandbox.studio.troubles import Trouble
from bot.settings import Settings
from tests.chaosfaults import (
    DISCORDS,
    FAULTY,
    NOT_TAKEN,
    SET_BY_S,
    SLOW,
    SLOWED,
    SPELL_S,
    SPELLS,
    SPELT,
    STUDIOS,
    TROUBLED,
)
from tests.postgres import Postgres
from tests.scenarios.conftest import COMMAND, RERUN, BotProcess, Stage, described, is_reply, png
from tests.scenarios.process import SET_BY

SET = 0.3  # how often a clock is set, before a life and within one
LIFE_S = (0.2, 1.6)  # how long a bot is connected before it is killed
MEMBERS = 20
CHANGED = 0.4  # how often somebody changes their mind when somebody asks
DELETED = 0.5  # how often that is about a result, and not about one of the latest jobs
LATEST = 6
GET = "Get the result"
HIDDEN_BELOW = 0.65  # of the share of commands, which begins at 0.55
FORMS = ("Change…", "Use as input…")
CALM_S = 600.0  # how long the last bot may take for all that is left: a try may wait for 300 s


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is played; several processes need an address that they share."""

    seed: int
    jobs: int
    kills: int
    processes: int = 1
    away_s: float = 60.0  # how long the database is away
    server: Postgres | None = None  # what several processes share; one has a file
    database_url: str = ""


@dataclass(kw_only=True)
class Report:
    """What came of it; the last six have to be 0."""

    seed: int
    asked: int = 0
    kills: int = 0
    database_away_s: float = 0.0
    calls: int = 0
    faults: int = 0
    spells_of_404: int = 0
    hanging_downloads: int = 0
    slowed: int = 0
    clock_jumps: int = 0
    accepted: int = 0
    delivered: int = 0
    ended_with_a_reason: dict[str, int] = field(default_factory=dict)
    cancelled: int = 0
    cancelled_in_time: int = 0
    deleted: int = 0
    posts: int = 0
    jobs_with_more_than_one_post: int = 0
    succeeded_but_not_delivered: int = 0
    files_posted_twice: int = 0
    left_hanging: int = 0
    posted_though_unwanted: int = 0
    charged_though_cancelled_in_time: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, sent or posted twice, or left behind."""
        return not any(
            (
                self.jobs_with_more_than_one_post,
                self.succeeded_but_not_delivered,
                self.files_posted_twice,
                self.left_hanging,
                self.posted_though_unwanted,
                self.charged_though_cancelled_in_time,
            )
        )

    def lines(self) -> Iterator[str]:
        """One for each number."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, dict):
                value = ", ".join(f"{reason} {count}" for reason, count in value.items())
            yield f"{each.name.replace('_', ' '):<30}{value}"


class Chaos:
    """One run on a stage of its own."""

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self._stage = stage
        self._draw = random.Random(plan.seed)
        self._plan = plan
        self._seeds = iter(range(1, 100_000))
        self._spell: tuple[float, dict[str, Any]] = (0.0, {})  # until when, and what is said
        self._uncharged: set[int] = set()  # the replies whose cancel was answered as one in time
        self._presses: set[asyncio.Task[None]] = set()
        self._starting = asyncio.Lock()  # no bot starts while the database is away
        self._channels = [_channel_of(stage, (n, plan.processes)) for n in range(plan.processes)]
        servers = [stage.discord.guilds[channel.guild_id or 0] for channel in self._channels]
        self._slow = [stage.discord.add_channel("slow", server) for server in servers]
        self._channels += self._slow
        self._members = [stage.member(f"member{number}") for number in range(MEMBERS)]
        for member in self._members:
            for guild in stage.discord.guilds.values():
                member.join(guild)
        self.report = Report(seed=plan.seed)
        stage.settings["JOBS_PER_MEMBER"] = "1000"
        stage.studio.seconds = dict.fromkeys(stage.studio.seconds, 0.2)

    async def run(self) -> Report:
        """Kill, fault and ask; then let the last bot finish, and count."""
        stage = self._stage
        stage.discord.faults.policy = self._discord_fault
        stage.studio.troubles.policy = self._studio_trouble
        async with AsyncExitStack() as bots:
            await asyncio.gather(
                *(self._lives(number, bots) for number in range(self._plan.processes))
            )
            async with asyncio.timeout(CALM_S):
                while len(self._replies()) < self._plan.jobs:
                    await self._ask()
                    await asyncio.sleep(0.05)
            await asyncio.gather(*self._presses)
            stage.discord.faults.policy = lambda _route, _what: None
            stage.studio.troubles.policy = lambda _call, _what: None
            await self._calm_down()
        await self._count()
        return self.report

    async def _lives(self, number: int, bots: AsyncExitStack) -> None:
        """The lives of one process, one after the other; its last one does not end here."""
        while self.report.kills < self._plan.kills:
            self.report.kills += 1
            is_half_over = self.report.kills >= self._plan.kills / 2
            async with AsyncExitStack() as life:
                self._set_clock(number)
                bot = await self._started(number, life)
                if is_half_over and not self.report.database_away_s:
                    await self._live_without_database()
                await self._live(number)
                await bot.kill()
        await self._started(number, bots)

    async def _started(self, number: int, stack: AsyncExitStack) -> BotProcess:
        async with self._starting:
            return await stack.enter_async_context(self._process(number))

    def _process(self, number: int) -> AbstractAsyncContextManager[BotProcess]:
        shard = (number, self._plan.processes)
        clock = {SET_BY: str(self._clock_file(number))}
        return self._stage.process(name=f"bot{number}", shard=shard, **clock)

    def _clock_file(self, number: int) -> Path:
        return self._stage.data_dir.with_name(f"clock{number}")

    def _set_clock(self, number: int) -> None:
        """Now and then, the clock of this process shows another time."""
        if self._draw.random() < SET:
            self._clock_file(number).write_text(str(self._draw.choice(SET_BY_S)))
            self.report.clock_jumps += 1

    async def _live_without_database(self) -> None:
        """Ask for some jobs more while the database is away."""
        self.report.database_away_s = away_s = self._plan.away_s
        async with self._starting, self._away():
            ends_at = asyncio.get_running_loop().time() + away_s
            while asyncio.get_running_loop().time() < ends_at:
                await self._ask()
                await asyncio.sleep(away_s / 10)

    @asynccontextmanager
    async def _away(self) -> AsyncIterator[None]:
        """PostgreSQL ends as in a crash; a file is locked by somebody else."""
        if server := self._plan.server:
            await asyncio.to_thread(server.go_away)
            yield
            await asyncio.to_thread(server.come_back)
            return
        lock = sqlite3.connect(self._stage.data_dir / "jobs.sqlite3", isolation_level=None)
        with closing(lock):
            lock.execute("PRAGMA busy_timeout = 5000")
            lock.execute("BEGIN EXCLUSIVE")
            yield
            lock.execute("ROLLBACK")

    async def _live(self, number: int) -> None:
        """Ask for this life's share of the jobs, until its time has come."""
        wanted = round(self._plan.jobs * self.report.kills / self._plan.kills)
        ends_at = asyncio.get_running_loop().time() + self._draw.uniform(*LIFE_S)
        if self._draw.random() < 0.2:
            await self._stage.discord.gateway.drop()
        self._set_clock(number)
        while (left_s := ends_at - asyncio.get_running_loop().time()) > 0:
            if len(self._replies()) < wanted:
                await self._ask()
            await asyncio.sleep(min(left_s, self._draw.uniform(0.0, 0.1)))

    async def _ask(self) -> None:
        """One member asks in one of the ways that there are, and perhaps another changes theirs."""
        if self._draw.random() < CHANGED:
            self._change_mind()
        member = self._draw.choice(self._members)
        ended = [m for m in self._replies() if m.attachments]
        way = self._draw.random()
        self.report.asked += 1
        try:
            if way < 0.15 and ended:
                await member.react(self._draw.choice(ended), RERUN)
            elif way < 0.3 and ended:
                await member.press(self._draw.choice(ended), "Run again")
            elif way < 0.4 and ended:
                self.report.asked -= 1  # it is asked once a form is sent
                label = self._draw.choice(FORMS)
                self._later(self._fill_in(member, self._draw.choice(ended), label))
            elif way < 0.55:
                await self._mention(member)
            else:
                channel = self._draw.choice(self._channels)
                options: dict[str, Any] = {"show": "only me"} if way < HIDDEN_BELOW else {}
                options |= {"image": png(), "seed": next(self._seeds)}
                await member.slash(COMMAND, channel=channel, **options)
        except ClientRefused:
            self.report.asked -= 1  # nothing was sent: the button was not there

    async def _mention(self, member: Member) -> None:
        text = f"{self._stage.discord.bot_mention} seed {next(self._seeds)}"
        await member.post(text, files=[png()], channel=self._draw.choice(self._channels))

    def _change_mind(self) -> None:
        """Who asked for one of the latest jobs cancels it, or deletes a result, or looks at theirs."""
        if hidden := self._hidden():
            self._later(self._get(self._draw.choice(hidden)))
        there = [m for m in self._replies() if not m.is_deleted]
        done = [m for m in there if m.attachments]
        is_delete = bool(done) and self._draw.random() < DELETED
        if there:
            message = self._draw.choice(done if is_delete else there[-LATEST:])
            press = self._delete if is_delete else self._cancel
            self._later(press(self._asker_of(message), message))

    def _later(self, press: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(press)
        self._presses.add(task)
        task.add_done_callback(self._presses.discard)

    async def _fill_in(self, member: Member, message: Message, label: str) -> None:
        """Go on from a result by a form, as far as a bot that is killed now and then answers."""
        with suppress(ClientRefused, AssertionError, TimeoutError):
            handle = await (await member.press(message, label)).responded()
            while handle.message and handle.message.components:  # which image
                select = handle.message.components[0]["components"][0]
                value = self._draw.choice(select["options"])["value"]
                chosen = await member.choose(handle.message, select["custom_id"], value)
                handle = await chosen.responded()
            if handle.modal:
                self.report.asked += 1
                await member.submit(handle, seed=str(next(self._seeds)))

    async def _cancel(self, member: Member, message: Message) -> None:
        with suppress(ClientRefused, AssertionError, TimeoutError):  # it is over, or no bot answers
            handle = await (await member.press(message, "Cancel")).responded()
            if handle.response == UPDATE_LATER:
                self._uncharged.add(message.id)

    async def _get(self, message: Message) -> None:
        with suppress(ClientRefused, AssertionError, TimeoutError):  # all of it is there
            await (await self._asker_of(message).press(message, GET)).responded()

    async def _delete(self, member: Member, message: Message) -> None:
        with suppress(ClientRefused, AssertionError, TimeoutError):
            handle = await (await member.press(message, "More…")).responded()
            for _ in range(2):  # it is asked once more
                if handle.message:
                    handle = await (await member.press(handle.message, "Delete")).responded()

    def _asker_of(self, message: Message) -> Member:
        asked = message.answered
        if message.metadata:
            member_id = int(message.metadata["user"]["id"])
        elif asked and not asked.author.is_bot:
            member_id = asked.author.id
        else:
            member_id = int(message.content.partition("<@")[2].partition(">")[0])
        return next(member for member in self._members if member.id == member_id)

    def _discord_fault(self, route: str, what: Exchange) -> Fault | None:
        if route not in TROUBLED:
            return None
        is_slow = any(f"/channels/{channel.id}/" in what.path for channel in self._slow)
        if is_slow and self._draw.random() < SLOWED:
            self.report.slowed += 1
            return Fault(**SLOW)
        found = self._drawn(DISCORDS)
        return Fault(**found) if found else None

    def _studio_trouble(self, call: str, _what: object) -> Trouble | None:
        now = asyncio.get_running_loop().time()
        if call == "status" and now > self._spell[0] and self._draw.random() < SPELT:
            self._spell = (now + self._draw.uniform(*SPELL_S), self._draw.choice(SPELLS))
            self.report.spells_of_404 += 1
        if call == "status" and now <= self._spell[0]:
            return Trouble(**self._spell[1])
        found = self._drawn(STUDIOS[call])
        self.report.hanging_downloads += bool(found and found.get("is_silent"))
        return Trouble(**found) if found else None

    def _drawn(self, faults: tuple[dict[str, Any], ...]) -> dict[str, Any] | None:
        self.report.calls += 1
        if self._draw.random() >= FAULTY:
            return None
        self.report.faults += 1
        return self._draw.choice(faults)

    def _replies(self) -> list[Message]:
        """The bot's messages that stand for a job."""
        ours = self._stage.discord.bot_user
        messages = self._stage.discord.all_messages.values()
        return [m for m in messages if m.author is ours and is_reply(m) and not m.is_ephemeral]

    def _hidden(self) -> list[Message]:
        """Those that one member alone sees."""
        messages = self._stage.discord.all_messages.values()
        return [m for m in messages if m.is_ephemeral and is_reply(m)]

    async def _calm_down(self) -> None:
        with suppress(TimeoutError):  # what is left hanging then is counted
            await asyncio.wait_for(self._rest(), CALM_S)

    async def _rest(self) -> None:
        while await self._is_at_work():
            for message in self._unended(self._hidden()):  # as its token may be over by then
                await self._get(message)
            await asyncio.sleep(0.5)

    async def _is_at_work(self) -> bool:
        return bool(self._hanging()) or any(_is_owed(job) for job in await self._rows())

    def _hanging(self) -> list[Message]:
        return self._unended([*self._replies(), *self._hidden()])

    def _unended(self, replies: Sequence[Message]) -> list[Message]:
        ends = ("Done", "Failed", "Cancelled", "Nothing was charged")
        return [m for m in replies if not m.is_deleted and not any(w in described(m) for w in ends)]

    async def _rows(self) -> list[Job]:
        settings = Settings.from_env(self._stage.environment())
        async with JobStore.open(settings.database_url) as store:
            rows: list[Job] = []
            last = ""
            while page := await store._page(last):
                rows += [job for _, job in page]
                last, _ = page[-1]
            return rows

    async def _count(self) -> None:
        rows, report = await self._rows(), self.report
        report.accepted = sum(job.message_id is not None for job in rows)
        report.delivered = sum(job.status is JobStatus.DELIVERED for job in rows)
        report.ended_with_a_reason = dict(
            Counter(job.failure.reason.value for job in rows if job.failure)
        )
        attempts = self._stage.studio.attempts
        report.posts = len(attempts)
        perhaps = Counter(each.seed for each in attempts if each.status not in NOT_TAKEN)
        report.jobs_with_more_than_one_post = sum(count > 1 for count in perhaps.values())
        report.succeeded_but_not_delivered = sum(
            self._has_succeeded(job) and job.status is not JobStatus.DELIVERED
            for job in rows
            if not _is_unwanted(job)
        )
        report.cancelled = sum(job.is_cancelled for job in rows)
        report.cancelled_in_time = len(self._uncharged)
        report.deleted = sum(job.status is JobStatus.DELETED for job in rows)
        report.posted_though_unwanted = sum(map(self._is_posted, filter(_is_unwanted, rows)))
        report.charged_though_cancelled_in_time = sum(
            perhaps[job.request.seed] for job in rows if job.message_id in self._uncharged
        )
        ours = self._stage.discord.bot_user
        names = Counter(
            attachment.filename
            for message in self._stage.discord.all_messages.values()
            if message.author is ours
            for attachment in message.attachments
        )
        report.files_posted_twice = sum(count > 1 for count in names.values())
        unfinished = sum(job.status not in TERMINAL for job in rows)
        report.left_hanging = len(self._hanging()) + unfinished

    def _is_posted(self, job: Job) -> bool:
        """Whether anything of it still stands there, though nothing is to."""
        there = (self._stage.discord.all_messages.get(each) for each in job.posted.message_ids)
        messages = [m for m in there if m and not m.is_deleted]
        is_gone = job.status is JobStatus.DELETED
        return any(message.attachments or is_gone for message in messages)

    def _has_succeeded(self, job: Job) -> bool:
        known = self._stage.studio.jobs.get(job.progress.job_id) if job.progress else None
        return known is not None and known.state == "succeeded"


def _is_unwanted(job: Job) -> bool:
    return job.is_cancelled or job.status is JobStatus.DELETED


def _is_owed(job: Job) -> bool:
    # A refusal keeps its place for a minute, and does nothing more.
    return job.due_at is not None and job.failure != Failure(reason=Reason.NOT_TAKEN)


def _channel_of(stage: Stage, shard: tuple[int, int]) -> Channel:
    """A channel of a server that this shard hears of."""
    number, count = shard
    channel = stage.discord.channel
    while (channel.guild_id or 0) >> 22 & (count - 1) != number:
        stage.discord.advance(seconds=0.001)  # a server's shard follows from its id
        channel = stage.discord.add_channel("chaos", stage.discord.add_guild("Chaos"))
    return channel


async def play(folder: Path, plan: Plan) -> Report:
    """The report of one run, in a folder for the bots' files."""
    clock = Clock()
    async with DiscordSandbox(clock) as discord, StudioSandbox(clock) as studio:
        settings = {"DATABASE_URL": plan.database_url}
        return await Chaos(Stage(discord, studio, folder / "data", settings), plan).run()


def main() -> None:
    """Run, print the report, and exit with 1 where one of the six is not 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    parser.add_argument("--away-s", type=float, default=60.0)
    options = parser.parse_args()
    print(f"chaos with --seed {options.seed} --processes {options.processes}", flush=True)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="studio-chaos-"))
        server = stack.enter_context(Postgres()) if options.processes > 1 else None
        url = server.new_database() if server else ""
        plan = Plan(database_url=url, server=server, **vars(options))
        report = asyncio.run(play(Path(folder), plan))
    print("\n".join(report.lines()))
    sys.exit(0 if report.is_clean else 1)


if __name__ == "__main__":
    main()
