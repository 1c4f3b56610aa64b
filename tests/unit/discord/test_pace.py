"""What Discord's answers tell of its buckets, and who waits for that."""

import asyncio
from datetime import timedelta

import discord
import pytest

from bot.discord.pace import LEAST_S, Bucket, Pace
from tests.jobs import HandClock


def told(limit: int, remaining: int, reset_after_s: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": f"{limit}",
        "X-RateLimit-Remaining": f"{remaining}",
        "X-RateLimit-Reset-After": f"{reset_after_s}",
    }


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def pace(clock: HandClock) -> Pace:
    return Pace(clock)


async def sent(bucket: Bucket, headers: dict[str, str] | None = None) -> None:
    async with bucket:
        bucket.hear(headers or {})


async def sent_away_s(pace: Pace, bucket: Bucket) -> float | None:
    """How long a step is told to stay away; None where its request may be made."""

    async def step() -> float | None:
        pace.hurry()
        try:
            await sent(bucket, told(2, 1, 5))
        except discord.RateLimited as error:
            return error.retry_after
        return None

    return await asyncio.create_task(step())


async def test_an_empty_bucket_is_told_at_once_to_whoever_comes_again(
    pace: Pace, clock: HandClock
) -> None:
    bucket = pace.bucket("hash:1")
    await sent(bucket, told(2, 0, 5))
    assert await sent_away_s(pace, bucket) == 5
    clock.now += timedelta(seconds=4)
    assert await sent_away_s(pace, bucket) == 1
    assert await sent_away_s(pace, pace.bucket("hash:2")) is None
    clock.now += timedelta(seconds=1)
    assert await sent_away_s(pace, bucket) is None


async def test_those_who_are_sent_away_come_again_in_turn_as_many_as_may(
    pace: Pace, clock: HandClock
) -> None:
    bucket = pace.bucket("hash:1")
    await sent(bucket, told(2, 0, 5))
    assert [await sent_away_s(pace, bucket) for _ in range(6)] == [5, 5, 10, 10, 15, 15]
    clock.now += timedelta(seconds=5)
    await sent(bucket, told(2, 1, 5))
    await sent(bucket, told(2, 0, 5))
    assert await sent_away_s(pace, bucket) == 15  # behind the four that are still away


async def test_a_refusal_empties_the_bucket_for_as_long_as_it_says(
    pace: Pace, clock: HandClock
) -> None:
    bucket = pace.bucket("hash:1")
    with pytest.raises(discord.RateLimited):
        async with bucket:
            raise discord.RateLimited(90.0)
    assert await sent_away_s(pace, bucket) == 90
    clock.now += timedelta(seconds=90)
    assert await sent_away_s(pace, bucket) is None


async def test_requests_on_their_way_are_counted_before_an_answer_tells_of_them(
    pace: Pace,
) -> None:
    await sent(pace.bucket("hash:1"), told(5, 4, 5))
    bucket = pace.bucket("hash:2")  # as large as the other one of its name
    async with bucket, bucket, bucket:
        bucket.hear(told(5, 4, 5))  # of the first; the two others were not seen yet
        assert bucket.remaining == 2


async def test_until_an_answer_tells_more_one_request_is_made_at_a_time(pace: Pace) -> None:
    bucket = pace.bucket("POST /channels:1")
    async with bucket:
        assert await sent_away_s(pace, bucket) == LEAST_S
        bucket.hear(told(5, 4, 5))
        assert await sent_away_s(pace, bucket) is None


async def test_where_no_answer_tells_of_limits_there_are_none(pace: Pace) -> None:
    await sent(pace.bucket("POST /channels:1"))
    for channel in (1, 2):
        async with pace.bucket(f"POST /channels:{channel}") as bucket:
            assert bucket.remaining > 1000


async def test_a_request_without_an_answer_takes_nothing_from_the_others(
    pace: Pace, clock: HandClock
) -> None:
    bucket = pace.bucket("hash:1")

    async def broken() -> None:
        with pytest.raises(OSError, match="reset"):
            async with bucket:
                raise OSError("reset")

    for _ in range(3):
        await broken()
    assert await sent_away_s(pace, bucket) is None
    clock.now += timedelta(seconds=5)
    for _ in range(3):
        await broken()
    assert await sent_away_s(pace, bucket) is None


async def test_whoever_cannot_come_again_waits(pace: Pace, clock: HandClock) -> None:
    bucket = pace.bucket("hash:1")
    await sent(bucket, told(1, 0, 0.05))
    waiting = asyncio.create_task(sent(bucket, told(1, 0, 90)))
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.now += timedelta(seconds=1)
    await asyncio.wait_for(waiting, 5)
    with pytest.raises(discord.RateLimited):  # longer than anybody should
        await sent(bucket)
