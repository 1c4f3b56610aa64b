"""The page in a real browser, over the sandbox that the scenarios use."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from discord import Client
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.sandbox.control import Control
from tests.browser.smallbot import SmallBot, point_at
from tests.contract import Contract
from tests.scenarios.conftest import Stage, _impatient, contract, on_stage

__all__ = ["_impatient", "contract"]

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)  # without a window it is done sooner
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
expect.set_options(timeout=10_000)


ONE_LOOP = pytest.mark.asyncio(loop_scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests share a browser, and so the loop that it was started in."""
    metafunc.definition.add_marker(ONE_LOOP, append=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium these tests are left out, and said to be; in CI that is an error."""
    ours = [item for item in items if "browser" in item.path.parts]
    if CHROMIUM:
        for item in ours:
            item.add_marker(ONE_LOOP, append=False)
        return
    if os.environ.get("CI"):
        raise pytest.UsageError(
            "the page's tests need Chromium: apt-get install chromium-headless-shell"
        )
    skip = pytest.mark.skip(
        reason="NO CHROMIUM: the page was not tested; install it, and run again"
    )
    for item in ours:
        item.add_marker(skip)


@dataclass
class Chat:
    """The page as one person has it before them."""

    page: Page
    stage: Stage
    control: Control
    said: list[str]  # the console's errors and warnings

    def messages(self) -> Locator:
        return self.page.locator("#messages > li")

    @property
    def last(self) -> Locator:
        """The newest message."""
        return self.messages().last

    async def be(self, name: str) -> None:
        option = self.page.locator("#person option", has_text=name)
        await self.page.select_option("#person", await option.get_attribute("value"))

    async def command(self, name: str) -> None:
        """Type a part of a command's name, and take it."""
        await self.page.fill("#text", f"/{name}")
        await expect(self.page.locator("#suggestions li").first).to_be_visible()
        await self.page.press("#text", "Enter")
        await expect(self.page.locator("#command")).to_be_visible()

    async def sample(self, number: int = 1) -> None:
        await self.page.click(f"#samples button:nth-of-type({number})")
        there = self.page.locator("#files, #command").get_by_text(f"sample-{number}.png")
        await expect(there.last).to_be_visible()

    async def send(self) -> None:
        await self.page.click("#send")

    async def menu(self, message: Locator, entry: str) -> None:
        """Right-click a message, and choose."""
        await message.locator("header strong").click(button="right")
        await self.page.get_by_role("menuitem", name=entry).click()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of this process; each has its own windows, and what they keep."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest.fixture
def view(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the browser is like: a desktop in the dark, where a test asks for no other colours."""
    colours = getattr(request, "param", "dark")
    return {"viewport": {"width": 1280, "height": 800}, "color_scheme": colours}


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path, contract: Contract | None) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, contract) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def chat(stage: Stage, browser: Browser, view: dict[str, Any]) -> AsyncIterator[Chat]:
    """The page, open; at the end its console has to be without errors."""
    stage.member("Mei")
    stage.member("Ana")
    async with opened(stage, browser, view) as found:
        yield found


@asynccontextmanager
async def opened(stage: Stage, browser: Browser, view: dict[str, Any]) -> AsyncIterator[Chat]:
    said: list[str] = []
    async with Control(stage.discord, stage.studio) as control:
        context = await browser.new_context(**view, locale="en-GB")
        page = await context.new_page()
        page.on(
            "console", lambda m: said.append(m.text) if m.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto(control.url)
        await expect(page.locator("#samples img").first).to_be_visible()
        yield Chat(page, stage, control, said)
        await context.close()
    assert said == []


@asynccontextmanager
async def small_bot(stage: Stage, other: Client | None = None) -> AsyncIterator[Client]:
    """The small bot, or another one, connected."""
    point_at(stage.discord)
    bot = other or SmallBot()
    running = asyncio.create_task(bot.start(stage.discord.token))
    try:
        await stage.until_ready(running)
        yield bot
    finally:
        await bot.close()
        with suppress(asyncio.CancelledError):
            await running
