"""One job is followed through the log by its id, from the command to the images."""

import json
import re
from itertools import groupby
from typing import Any

from bot.sandbox.discord import server
from bot.sandbox.discord.interactions import InteractionHandle
from tests.scenarios.conftest import BotProcess, Stage, described, replied

BEGINNING = [
    "job ID: accepted, cny-snakeyear for interaction:INTERACTION",
    "job ID: its reply is MESSAGE",
]
TROUBLE = [
    "POST /api/v1/jobs: status 503: made to fail",
    "job ID: submit: 503",
    "job ID: submitting → accepted",
]
TAKEN = "job ID: the service took it as SERVICE"
LIMITED = "job ID: its reply was not edited: Discord: rate limited"
MAY_WAIT = "job ID: not all of its end is there yet: Discord: rate limited"  # three react at once
END = [
    "job ID: running → downloading",
    "job ID: downloading → delivering",
    "job ID: delivering → delivered",
]


async def test_the_lines_with_a_jobs_id_tell_its_whole_story_and_no_other(stage: Stage) -> None:
    stage.settings["LOG_FORMAT"] = "json"
    stage.studio.fail_next("submit", status=503, headers={"Retry-After": "1"})
    stage.discord.fail_next(server.EDIT_BY_TOKEN, status=429)
    stage.studio.hold("processing")
    async with stage.process() as bot:
        handles = [await stage.slash(stage.member("Mei"))]
        await processing(stage, handles)
        handles += [await stage.slash(stage.member(name)) for name in ("Ana", "Bo")]
        await processing(stage, handles)
        await bot.kill()
    stage.studio.release()
    async with stage.process():
        for handle in handles:
            await stage.ended(replied(handle))
    assert [story(stage, bot, handle) for handle in handles] == [
        [*BEGINNING, *TROUBLE, TAKEN, LIMITED, *END],
        [*BEGINNING, TAKEN, *END],
        [*BEGINNING, TAKEN, *END],
    ]


async def processing(stage: Stage, handles: list[InteractionHandle]) -> None:
    await stage.discord.until(
        lambda: all("Working" in described(replied(handle)) for handle in handles)
    )


def story(stage: Stage, bot: BotProcess, handle: InteractionHandle) -> list[str]:
    """The messages that carry the id of this interaction's job, with names in place of ids."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in bot.log.read_text().splitlines()]
    words = rf"job (\w+): accepted, .* for interaction:{handle.id}"
    (job_id,) = [match[1] for line in lines if (match := re.fullmatch(words, line["message"]))]
    names = {
        job_id: "ID",
        **dict.fromkeys(stage.studio.jobs, "SERVICE"),
        str(handle.id): "INTERACTION",
        str(handle.message_id): "MESSAGE",
    }
    pattern = "|".join(names)
    found = [line for line in lines if job_id in json.dumps(line)]
    assert {line["job"] for line in found} == {job_id}
    told = [re.sub(pattern, lambda each: names[each[0]], line["message"]) for line in found]
    return [line for line, _repeated in groupby(line for line in told if line != MAY_WAIT)]
