"""Who may use a command, as an administrator sets it on the page."""

from playwright.async_api import Locator, expect

from tests.browser.conftest import Chat, small_bot
from tests.browser.test_looks import faults


async def opened(chat: Chat) -> Locator:
    """The dialog, before the administrator."""
    await chat.be("Sam")
    await chat.page.get_by_role("button", name="Permissions").press("Enter")
    dialog = chat.page.get_by_role("dialog", name="Who may use a command")
    await expect(dialog).to_be_visible()
    return dialog


async def offers(chat: Chat, name: str) -> list[str]:
    """The commands that a person is offered in the channel."""
    await chat.be(name)
    await chat.page.fill("#text", "/")
    await expect(chat.page.locator("#suggestions li").first).to_be_visible()
    found = await chat.page.locator("#suggestions li b").all_text_contents()
    await chat.page.fill("#text", "")
    return found


async def test_a_command_that_is_taken_from_somebody_is_offered_to_them_no_more(
    chat: Chat,
) -> None:
    page, discord = chat.page, chat.stage.discord
    async with small_bot(chat.stage):
        await expect(page.get_by_role("button", name="Permissions")).to_be_hidden()
        dialog = await opened(chat)
        assert await faults(chat) == []
        await dialog.get_by_label("Command").select_option(label="/say")
        await dialog.get_by_label("Who, or where").select_option(label="Mei")
        await expect(dialog.get_by_label("Neutral")).to_be_checked()
        await dialog.get_by_label("No", exact=True).check()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_contain_text("Set: Mei: no")
        mei = next(user for user in discord.users.values() if user.name == "Mei")
        assert discord.lines_set(discord.guild, "say") == [("user", mei.id, False)]
        await dialog.get_by_label("Command").select_option(label="All commands")
        await expect(dialog).to_contain_text("Set: nothing")
        await dialog.get_by_role("button", name="Close").click()
        assert "/say" not in await offers(chat, "Mei")
        assert "/say" in await offers(chat, "Ana")

        dialog = await opened(chat)
        await dialog.get_by_role("button", name="Take the bot from the server").click()
        await expect(page.locator("#connection")).to_have_text("The bot is not in this server.")
        await expect(dialog.get_by_label("Command").locator("option")).to_have_count(1)
        await dialog.get_by_role("button", name="Invite the bot").click()
        await expect(page.locator("#connection")).to_have_text("")
        await dialog.get_by_role("button", name="Close").click()
        assert "/say" in await offers(chat, "Mei")  # what was set went with the bot
    assert discord.lines_set(discord.guild, "say") == []


async def test_the_dialog_is_used_by_the_keyboard_alone_and_takes_back_what_it_set(
    chat: Chat,
) -> None:
    page, discord = chat.page, chat.stage.discord
    async with small_bot(chat.stage):
        for keys, said in (("ArrowDown", "@everyone: no"), ("ArrowUp", "nothing")):
            dialog = await opened(chat)
            assert await dialog.get_by_label("Command").evaluate(
                "it => it === document.activeElement"
            )
            for name in ("Who, or where", "Neutral" if keys == "ArrowDown" else "No"):
                await page.keyboard.press("Tab")
                field = dialog.get_by_label(name, exact=True)
                await expect(field).to_be_focused()
            await page.keyboard.press(keys)
            await page.keyboard.press("Enter")
            await expect(dialog).to_contain_text(f"Set: {said}")
            await page.keyboard.press("Escape")
            await expect(dialog).to_be_hidden()
            await expect(page.get_by_role("button", name="Permissions")).to_be_focused()
            if said != "nothing":
                await chat.be("Mei")
                await page.fill("#text", "/")
                await expect(page.locator("#suggestions li")).to_have_count(0)
                await page.fill("#text", "")
        assert len(await offers(chat, "Mei")) == 4
    assert discord.lines_set(discord.guild, None) == []


async def test_a_menus_command_is_hidden_in_a_channel_that_is_denied(chat: Chat) -> None:
    page, discord = chat.page, chat.stage.discord
    async with small_bot(chat.stage):
        await page.fill("#text", "hello")
        await chat.send()
        await discord.set_command_permissions(
            discord.guild, "Describe", [("channel", discord.channel.id, False)]
        )
        for name, count in (("Mei", 0), ("Sam", 1)):
            await chat.be(name)
            await chat.last.get_by_role("button", name="More").click()
            await expect(page.get_by_role("menuitem", name="Reply")).to_be_visible()
            await expect(page.get_by_role("menuitem", name="Describe")).to_have_count(count)
            await page.keyboard.press("Escape")


async def test_the_buttons_fit_a_narrow_screen(chat: Chat) -> None:
    await chat.page.set_viewport_size({"width": 375, "height": 740})
    dialog = await opened(chat)
    assert await chat.page.evaluate("document.scrollingElement.scrollWidth") <= 375
    assert await dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
