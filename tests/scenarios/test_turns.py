"""Nobody waits for another's trouble: hosts that hang, a service that takes nothing, many jobs."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.app import App
from bot.files import outside
from bot.sandbox.discord import server
from bot.sandbox.discord.limits import RULES
from bot.sandbox.discord.requests import Exchange
from bot.sandbox.studio.troubles import Trouble
from bot.work import worker
from tests.scenarios.conftest import Stage, described, moved_on, png, replied
from tests.scenarios.service_scene import eventually

MANY = 30


async def test_a_job_ends_beside_many_of_another_whose_images_hang(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "READ_S", 60.0)  # longer than anything here is waited for
    monkeypatch.setattr(worker, "DRAIN_S", 0.0)
    stage.settings["JOBS_PER_MEMBER"] = f"{MANY}"
    stage.studio.hold("processing")
    mei, ana, hung, asked = stage.member("Mei"), stage.member("Ana"), set[str](), list[str]()

    def policy(call: str, request: Any) -> Trouble | None:
        if call != "download" or request.match_info["job_id"] not in hung:
            return None
        asked.append(request.match_info["job_id"])
        return Trouble(is_silent=True)

    stage.studio.troubles.policy = policy
    async with stage.bot():
        await asyncio.gather(*(stage.slash(mei) for _ in range(MANY)))
        await stage.discord.until(lambda: len(stage.studio.jobs) == MANY)
        hung |= stage.studio.jobs.keys()
        stage.studio.release()
        await stage.discord.until(lambda: len(asked) >= 8)
        await stage.ended(replied(await stage.slash(ana)))
    assert len(asked) < MANY


async def are_waiting(app: App, number: int) -> bool:
    """Whether so many rows are due, and nobody has taken them."""
    return len((await app.bot.store.queue.due(app.bot.now())).rows) == number


async def test_while_the_service_takes_nothing_all_wait_and_at_the_end_one_goes_first_in_turn(
    stage: Stage,
) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    stage.settings["JOBS_PER_MEMBER"] = "9"
    stage.studio.fail_next("submit", status=503, headers={"Retry-After": "60"})
    async with stage.bot() as app:
        messages = [replied(await stage.slash(mei, seed=1))]
        await stage.discord.until(lambda: len(stage.studio.requests) == 1)
        messages += [replied(await stage.slash(mei, seed=seed)) for seed in range(2, 6)]
        messages.append(replied(await stage.slash(ana, seed=9)))
        await eventually(lambda: are_waiting(app, 5))
        tried = len(stage.studio.requests)
        first = stage.studio.pause("submit", when="after")
        await moved_on(stage, app, lambda: stage.studio.posts, step_s=10)
        await first.reached()
        await eventually(lambda: are_waiting(app, 5))
        alone = stage.seeds()
        first.release()
        await stage.all_done(messages, within_s=20)
    assert (tried, alone) == (1, ["9"])
    assert sorted(seed or "" for seed in stage.seeds()) == ["1", "2", "3", "4", "5", "9"]
    assert "Done" in described(messages[-1])


async def test_a_channel_that_discord_slows_holds_up_no_other(stage: Stage) -> None:
    discord, mei, ana = stage.discord, stage.member("Mei"), stage.member("Ana")
    slow = discord.add_channel("slow")
    stage.settings["JOBS_PER_MEMBER"] = f"{MANY}"

    def is_slow(exchange: Exchange) -> bool:
        message_id = exchange.path.partition("?")[0].rpartition("/")[2]
        return discord.message(int(message_id)).channel is slow

    discord.fail_next(
        server.EDIT_BY_TOKEN, status=429, retry_after_s=300, times=1000, match=is_slow
    )
    async with stage.bot():
        await asyncio.gather(*(stage.slash(mei, channel=slow) for _ in range(MANY)))
        await discord.until(lambda: len(refused(stage)) >= 8)
        await stage.ended(replied(await stage.slash(ana)))
        await discord.until(lambda: len(refused(stage)) == MANY)  # each asks once


def refused(stage: Stage) -> list[Exchange]:
    return [each for each in stage.discord.requests if each.status == 429]


async def test_the_limits_that_discord_tells_of_are_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord, mei = stage.discord, stage.member("Mei")
    discord.limits.is_on = True
    for route in (server.SEND, server.EDIT, server.REACT):
        shorter = replace(RULES[route], count=2, per_s=0.5, told_s=None)
        monkeypatch.setitem(RULES, route, shorter)
    stage.settings["JOBS_PER_MEMBER"] = "9"
    text = f"{discord.bot_mention} snake"
    async with stage.bot():
        asked = [await mei.post(text, files=[png()]) for _ in range(5)]
        for reply in [await stage.reply_to(each) for each in asked]:
            await stage.ended(reply)
    assert refused(stage) == []
    assert len(stage.studio.posts) == 5
