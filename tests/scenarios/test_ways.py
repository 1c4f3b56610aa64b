"""What a message lacks is asked for, and what it has is carried along; words run where they are clear."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from bot import service
from bot.jobs import patience
from bot.sandbox.discord.contents import kept_components
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.samples.pictures import encoded, noise
from tests.scenarios.conftest import Stage, facts, png, replied
from tests.scenarios.test_changes import (
    FRAME,
    POSTER,
    TINT,
    chosen,
    made,
    picture,
    posted,
    press,
    sent,
    serve,
    value_of,
)
from tests.scenarios.test_who_may import by_button

MASK: Mapping[str, Any] = {"endpointId": "MaSk", "name": "Mask", "fieldIds": ["image_1", "image_2"]}
SECOND = File("second.png", encoded(noise((8, 8)), "PNG"))
CARD = "Here is what I can do: "


async def said(stage: Stage, member: Member, words: str, *files: File) -> Message:
    """The bot's answer to a message that mentions it."""
    text = f"{stage.discord.bot_mention} {words}"
    return await stage.reply_to(await member.post(text, files=files))


async def pressed(member: Member, message: Message) -> InteractionHandle:
    """The message's button, pressed."""
    (button,) = (part for row in message.components for part in row["components"])
    return await (await member.press(message, button["label"])).responded()


async def test_where_several_endpoints_fit_one_is_chosen_and_has_picture_and_words(
    stage: Stage,
) -> None:
    serve(stage, POSTER, TINT, FRAME)
    mei, ana = stage.member(), stage.member("Ana")
    async with stage.bot():
        question = await said(stage, mei, "red", png())
    async with stage.bot():  # it is kept
        theirs = await chosen(ana, question, value_of(question, "/tint"))
        wordless = await chosen(mei, question, value_of(question, "/frame"))
        reply = replied(await chosen(mei, question, value_of(question, "/tint")))
        await stage.ended(reply)
    assert question.content == "Say which one to run: `frame`, `tint`."
    assert [
        (each["label"], each["description"])
        for row in question.components
        for each in row["components"][0]["options"]
    ] == [("/frame", "Run Frame"), ("/tint", "Run Tint")]
    assert (theirs.ephemeral, replied(theirs).content) == (True, "Only who asked can choose here.")
    assert replied(wordless).content == (
        "Frame has no option for “red”. Write it as `frame`. Nothing was charged."
    )
    assert (picture(stage.studio.posts[-1]), posted(stage, "colour_2")) == (png().data, ["red"])
    assert len(stage.studio.posts) == 1
    assert reply.content.startswith("**red**")


async def test_reading_and_accepting_are_in_time_together_or_nothing_is_run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(stage, TINT, FRAME)
    mei = stage.member()
    monkeypatch.setattr(service, "REFUSE_S", 9)
    async with stage.bot() as app:
        question = await said(stage, mei, "", png())
        engine = app.bot.store._database._engine
        monkeypatch.setattr(patience, "ANSWER_S", 1.0)
        sa.event.listen(engine, "commit", slowly := lambda _connection: time.sleep(0.6))
        handle = await chosen(mei, question, value_of(question, "/frame"))
        sa.event.remove(engine, "commit", slowly)
    assert handle.ephemeral
    assert "Nothing was charged" in replied(handle).content
    assert stage.studio.posts == []


async def test_what_is_missing_is_filled_in_and_what_was_said_stays(stage: Stage) -> None:
    serve(stage, {**TINT, "fieldIds": ["image_1", "colour_2", "number_of_3s_3"]}, POSTER)
    mei = stage.member()
    async with stage.bot():
        question = await said(stage, mei, "tint number_of_3s: 3", png())
        assert "Write it as `tint " in question.content
        form = await pressed(mei, question)
        await sent(stage, mei, form, colour="red")
        question = await said(stage, mei, "tint colour: red")
        form = await pressed(mei, question)
        await sent(stage, mei, form, image=SECOND)
    first, second = stage.studio.posts
    assert (picture(first), first.text("colour_2"), first.text("number")) == (
        png().data,
        "red",
        "3",
    )
    assert (picture(second), second.text("colour_2")) == (SECOND.data, "red")


async def test_of_several_pictures_for_one_field_one_is_chosen_and_several_fill_several(
    stage: Stage,
) -> None:
    serve(stage, FRAME, MASK)
    mei = stage.member()
    async with stage.bot():
        question = await said(stage, mei, "frame", png(), SECOND)
        await stage.ended(replied(await chosen(mei, question, "2")))
        await stage.ended(await said(stage, mei, "mask", png(), SECOND))
    assert question.content == (
        "Frame takes 1 picture, and 2 came with the message. Send 1 with `frame`, or choose here."
    )
    assert picture(stage.studio.posts[0]) == SECOND.data
    files = [part.data for part in stage.studio.posts[1].parts if part.filename]
    assert files == [png().data, SECOND.data]


