"""On from a result: the same with changes, and one of its images as an input."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.studio.jobs import Submission
from tests.samples.pictures import encoded, noise
from tests.scenarios.conftest import Stage, facts, png, replied
from tests.scenarios.test_who_may import NOT_KNOWN

POSTER: Mapping[str, Any] = {
    "endpointId": "PoStEr",
    "name": "Poster",
    "fieldIds": ["prompt_1", "style_2", "steps_3", "is_tiled_4", "seed_5"],
    "fields": {
        "style_2": {"choices": ["ink", "oil"], "default": "ink"},
        "steps_3": {"kind": "integer", "default": 20},
        "is_tiled_4": {"kind": "boolean", "default": False},
    },
}
WIDE: Mapping[str, Any] = {
    "endpointId": "WiDe",
    "name": "Wide",
    "fieldIds": ["image_1", "prompt_2", *(f"number_of_{n}s_{n}" for n in range(3, 8)), "seed_9"],
}
TINT: Mapping[str, Any] = {
    "endpointId": "TiNt",
    "name": "Tint",
    "fieldIds": ["image_1", "colour_2"],
    "fields": {"colour_2": {"kind": "string", "required": True}},
}
FRAME: Mapping[str, Any] = {"endpointId": "FrAmE", "name": "Frame", "fieldIds": ["image_1"]}


def serve(stage: Stage, *documents: Mapping[str, Any]) -> None:
    """Let bots have these endpoints in place of others."""
    folder = stage.data_dir.parent / "endpoints"
    folder.mkdir(exist_ok=True)
    for document in documents:
        (folder / f"{document['name']}.json").write_text(json.dumps(document))
        stage.studio.endpoints[document["endpointId"]] = 1
    stage.settings["ENDPOINTS"] = str(folder)


async def press(member: Member, message: Message, label: str) -> InteractionHandle:
    return await (await member.press(message, label)).responded()


async def chosen(member: Member, message: Message, *values: str) -> InteractionHandle:
    """The message's select, with these values."""
    (select,) = (part for row in message.components for part in row["components"])
    return await (await member.choose(message, select["custom_id"], *values)).responded()


async def sent(stage: Stage, member: Member, form: InteractionHandle, **given: Any) -> Message:
    """The reply to a form that was filled in so, once its job has ended."""
    return await stage.ended(replied(await (await member.submit(form, **given)).responded()))


async def made(stage: Stage, member: Member, command: str, **options: Any) -> Message:
    handle = await member.slash(command, **options)
    return await stage.ended(replied(await handle.responded()))


def posted(stage: Stage, *names: str) -> list[str | None]:
    """What the last POST had in these fields."""
    return [stage.studio.posts[-1].text(name) for name in names]


def picture(post: Submission) -> bytes:
    """The first file of a POST."""
    return next(part.data for part in post.parts if part.filename)


def link(stage: Stage, message: Message) -> str:
    guild, channel = stage.discord.guild.id, message.channel.id
    return f"[the result before](<https://discord.com/channels/{guild}/{channel}/{message.id}>)"


async def test_a_form_has_what_was_typed_and_what_is_changed_there_runs(stage: Stage) -> None:
    stage.serve(POSTER)
    mei, ana = stage.member(), stage.member("Ana")
    async with stage.bot():
        result = await made(stage, mei, "poster", prompt="a red fox", style="oil", seed=7)
    async with stage.bot():  # no form is kept in memory
        form = await press(ana, result, "Change…")
        dismissed = await press(mei, result, "Change…")
    async with stage.bot():
        changed = await sent(stage, ana, form, prompt="a blue fox", is_tiled="true", seed="")
    assert dismissed.modal
    filled = {
        part["component"]["custom_id"]: part["component"] for part in dismissed.modal["components"]
    }
    assert filled["prompt"]["value"] == "a red fox"
    assert [o["value"] for o in filled["style"]["options"] if o.get("default")] == ["oil"]
    assert (filled["steps"]["value"], filled["seed"]["value"]) == ("20", "7")
    names = ("prompt_1", "style_2", "steps_3", "is_tiled_4")
    assert posted(stage, *names) == ["a blue fox", "oil", "20", "true"]
    assert posted(stage, "seed_5") != ["7"]
    assert changed.content.startswith("**a blue fox**\n")
    assert facts(changed)[1:3] == [
        ana.mention,
        f"changed prompt, is\\_tiled, seed: {link(stage, result)}",
    ]


