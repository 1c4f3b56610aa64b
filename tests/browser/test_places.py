"""Channels beside the first: forums with their posts, and messages that are sent on."""

from playwright.async_api import expect

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.places import FORUM
from tests.browser.conftest import Chat
from tests.browser.test_looks import faults
from tests.scenarios.conftest import png


async def test_a_post_is_begun_in_a_forum_and_a_message_is_sent_on_to_it(chat: Chat) -> None:
    page, discord = chat.page, chat.stage.discord
    discord.add_channel("ideas", kind=FORUM)
    await Member(discord, discord.developer).post("look at **this**", files=[png()])
    await page.reload()
    await page.get_by_role("button", name="≡ ideas").click()
    await expect(page.locator("#posts")).to_have_text("No posts yet: write the first one.")
    await page.keyboard.type("my first words")
    await page.keyboard.press("Enter")
    await expect(page.locator("#complaint")).to_have_text("A post has a title.")
    await page.get_by_label("Title of the post").fill("A plan")
    await page.keyboard.press("Enter")
    await expect(page.locator("#place")).to_have_text("› A plan")
    await expect(chat.last.locator(".content")).to_have_text("my first words")
    await page.get_by_role("button", name="≡ ideas").click()
    await expect(page.locator("#posts button")).to_have_text("A planmy first words")
    assert await faults(chat) == []

    await page.get_by_role("button", name="# general").click()
    await chat.menu(chat.last, "Forward")
    dialog = page.get_by_role("dialog", name="Forward to")
    await expect(dialog.get_by_role("button", name="≡ ideas")).to_have_count(0)
    await dialog.get_by_role("button", name="› A plan").click()
    await expect(page.locator("#place")).to_have_text("› A plan")
    await expect(chat.last.locator(".forwarded .content")).to_have_text("look at this")
    await expect(chat.last.locator(".forwarded .tiles.of-1 img")).to_be_visible()
    await expect(chat.last.locator("header strong")).to_have_text("Mei")
    assert await faults(chat) == []


async def test_a_narrow_screen_shows_that_a_direct_message_is_unread(chat: Chat) -> None:
    page, discord = chat.page, chat.stage.discord
    discord.add_channel("ideas", kind=FORUM)
    await page.set_viewport_size({"width": 375, "height": 740})
    await page.reload()
    mei = next(Member(discord, each) for each in discord.users.values() if each.name == "Mei")
    await discord.publish(
        discord.new_message(discord.bot_user, discord.dm(mei), {"content": "psst"}, ())
    )
    await expect(page.get_by_role("button", name="@ studio ● unread")).to_be_in_viewport(ratio=0.9)
