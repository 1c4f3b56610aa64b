"""What of the gateway is a fault, by a client that is told of its shards and asks nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.ext import commands

from bot.discord.gateway import Gateway, closed_for_good
from tests.jobs import NOON


class Told:
    """A client's gateway at a time of our own."""

    def __init__(self, client: commands.AutoShardedBot) -> None:
        self.now = NOON
        self._client = client
        self.gateway = Gateway(client, lambda: self.now)

    async def hear(self, event: str, shard: int, *, after_s: float = 0.0) -> None:
        self.now += timedelta(seconds=after_s)
        before = asyncio.all_tasks()
        self._client.dispatch(event, shard)
        await asyncio.gather(*(asyncio.all_tasks() - before))


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    client = commands.AutoShardedBot(
        "!", intents=discord.Intents.none(), shard_count=3, shard_ids=[0, 2]
    )
    async with client:
        found = Told(client)
        for shard in (0, 2):
            await found.hear("shard_connect", shard)
        yield found


async def test_a_shard_that_tries_in_vain_is_away_since_it_first_went(told: Told) -> None:
    for after_s in (0, 30, 30):
        await told.hear("shard_disconnect", 2, after_s=after_s)
        assert told.gateway.fault() is None
    await told.hear("shard_disconnect", 2, after_s=1)
    assert told.gateway.fault() == "not connected: shard 2"
    assert told.gateway.connected == 1


@pytest.mark.parametrize("back", ["shard_resumed", "shard_connect"])
async def test_a_shard_that_was_back_is_away_anew(told: Told, back: str) -> None:
    await told.hear("shard_disconnect", 0)
    await told.hear(back, 0, after_s=61)
    assert told.gateway.fault() is None
    await told.hear("shard_disconnect", 0, after_s=61)
    assert told.gateway.fault() is None
    told.now += timedelta(seconds=61)
    assert told.gateway.fault() == "not connected: shard 0"


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014, 4999])
def test_a_connection_that_is_closed_for_good_is_one_sentence_that_says_what_to_do(
    code: int,
) -> None:
    socket: Any = SimpleNamespace(close_code=code)
    said = closed_for_good(discord.ConnectionClosed(socket, shard_id=0))
    assert said.startswith("Discord ")
    assert len(said.splitlines()) == 1
    assert f"({code})" in said or "DISCORD_TOKEN" in said
    if code == 4014:
        assert closed_for_good(discord.PrivilegedIntentsRequired(0)) == said
