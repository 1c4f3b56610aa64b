"""The page by touch alone, as on a phone."""

import time
from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import FORUM
from tests.browser.conftest import Chat, small_bot
from tests.browser.formbot import FormBot
from tests.browser.test_following import in_view


@pytest.fixture
def view() -> dict[str, Any]:
    return {"viewport": {"width": 390, "height": 740}, "has_touch": True, "is_mobile": True}


async def test_the_first_minute_is_tapped(chat: Chat) -> None:
    page = chat.page
    async with chat.stage.bot():
        await page.locator("#text").tap()
        await page.keyboard.type("/")
        await page.get_by_role("option", name="/cny-snakeyear").tap()
        await page.get_by_role("button", name="Sample picture 3").tap()
        await page.get_by_role("button", name="+ seed").tap()
        await page.keyboard.type("20")
        await page.get_by_role("button", name="Send").tap()
        await in_view(page, 2)
        await chat.last.get_by_role("button", name="Run again").tap()
        await in_view(page, 4)
        await chat.last.locator(".tile").first.tap()
        viewer = page.get_by_role("dialog", name="Full size")
        name = await viewer.get_by_role("link").text_content()
        await viewer.get_by_role("button", name="Next").tap()
        await expect(viewer.get_by_role("link")).not_to_have_text(str(name))
        await viewer.get_by_role("button", name="Close").tap()
        await page.get_by_role("button", name="Behind the scenes").tap()
        await page.get_by_role("switch", name="Next job fails").tap()
        await page.get_by_role("button", name="Close").tap()
        await chat.last.get_by_role("button", name="Run again").tap()
        await expect(chat.last).to_contain_text("CUDA out of memory")


async def test_what_a_bot_asks_is_answered_by_touch_and_a_message_is_sent_on(chat: Chat) -> None:
    page = chat.page
    chat.stage.discord.add_channel("ideas", kind=FORUM)
    await page.reload()
    async with small_bot(chat.stage, FormBot()):
        await chat.command("form")
        await page.get_by_role("button", name="Send").tap()
        dialog = page.get_by_role("dialog", name="All of it")
        await dialog.get_by_label("Line").tap()
        await page.keyboard.type("a line")
        await dialog.locator("summary").tap()
        await dialog.get_by_label("wild As wild").tap()
        await dialog.get_by_role("button", name="Sample picture 2").tap()
        await dialog.get_by_role("button", name="Submit").tap()
        await expect(chat.last.locator(".content")).to_have_text(
            "a line · wild · none · sample-2.png"
        )
        await chat.last.get_by_role("button", name="More").tap()
        await page.get_by_role("menuitem", name="Reply").tap()
        await page.get_by_role("switch", name="@ on").tap()
        await page.keyboard.type("see ||this||")
        await page.get_by_role("button", name="Send").tap()
        await chat.last.get_by_role("button", name="Spoiler").tap()
        await expect(chat.last.locator(".spoiler.open")).to_have_text("this")
        await page.get_by_role("button", name="≡ ideas").tap()
        await page.get_by_label("Title of the post").tap()
        await page.keyboard.type("A plan")
        await page.locator("#text").tap()
        await page.keyboard.type("words")
        await page.get_by_role("button", name="Send").tap()
        await expect(page.locator("#place")).to_have_text("› A plan")
        await chat.last.get_by_role("button", name="More").tap()
        await page.get_by_role("menuitem", name="Forward").tap()
        await page.get_by_role("dialog").get_by_role("button", name="# general").tap()
        await expect(chat.last.locator(".forwarded .content")).to_have_text("words")


async def test_a_finger_that_scrolls_is_told_what_came(chat: Chat) -> None:
    page, discord = chat.page, chat.stage.discord
    sam = Member(discord, discord.developer)
    for number in range(30):
        await sam.post(f"line {number}")
    await expect(chat.last).to_be_in_viewport()
    finger = await page.context.new_cdp_session(page)
    at_s = time.time()
    for kind, ys in (("touchStart", [250]), ("touchMove", range(275, 650, 25)), ("touchEnd", [0])):
        for y in ys:
            at_s += 0.2  # so slow that nothing is flung
            points = [] if kind == "touchEnd" else [{"x": 200, "y": y}]
            touch = {"type": kind, "touchPoints": points, "timestamp": at_s}
            await finger.send("Input.dispatchTouchEvent", touch)
    await expect(chat.last).not_to_be_in_viewport()
    await sam.post("below")
    bar = page.get_by_role("button", name="to the newest")
    await expect(bar).to_have_text("1 new message · to the newest ↓")
    await expect(page.get_by_role("menuitem").first).to_be_hidden()  # it was no long press
    await bar.tap()
    await expect(chat.last).to_be_in_viewport()
    await expect(bar).to_be_hidden()
