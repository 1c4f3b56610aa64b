"""Whoever reads the newest goes on doing so; whoever reads above is told what came."""

import asyncio

from playwright.async_api import Page, Route, expect

from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.pictures import sample_picture
from tests.browser.conftest import Chat

# The newest picture is there, and whole, and nothing stands below it out of sight.
NEWEST_IN_VIEW = """count => {
  const box = document.getElementById("scroll").getBoundingClientRect();
  const pictures = [...document.querySelectorAll("#messages .tiles img")];
  if (pictures.length !== count || !pictures.at(-1).naturalWidth) return false;
  const newest = pictures.at(-1).getBoundingClientRect();
  const last = document.querySelector("#messages > li:last-child").getBoundingClientRect();
  return newest.top >= box.top && newest.bottom <= box.bottom + 1 && last.bottom <= box.bottom + 1;
}"""


async def in_view(page: Page, pictures: int) -> None:
    """Return once there are so many pictures, and the newest is before the reader's eyes."""
    await page.wait_for_function(NEWEST_IN_VIEW, arg=pictures, timeout=20_000)


def members(chat: Chat) -> dict[str, Member]:
    discord = chat.stage.discord
    return {user.name: Member(discord, user) for user in discord.users.values()}


async def test_ten_runs_in_a_row_end_with_the_newest_image_in_view_in_two_tabs(chat: Chat) -> None:
    page = chat.page
    other = await page.context.new_page()  # a second tab, as somebody else
    await other.goto(chat.control.url)
    await other.get_by_label("You are").select_option(label="Ana")
    await page.bring_to_front()
    async with chat.stage.bot():
        for number in range(1, 11):
            if number % 4 == 2:
                await chat.last.get_by_role("button", name="Run again").click()
            else:
                await chat.command("cny")
                await chat.sample(1 + number % 4)
                await page.keyboard.press("Enter")
            await in_view(page, 2 * number)
            if number == 5:
                for name in ("Ana", "Mei"):
                    await chat.be(name)
                    await in_view(page, 2 * number)
    await other.bring_to_front()
    await in_view(other, 20)


async def test_a_picture_that_comes_late_and_tells_no_size_leaves_the_end_in_view(
    chat: Chat,
) -> None:
    page, discord = chat.page, chat.stage.discord
    released = asyncio.Event()

    async def slowly(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await page.route("**/attachments/**", slowly)
    for number in range(8):
        await members(chat)["Ana"].post(f"line {number}", files=[File("me.png", sample_picture())])
    late = discord.store_file(0, File("late.png", sample_picture()))
    embeds = [{"title": "late", "image": {"url": late.payload()["url"]}}]
    await discord.publish(
        discord.new_message(discord.bot_user, discord.channel, {"embeds": embeds}, ())
    )
    await expect(chat.last.locator(".title")).to_be_in_viewport()
    await members(chat)["Ana"].post("the last line")
    await expect(chat.last).to_be_in_viewport()
    height = await page.evaluate("document.getElementById('scroll').scrollHeight")
    released.set()
    await page.wait_for_function(
        "h => document.getElementById('scroll').scrollHeight > h", arg=height
    )
    await expect(chat.last).to_be_in_viewport(ratio=1)


async def test_who_reads_above_is_told_how_many_came_and_stays_there_until_they_act(
    chat: Chat,
) -> None:
    page, ana = chat.page, members(chat)["Ana"]
    bar = page.get_by_role("button", name="to the newest")
    for number in range(30):
        await ana.post(f"line {number}")
    await expect(chat.last.locator(".content")).to_have_text("line 29")
    await expect(chat.last).to_be_in_viewport()
    await page.mouse.move(500, 300)
    await page.mouse.wheel(0, -5000)
    await expect(chat.messages().first).to_be_in_viewport()
    await expect(bar).to_be_hidden()
    gone = await ana.post("to be gone")
    for text in ("below", "and more"):
        await ana.post(text)
    await expect(bar).to_have_text("3 new messages · to the newest ↓")
    await ana.delete(gone)
    await expect(bar).to_have_text("2 new messages · to the newest ↓")
    await expect(chat.messages().first).to_be_in_viewport()
    await bar.click()
    await expect(chat.last).to_be_in_viewport()
    await expect(bar).to_be_hidden()
    await page.mouse.wheel(0, -5000)
    await expect(chat.last).not_to_be_in_viewport()
    await ana.post("one more")
    await expect(bar).to_have_text("1 new message · to the newest ↓")
    await page.fill("#text", "mine")
    await chat.send()
    await expect(chat.last).to_be_in_viewport()
    await expect(bar).to_be_hidden()
