"""Each state of a reply, as pictures for docs/using.md: a real bot, and the page that shows its replies.

Each scene is taken twice, in dark and in
light: on a desktop, and beside it on a phone.
"""

import io
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.async_api import Browser, Page, expect

from bot.sandbox import examples
from bot.sandbox.control import Control
from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.pictures import poster
from bot.sandbox.studio.jobs import StudioJob
from tests.browser.scene import Scene
from tests.samples.results import sound
from tests.scenarios.conftest import Stage, on_stage, replied

FOLDER = Path(__file__).parents[2] / "docs" / "states"
COLOURS: tuple[Literal["dark", "light"], ...] = ("dark", "light")
DESKTOP_PX, PHONE_PX, GAP_PX = 860, 375, 16
QUALITY = 82
SHADES = 32  # where there is little but text
PICTURES_ARE_THERE = "Promise.all([...document.images].map((each) => each.decode()))"
FOR_EVER_S = 1e6
NEVER_AGAIN = "0.01"  # calls of the service a second: after the first all others wait
BUSY_S = "75"

LANDSCAPE = {
    "name": "Landscape",
    "endpointId": "LaNdSc",
    "description": "Paints a landscape",
    "credits": 4,
    "fieldIds": ["prompt_6", "style_4", "seed_3"],
    "fields": {
        "prompt_6": {"name": "prompt", "required": True},
        "style_4": {"name": "style", "choices": ["oil", "ink", "pastel"], "default": "oil"},
    },
}
JINGLE = {
    "name": "Jingle",
    "endpointId": "JiNgLe",
    "description": "Plays a few bars",
    "fieldIds": ["prompt_6", "seed_3"],
    "fields": {"prompt_6": {"name": "prompt", "required": True}},
}
LONG = (
    "An old harbour town at first light, seen from a hill above it: slate roofs, a clock tower, nets"
    " that dry on the quay, and a red lighthouse at the end of the pier. "
)
CHINESE = "雪地里的一只红狐狸，水墨画，大片留白，远山如黛，近处有几枝梅花"
ARABIC = "ثعلب أحمر في الثلج، رسم بالحبر، وجبال بعيدة عند الفجر"


async def running(scene: Scene) -> None:
    """Working, in the queue, and one that finds the service busy."""
    studio = scene.stage.studio
    studio.seconds["processing"] = FOR_EVER_S
    await scene.says(await scene.asked("a lighthouse in a storm", style="ink"), "Working")
    studio.seconds["in_queue"] = FOR_EVER_S
    await scene.says(await scene.asked("a mill beside a brook"), "queue")
    studio.fail_next("submit", status=503, headers={"Retry-After": BUSY_S})
    await scene.says(await scene.asked("a valley full of fog", style="pastel"), "busy")


async def waiting(scene: Scene) -> None:
    """Behind another one, as the bot sends no more for a while."""
    await scene.asked("a bridge at night", by=scene.ana)
    await scene.says(await scene.asked("an orchard in May", by=scene.ana), "Waiting")


async def done(scene: Scene) -> None:
    """With one image and what *More…* tells of it, with two and with four."""
    one = await scene.done("a red fox in the snow", command="poster", width=640, height=400)
    await scene.pressed(one, "More…")
    await scene.done("hills behind the sea, one before and one after the rain", images=2)
    await scene.done("four seasons of the same valley", images=4, style="pastel")


async def many(scene: Scene) -> None:
    """With ten, and with more than one message takes."""
    await scene.done("ten sunsets", images=10)
    await scene.done("a fortnight of sunsets, one for each day", images=14)


async def other(scene: Scene) -> None:
    """A sound, and images behind a spoiler."""
    studio = scene.stage.studio
    studio.outputs[1] = (sound(), "audio/wav")
    await scene.done("a few bars for a rainy day, piano", command="jingle")
    studio.outputs.clear()
    await scene.done("how the story ends", images=2, show="behind a spoiler")


async def alone(scene: Scene) -> None:
    """What nobody else sees: done, and still under way."""
    stage, show = scene.stage, "only me"
    stage.studio.endpoints["LaNdSc"] = 2
    there = await scene.asked("a present for Ana, in red paper", show=show)
    await stage.discord.until(lambda: there.attachments)
    stage.studio.hold("processing")
    await scene.says(await scene.asked("what is in it", style="ink", show=show), "Working")


async def ends(scene: Scene) -> None:
    """Failed, not taken as three are under way, and refused for what only the file's bytes show."""
    stage, studio = scene.stage, scene.stage.studio
    studio.fail_job_next("CUDA out of memory")
    await scene.done("a city of glass, from above")
    elsewhere = replace(scene, channel=stage.discord.channel)
    studio.hold("in_queue")
    three = [await elsewhere.asked("a city of glass") for _ in range(3)]
    await scene.asked("a city of glass, once more")
    studio.release()
    for each in three:
        await stage.ended(each)
    notes = File("notes.png", b"Buy milk, and call Ana.\n")
    handle = await scene.mei.slash("restyle", channel=scene.channel, image=notes)
    await stage.refused(replied(await handle.responded()))


