"""Answering a message, with and without a mention of its author."""

from playwright.async_api import expect

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.browser.conftest import Chat
from tests.browser.test_looks import faults


def mentions(message: Message) -> list[str]:
    return [user.name for user in message.mentioned]


async def test_a_reply_mentions_its_author_until_the_switch_is_off(chat: Chat) -> None:
    page, discord = chat.page, chat.stage.discord
    switch = page.get_by_role("switch", name="@ o")
    sam = Member(discord, discord.developer)
    first = await sam.post("first")
    for keys, words in (("", "on"), ("Space", "off"), ("", "on")):  # each reply begins with “on”
        await chat.menu(chat.messages().first, "Reply")
        await expect(switch).to_have_text("@ on")
        if keys:
            await switch.press(keys)
        await expect(switch).to_have_text(f"@ {words}")
        assert await faults(chat) == []
        await page.fill("#text", f"with {words}")
        await chat.send()
        await expect(chat.last.locator(".content")).to_have_text(f"with {words}")
    answers = [m for m in discord.messages() if m.reply_to == first.id]
    assert [mentions(m) for m in answers] == [["Sam"], [], ["Sam"]]


async def test_the_switch_is_turned_by_the_pointer_too_and_is_not_there_for_oneself(
    chat: Chat,
) -> None:
    page, discord = chat.page, chat.stage.discord
    await Member(discord, discord.developer).post("first")
    await chat.menu(chat.last, "Reply")
    await page.get_by_role("switch", name="@ on").click()
    await page.get_by_role("switch", name="@ off").click()
    await expect(page.get_by_role("switch", name="@ on")).to_be_checked()
    await page.get_by_role("button", name="Do not reply").click()
    await expect(page.locator("#replying")).to_be_hidden()
    await page.fill("#text", "mine")
    await chat.send()
    await expect(chat.last.locator(".content")).to_have_text("mine")
    await chat.menu(chat.last, "Reply")
    await expect(page.locator("#replying span")).to_have_text("Replying to Mei")
    await expect(page.locator("#ping")).to_be_hidden()
    await page.fill("#text", "and more")
    await chat.send()
    await expect(chat.last.locator(".content")).to_have_text("and more")
    assert mentions(discord.messages()[-1]) == []
