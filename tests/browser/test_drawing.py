"""Messages as Discord draws them."""

from dataclasses import replace
from typing import Any

from playwright.async_api import expect

from bot.sandbox.discord.files import File
from bot.sandbox.discord.messages import Message
from bot.sandbox.pictures import sample_picture
from tests.browser.conftest import Chat, small_bot
from tests.browser.test_looks import faults

Json = Any
PICTURE = sample_picture(2)
IS_LAYOUT = 1 << 15
BUTTON = {"type": 2, "style": 2, "label": "Run again", "custom_id": "again"}


async def say(chat: Chat, files: list[File], **body: Json) -> Message:
    """A message of the bot, without a bot."""
    discord = chat.stage.discord
    message = discord.new_message(discord.bot_user, discord.channel, body, ())
    await discord.say(message, files)
    await expect(chat.page.locator(f"#m-{message.id}")).to_be_visible()
    return message


async def test_text_comes_first_then_files_then_embeds_then_buttons(chat: Chat) -> None:
    await say(
        chat,
        [File("a.png", PICTURE), File("b.png", PICTURE), File("c.png", PICTURE)],
        content="**two\nlines**\n-# small `20` \\_a\\_ \\*b\\*",
        embeds=[{"title": "A card", "image": {"url": "attachment://b.png"}}],
        components=[{"type": 1, "components": [BUTTON]}],
    )
    parts = chat.last.locator(".body > *")
    kinds = [
        part.split()[0] for part in await parts.evaluate_all("all => all.map(e => e.className)")
    ]
    assert kinds == ["content", "attachments", "embed", "components"]
    await expect(chat.last.locator("strong").last).to_have_text("two\nlines")
    await expect(chat.last.locator(".subtext")).to_have_text("small 20 _a_ *b*")
    await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
    await expect(chat.last.locator(".embed img")).to_have_count(1)


async def test_a_click_lifts_a_spoiler_which_stays_lifted_and_pictures_have_their_alt_text(
    chat: Chat,
) -> None:
    page, discord = chat.page, chat.stage.discord
    names = ("SPOILER_a.png", "b.png", "SPOILER_c.txt")
    message = await say(chat, [File(name, PICTURE) for name in names], content="x ||hidden|| y")
    message.attachments[1] = replace(message.attachments[1], description="A face")
    discord.news.tell("edit", message)
    await expect(chat.last.locator(".alt")).to_have_text("ALT")
    assert await faults(chat) == []
    covers = chat.last.get_by_role("button", name="Spoiler: show it")
    await expect(covers).to_have_count(3)
    await expect(chat.last.locator("[inert]")).to_have_count(3)
    for left in (2, 1, 0):
        await covers.first.press("Enter")
        await expect(covers).to_have_count(left)
    await discord.set_reaction(discord.bot_user, message, "🔁", is_there=True)
    await expect(chat.last.locator(".reactions")).to_have_text("🔁 1")
    await expect(covers).to_have_count(0)
    await expect(chat.last.locator(".spoiler.open")).to_have_text("hidden")
    await expect(chat.last.get_by_role("link")).to_have_text("SPOILER_c.txt")
    await chat.last.get_by_role("button", name="SPOILER_a.png, full size").click()
    viewer = page.get_by_role("dialog", name="Full size")
    await page.keyboard.press("ArrowRight")
    await expect(viewer.locator("p")).to_have_text("A face")
    assert await faults(chat) == []


async def test_a_picture_on_another_machine_is_a_sign_in_layouts_too(chat: Chat) -> None:
    face, hidden = ({"url": f"https://example.com/{name}.png"} for name in ("face", "hidden"))
    gallery = {"type": 12, "id": 2, "items": [{"media": face}, {"media": hidden, "spoiler": True}]}
    text = {"type": 10, "id": 4, "content": "Look"}
    section = {"type": 9, "id": 3, "components": [text], "accessory": {"type": 11, "media": face}}
    frame = {"type": 17, "id": 1, "components": [section, gallery]}
    await say(chat, [], flags=IS_LAYOUT, components=[frame])
    signs = chat.last.get_by_role("img", name="A picture at example.com")
    await expect(signs).to_have_count(3)
    await chat.last.get_by_role("button", name="Spoiler: show it").click()
    await expect(chat.last.locator("[inert]")).to_have_count(0)
    for sign in await signs.all():
        box = await sign.bounding_box()
        assert box
        assert abs(box["width"] - box["height"]) < 1
        assert box["width"] >= 72
    assert await faults(chat) == []


async def test_what_is_written_is_shown_as_text(chat: Chat) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    async with small_bot(chat.stage):
        await chat.command("say")
        await chat.page.get_by_label("text").fill(evil)
        await chat.send()
        await expect(chat.last.locator(".embed .title")).to_have_text(evil)
        assert await chat.last.locator(".content").text_content() == evil
        assert await chat.last.locator("img, script").count() == 0
        assert "Sandbox" in await chat.page.title()


async def test_markdown_is_drawn_as_discord_does(chat: Chat) -> None:
    text = (
        "**bold** *slanted* __under__ ~~gone~~ `code` see https://example.com/a?b=1."
        "\n> quoted\n- one\n- two\n# Big\n\\*plain\\* snake_case_name <#{channel}> <t:0:D>"
    )
    channel = chat.stage.discord.channel
    await chat.page.fill("#text", text.replace("{channel}", str(channel.id)))
    await chat.send()
    content = chat.last.locator(".content")
    for tag, inside in (
        ("strong", "bold"),
        ("em", "slanted"),
        ("u", "under"),
        ("s", "gone"),
        ("code", "code"),
        ("a", "https://example.com/a?b=1"),
        ("blockquote", "quoted"),
        (".heading", "Big"),
        (".mention", "#general"),
        ("time", "1 January 1970"),
    ):
        await expect(content.locator(tag)).to_have_text(inside)
    await expect(content.locator("li")).to_have_text(["one", "two"])
    await expect(content).to_contain_text("*plain* snake_case_name")


async def test_times_count_by_themselves(chat: Chat) -> None:
    unix = round(chat.stage.discord.clock.now().timestamp())
    await chat.page.fill("#text", f"**since** <t:{unix}:R>")
    await chat.send()
    chat.stage.discord.advance(minutes=16)
    await expect(chat.last.locator(".content")).to_have_text("since 16 minutes ago")
    await expect(chat.last.locator("strong").last).to_have_text("since")
