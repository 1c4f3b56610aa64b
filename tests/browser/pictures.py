"""The README's pictures, taken of the real thing: `make pictures`.

It starts the demo as anybody would, and plays one run on the page: docs/chat.png and docs/run.gif.
Those of docs/using.md are states.py's and said.py's, those of docs/owner.md orders.py's.
"""

import asyncio
import io
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.orders import take_orders
from tests.browser.said import take_said
from tests.browser.states import PICTURES_ARE_THERE, take_all

DOCS = Path(__file__).parents[2] / "docs"
WIDE = ViewportSize(width=1280, height=860)
SMALL = ViewportSize(width=760, height=620)
FRAME_S = 0.12
LAST_FRAME_MS = 3000
COLOURS = 128


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """The address of the demo's page, while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--no-browser", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        said = (await process.stdout.readline()).decode()
        yield re.findall(r"http\S+", said)[0]
    finally:
        process.terminate()
        await process.wait()


async def run(page: Page) -> None:
    """One run: the command, its picture, its seed, and the wait for the images."""
    await page.click("#text")
    await page.keyboard.type("/cny", delay=120)
    await asyncio.sleep(0.6)
    await page.keyboard.press("Tab")
    await asyncio.sleep(0.4)
    await page.click("#samples button:nth-of-type(2)")
    await asyncio.sleep(0.4)
    await page.get_by_role("button", name="+ seed").click()
    await page.keyboard.type("20", delay=120)
    await page.keyboard.press("Enter")
    await finished(page)


async def poster(page: Page, words: str) -> None:
    """A run that takes words."""
    await page.click("#text")
    await page.keyboard.type("/poster")
    await page.keyboard.press("Tab")
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages > li")).to_have_count(2)
    await finished(page, images=1)


async def finished(page: Page, images: int = 2) -> None:
    last = page.locator("#messages > li").last
    await expect(last.locator(".tiles img")).to_have_count(images, timeout=20_000)
    await expect(last.locator(".reactions button")).to_be_visible()


async def film(page: Page, work: asyncio.Task[None]) -> None:
    """Take a frame every moment until the work is done, and write those that differ."""
    frames: list[tuple[float, bytes]] = []
    while not work.done():
        frames.append((time.monotonic(), await page.screenshot()))
        await asyncio.sleep(FRAME_S)
    await work
    frames.append((time.monotonic(), await page.screenshot()))
    await asyncio.to_thread(_write, frames)


def _write(frames: list[tuple[float, bytes]]) -> None:
    kept = [
        frame
        for frame, before in zip(frames, [(0.0, b""), *frames], strict=False)
        if frame[1] != before[1]
    ]
    ends = [at for at, _ in kept[1:]]
    lasting_ms = [round((end - at) * 1000) for (at, _), end in zip(kept, ends, strict=False)]
    images = [_in_few_colours(data, COLOURS) for _, data in kept]
    images[0].save(
        DOCS / "run.gif",
        save_all=True,
        append_images=images[1:],
        duration=[*lasting_ms, LAST_FRAME_MS],
        loop=0,
        optimize=True,
    )


def _in_few_colours(data: bytes, colours: int) -> Image.Image:
    """The screenshot as it looks, too, and a third of its size."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return image.quantize(colours, dither=Image.Dither.NONE)


async def main() -> None:
    async with demo() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=SMALL, color_scheme="dark")
        await page.goto(url)
        await expect(page.locator("#samples img").first).to_be_visible()
        await page.evaluate(PICTURES_ARE_THERE)
        await film(page, asyncio.create_task(run(page)))
        await page.set_viewport_size(WIDE)
        await page.click("#open-drawer")
        await poster(page, "a red fox in the snow, oil on canvas")
        await page.mouse.move(0, 0)
        few = _in_few_colours(await page.screenshot(), 256)
        few.save(DOCS / "chat.png", optimize=True)
        await take_all(browser)
        await take_said(browser)
        await take_orders(browser)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
