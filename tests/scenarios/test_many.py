"""Many members at once."""

import asyncio
import re
from collections import Counter

import pytest

from bot.sandbox.discord.interactions import InteractionHandle
from tests.scenarios.conftest import COMMAND, Stage, png


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_two_hundred_jobs_are_answered_in_time_and_delivered_within_discords_limits(
    stage: Stage,
) -> None:
    stage.discord.limits.is_on = True
    members = [stage.member(f"member{number}") for number in range(200)]
    async with stage.process("-m", "bot") as bot:
        handles: list[InteractionHandle] = []
        for begin in (0, 100):  # a hundred at one moment: as many as any machine answers in time
            handles += await asyncio.gather(
                *(members[n].slash(COMMAND, image=png(), seed=n) for n in range(begin, begin + 100))
            )
            waiting = handles[begin:]

            def are_answered(waiting: list[InteractionHandle] = waiting) -> bool:
                while waiting and waiting[-1].response:  # each is looked at until it is
                    waiting.pop()
                return not waiting

            await stage.discord.until(are_answered, within_s=60)
        replies = [handle.message for handle in handles if handle.message]
        assert [reply.content for reply in replies if reply.is_ephemeral] == []
        assert stage.discord.late_answers == []
        await stage.all_done(replies, within_s=180)
    assert len(replies) == 200
    assert Counter(stage.seeds()) == {str(seed): 1 for seed in range(200)}
    assert [len(reply.attachments) for reply in replies] == [2] * 200
    assert not re.search("WARNING|ERROR", bot.log.read_text())
    too_many = Counter(each.route for each in stage.discord.requests if each.status == 429)
    assert too_many == Counter(), "Discord's limits hold the bot up, and it keeps to them"
