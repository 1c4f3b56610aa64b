"""The chat page as a member uses it."""

from playwright.async_api import FilePayload, expect

from bot.sandbox.control import Control
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox
from tests.browser.conftest import Chat, small_bot
from tests.scenarios.conftest import png


async def test_a_command_from_the_slash_to_two_images_and_again_by_reaction(chat: Chat) -> None:
    page, studio = chat.page, chat.stage.studio
    async with chat.stage.bot():
        await page.click("#text")
        await page.keyboard.type("/cny")
        await expect(page.locator("#suggestions [aria-selected=true]")).to_have_text(
            "/cny-snakeyear Run CNY-SnakeYear"
        )
        await page.keyboard.press("Tab")
        await chat.sample(2)
        studio.hold("pending")
        await page.get_by_role("button", name="image: sample-2.png").focus()
        await page.click("#send")
        for state, words in (
            ("pending", "Sent to the service"),
            ("in_queue", "In the service's queue"),
            ("processing", "Working"),
        ):
            studio.hold(state)
            await expect(chat.last.locator(".content")).to_contain_text(words)
        studio.release()
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
        await expect(chat.last.locator(".above")).to_have_text("↪ Mei used /cny-snakeyear")
        await expect(chat.last.locator(".reactions button")).to_have_text("🔁 1")
        first = await chat.last.locator(".content code").text_content()

        await chat.menu(chat.last, "React with 🔁")
        await expect(chat.messages()).to_have_count(2)
        await expect(chat.messages().first.locator(".reactions button")).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
        assert await chat.last.locator(".content code").text_content() != first
    assert len(chat.stage.studio.posts) == 2


async def test_commands_that_come_while_one_is_typed_are_suggested(chat: Chat) -> None:
    await chat.page.fill("#text", "/cny")
    await expect(chat.page.locator("#suggestions li")).to_have_count(0)
    async with chat.stage.bot():
        await expect(chat.page.locator("#suggestions li")).to_have_count(1)


async def test_one_job_with_the_default_timings_takes_less_than_ten_seconds(chat: Chat) -> None:
    chat.stage.studio.seconds = StudioSandbox().seconds
    async with chat.stage.bot():
        await chat.command("cny")
        await chat.sample()
        await chat.send()
        tiles = chat.last.locator(".tiles.of-2 img")
        await expect(tiles).to_have_count(2, timeout=10_000)


async def test_a_command_is_sent_by_the_keyboard_alone(chat: Chat) -> None:
    page = chat.page
    async with small_bot(chat.stage):
        await page.focus("#text")
        await page.keyboard.type("/")
        await expect(page.locator("#suggestions li")).to_have_count(4)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")  # the last one: /typed
        await page.keyboard.type("abc")
        await page.keyboard.press("Tab")
        await page.keyboard.type("7")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")  # + number
        await page.keyboard.type("1.25")
        await page.keyboard.press("Enter")
        await expect(chat.last.locator(".content")).to_have_text("abc 7 1.25 None")


async def test_options_hold_their_limits_as_discords_client_does(chat: Chat) -> None:
    page, complaint = chat.page, chat.page.get_by_role("alert")
    async with small_bot(chat.stage):
        await chat.command("typed")
        chip = {
            name: page.locator(".chip", has_text=name).locator("input, textarea")
            for name in ("text", "whole")
        }
        await page.get_by_role("button", name="+ number").click()
        await page.get_by_role("button", name="+ yes").click()
        for name, text, sentence in (
            ("text", "", "text: this option is required"),
            ("text", "a", "text: expected at least 2 characters"),
            ("text", "abcdef", "text: expected at most 5 characters"),
            ("text", "abc", "whole: this option is required"),
            ("whole", "x", "whole: expected a whole number"),
            ("whole", "10", "whole: expected at most 9"),
            ("whole", "-1", "whole: expected at least 0"),
        ):
            await chip[name].fill(text)
            await chat.send()
            await expect(complaint).to_have_text(sentence)
            assert await page.locator(".chip.wrong").count() >= 1
        await chip["whole"].fill("3")
        await page.locator(".chip", has_text="number").locator("input").fill("half")
        await chat.send()
        await expect(complaint).to_have_text("number: expected a number")
        await page.locator(".chip", has_text="number").locator("input").fill("0.5")
        await page.locator(".chip", has_text="yes").locator("select").select_option("false")
        await chat.send()
        await expect(chat.last.locator(".content")).to_have_text("abc 3 0.5 False")


async def test_an_attachment_option_takes_pictures_only_by_click_drop_or_paste(chat: Chat) -> None:
    page = chat.page
    async with chat.stage.bot():
        await chat.command("cny")
        await chat.send()
        await expect(page.get_by_role("alert")).to_have_text("image: this option is required")
        text = FilePayload(name="a.txt", mimeType="text/plain", buffer=b"a")
        await page.set_input_files(".chip input[type=file]", [text])
        await expect(page.get_by_role("alert")).to_have_text("image: expected a file of image")
        for how in ("drop", "paste"):
            await page.evaluate(GIVE, [how, f"{how}.png"])
            await expect(page.locator(".chip em, .chip button")).to_have_text(f"{how}.png")
        picture = FilePayload(name="mine.png", mimeType="image/png", buffer=png().data)
        await page.set_input_files(".chip input[type=file]", [picture])
        await chat.send()
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
    (post,) = chat.stage.studio.posts
    assert [part.filename for part in post.parts if part.filename] == ["mine.png"]


GIVE = """([how, name]) => {
  const files = new DataTransfer();
  files.items.add(new File(["x"], name, { type: "image/png" }));
  const event = how === "drop"
    ? new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true });
  document.querySelector("main").dispatchEvent(event);
}"""