@pytest.mark.parametrize("words", ["poster a red fox", "prompt: a red fox"])
async def test_words_alone_run_where_they_name_what_is_meant(stage: Stage, words: str) -> None:
    serve(stage, POSTER, FRAME)
    async with stage.bot():
        reply = await stage.ended(await said(stage, stage.member(), words))
    assert posted(stage, "prompt_1") == ["a red fox"]
    assert reply.content.startswith("**a red fox**")


async def test_words_that_several_endpoints_could_mean_run_once_one_is_chosen(stage: Stage) -> None:
    other = {**POSTER, "endpointId": "BaNnEr", "name": "Banner"}
    serve(stage, POSTER, other, FRAME)
    mei = stage.member()
    async with stage.bot():
        question = await said(stage, mei, "prompt: a red fox")
        await stage.ended(replied(await chosen(mei, question, value_of(question, "/banner"))))
    assert [
        each["label"] for row in question.components for each in row["components"][0]["options"]
    ] == ["/banner", "/poster"]
    assert posted(stage, "prompt_1") == ["a red fox"]


async def test_other_words_are_run_by_a_press_of_who_wrote_them_alone(stage: Stage) -> None:
    serve(stage, {**POSTER, "credits": 3}, FRAME)
    mei, ana = stage.member(), stage.member("Ana")
    async with stage.bot():
        card = await said(stage, mei, "a red fox in the snow")
        assert card.content.startswith(CARD)
        theirs = await pressed(ana, card)
        assert stage.studio.posts == []
        reply = replied(await pressed(mei, card))
        await stage.ended(reply)
    (button,) = (part for row in card.components for part in row["components"])
    assert button["label"] == "Run “a red fox in the snow” (3 credits)"
    assert facts(reply)[2].startswith("of [this message]")
    assert (theirs.ephemeral, replied(theirs).content) == (True, "Only who asked can choose here.")
    assert posted(stage, "prompt_1") == ["a red fox in the snow"]
    assert len(stage.studio.posts) == 1


async def test_other_words_within_a_minute_are_another_card(stage: Stage) -> None:
    serve(stage, POSTER, FRAME)
    mei = stage.member()
    async with stage.bot():
        cards = [await said(stage, mei, words) for words in ("a red fox", "a blue fox")]
        await mei.post(f"{stage.discord.bot_mention} a red fox")
        await stage.ended(await said(stage, mei, "poster a green fox"))  # in their order
    labels = [card.components[0]["components"][0]["label"] for card in cards]
    assert labels == ["Run “a red fox”", "Run “a blue fox”"]
    ours = [m for m in stage.discord.messages() if m.content.startswith(CARD)]
    assert ours == cards


async def test_a_greeting_and_what_no_prompt_is_taken_for_get_no_button(stage: Stage) -> None:
    serve(stage, FRAME, TINT)
    async with stage.bot():
        cards = [
            await said(stage, stage.member(), ""),
            await said(stage, stage.member("Ana"), "a red fox"),
        ]
    assert [(card.content[: len(CARD)], card.components) for card in cards] == [(CARD, [])] * 2
    assert stage.studio.posts == []


async def test_a_picture_in_the_message_that_is_answered_is_taken_where_discord_shows_it(
    stage: Stage,
) -> None:
    serve(stage, FRAME)
    mei, ana = stage.member(), stage.member("Ana")
    private = stage.discord.dm(mei)
    async with stage.bot():
        result = await stage.ended(await said(stage, mei, "frame", SECOND))
        made = stage.discord.files[result.attachments[0].id][0]
        asked = await ana.post(stage.discord.bot_mention, reply_to=result.id)
        await stage.ended(await stage.reply_to(asked))
        first = await mei.post("please", files=[SECOND], channel=private)
        await stage.ended(await stage.reply_to(first))
        again = await mei.post("please", reply_to=first.id, channel=private)
        await stage.ended(await stage.reply_to(again))
        theirs = await ana.post("look", files=[SECOND])
        hidden = await mei.post(stage.discord.bot_mention, reply_to=theirs.id)
        told = await stage.reply_to(hidden)
    assert [picture(post) for post in stage.studio.posts] == [SECOND.data, made, *[SECOND.data] * 2]
    assert told.content.startswith("If you mean a picture in the message that you answered:")
    assert "Apps → Use this picture…" in told.content


async def test_an_answer_that_names_a_command_is_told_of_the_gesture_too(stage: Stage) -> None:
    serve(stage, FRAME, POSTER)
    mei, ana = stage.member(), stage.member("Ana")
    us = stage.discord.bot_mention
    theirs = await ana.post("look", files=[SECOND])
    async with stage.bot():
        told = await stage.reply_to(await mei.post(f"{us} frame", reply_to=theirs.id))
        await pressed(mei, told)
        result = await stage.ended(await said(stage, mei, "frame", png()))
        wordy = await mei.post(f"{us} poster a red fox", reply_to=result.id)
        await stage.ended(await stage.reply_to(wordy))  # and takes no picture
    assert told.content.startswith(
        "Frame takes 1 picture, and 0 came with the message. Send 1 with `frame`, or fill it in. If you"
    )
    assert "Apps → Use this picture…" in told.content
    assert stage.studio.posts[1].text("prompt_1") == "a red fox"


