"""What README tells a newcomer to do, played as it stands there."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Chat
from tests.scenarios.conftest import ROOT

STEPS = "Type `/`, choose a command, take one of the sample pictures, and press Enter."
AFTERWARDS = (
    "*Behind the scenes* shows what the bot says to Discord and to the service, and lets things go"
    " wrong: a failing job"
)


@pytest.mark.parametrize("hands", ["keyboard", "pointer", "hasty"])
async def test_readmes_steps_end_in_images(chat: Chat, hands: str) -> None:
    page = chat.page
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert STEPS in readme
    assert AFTERWARDS in readme
    async with chat.stage.bot():
        await expect(page.locator("#empty")).to_contain_text("a small Discord on your own machine")
        await page.keyboard.type("/")  # without a click before
        suggestion = page.get_by_role("option", name="/cny-snakeyear")
        await expect(suggestion).to_be_visible()
        sample = page.get_by_role("button", name="Sample picture 3")
        if hands == "keyboard":
            await page.keyboard.press("Enter")
            await sample.press("Space")
        else:
            await suggestion.click()
            await sample.click()
        if hands != "hasty":
            await expect(page.get_by_role("button", name="image: sample-3.png")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
        await expect(page.get_by_label("Message #general")).to_be_focused()

        await page.get_by_role("button", name="Behind the scenes").click()
        await page.get_by_role("switch", name="Next job fails").click()
        await chat.last.get_by_role("button", name="Run again").click()
        await expect(chat.messages()).to_have_count(2)
        await expect(chat.last).to_contain_text("CUDA out of memory")
    assert len(chat.stage.studio.posts) == 2
