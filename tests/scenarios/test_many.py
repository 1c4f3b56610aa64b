"""Many members at once."""

import asyncio
import re
from collections import Counter

import pytest

from tests.scenarios.conftest import COMMAND, Stage, png


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_two_hundred_jobs_at_once_are_answered_in_time_and_delivered(
    stage: Stage,
) -> None:
    stage.discord.limits.is_on = True
    members = [stage.member(f"member{number}") for number in range(200)]
    async with stage.process("-m", "bot") as bot:
        handles = await asyncio.gather(
            *(m.slash(COMMAND, image=png(), seed=seed) for seed, m in enumerate(members))
        )
        waiting = list(handles)

        def are_answered() -> bool:  # each is looked at until it is, and not again
            while waiting and waiting[-1].response:
                waiting.pop()
            return not waiting

        await stage.discord.until(are_answered, within_s=100)
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
