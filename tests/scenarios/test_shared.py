"""Two processes on one PostgreSQL: they share the work, and one goes on where the other ends."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bot.jobs.database import Database
from bot.jobs.job import JobStatus
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs
from bot.sandbox.discord import server
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel
from bot.sandbox.discord.requests import Exchange
from bot.sandbox.trouble import Pause
from tests.postgres import Postgres
from tests.scenarios.conftest import (
    COMMAND,
    RERUN,
    BotProcess,
    Stage,
    described,
    has_files,
    png,
    replied,
)
from tests.scenarios.tables import IS_LEFT
from tests.unit.test_gate import BLOCKED, PAUSED

NOT_STORED = "The bot cannot store anything right now. Nothing was charged; try again later."
MAYBE = "The bot could not see whether the service took this job."
TWICE = "came once more"
ADDED = '{"name": "Added", "endpointId": "PrOhEE", "fieldIds": ["seed_56"]}'
LOST = "somebody else has it now"


@pytest.fixture
def stage(stage: Stage, postgresql_url: str) -> Stage:
    stage.settings |= {"DATABASE_URL": postgresql_url, "NOTIFY_AFTER_MINUTES": "0"}
    return stage


@asynccontextmanager
async def two(stage: Stage, *command: str) -> AsyncIterator[tuple[BotProcess, BotProcess]]:
    """Two processes with a shard each; the service tells them apart by their keys."""
    stage.studio.more_keys = {"second-key"}
    async with (
        stage.process(*command, name="first", shard=(0, 2)) as first,
        stage.process(
            *command, name="second", shard=(1, 2), INSTANT_STUDIO_API_KEY="second-key"
        ) as second,
    ):
        yield first, second


async def status_of(stage: Stage, message: Message) -> JobStatus:
    async with JobStore.open(stage.settings["DATABASE_URL"]) as store:
        job = await store.by_message(message.id)
    assert job
    return job.status


def names(stage: Stage) -> list[str]:
    """The files of all messages."""
    found = stage.discord.all_messages.values()
    return [file.filename for m in found if m.author.is_bot for file in m.attachments]


def is_state(exchange: Exchange) -> bool:
    return not exchange.files


LEASE_S = 1.0  # of the processes that these tests start
LEAST_S = 0.3  # between two questions for one job: they are due a second apart, and may be late
RESULT = [f"cny-snakeyear-seed20-{n}.jpg" for n in (1, 2)]


def pause_at(stage: Stage, where: str) -> Pause:
    """Where a process is cut off or stands still: at the service, or on its way to Discord."""
    if where == "files":
        return stage.discord.pause(server.EDIT_BY_TOKEN, match=has_files)
    if where == "state":
        stage.studio.hold("processing")  # it is shown where a question meets it
        return stage.discord.pause(server.EDIT_BY_TOKEN, match=is_state)
    return stage.studio.pause(where)


@pytest.mark.parametrize("where", ["status", "files"])
async def test_what_a_killed_process_had_begun_another_finishes_within_the_lease(
    stage: Stage, where: str
) -> None:
    pause = pause_at(stage, where)
    async with stage.process(name="first") as first:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        async with stage.process(name="second"):
            await first.kill()
            killed_at = time.monotonic()
            pause.drop()
            await stage.ended(message)
            assert time.monotonic() - killed_at < LEASE_S + 9  # and two questions, a second apart
    assert names(stage) == RESULT
    assert stage.seeds() == ["20"]


async def test_of_a_post_that_a_killed_process_had_begun_another_says_so(stage: Stage) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.process(name="first") as first:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        async with stage.process(name="second"):
            await first.kill()
            pause.drop()
            await stage.ended(message)
    assert MAYBE in described(message)
    assert stage.seeds() == ["20"]


@pytest.mark.parametrize("where", ["state", "status", "download", "files"])
async def test_a_process_that_stands_still_beyond_its_lease_does_no_harm_when_it_goes_on(
    stage: Stage, where: str
) -> None:
    pause = pause_at(stage, where)
    async with stage.process(name="first") as first:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        stage.studio.release()
        first.stop()
        async with stage.process(name="second") as second:
            await stage.ended(message)
            pause.release()  # what it had sent arrives only now, after the end
            first.go_on()
            await stage.discord.until(lambda: LOST in first.log.read_text())
            await stage.discord.until(lambda: "Done" in described(message))
            await at_rest(stage)
            assert LOST not in second.log.read_text()
    assert "Done" in described(message)
    assert names(stage) == RESULT
    assert stage.seeds() == ["20"]
    assert await status_of(stage, message) is JobStatus.DELIVERED


async def test_the_id_that_the_service_gave_is_recorded_though_the_lease_is_gone(
    stage: Stage,
) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.process(name="first") as first:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        first.stop()
        async with stage.process(name="second"):
            await stage.discord.until(lambda: MAYBE in described(message))
            pause.release()
            first.go_on()
            await stage.discord.until(lambda: "Done" in described(message))
            await at_rest(stage)
    assert names(stage) == RESULT
    assert stage.seeds() == ["20"]
    assert await status_of(stage, message) is JobStatus.DELIVERED


async def at_rest(stage: Stage) -> None:
    """No row is due or has to be drawn once more, whoever holds it."""
    left = sa.select(jobs.c.id).where(IS_LEFT)
    async with Database.open(stage.settings["DATABASE_URL"]) as database, asyncio.timeout(10):
        while await database.run(lambda db: db.execute(left).first()):  # noqa: ASYNC110 - the rows are other processes'
            await asyncio.sleep(0.05)


async def test_during_a_rolling_restart_every_event_comes_twice_and_is_one_job(
    stage: Stage,
) -> None:
    mei, channel = stage.member(), stage.discord.channel
    async with stage.process(name="old") as old, stage.process(name="new") as new:
        by_command = replied(await stage.slash(mei, seed=1))
        asked = await mei.post(f"{stage.discord.bot_mention} seed 2", files=[png()])
        by_message = await stage.reply_to(asked)
        for message in (by_command, by_message):
            await stage.ended(message)
        await mei.react(by_command, RERUN)
        by_reaction = await stage.reply_to(by_command)
        refused = await mei.post(f"{stage.discord.bot_mention} no number", files=[png()])
        await stage.reply_to(refused)
        by_button = replied(await (await mei.press(by_message, "Run again")).responded())
        await stage.discord.until(
            lambda: sum(bot.log.read_text().count(TWICE) for bot in (old, new)) == 4
        )
        assert await old.terminate() == 0
        for message in (by_reaction, by_button):
            await stage.ended(message)
        await stage.ended(replied(await stage.slash(mei, seed=5)))
    ours = [m for m in stage.discord.messages(channel) if m.author.is_bot]
    assert [len(message.attachments) for message in ours] == [2, 2, 2, 0, 2, 2]
    assert sorted(Counter(stage.seeds()).values()) == [1] * 5


async def test_one_process_alone_publishes_the_commands(stage: Stage) -> None:
    async with two(stage):
        await stage.ended(replied(await stage.slash(stage.member())))
    published = [
        each.path
        for each in stage.discord.requests
        if each.method == "PUT" and "/commands" in each.path
    ]
    assert len(published) == 1


async def test_each_shard_is_served_by_its_own_process_and_what_the_owner_sets_holds_in_all(
    stage: Stage,
) -> None:
    stage.settings |= {"OWNER_GUILD_ID": f"{stage.discord.guild.id}", "JOBS_PER_MEMBER": "1000"}
    owner = Member(stage.discord, stage.discord.application.owner)
    mei, places = stage.member(), [stage.discord.channel]
    while len({place.guild_id >> 22 & 1 for place in places if place.guild_id}) < 2:
        stage.discord.advance(seconds=0.001)  # a server's shard follows from its id
        other = stage.discord.add_guild("Other")
        mei.join(other)
        places.append(stage.discord.add_channel("there", other))
    async with two(stage) as (first, second):
        for place in (places[0], places[-1]):
            await stage.ended(replied(await stage.slash(mei, channel=place)))
        logs = [bot.log.read_text().count("accepted") for bot in (first, second)]
        form = await (await owner.slash("studio add")).responded()
        added = replied(await (await owner.submit(form, document=ADDED)).responded())
        await stage.discord.until(lambda: "added" in stage.discord.commands.names(), within_s=20)
        for place in (places[0], places[-1]):  # whoever publishes it, all serve it by then
            handle = await (await mei.slash("added", channel=place)).responded()
            await stage.ended(replied(handle))
        orders: list[tuple[str, dict[str, Any], str]] = [
            ("pause", {}, PAUSED),
            ("limit", {"jobs_per_day": 2}, "All members together have 0 of 2 jobs left"),
            ("block", {"member": mei.id}, BLOCKED),
        ]
        for order, given, sentence in orders:
            await (await owner.slash(f"studio {order}", **given)).responded()
            async with asyncio.timeout(20):
                while not (await answer(stage, mei, places[-1])).startswith(sentence):  # noqa: ASYNC110 - another process's doing
                    await asyncio.sleep(0.2)
            await (await owner.slash("studio resume")).responded()
    assert added.content.startswith("Added: `/added`")
    assert logs == [1, 1]


async def answer(stage: Stage, member: Member, place: Channel) -> str:
    """What a command there is answered with."""
    return replied(await stage.slash(member, channel=place)).content


async def test_a_postgresql_that_goes_away_and_comes_back_is_waited_out(
    stage: Stage, postgres: Postgres
) -> None:
    mei = stage.member()
    stage.studio.hold("processing")
    async with stage.process() as bot:
        message = replied(await stage.slash(mei, seed=20))
        await stage.discord.until(lambda: "Working" in described(message))
        await asyncio.to_thread(postgres.go_away)
        try:
            stage.studio.release()
            refused = await stage.slash(mei, seed=21)
            assert (refused.ephemeral, replied(refused).content) == (True, NOT_STORED)
        finally:
            await asyncio.to_thread(postgres.come_back)
        await stage.ended(message)
        await stage.ended(replied(await stage.slash(mei, seed=22)))
        assert await bot.terminate() == 0
    assert stage.seeds() == ["20", "22"]


async def test_the_services_id_is_written_once_postgresql_is_back(
    stage: Stage, postgres: Postgres
) -> None:
    pause = stage.studio.pause("submit", when="after")
    async with stage.process() as bot:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        await asyncio.to_thread(postgres.go_away)
        try:
            pause.release()
            await stage.discord.until(lambda: "cannot be written" in bot.log.read_text())
        finally:
            await asyncio.to_thread(postgres.come_back)
        await stage.discord.until(lambda: "Done" in described(message), within_s=20)
        await at_rest(stage)
    assert names(stage) == RESULT
    assert stage.seeds() == ["20"]


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_two_processes_share_two_hundred_jobs_and_none_is_held_by_both(
    stage: Stage,
) -> None:
    stage.settings["JOBS_PER_MEMBER"] = "200"
    stage.studio.seconds = dict.fromkeys(stage.studio.seconds, 0.8)  # so that each is asked for
    stage.studio.endpoints["PrOhEE"] = 1
    stage.studio.outputs[1] = (png().data, "image/png")
    questions = Questions(stage)
    members = [stage.member(f"member{number}") for number in range(20)]
    async with two(stage, "-m", "bot"):  # with leases as they are
        replies: list[Message] = []
        for begin in range(0, 200, 8):  # few at a time: three seconds for an answer pass anywhere
            handles = await asyncio.gather(
                *(
                    members[n % 20].slash(COMMAND, image=png(), seed=n)
                    for n in range(begin, begin + 8)
                )
            )
            replies += [replied(await handle.responded(20)) for handle in handles]
        await stage.all_done(replies, within_s=120)
    shares = Counter(questions.keys)
    assert len(shares) == 2
    assert min(shares.values()) >= 0.1 * sum(shares.values()), shares
    assert questions.overlapping == []
    assert Counter(stage.seeds()) == {str(seed): 1 for seed in range(200)}


class Questions:
    """Who asked the service for which job, and when."""

    def __init__(self, stage: Stage) -> None:
        self.keys: list[str] = []
        self.overlapping: list[str] = []
        self._asked: dict[str, tuple[str, float]] = {}
        stage.studio.troubles.policy = self._note

    def _note(self, call: str, request: Any) -> None:
        if call != "status":
            return
        path, key, now = request.path, request.headers["Authorization"], time.monotonic()
        self.keys.append(key)
        before, at = self._asked.get(path, (key, 0.0))
        if before != key and now - at < LEAST_S:
            self.overlapping.append(path)
        self._asked[path] = (key, now)
