"""How the page looks: on a narrow screen, in both colour schemes, to a screen reader."""

from itertools import groupby

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import FilePayload, expect

from tests.browser.conftest import Chat, small_bot

LONG = "A very long text, " * 90 + "x" * 200


@pytest.mark.parametrize("view", ["dark", "light"], indirect=True)
async def test_a_screen_reader_stumbles_over_nothing(chat: Chat) -> None:
    page = chat.page
    async with chat.stage.bot():
        await chat.command("cny")
        await chat.sample()
        await chat.send()
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
        await page.fill("#text", "**bold** `code` see https://example.com or ||hidden|| <t:1>")
        note = FilePayload(name="note.txt", mimeType="text/plain", buffer=b"a note")
        await page.set_input_files("#file", [note])
        await chat.send()
        await expect(chat.messages()).to_have_count(2)
        assert await faults(chat) == []
        await page.click("#open-drawer")
        await chat.command("cny")
        await page.get_by_role("button", name="+ seed").click()
        assert await faults(chat) == []
        await page.keyboard.press("Escape")
        await page.fill("#text", "/")
        await expect(page.locator("#suggestions li")).to_have_count(5)
        assert await faults(chat) == []
        await page.keyboard.press("Escape")
        await chat.last.get_by_role("button", name="More").click()
        assert await faults(chat) == []


async def faults(chat: Chat) -> list[str]:
    """What axe finds that is serious, with the places."""
    await chat.page.evaluate("document.getAnimations().forEach((each) => each.finish())")
    found = await Axe().run(chat.page)
    return [
        f"{each['id']}: {[node['target'] for node in each['nodes']]}"
        for each in found.response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


async def test_nothing_is_wider_than_the_screen(chat: Chat) -> None:
    page = chat.page
    async with small_bot(chat.stage):
        await chat.command("say")
        await page.get_by_label("text").fill("y" * 1800)
        await chat.send()
        await chat.command("gallery")
        await page.locator(".chip input").fill("1")
        await page.get_by_role("button", name="+ wide").click()
        await page.locator(".chip select").select_option("true")
        await chat.send()
        await expect(chat.last.locator("img")).to_be_visible()
        await page.fill("#text", LONG)
        await chat.send()
        await expect(chat.messages()).to_have_count(3)
        for is_open in (False, True):
            if is_open:
                await page.click("#open-drawer")
            for width in (320, 375, 760, 1001, 1280, 1920):
                await page.set_viewport_size({"width": width, "height": 740})
                for box in (
                    "scrollingElement",
                    "querySelector('#scroll')",
                    "querySelector('form')",
                ):
                    found = await page.evaluate(f"document.{box}.scrollWidth")
                    assert found <= width, (box, is_open)


# How many of one to ten pictures stand side by side; of three, the first is two rows high.
ROWS = ([1], [2], [2, 1], [2, 2], [2, 3], [3, 3], [1, 3, 3], [2, 3, 3], [3, 3, 3], [1, 3, 3, 3])


async def test_pictures_are_tiled_and_shown_in_full_size(chat: Chat) -> None:
    page = chat.page
    async with small_bot(chat.stage):
        for count, rows in enumerate(ROWS, start=1):
            await chat.command("gallery")
            await page.locator(".chip input").fill(str(count))
            await chat.send()
            tiles = chat.last.locator(f".tiles.of-{count} .tile")
            await expect(tiles).to_have_count(count)
            tops = await tiles.evaluate_all("all => all.map(it => it.getBoundingClientRect().top)")
            assert [len(list(row)) for _, row in groupby(map(round, tops))] == rows
            frame = chat.last.locator(".tiles")
            ends = [
                await box.evaluate("it => it.getBoundingClientRect().bottom")
                for box in (frame, tiles.last)
            ]
            assert round(ends[0]) == round(ends[1])
        await chat.last.get_by_role("button", name="3.png, full size").click()
        viewer = page.get_by_role("dialog", name="Full size")
        await expect(viewer.get_by_role("link")).to_have_text("3.png")
        await page.keyboard.press("ArrowRight")
        await expect(viewer.get_by_role("link")).to_have_text("4.png")
        await viewer.get_by_role("button", name="Previous").click()
        await expect(viewer.get_by_role("link")).to_have_text("3.png")
        await page.keyboard.press("Escape")
        await expect(viewer).not_to_be_visible()
