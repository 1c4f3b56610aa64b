"""*Use this picture…* in the menu of any message: a file, a forward's, one in a layout or of a link."""

from bot.sandbox.discord.contents import kept_components
from bot.sandbox.discord.files import File
from bot.sandbox.discord.forms.layouts import IS_COMPONENTS_V2
from tests.samples.pictures import encoded, noise
from tests.scenarios.conftest import Stage, facts, png, replied
from tests.scenarios.test_changes import (
    FRAME,
    TINT,
    chosen,
    offered,
    picture,
    sent,
    serve,
    value_of,
)


async def test_a_picture_of_any_message_is_used_by_its_menu_and_the_result_leads_there(
    stage: Stage,
) -> None:
    serve(stage, TINT, FRAME)
    mei, ana = stage.member(), stage.member("Ana")
    second = File("second.png", encoded(noise((8, 8)), "PNG"))
    shown = await ana.post("look", files=[File("notes.txt", b"x"), png(), second])
    async with stage.bot():
        asked = await (await mei.use("Use this picture…", shown)).responded()
        offered = await chosen(mei, replied(asked), "2")
    async with stage.bot():
        form = await chosen(mei, replied(asked), value_of(replied(asked), "/tint"))
        tinted = await sent(stage, mei, form, colour="red")
        forward = await ana.forward(await ana.post("", files=[second]))
        asked = await (await mei.use("Use this picture…", forward)).responded()
        framed = replied(await chosen(mei, replied(asked), value_of(replied(asked), "/frame")))
        await stage.ended(framed)
        none = await (await mei.use("Use this picture…", await ana.post("look"))).responded()
    assert asked.ephemeral
    assert offered.message is None or offered.ephemeral
    assert [picture(post) for post in stage.studio.posts] == [second.data] * 2
    link = f"<https://discord.com/channels/{stage.discord.guild.id}/{shown.channel.id}/{shown.id}>"
    assert facts(tinted)[1:3] == [mei.mention, f"of [this picture]({link})"]
    assert (none.ephemeral, replied(none).content) == (True, "There is no picture in this message.")


async def test_what_was_begun_to_be_chosen_is_kept_for_a_day(stage: Stage) -> None:
    serve(stage, TINT, FRAME)
    mei, ana = stage.member(), stage.member("Ana")
    shown = await ana.post("look", files=[png()])
    async with stage.bot() as app:
        asked = replied(await (await mei.use("Use this picture…", shown)).responded())
        stage.discord.advance(minutes=24 * 60 - 5)
        await app.pruning.once()
        form = await chosen(mei, asked, value_of(asked, "/tint"))
        stage.discord.advance(minutes=10)
        await app.pruning.once()
        late = await chosen(mei, asked, value_of(asked, "/frame"))
    assert form.modal
    assert (late.ephemeral, replied(late).content) == (
        True,
        "This is no longer kept; please begin again.",
    )


async def test_a_picture_in_a_layout_is_used_and_one_of_a_layout_that_was_sent_on(
    stage: Stage,
) -> None:
    serve(stage, FRAME)
    mei, ana = stage.member("Mei"), stage.member("Ana")
    sizes = {name: (8 + n, 8) for n, name in enumerate(("corner", "first", "own"))}
    files = [File(f"{name}.png", encoded(noise(px), "PNG")) for name, px in sizes.items()]
    film = File("film.mp4", b"x")
    shown = await ana.post("look", files=[*files, film])
    corner = {"type": 11, "media": {"url": "attachment://corner.png"}}
    section = {"type": 9, "components": [{"type": 10, "content": "hi"}], "accessory": corner}
    urls = ("attachment://film.mp4", "attachment://first.png")
    gallery = {"type": 12, "items": [{"media": {"url": url}} for url in urls]}
    own = {"type": 13, "file": {"url": "attachment://own.png"}}
    shown.content, shown.flags = "", shown.flags | IS_COMPONENTS_V2
    container = {"type": 17, "components": [section, gallery], "spoiler": True}
    shown.components = kept_components([container, own])
    hidden = []
    async with stage.bot():
        for message in (shown, await ana.forward(shown)):
            for number in ("1", "2", "3"):
                asked = replied(await (await mei.use("Use this picture…", message)).responded())
                assert list(offered(asked)) == ["Image 1", "Image 2", "Image 3"]
                result = await stage.ended(replied(await chosen(mei, asked, number)))
                hidden.append(result.attachments[0].filename.startswith("SPOILER_"))
    assert [picture(post) for post in stage.studio.posts] == [each.data for each in files] * 2
    assert hidden == [True, True, False] * 2


async def test_what_a_link_shows_is_a_picture_like_any_other_and_is_fetched_with_the_same_care(
    stage: Stage,
) -> None:
    serve(stage, FRAME)
    mei, ana = stage.member("Mei"), stage.member("Ana")
    url = stage.discord.store_file(stage.discord.channel.id, png("fox.png")).payload()["url"]
    inside = "http://10.0.0.1/inside.png"
    shown = await ana.post(f"look || {url} ||")
    shown.embeds = [
        {"type": "gifv", "thumbnail": {"url": "https://example.com/film.png"}},
        {"type": "image", "url": url, "thumbnail": {"url": url}},
        {"type": "article", "url": inside, "image": {"url": inside}, "thumbnail": {"url": url}},
    ]
    async with stage.bot():
        results = []
        for number in ("1", "2"):
            asked = await (await mei.use("Use this picture…", shown)).responded()
            (select,) = replied(asked).components[0]["components"]
            results.append(replied(await chosen(mei, replied(asked), number)))
        await stage.ended(results[0])
        told = await stage.refused(results[1])
    assert [each["description"] for each in select["options"]] == ["fox.png", "inside.png"]
    assert results[0].attachments[0].filename.startswith("SPOILER_")
    assert [picture(post) for post in stage.studio.posts] == [png().data]
    assert told.startswith("inside.png is at an address that the bot may not fetch from.")
