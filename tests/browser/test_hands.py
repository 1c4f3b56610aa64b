"""What a member's hands do: typing anywhere, filling a command, and coming back."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox.discord.members import Member
from tests.browser.conftest import Chat, small_bot
from tests.browser.formbot import FormBot

LONG = "a red fox in the snow, " * 18
PAIR = {
    "name": "pair",
    "description": "Two pictures, and a prompt",
    "options": [
        {"type": 3, "name": "text", "description": "The prompt", "required": True},
        {"type": 11, "name": "first", "description": "A picture", "required": True},
        {"type": 4, "name": "seed", "description": "The seed", "max_value": 9},
        {"type": 11, "name": "second", "description": "Another", "file_types": ["image"]},
    ],
}


async def test_any_key_that_is_typed_reaches_the_text_box_and_tab_is_soon_there(chat: Chat) -> None:
    page, text = chat.page, chat.page.locator("#text")
    ana = next(each for each in chat.stage.discord.users.values() if each.name == "Ana")
    for number in range(12):
        await Member(chat.stage.discord, ana).post(f"https://example.com/{number} ||hidden||")
    await expect(chat.messages()).to_have_count(12)
    await page.keyboard.type("a")
    await page.locator("#place").click()  # nothing has the focus
    await page.keyboard.type("b")
    await chat.last.locator("article").focus()
    await page.keyboard.type("c")
    await page.get_by_role("button", name="# general").click()
    await page.keyboard.type("d")
    await page.locator("#open-drawer").focus()
    await page.keyboard.type("e")
    await expect(text).to_have_value("abcde")
    await page.locator("#open-drawer").focus()
    tabs = 0
    while not await text.evaluate("box => box === document.activeElement"):
        await page.keyboard.press("Tab")
        tabs += 1
        assert tabs <= 8
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await expect(chat.last.get_by_role("button", name="Spoiler")).to_be_focused()
    await chat.last.locator("article").focus()
    await page.keyboard.press("ArrowUp")
    await expect(chat.messages().nth(10).locator("article")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(text).to_be_focused()
    await page.select_option("#person", label="Ana")
    await expect(page.locator("#place")).to_have_text("# general")
    await page.focus("#person")
    await page.keyboard.type("/")
    await expect(text).to_have_value("abcde/")


async def test_a_command_is_filled_left_taken_again_and_sent_from_anywhere_in_it(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, complaint = chat.page, chat.page.locator("#complaint")
    sent: list[Any] = []

    async def dispatch(_name: str, data: Any, _guild_id: int | None) -> None:
        sent.append(data["data"])

    monkeypatch.setattr(chat.stage.discord, "dispatch", dispatch)
    chat.stage.discord.commands.put(None, PAIR)
    await chat.command("pair")
    await page.keyboard.press("Enter")
    await expect(complaint).to_have_text("text: this option is required")
    await page.keyboard.type("f")
    await expect(complaint).to_have_text("")
    await page.keyboard.press("Enter")
    await expect(complaint).to_have_text("first: this option is required")
    await chat.sample(1)
    await expect(complaint).to_have_text("")
    await chat.sample(2)
    for name in ("first: sample-1.png", "second: sample-2.png"):
        await expect(page.get_by_role("button", name=name)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#text")).to_be_focused()
    await expect(page.locator("#files li")).to_contain_text(["sample-1.png", "sample-2.png"])
    await page.keyboard.type("/pair ")
    await expect(page.get_by_role("button", name="second: sample-2.png")).to_be_visible()
    await expect(page.locator("#files li")).to_have_count(0)
    prompt = page.get_by_label("text", exact=True)
    await prompt.fill(LONG)
    assert await prompt.evaluate("box => box.scrollHeight <= box.clientHeight + 2")
    await page.get_by_role("button", name="+ seed").press("Space")
    await page.get_by_label("seed").fill("10")
    await page.keyboard.press("Enter")
    await expect(complaint).to_have_text("seed: expected at most 9")
    await page.keyboard.press("Backspace")
    await expect(complaint).to_have_text("")
    await page.get_by_role("button", name="first: sample-1.png").press("Enter")
    await expect(page.locator("#command")).to_be_hidden()
    (given,) = sent
    files = {key: each["filename"] for key, each in given["resolved"]["attachments"].items()}
    options = {each["name"]: files.get(each["value"], each["value"]) for each in given["options"]}
    pictures = {"first": "sample-1.png", "second": "sample-2.png"}
    assert options == {"text": LONG, "seed": 1, **pictures}


async def test_a_look_at_the_messages_takes_neither_a_key_nor_the_enter_from_what_is_written(
    chat: Chat,
) -> None:
    page, text = chat.page, chat.page.locator("#text")
    async with small_bot(chat.stage, FormBot()):
        await chat.command("selects")
        await page.locator("#scroll").click(position={"x": 20, "y": 20})
        await page.keyboard.press("Enter")
        await expect(chat.last.locator(".content")).to_have_text("Choose")
        await chat.last.locator("summary").click()
        await chat.last.get_by_label("calm").click()
        await page.keyboard.type("well")
        await expect(text).to_have_value("well")
        await chat.last.locator(".content").click()
        await page.keyboard.press("Enter")
        await expect(chat.last.locator(".content")).to_have_text("well")


async def test_one_file_too_many_is_complained_of_until_another_is_taken_away(chat: Chat) -> None:
    files, complaint = chat.page.locator("#files li"), chat.page.locator("#complaint")
    for _ in range(11):
        await chat.page.click("#samples button:nth-of-type(1)")
    await expect(complaint).to_have_text("A message takes 10 files.")
    await files.first.get_by_role("button", name="Remove").click()
    await expect(complaint).to_have_text("")
    await expect(files).to_have_count(9)


# What lies under the finger would be clicked, and the menu would go with that.
LIFTS = """() => {
  window.lifts = [];
  const note = event => lifts.push(event.defaultPrevented ? "no click follows" : "a click follows");
  document.addEventListener("touchend", note);
}"""


async def test_a_long_press_keeps_the_menu_when_the_finger_lifts(
    chat: Chat, browser: Browser
) -> None:
    await Member(chat.stage.discord, chat.stage.discord.developer).post("hello")
    context = await browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 740}
    )
    page = await context.new_page()
    await page.goto(chat.control.url)
    message = page.locator("#messages .content")
    box = await message.bounding_box()
    assert box
    await page.evaluate(LIFTS)
    finger = await context.new_cdp_session(page)
    at = {"x": box["x"] + 5, "y": box["y"] + 5}
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    reply = page.get_by_role("menuitem", name="Reply")
    await expect(reply).to_be_visible()
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await page.wait_for_function("() => lifts.length")
    assert await page.evaluate("lifts") == ["no click follows"]
    await expect(reply).to_be_visible()
    await page.get_by_role("menuitem", name="React with 👍").tap()
    await expect(page.locator(".reactions button")).to_have_text("👍 1")
    await expect(reply).to_be_hidden()
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    await expect(reply).to_be_visible()
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await page.touchscreen.tap(300, 30)
    await expect(reply).to_be_hidden()
    await context.close()


async def test_what_is_not_answered_is_said_until_a_reload_which_keeps_who_and_where_one_is(
    chat: Chat,
) -> None:
    page, discord = chat.page, chat.stage.discord
    ana = next(Member(discord, each) for each in discord.users.values() if each.name == "Ana")
    direct = discord.dm(ana)
    channel = page.locator("#channels button", has_text="studio")
    async with small_bot(chat.stage):
        await chat.be("Ana")
        pending = page.locator("#pending li")
        for count in (1, 2):
            await chat.command("silent")
            await chat.send()
            await expect(pending).to_have_text(["Sending…"] * count)
        await discord.publish(
            discord.new_message(discord.bot_user, direct, {"content": "psst"}, ())
        )
        await expect(channel).to_have_text("@ studio ● unread")
        await chat.be("Mei")
        await expect(channel).to_have_text("@ studio")
        await chat.be("Ana")
        await expect(pending).to_contain_text(["The application did not respond"] * 2)
        await pending.first.get_by_role("button", name="Dismiss").click()
        await expect(pending).to_have_count(1)
        await page.reload()
        await expect(page.locator("#person option:checked")).to_have_text("Ana")
        await expect(pending).to_have_count(0)
        await expect(channel).to_have_text("@ studio ● unread")
        await channel.click()
        await expect(chat.last.locator(".content")).to_have_text("psst")
        await expect(channel).to_have_text("@ studio")
        await page.reload()
        await expect(page.locator("#place")).to_have_text("@ studio")
        await expect(chat.last.locator(".content")).to_have_text("psst")
