"""What a bot asks for: modals, selects of every kind, suggestions."""

from playwright.async_api import FilePayload, Locator, expect

from bot.sandbox.pictures import sample_picture
from tests.browser.conftest import Chat, small_bot
from tests.browser.formbot import FormBot
from tests.browser.test_looks import faults

MINE = FilePayload(name="mine.png", mimeType="image/png", buffer=sample_picture())


async def opened(chat: Chat, command: str, title: str) -> Locator:
    """The modal that a command is answered by."""
    await chat.command(command)
    await chat.send()
    dialog = chat.page.get_by_role("dialog", name=title)
    await expect(dialog).to_be_visible()
    assert await faults(chat) == []
    return dialog


async def test_every_field_of_a_modal_is_filled_in(chat: Chat) -> None:
    page = chat.page
    async with small_bot(chat.stage, FormBot()):
        dialog = await opened(chat, "form", "All of it")
        await expect(dialog.locator(".content strong")).to_have_text("fill in")
        await expect(dialog.get_by_label("Line")).to_be_focused()
        await page.keyboard.type("a line")
        await dialog.locator("summary").press("Enter")
        await dialog.get_by_label("wild As wild").press("Space")
        await dialog.get_by_label("grim As grim").check()
        await dialog.get_by_label("Who").select_option(label="@Ana")
        await dialog.locator("input[type=file]").set_input_files([MINE])
        await dialog.get_by_role("button", name="Sample picture 2").click()
        await expect(dialog.locator(".uploads li")).to_have_text(["mine.png", "sample-2.png"])
        await dialog.get_by_role("button", name="Submit").click()
        await expect(chat.last.locator(".content")).to_have_text(
            "a line · wild+grim · Ana · mine.png+sample-2.png"
        )

        dialog = await opened(chat, "choices", "More of it")
        await dialog.get_by_role("button", name="Submit").click()
        one = dialog.get_by_role("group", name="One")
        await expect(one.get_by_role("alert")).to_have_text("One: choose one of calm, wild, grim")
        await expect(one.get_by_label("calm")).to_be_focused()
        assert await faults(chat) == []
        await dialog.get_by_label("Agreed").press("Space")
        await expect(one.get_by_role("alert")).not_to_be_empty()
        await one.get_by_label("wild").check()
        await expect(dialog.get_by_role("alert")).to_be_empty()
        await dialog.get_by_role("button", name="Submit").click()
        some = dialog.get_by_role("group", name="Some")
        await expect(some.get_by_role("alert")).to_have_text("Some: choose 1 to 2 of its options")
        for mood in ("calm", "grim"):
            await some.get_by_label(mood).check()
        await dialog.get_by_label("Long").press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")  # Submit
        await expect(chat.last.locator(".content")).to_have_text(
            "wild · calm+grim · True · none · as it was"
        )
        await expect(dialog).to_be_hidden()
    chat.said[:] = [line for line in chat.said if "400" not in line]  # what was refused


async def test_a_modal_asks_for_people_roles_and_channels(chat: Chat) -> None:
    chat.stage.discord.add_role(chat.stage.discord.guild, "Artists")
    async with small_bot(chat.stage, FormBot()):
        dialog = await opened(chat, "people", "Who and how")
        await expect(dialog.get_by_label("Mood").locator("option:checked")).to_have_text("wild")
        await dialog.get_by_label("Role").select_option(label="Artists")
        anybody = dialog.get_by_role("group", name="Anybody")
        await anybody.locator("summary").click()
        for name in ("@Ana", "Artists"):
            await anybody.get_by_label(name).check()
        await expect(anybody.locator("summary")).to_have_text("Make a selection · 2 of 2")
        await dialog.get_by_label("Where").select_option(label="# general")
        await dialog.get_by_role("button", name="Submit").click()
        await expect(chat.last.locator(".content")).to_have_text(
            "wild · Artists · Ana+Artists · general"
        )


async def test_selects_offer_what_their_kind_is(chat: Chat) -> None:
    chat.stage.discord.add_role(chat.stage.discord.guild, "Artists")
    async with small_bot(chat.stage, FormBot()):
        await chat.command("selects")
        await chat.send()
        first = chat.messages().first
        await first.locator("summary", has_text="Moods").click()
        complaint, choose = (
            chat.page.locator("#complaint"),
            first.get_by_role("button", name="Choose"),
        )
        await first.get_by_label("calm").check()
        await choose.click()
        await expect(complaint).to_have_text("Moods: choose 2 to 2 of its options")
        await first.get_by_label("grim").check()
        await expect(complaint).to_have_text("")
        assert await faults(chat) == []
        await choose.click()
        await expect(chat.last.locator(".content")).to_have_text("Moods: calm+grim")
        for placeholder, choice, answer in (
            ("A person", "@Ana", "Ana"),
            ("A role", "Artists", "Artists"),
            ("Anybody", "@Mei", "Mei"),
            ("A channel", "# general", "general"),
        ):
            await first.get_by_label(placeholder).select_option(label=choice)
            await expect(chat.last.locator(".content")).to_have_text(f"{placeholder}: {answer}")
    chat.said[:] = [line for line in chat.said if "400" not in line]  # what was refused


async def test_a_message_made_of_components_is_drawn_with_all_that_is_in_it(chat: Chat) -> None:
    page = chat.page
    async with small_bot(chat.stage, FormBot()):
        await chat.command("layout")
        await chat.send()
        frame = chat.last.locator(".container")
        await expect(frame.locator(".section strong")).to_have_text("A frame")
        await expect(frame.locator(".subtext")).to_have_text("small")
        await expect(frame.get_by_role("button", name="A face, full size")).to_be_visible()
        await expect(frame.locator(".tiles.of-2 img")).to_have_count(2)
        await expect(frame.get_by_role("link")).to_have_text("notes.txt")
        await expect(chat.last.locator(".body > .attachments")).to_have_count(0)
        assert await faults(chat) == []
        await frame.get_by_role("button", name="Spoiler: show it").click()
        await frame.get_by_role("button", name="First, full size").click()
        viewer = page.get_by_role("dialog", name="Full size")
        await page.keyboard.press("ArrowRight")
        await expect(viewer.get_by_role("link")).to_have_text("b.png")
        await page.keyboard.press("Escape")
        await frame.get_by_role("button", name="Press me").click()
        await expect(chat.last.locator(".content")).to_have_text("Pressed")
        await chat.menu(chat.messages().first, "Forward")
        await page.get_by_role("dialog").get_by_role("button", name="# general").click()
        copy = chat.last.locator(".forwarded .container")
        await expect(copy.get_by_role("button", name="Press me")).to_be_disabled()
        await copy.get_by_role("button", name="First, full size").click()
        await expect(viewer).to_be_visible()


async def test_what_is_typed_is_completed_by_the_bot(chat: Chat) -> None:
    page, offered = chat.page, chat.page.locator("#suggestions li")
    async with small_bot(chat.stage, FormBot()):
        await chat.command("paint")
        await expect(offered).to_have_text(["teal", "red", "dark red"])
        await page.keyboard.type("red")
        await expect(offered).to_have_text(["red", "dark red"])
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("colour")).to_have_value("dark red")
        await expect(offered).to_have_count(0)
        await page.get_by_label("who").select_option(label="@Ana")
        await page.keyboard.press("Enter")
        await expect(chat.last.locator(".content")).to_have_text("8b0000 for Ana")
        await chat.command("paint")
        await page.keyboard.type("mauve")
        await page.get_by_label("who").select_option(label="@Mei")
        await page.keyboard.press("Enter")
        await expect(chat.last.locator(".content")).to_have_text("mauve for Mei")