async def words(scene: Scene) -> None:
    """A prompt of 3,900 characters with what *More…* tells of it, Chinese, and right to left."""
    long = await scene.done((LONG * 30)[:3900])
    await scene.pressed(long, "More…")
    await scene.done(CHINESE, style="ink")
    await scene.done(ARABIC, style="ink")


SCENES: tuple[Callable[[Scene], Awaitable[None]], ...] = (done, many, other, alone, ends, words)


async def take_all(browser: Browser) -> None:
    """All pictures of docs/states anew."""
    assert _has_chinese(), "a Chinese font is needed: apt-get install fonts-wqy-microhei"
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with on_stage(Path(folder), None) as stage, page_of(stage, browser) as page:
            teach(stage, Path(folder) / "endpoints")
            async with stage.bot():
                for play in SCENES:
                    await play(scene_of(stage, play.__name__))
                    await take(page, play.__name__)
                    stage.studio.release()
                scene = scene_of(stage, "running")
                await running(scene)
            stage.settings["STUDIO_REQUESTS_PER_SECOND"] = NEVER_AGAIN
            async with stage.bot():
                await waiting(scene)
                await take(page, "running")


def _has_chinese() -> bool:
    lister = shutil.which("fc-list")
    return bool(lister and subprocess.check_output([lister, ":lang=zh"]))


def teach(stage: Stage, endpoints: Path) -> None:
    """Let bots have the demo's endpoints and two more, and the service run them."""
    examples.write(endpoints)
    for document in (LANDSCAPE, JINGLE):
        (endpoints / f"{document['name']}.json").write_text(json.dumps(document))
    stage.settings["ENDPOINTS"] = str(endpoints)
    stage.studio.endpoints |= {**examples.IMAGES, "LaNdSc": 1, "JiNgLe": 1}
    stage.studio.drawn = _drawn


def _drawn(job: StudioJob, number: int) -> bytes:
    if job.submission.endpoint != LANDSCAPE["endpointId"]:
        return examples.drawn(job, number)
    return poster("", (480, 300), int(job.submission.text("seed") or 0) + number)


def scene_of(stage: Stage, name: str) -> Scene:
    """A new channel with Mei and Ana in it."""
    mei, ana = (Member(stage.discord, user) for user in stage.discord.guild.members[-2:])
    return Scene(stage, stage.discord.add_channel(name), mei, ana)


@asynccontextmanager
async def page_of(stage: Stage, browser: Browser) -> AsyncIterator[Page]:
    """The page as Mei has it, while the block runs."""
    stage.member("Mei")
    stage.member("Ana")
    async with Control(stage.discord, stage.studio) as control:
        page = await browser.new_page(reduced_motion="reduce", locale="en-GB")
        await page.goto(control.url)
        await expect(page.locator("#samples img").first).to_be_visible()
        yield page
        await page.close()


async def take(page: Page, name: str) -> None:
    """The pictures of a scene, in both colours."""
    await page.get_by_role("button", name=f"# {name}").click()
    for colours in COLOURS:
        await page.emulate_media(color_scheme=colours)
        shots = [await shot(page, width) for width in (DESKTOP_PX, PHONE_PX)]
        _beside(shots).save(FOLDER / f"{name}-{colours}.webp", quality=QUALITY, method=6)


async def shot(page: Page, width: int, of: str = "#messages") -> Image.Image:
    """The channel's messages, or another part, on a screen that is as high as that."""
    box, height = page.locator("#scroll"), 300
    for _ in range(2):  # once the scroll bar has gone, lines are longer
        await page.set_viewport_size({"width": width, "height": height})
        height += await box.evaluate("box => box.scrollHeight - box.clientHeight")
    await page.set_viewport_size({"width": width, "height": height})
    await page.evaluate(PICTURES_ARE_THERE)
    return Image.open(io.BytesIO(await page.locator(of).screenshot()))


def write_plain(image: Image.Image, name: str, shades: int = SHADES) -> None:
    """Keep a picture in which there are few colours: as it is, and small."""
    few = image.convert("RGB").quantize(shades, dither=Image.Dither.NONE).convert("RGB")
    few.save(FOLDER / f"{name}.webp", lossless=True, quality=100, method=6)


def _beside(shots: list[Image.Image]) -> Image.Image:
    width = sum(each.width for each in shots) + GAP_PX * (len(shots) - 1)
    made = Image.new("RGBA", (width, max(each.height for each in shots)))
    left = 0
    for shot in shots:
        made.paste(shot, (left, 0))
        left += shot.width + GAP_PX
    return made