async def test_of_many_options_those_to_change_are_chosen_and_all_others_stay(stage: Stage) -> None:
    stage.serve(WIDE)
    mei = stage.member()
    given = {"prompt": "a" * 4500, "number_of_3s": 3, "number_of_7s": 7, "seed": 9}
    async with stage.bot():
        result = await made(stage, mei, "wide", image=png("me.png"), **given)
        asked = await press(mei, result, "Change…")
        form = await chosen(mei, replied(asked), "image", "prompt", "number_of_7s")
        changed = await sent(stage, mei, form, number_of_7s="77")
        other = File("other.png", encoded(noise((8, 8)), "PNG"))
        form = await chosen(mei, replied(asked), "image")
        await sent(stage, mei, form, image=other)
    assert asked.ephemeral
    before, again, last = stage.studio.posts
    texts = ("prompt_2", "number_of_3s_3", "seed_9")
    assert (
        [again.text(n) for n in texts]
        == [before.text(n) for n in texts]
        == [last.text(n) for n in texts]
    )
    assert (before.text("number_of_7s_7"), again.text("number_of_7s_7")) == ("7", "77")
    assert picture(again) == picture(before) == png().data
    assert picture(last) == other.data
    assert f"changed number\\_of\\_7s: {link(stage, result)}" in facts(changed)


async def test_where_nothing_is_changed_nothing_is_charged(stage: Stage) -> None:
    stage.serve(POSTER)
    mei = stage.member()
    async with stage.bot():
        result = await made(stage, mei, "poster", prompt="a fox")
        form = await press(mei, result, "Change…")
        same = await (await mei.submit(form)).responded()
        form = await press(mei, result, "Change…")
        wrong = await (await mei.submit(form, steps="many")).responded()
    assert (same.ephemeral, wrong.ephemeral) == (True, True)
    assert replied(same).content.startswith("Nothing was changed")
    assert replied(wrong).content == "steps has to be a whole number, not “many”."
    assert len(stage.studio.posts) == 1


async def test_an_image_is_the_input_of_another_endpoint_and_that_ones_of_a_third(
    stage: Stage,
) -> None:
    serve(stage, POSTER, TINT, FRAME)
    stage.studio.endpoints["PoStEr"] = 2
    mei, ana = stage.member(), stage.member("Ana")
    async with stage.bot():
        result = await made(stage, mei, "poster", prompt="a fox")
        which = await press(ana, result, "Use as input…")
        await chosen(ana, replied(which), "2")
        form = await chosen(ana, replied(which), value_of(replied(which), "/tint"))
        tinted = await sent(stage, ana, form, colour="red")
        which = await press(ana, tinted, "Use as input…")
        framed = replied(await chosen(ana, replied(which), value_of(replied(which), "/frame")))
        await stage.ended(framed)
    _, tint, frame = stage.studio.posts
    assert which.ephemeral
    assert picture(tint) == stage.discord.files[result.attachments[1].id][0]
    assert tint.text("colour_2") == "red"
    assert picture(frame) == stage.discord.files[tinted.attachments[0].id][0]
    assert tinted.content.startswith("**red**\n")
    assert facts(tinted)[:3] == ["Tint", ana.mention, f"of image 2 of {link(stage, result)}"]


def offered(message: Message) -> dict[str, str]:
    """The values of a select's options, by what they say."""
    (select,) = (part for row in message.components for part in row["components"])
    return {each["label"]: str(each["value"]) for each in select["options"]}


def value_of(message: Message, label: str) -> str:
    """The value of a select's option."""
    return offered(message)[label]


async def test_of_more_endpoints_than_a_select_holds_those_used_last_come_first_of_what_one_may(
    stage: Stage,
) -> None:
    names = [f"Frame{n}" for n in range(10, 37)]
    serve(stage, *({**FRAME, "name": name, "endpointId": name} for name in names))
    mei, ana = stage.member(), stage.member("Ana")
    async with stage.bot():
        rules = [("user", ana.id, False)]
        await stage.discord.set_command_permissions(stage.discord.guild, "frame11", rules)
        for name in ("frame30", "frame36"):
            result = await made(stage, mei, name, image=png())
        which = replied(await press(mei, result, "Use as input…"))
        first = list(offered(which))
        hers = replied(await press(ana, result, "Use as input…"))
        while hers.content.startswith(NOT_KNOWN):  # the rules were changed a moment ago
            hers = replied(await press(ana, result, "Use as input…"))
        await chosen(mei, which, value_of(which, "More…"))
        further = list(offered(which))
        framed = replied(await chosen(mei, which, value_of(which, "/frame35")))
        await stage.ended(framed)
    assert first == ["/frame36", "/frame30", *(f"/frame{n}" for n in range(10, 30)), "/frame31",
                     "/frame32", "More…"]  # fmt: skip
    assert list(offered(hers)) == ["/frame10", *(f"/frame{n}" for n in range(12, 35)), "More…"]
    assert further == [f"/frame{n}" for n in (33, 34, 35)]
    assert framed.content.startswith("**Frame35**\n")


@pytest.mark.parametrize("label", ["Change…", "Use as input…"])
async def test_a_result_that_is_no_longer_kept_is_said_to_be_so(stage: Stage, label: str) -> None:
    serve(stage, POSTER, FRAME)
    mei = stage.member()
    async with stage.bot() as app:
        result = await made(stage, mei, "poster", prompt="a fox")
        stage.discord.advance(minutes=31 * 24 * 60)
        async with asyncio.timeout(5):
            while await app.bot.service.job_of(result.id):
                await app.pruning.once()
        told = await press(mei, result, label)
    assert (told.ephemeral, replied(told).content) == (True, "This job is no longer kept.")
