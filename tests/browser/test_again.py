"""What a lost line, a second tab, another keyboard and long texts leave as it was."""

from playwright.async_api import expect

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import FORUM
from tests.browser.conftest import Chat, small_bot
from tests.browser.formbot import FormBot

TYPED = """keys => keys.map(key => {
  document.activeElement.blur();
  document.body.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, ...key}));
  return document.activeElement.id;
})"""


async def test_a_line_that_was_lost_takes_nothing_of_what_one_does(chat: Chat) -> None:
    page, discord = chat.page, chat.stage.discord
    ana = next(Member(discord, each) for each in discord.users.values() if each.name == "Ana")
    for number in range(30):
        await ana.post(f"line {number}")
    async with small_bot(chat.stage):
        await chat.menu(chat.last, "Describe")
        private = page.locator("#messages > .private")
        await expect(private).to_have_count(1)
        await chat.command("say")
        await page.get_by_label("text").fill("half of it")
        await chat.messages().first.scroll_into_view_if_needed()
        await expect(private).not_to_be_in_viewport()
        for lost in list(chat.control._pages):
            lost.put_nowait(None)
        await discord.until(lambda: lost not in chat.control._pages and chat.control._pages)
        await ana.post("meanwhile")
        await expect(chat.last.locator(".content")).to_have_text("meanwhile")
        await expect(private).to_have_count(1)
        await expect(page.get_by_label("text")).to_have_value("half of it")
        await expect(chat.messages().first).to_be_in_viewport()
        await chat.send()
        await expect(chat.last.locator(".content")).to_have_text("half of it")
        await expect(chat.last).to_be_in_viewport()


async def test_a_modal_opens_in_the_tab_that_asked_for_it_alone(chat: Chat) -> None:
    other = await chat.page.context.new_page()
    await other.goto(chat.control.url)
    async with small_bot(chat.stage, FormBot()):
        await chat.command("form")
        await chat.send()
        await expect(chat.page.get_by_role("dialog", name="All of it")).to_be_visible()
        await Member(chat.stage.discord, chat.stage.discord.developer).post("later")
        await expect(other.locator("#messages .content")).to_have_text("later")
        await expect(other.get_by_role("dialog", name="All of it")).to_be_hidden()


async def test_signs_of_every_keyboard_reach_the_text_and_shortcuts_do_not(chat: Chat) -> None:
    at_sign = {"key": "@", "ctrlKey": True, "altKey": True}
    keys = [{**at_sign, "modifierAltGraph": True}, {"key": "Dead"}, at_sign, {"key": "F5"}]
    assert await chat.page.evaluate(TYPED, keys) == ["text", "text", "", ""]


async def test_long_names_and_labels_stay_within_the_screen_and_a_long_text_whole(
    chat: Chat,
) -> None:
    page, discord = chat.page, chat.stage.discord
    button = {"type": 2, "style": 1, "label": "Go " + "y" * 77, "custom_id": "go"}
    section = {"type": 9, "components": [{"type": 10, "content": "words"}], "accessory": button}
    bot = discord.another_bot("Other")
    await discord.send_as(bot, {"components": [{"type": 1, "components": [button]}]})
    options = [{"label": each, "value": each} for each in "ab"]
    select = {"type": 3, "custom_id": "pick", "placeholder": "p" * 150, "options": options}
    row = {"type": 1, "components": [{**select, "max_values": 2}]}
    framed = {"type": 17, "components": [section, row]}
    await discord.send_as(bot, {"flags": 1 << 15, "components": [framed]})
    forum = discord.add_channel("ideas", kind=FORUM)
    for number in range(40):
        await Member(discord, discord.developer).open_post(forum, f"{number}" + "z" * 90, "look")
    await page.get_by_role("button", name="› 39z").click()
    for width in (320, 1280):
        await page.set_viewport_size({"width": width, "height": 700})
        assert await page.evaluate("document.scrollingElement.scrollWidth") <= width
        await expect(page.get_by_label("You are")).to_be_in_viewport()
    await page.get_by_role("button", name="# general").click()
    await page.set_viewport_size({"width": 320, "height": 700})
    assert await page.evaluate("document.querySelector('#scroll').scrollWidth") <= 320
    await expect(page.get_by_text("words")).to_be_visible()
    choose = page.get_by_role("button", name="Choose")
    assert await choose.evaluate("it => it.scrollWidth <= it.clientWidth")
    await page.fill("#text", "w" * 2001)
    await chat.send()
    await expect(page.locator("#complaint")).to_contain_text("at most 2000 characters")
    assert len(await page.input_value("#text")) == 2001
    chat.said[:] = [line for line in chat.said if "400 (Bad Request)" not in line]
