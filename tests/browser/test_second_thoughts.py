"""What the bot lets people do with a result, by hand on the page: to change it, go on, and undo it."""

import re

from playwright.async_api import Locator, expect

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.browser.conftest import Chat
from tests.scenarios.conftest import described, png, replied
from tests.scenarios.test_cancel import UNPOSTED
from tests.scenarios.test_changes import FRAME, POSTER, TINT, serve


async def asked(chat: Chat, prompt: str) -> Message:
    """Mei's poster, under way; the page shows it last."""
    user = next(each for each in chat.stage.discord.guild.members if each.name == "Mei")
    handle = await Member(chat.stage.discord, user).slash("poster", prompt=prompt)
    message = replied(await handle.responded())
    await expect(chat.last.locator(".content")).to_contain_text(prompt)
    return message


async def press(message: Locator, label: str) -> None:
    await message.get_by_role("button", name=label).click()


async def choose(message: Locator, label: str) -> None:
    select = message.get_by_role("combobox")
    value = await select.locator("option", has_text=label).get_attribute("value")
    await select.select_option(value)


async def fill_in(chat: Chat, form: str, label: str, text: str) -> None:
    dialog = chat.page.get_by_role("dialog", name=form)
    await dialog.get_by_label(label).fill(text)
    await dialog.get_by_role("button", name="Submit").click()


async def shows(chat: Chat, *words: str) -> None:
    """Return once the last message says so, with an image."""
    for each in words:
        await expect(chat.last.locator(".content")).to_contain_text(each)
    await expect(chat.last.locator(".tiles img")).to_have_count(1)


async def test_results_are_changed_and_made_into_others_by_hand(chat: Chat) -> None:
    serve(chat.stage, POSTER, TINT, FRAME)
    async with chat.stage.bot():
        await chat.stage.ended(await asked(chat, "a red fox"))
        await press(chat.last, "Change…")
        await fill_in(chat, "Poster", "prompt", "a blue fox")
        await shows(chat, "a blue fox", "changed prompt: the result before")
        await press(chat.last, "Run again")
        await shows(chat, "a blue fox", "again, with a new seed: the result before")
        await press(chat.last, "Use as input…")
        await choose(chat.last, "/tint")
        await fill_in(chat, "Tint", "colour", "green")
        await shows(chat, "green", "Tint")
        shown = await chat.stage.member("Zoe").post("look", files=[png()])
        await expect(chat.last.locator(".content")).to_have_text("look")
        await chat.menu(chat.last, "Use this picture…")
        await choose(chat.last, "/frame")
        await shows(chat, "Frame", "of this picture")
        link = chat.last.get_by_role("link", name="this picture")
        leads_to = re.compile(f"/channels/[0-9]+/{shown.channel.id}/{shown.id}$")
        await expect(link).to_have_attribute("href", leads_to)


async def test_jobs_are_cancelled_found_deleted_and_forgotten_by_hand(chat: Chat) -> None:
    serve(chat.stage, POSTER)
    async with chat.stage.bot():
        result = await chat.stage.ended(await asked(chat, "a red fox"))
        await press(chat.last, "More…")
        await press(chat.last, "Originals")
        await shows(chat, "As the service made them")
        chat.stage.studio.hold("processing")
        unwanted = await asked(chat, "a blue fox")
        await press(chat.last, "Cancel")
        await expect(chat.last.locator(".content")).to_contain_text("Cancelled after it was sent")
        chat.stage.studio.release()
        await chat.stage.discord.until(lambda: UNPOSTED in described(unwanted))
        await chat.command("history")
        await chat.send()
        await expect(chat.last.locator(".tiles img")).to_have_count(2)
        await chat.last.get_by_role("combobox").select_option(index=2)
        await press(chat.last, "Delete")
        await expect(chat.last.locator(".content")).to_contain_text("Delete this for good?")
        await press(chat.last, "Delete")
        await chat.stage.discord.until(lambda: result.is_deleted)
        await chat.command("forget-me")
        await chat.send()
        await press(chat.last, "Forget me")
        await expect(chat.last.locator(".content")).to_contain_text("You are being forgotten")
        await chat.stage.discord.until(lambda: unwanted.is_deleted)
