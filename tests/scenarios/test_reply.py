"""A job's reply: what stands in it, what its buttons tell, and what an earlier version has drawn."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.job import Job
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.requests import Exchange
from tests.scenarios.conftest import (
    COMMAND,
    RERUN,
    Stage,
    asked,
    custom_ids,
    described,
    facts,
    is_reply,
    moved_on,
    png,
    replied,
    shown,
)
from tests.scenarios.tables import at_rest, rows

POSTER: Mapping[str, Any] = {
    "endpointId": "PoStEr",
    "name": "Poster",
    "fieldIds": ["prompt_1", "negative_2", "style_3", "steps_4", "seed_5"],
    "fields": {
        "prompt_1": {"required": True},
        "style_3": {"choices": ["ink", "oil"], "default": "ink"},
        "steps_4": {"kind": "integer", "default": 20},
    },
}


@pytest.fixture
def poster(stage: Stage) -> Stage:
    stage.serve(POSTER)
    return stage


async def test_the_reply_says_what_was_asked_and_more_tells_it_to_copy(poster: Stage) -> None:
    mei, ana = poster.member("Mei"), poster.member("Ana")
    prompt = "a *red* fox\n# in the snow @everyone"
    async with poster.bot():
        handle = await mei.slash("poster", prompt=prompt, style="oil", seed=20)
        message = await poster.ended(replied(await handle.responded()))
        press = await ana.press(message, "More…")
        told = replied(await press.responded())
    assert message.content.split("\n")[0] == ("**a \\*red\\* fox # in the snow @\u200beveryone**")
    assert facts(message)[:3] == ["Poster", "style: oil", "seed `20`"]
    assert press.ephemeral
    assert f"/poster prompt: {prompt} style: oil steps: 20 seed: 20" in told.content
    assert not message.mentioned


async def test_a_prompt_that_is_too_long_for_a_message_comes_as_a_file(poster: Stage) -> None:
    mei = poster.member()
    prompt = "a red fox in the snow, " * 160
    async with poster.bot():
        handle = await mei.slash("poster", prompt=prompt.strip(), seed=20)
        message = await poster.ended(replied(await handle.responded()))
        told = replied(await (await mei.press(message, "More…")).responded())
    assert len(message.content) < 500
    (file,) = told.attachments
    assert file.filename == "settings.txt"
    assert prompt.strip() in poster.discord.file(file).decode()


async def test_more_answers_while_it_runs_after_a_restart_and_when_nothing_is_kept(
    stage: Stage,
) -> None:
    mei = stage.member()
    stage.studio.hold("pending")
    async with stage.bot():
        message = await asked(stage)
        first = await mei.press(message, "More…")
        assert f"/{COMMAND} image: me.png" in replied(await first.responded()).content
    async with stage.bot():
        again = await mei.press(message, "More…")
        assert replied(await again.responded()).content == replied(first).content
        stage.studio.release()
        await stage.ended(message)
    more = message.components[0]["components"][-1]
    message.components[0]["components"] = [{**more, "custom_id": f"more:{'0' * 32}:done"}]
    async with stage.bot():
        lost = await mei.press(message, "More…")
        assert replied(await lost.responded()).content == "This job is no longer kept."


async def test_another_run_leads_to_the_result_that_it_came_from(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        result = await stage.ended(await asked(stage))
        await mei.react(result, RERUN)
        by_reaction = await stage.ended(await stage.reply_to(result))
        press = await mei.press(result, "Run again")
        by_button = await stage.ended(replied(await press.responded()))
    place = f"{stage.discord.guild.id}/{result.channel.id}/{result.id}"
    link = f"again, with a new seed: [the result before](<https://discord.com/channels/{place}>)"
    for message in (by_reaction, by_button):
        assert facts(message)[:2] == [mei.mention, link]
    assert "again" not in result.content


@pytest.mark.parametrize("minutes", [0, 16], ids=["by its token", "by the bot's own"])
async def test_nobody_is_pinged_by_any_message_or_edit(stage: Stage, minutes: float) -> None:
    stage.studio.endpoints["PrOhEE"] = 12  # for a further message
    stage.studio.hold("processing")
    mei = stage.member()
    async with stage.bot() as app:
        result = await asked(stage)
        await stage.discord.until(lambda: "Working" in described(result))
        stage.discord.advance(minutes=minutes)
        stage.studio.release()
        await moved_on(stage, app, lambda: RERUN in result.reactions)
        await mei.react(result, RERUN)
        await moved_on(stage, app, lambda: is_done_after(stage, result))
    bodies = [body_of(each) for each in stage.discord.requests if "message" in each.route]
    edits = [each for each in stage.discord.requests if each.method == "PATCH"]
    assert len(edits) >= 4
    said = [each for each in bodies if "content" in each] + [body_of(each) for each in edits]
    notices = [each for each in said if "is done." in str(each.get("content"))]
    assert len(notices) == bool(minutes)
    assert {
        json.dumps(each["allowed_mentions"]["parse"]) for each in said if each not in notices
    } == {"[]"}
    assert [each for each in said if each["allowed_mentions"].get("users")] == notices


def is_done_after(stage: Stage, result: Message) -> bool:
    """Whether another run of the result is done."""
    there = [m for m in stage.discord.messages() if m.reply_to == result.id and is_reply(m)]
    return any(RERUN in message.reactions for message in there)


def body_of(exchange: Exchange) -> dict[str, Any]:
    body = exchange.body
    if not isinstance(body, dict):
        return {}
    return body["data"] if exchange.route.endswith("/callback") and "data" in body else body


def as_before(message: Message, text: str, *, ended: bool) -> None:
    """Let the reply look as an earlier version drew it."""
    job_id = next(each.split(":")[1] for each in custom_ids(message))
    fields = [{"name": "Took" if ended else "Since", "value": "5 s", "inline": True}]
    footer = {"text": f"job {job_id[:12]}"}
    message.content = ""
    message.embeds = [{"type": "rich", "description": text, "fields": fields, "footer": footer}]
    for row in message.components:
        row["components"] = [each for each in row["components"] if each["label"] == "Run again"]
    message.components = message.components if ended else []


async def test_what_an_earlier_version_has_begun_is_carried_on_and_ends_well(stage: Stage) -> None:
    stage.studio.hold("processing")
    async with stage.bot():
        message = await asked(stage)
        await stage.discord.until(lambda: "Working" in described(message))
    as_before(message, "**Processing**", ended=False)
    stage.studio.release()
    async with stage.bot():
        await stage.ended(message)
    assert (message.embeds, len(message.attachments)) == ([], 2)
    assert len(stage.studio.posts) == 1


async def test_what_an_earlier_version_has_ended_stays_as_it_is_and_can_be_run_again(
    stage: Stage,
) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "Done" in described(message))
        await at_rest(app)
        (row,) = await rows(app.bot.store)
    as_before(message, "**Done**", ended=True)
    async with stage.bot() as app:
        await app.bot.store.change(row.id, shown_by_an_embed)
        await at_rest(app)
        press = await mei.press(message, "Run again")
        again = await stage.ended(replied(await press.responded()))
    assert message.embeds[0]["description"] == "**Done**"
    assert again.attachments


def shown_by_an_embed(job: Job) -> Job:
    return replace(job, due_at=job.changed_at, posted=replace(job.posted, shown="0123456789abcdef"))


async def test_without_an_emoji_the_button_alone_runs_it_again(stage: Stage) -> None:
    stage.settings["RERUN_EMOJI"] = "off"
    mei = stage.member()
    async with stage.bot() as app:
        message = await asked(stage)
        await stage.discord.until(lambda: "Done" in described(message))
        await at_rest(app)
        await mei.react(message, RERUN)
        press = await mei.press(message, "Run again")
        again = replied(await press.responded())
        await stage.discord.until(lambda: "Done" in described(again))
        await at_rest(app)
    assert list(message.reactions) == [RERUN]
    assert not again.reactions
    assert len(stage.studio.posts) == 2


async def test_images_are_shown_behind_a_spoiler_to_who_wants_it_so(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot():
        handle = await mei.slash(COMMAND, image=png(), show="behind a spoiler")
        hidden = await stage.ended(replied(await handle.responded()))
        await mei.react(hidden, RERUN)
        again = await stage.ended(await stage.reply_to(hidden))
        handle = await mei.slash(COMMAND, image=png(), show="everyone")
        open_one = await stage.ended(replied(await handle.responded()))
    for message, is_hidden in ((hidden, True), (again, True), (open_one, False)):
        assert {a.filename.startswith("SPOILER_") for a in message.attachments} == {is_hidden}
    assert {part.name for post in stage.studio.posts for part in post.parts} == {
        "load_image_22",
        "seed_56",
    }


async def test_a_long_wait_for_a_busy_service_is_told_and_a_short_one_is_not(stage: Stage) -> None:
    for wait in ("5", "120"):
        stage.studio.fail_next("submit", status=429, headers={"Retry-After": wait})
    async with stage.bot() as app:
        message = await asked(stage)
        await moved_on(stage, app, lambda: "busy" in described(message))
        (due,) = re.findall(r"<t:(\d+):R>", described(message))
        left_s = int(due) - stage.discord.clock.now().timestamp()
        assert 100 < left_s <= 120
        await moved_on(stage, app, lambda: "Done" in described(message), step_s=10)
    assert sum("busy" in text for text in shown(message)) == 1
    assert len(stage.studio.posts) == 1


async def test_once_five_jobs_are_known_a_reply_says_when_its_own_will_be_ready(
    stage: Stage,
) -> None:
    stage.studio.seconds["processing"] = 20.0
    async with stage.bot() as app:
        known = [replied(await stage.slash(stage.member(f"Member {n}"))) for n in range(5)]
        await moved_on(stage, app, lambda: all("Done" in described(each) for each in known))
        stage.discord.advance(seconds=15)  # what is known of others is read now and then
        stage.studio.hold("processing")
        began = stage.discord.clock.now().timestamp()
        message = await asked(stage)
        await moved_on(stage, app, lambda: "Working" in described(message), step_s=0.5)
        said = re.fullmatch(
            r"\*\*Working\*\* · usually about (\d+) s · ready <t:(\d+):R>", described(message)
        )
        await moved_on(stage, app, lambda: "longer" in described(message))
        late = stage.discord.clock.now().timestamp()
        await moved_on(stage, app, lambda: list(stage.studio.jobs.values())[-1].asked > 9)
        stage.studio.release()
        await moved_on(stage, app, lambda: "Done" in described(message))
    assert not any("usually" in text for each in known for text in shown(each))
    assert said
    assert said[1] == "20"
    assert began + 15 <= int(said[2]) <= began + 60
    assert int(said[2]) <= late
    texts = [text for text in shown(message) if "Working" in text]
    assert texts == [said[0], "**Working** · longer than usual"]