async def test_a_picture_in_a_message_that_mentions_the_bot(chat: Chat) -> None:
    page = chat.page
    async with chat.stage.bot():
        await page.click("#text")
        await page.keyboard.type("@stu")
        await page.keyboard.press("Enter")
        await page.keyboard.type("seed 20")
        await chat.sample()
        await expect(page.locator("#files li")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(chat.messages()).to_have_count(2)
        await expect(chat.messages().first.locator(".content")).to_have_text("@studio seed 20")
        await expect(chat.last.locator(".above")).to_have_text("↪ Mei @studio seed 20")
        await expect(chat.last.locator(".content code")).to_have_text("20")
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)


async def test_a_direct_message_is_another_place(chat: Chat) -> None:
    page = chat.page
    async with chat.stage.bot():
        await page.get_by_role("button", name="@ studio").click()
        await expect(page.locator("#place")).to_have_text("@ studio")
        await chat.sample()
        await chat.send()
        await expect(chat.messages()).to_have_count(2)
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
        await page.get_by_role("button", name="# general").click()
        await expect(chat.messages()).to_have_count(0)
        await expect(page.locator("#empty")).to_be_visible()


async def test_a_refusal_is_seen_by_who_asked_alone_and_can_be_dismissed(chat: Chat) -> None:
    chat.stage.settings["JOBS_PER_MEMBER"] = "1"
    chat.stage.studio.hold("in_queue")
    async with chat.stage.bot():
        for count in (1, 2):
            await chat.command("cny")
            await chat.sample()
            await chat.send()
            await expect(chat.messages()).to_have_count(count)
        await expect(chat.last.locator(".only-you")).to_contain_text("Only you can see this")
        await expect(chat.last.locator(".content")).to_contain_text("You have 1 unfinished job")
        await chat.be("Ana")
        await expect(chat.messages()).to_have_count(1)
        await chat.be("Mei")
        await chat.last.get_by_role("button", name="Dismiss").click()
        await expect(chat.messages()).to_have_count(1)
        await chat.page.reload()
        await expect(chat.messages()).to_have_count(1)


async def test_a_context_menu_a_select_and_a_modal(chat: Chat) -> None:
    page = chat.page
    async with small_bot(chat.stage):
        await page.fill("#text", "a sunny day")
        await chat.send()
        await chat.menu(chat.last, "Describe")
        await expect(chat.last.locator(".content")).to_have_text("About “a sunny day”")
        await chat.last.get_by_label("A mood").select_option("wild")
        dialog = page.get_by_role("dialog", name="Why this one?")
        await expect(dialog).to_be_visible()
        assert await dialog.get_by_label("Reason").get_attribute("maxlength") == "20"
        await dialog.get_by_label("Reason").fill("it rains")
        await dialog.get_by_role("button", name="Submit").click()
        await expect(chat.last.locator(".content")).to_have_text("Because it rains")
        await expect(dialog).not_to_be_visible()
        await chat.menu(chat.messages().first, "Greet Mei")
        await expect(chat.last.locator(".content")).to_have_text("Hello Mei")


async def test_replies_and_deletions_and_who_may_delete(chat: Chat) -> None:
    page = chat.page
    await page.fill("#text", "first")
    await chat.send()
    await chat.menu(chat.last, "Reply")
    await expect(page.locator("#replying span")).to_have_text("Replying to Mei")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    await expect(chat.last.locator(".above")).to_have_text("↪ Mei first")
    await chat.be("Ana")
    await chat.last.locator("header strong").click(button="right")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_visible()
    assert await page.get_by_role("menuitem", name="Delete").count() == 0
    await page.keyboard.press("Escape")
    await chat.be("Sam")
    await chat.menu(chat.messages().first, "Delete")
    await expect(chat.messages()).to_have_count(1)
    await expect(chat.last.locator(".above")).to_contain_text("a message that was deleted")


async def test_the_menu_opens_by_the_button_and_is_walked_by_the_keyboard(chat: Chat) -> None:
    page = chat.page
    await page.fill("#text", "hello")
    await chat.send()
    await chat.last.get_by_role("button", name="More").press("Enter")
    await expect(page.get_by_role("menuitem", name="React with 🔁")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("menuitem", name="React with 👍")).to_be_focused()
    await page.keyboard.press("Enter")
    reaction = chat.last.locator(".reactions button")
    await expect(reaction).to_have_text("👍 1")
    await reaction.click()
    await expect(reaction).to_have_count(0)


async def test_the_page_finds_a_sandbox_that_was_restarted(chat: Chat) -> None:
    page, control = chat.page, chat.control
    await page.fill("#text", "before")
    await chat.send()
    await chat.be("Ana")
    port = int(control.url.rpartition(":")[2].strip("/"))
    await control.__aexit__()
    await expect(page.locator("#connection")).to_contain_text("The sandbox is away")
    await page.fill("#text", "to nobody")
    await chat.send()
    sentence = "The sandbox is away: nothing was sent."
    await expect(page.locator("#complaint")).to_have_text(sentence)
    async with DiscordSandbox() as discord, StudioSandbox() as studio:
        discord.member("Mei")
        ana = discord.member("Ana")
        async with Control(discord, studio, port=port):
            await ana.post("after")
            await expect(chat.last.locator(".content")).to_have_text("after", timeout=15_000)
            await expect(page.locator("#person option:checked")).to_have_text("Ana")
            await expect(chat.messages()).to_have_count(1)
            await page.fill("#text", "and on")
            await chat.send()
            await expect(chat.last.locator(".content")).to_have_text("and on")
    # The browser itself notes each connection that it could not make.
    chat.said[:] = [line for line in chat.said if "ERR_CONNECTION" not in line]
