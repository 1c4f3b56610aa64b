"""What README tells a newcomer to do, played as it stands there."""

import json
from pathlib import Path

import pytest
from playwright.async_api import expect

import bot.discord.client
from bot.sandbox import examples
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
        await expect(page.locator("#empty button")).to_have_count(0)  # no command of the demo's
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


async def test_an_empty_channel_offers_the_demos_commands_at_a_press(
    chat: Chat, tmp_path: Path
) -> None:
    page, stage = chat.page, chat.stage
    stage.settings["ENDPOINTS"] = str(examples.write(tmp_path / "endpoints"))
    examples.teach(stage.studio)
    stage.studio.seconds = dict.fromkeys(stage.studio.seconds, 0.0)
    buttons = page.get_by_role("group", name="Try one").get_by_role("button")
    async with stage.bot():
        await expect(buttons).to_have_count(2)
        words = page.get_by_role("button", name="/poster with these words: a red fox in the snow")
        await words.press("Enter")
        await expect(chat.last.locator(".content strong").first).to_have_text(
            "a red fox in the snow"
        )
        await expect(chat.last.locator(".tiles img")).to_have_count(1)
        await expect(buttons.first).to_be_hidden()
        await expect(page.get_by_label("Message #general")).to_be_focused()

        await page.get_by_role("button", name="@ studio").click()
        await buttons.nth(1).dblclick()  # which is one press
        await expect(chat.last.locator(".tiles img")).to_have_count(1)
        await expect(chat.messages()).to_have_count(1)
    assert [post.endpoint for post in stage.studio.posts] == ["PoStEr", "ReStYl"]


async def test_the_owner_adds_an_endpoint_in_a_form_and_members_run_it(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, stage = chat.page, chat.stage
    monkeypatch.setattr(bot.discord.client, "KNOWN_S", 0.05)
    guild = stage.discord.guild
    stage.settings |= {"OWNER_GUILD_ID": f"{guild.id}", "OWNER_IDS": f"{guild.owner.id}"}
    examples.teach(stage.studio)
    stage.studio.seconds = dict.fromkeys(stage.studio.seconds, 0.0)
    document = {"name": "Tint", "endpointId": "TiNt", "fieldIds": ["prompt_1", "seed_2"]}
    async with stage.bot():
        await chat.be("Sam")
        await chat.command("studio add")
        await chat.send()
        dialog = page.get_by_role("dialog", name="Add an endpoint")
        await dialog.get_by_label("Its document").fill(json.dumps(document))
        await dialog.get_by_role("button", name="Submit").click()
        await expect(chat.last).to_contain_text("Added: /tint")

        await chat.be("Mei")
        await page.fill("#text", "/tint")
        await expect(page.get_by_role("option", name="/tint")).to_be_visible()
        await page.press("#text", "Enter")
        await page.keyboard.type("a lake")
        await chat.send()
        await expect(chat.last).to_contain_text("used /tint")
        await expect(chat.last.locator(".tiles img")).to_have_count(1)
    assert [post.endpoint for post in stage.studio.posts] == ["TiNt"]
