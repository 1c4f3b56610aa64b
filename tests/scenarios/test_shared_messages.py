"""A result of several messages, whose process stands still between sending one and noting its id."""

import pytest

from bot.sandbox.discord import server
from tests.scenarios.conftest import Stage, described, replied
from tests.scenarios.test_shared import LOST, at_rest, names


@pytest.fixture
def stage(stage: Stage, postgresql_url: str) -> Stage:
    stage.settings |= {"DATABASE_URL": postgresql_url, "NOTIFY_AFTER_MINUTES": "0"}
    return stage


async def test_a_message_that_a_standing_process_has_sent_is_the_one_that_another_fills(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 12
    pause = stage.discord.pause(server.SEND, when="after")
    async with stage.process(name="first") as first:
        message = replied(await stage.slash(stage.member(), seed=20))
        await pause.reached()
        first.stop()
        async with stage.process(name="second"):
            await stage.discord.until(lambda: "Done" in described(message), within_s=20)
            pause.release()
            first.go_on()
            await stage.discord.until(lambda: LOST in first.log.read_text())
            await at_rest(stage)
    ours = [m for m in stage.discord.messages(message.channel) if m.author.is_bot]
    assert [len(each.attachments) for each in ours] == [10, 2]
    assert names(stage) == [f"cny-snakeyear-seed20-{n}.jpg" for n in range(1, 13)]