async def test_what_a_layout_or_a_link_shows_is_taken_of_what_is_answered_or_sent_on(
    stage: Stage,
) -> None:
    serve(stage, FRAME)
    mei, ana = stage.member(), stage.member("Ana")
    private = stage.discord.dm(mei)
    url = (await ana.post("", files=[SECOND])).payload()["attachments"][0]["url"]
    gallery = {"type": 12, "items": [{"media": {"url": url}}]}
    box = {"type": 17, "components": [gallery], "spoiler": True}
    layout, linking = await ana.post("look"), await mei.post("look", channel=private)
    layout.content, layout.components = "", kept_components([box])
    linking.embeds = [{"type": "image", "url": url, "thumbnail": {"url": url}}]
    names, shown_in = [], []
    async with stage.bot() as app:
        for asked in (
            await mei.forward(layout, private),
            await mei.post("frame", reply_to=linking.id, channel=private),
        ):
            result = await stage.ended(await stage.reply_to(asked))
            names.append(result.attachments[0].filename)
            job = await app.bot.store.by_message(result.id)
            shown_in.append(job and job.origin.shown_in)
    assert [picture(post) for post in stage.studio.posts] == [SECOND.data] * 2
    assert [each.startswith("SPOILER_") for each in names] == [True, False]
    assert shown_in == [layout.id, linking.id]  # what is made of a result is known by that


async def test_an_address_of_a_picture_in_the_text_is_a_picture(stage: Stage) -> None:
    serve(stage, FRAME, POSTER)
    mei = stage.member()
    shown = await mei.post("look", files=[SECOND])
    there = shown.payload()["attachments"][0]["url"]
    async with stage.bot():
        await stage.ended(await said(stage, mei, f"frame <{there}>"))
        question = await said(stage, mei, there)
        await stage.ended(replied(await chosen(mei, question, value_of(question, "/frame"))))
        await stage.ended(await said(stage, mei, f"poster like {there}"))
        private = await said(stage, mei, "frame https://127.0.0.1:1/a.png")
        await stage.discord.until(lambda: "may not fetch" in private.content)
    assert [picture(post) for post in stage.studio.posts[:2]] == [SECOND.data] * 2
    assert posted(stage, "prompt_1") == [f"like {there}"]
    assert len(stage.studio.posts) == 3


async def test_of_a_part_of_several_names_those_alone_are_asked_about(stage: Stage) -> None:
    other = {**FRAME, "endpointId": "gOlDeN", "name": "Golden Frame"}
    wordy = {**POSTER, "name": "Framed Words"}
    serve(stage, {**FRAME, "name": "Oak Frame"}, other, wordy, TINT)
    async with stage.bot():
        question = await said(stage, stage.member(), "frame", png())
    (select,) = question.components[0]["components"]
    assert question.content == "Which one is meant: `golden-frame`, `oak-frame`?"
    assert [each["label"] for each in select["options"]] == ["/golden-frame", "/oak-frame"]


async def test_what_no_command_can_do_with_a_file_is_said_with_what_to_send(stage: Stage) -> None:
    serve(stage, FRAME, TINT, POSTER)
    mei, notes = stage.member(), File("notes.txt", b"x", "text/plain")
    async with stage.bot():
        told = [
            await said(stage, mei, "poster a red fox", png()),
            await said(stage, mei, "poster a red fox", notes),
            await said(stage, mei, "", notes),
        ]
    without = (
        "Poster takes no picture, and 1 came with the message. Write it without, as"
        " `poster prompt: a red fox style: ink`."
    )
    no_picture = "notes.txt is not a picture. Nothing was charged; please send another picture."
    assert [(each.content, each.components) for each in told] == [
        (without, []),
        (without, []),
        (no_picture, []),
    ]


async def test_what_was_begun_before_the_server_denied_it_starts_nothing_when_it_is_sent(
    stage: Stage,
) -> None:
    serve(stage, TINT, POSTER)
    mei, guild = stage.member(), stage.discord.guild
    async with stage.bot():
        result = await made(stage, mei, "tint", image=png(), colour="red")
        question = await said(stage, mei, "tint", png())
        menu = await (await mei.use("Use this picture…", result)).responded()
        ways = (await press(mei, result, label) for label in ("Change…", "Use as input…"))
        forms = [menu, await pressed(mei, question), *[form async for form in ways]]
        await stage.discord.set_command_permissions(guild, "tint", [("user", mei.id, False)])
        assert "You may not use /tint here" in await by_button(stage, mei, result)
        for form in forms:
            handle = await (await mei.submit(form, colour="blue")).responded()
            assert (handle.ephemeral, replied(handle).content) == (
                True,
                "You may not use /tint here: this server's settings do not allow it (Integrations).",
            )
    assert len(stage.studio.posts) == 1
