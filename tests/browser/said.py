"""What people say to the bot and do with it, as pictures for docs/using.md: each with its answer."""

import io
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.messages import Message
from bot.sandbox.pictures import poster
from tests.browser.scene import Scene
from tests.browser.states import (
    DESKTOP_PX,
    FOLDER,
    JINGLE,
    QUALITY,
    page_of,
    scene_of,
    shot,
    teach,
    write_plain,
)
from tests.scenarios.conftest import Stage, on_stage, replied

HARBOUR = File("harbour.jpg", poster("", (300, 180), 5))
SMALL = (300, 90)
MILL = File("mill.jpg", poster("", (300, 180), 9))
SKETCH = {
    "name": "Sketch",
    "endpointId": "SkEtCh",
    "credits": 4,
    "fieldIds": ["prompt_1", "width_2", "height_3", "steps_4", "style_5", "seed_6"],
    "fields": {"prompt_1": {"name": "prompt", "required": True}},
}
A_MINUTE = 61  # until the same card is said once more


async def said(scene: Scene, text: str, *files: File, reply_to: int | None = None) -> Message:
    """What the bot answers to Mei's message."""
    discord = scene.stage.discord
    discord.advance(seconds=A_MINUTE)
    asked = await scene.mei.post(text, files=files, channel=scene.channel, reply_to=reply_to)
    return await scene.stage.reply_to(asked)


async def chosen(scene: Scene, question: Message, value: str) -> InteractionHandle:
    """What comes of choosing in a question's select."""
    (select,) = (each for row in question.components for each in row["components"])
    values = [each["value"] for each in select["options"] if each["label"] == value]
    return await (await scene.mei.choose(question, select["custom_id"], *values)).responded()


async def filled_in(scene: Scene, form: InteractionHandle, **given: str) -> None:
    """Send a form; what comes of it has ended."""
    handle = await (await scene.mei.submit(form, **given)).responded()
    await scene.stage.ended(replied(handle))


async def spoken(scene: Scene) -> None:
    """Words alone: none, to its role, a prompt, a command's name with a prompt, a wrong option."""
    bot = scene.stage.discord.bot_mention
    role = next(each for each in scene.stage.discord.guild.roles if each.bot_id)
    await said(scene, f"{bot} hello")
    await said(scene, f"<@&{role.id}> hello")
    await said(scene, f"{bot} a red fox in the snow")
    await scene.stage.ended(await said(scene, f"{bot} landscape a mill beside a brook"))
    await said(scene, f"{bot} landscape a mill beside a brook, style: wood")


async def given(scene: Scene) -> None:
    """Pictures: for whichever endpoint, too many, one that is hidden, and one to be hidden."""
    bot, theirs = scene.stage.discord.bot_mention, scene.channel
    await said(scene, bot, HARBOUR)
    await said(scene, f"{bot} restyle", HARBOUR, MILL)
    shown = await scene.ana.post("our harbour", files=[HARBOUR], channel=theirs)
    await said(scene, f"{bot} make it snow", reply_to=shown.id)
    await said(scene, f"{bot} restyle show: only me", HARBOUR)


async def onwards(scene: Scene) -> None:
    """On from a result and from anybody's picture; cancelled; and asked whether to delete."""
    stage, mei = scene.stage, scene.mei
    result = await scene.done("hills behind the sea", images=2)
    which = replied(await (await mei.press(result, "Use as input…")).responded())
    await chosen(scene, which, "Image 2")
    shown = await scene.ana.post("our harbour", files=[HARBOUR], channel=scene.channel)
    await (await mei.use("Use this picture…", shown)).responded()
    stage.studio.hold("processing")
    unwanted = await scene.asked("a bridge at night")
    await scene.says(unwanted, "Working")
    await scene.pressed(unwanted, "Cancel")
    await scene.says(unwanted, "Cancelled")
    await scene.pressed(result, "More…")
    more = replied(await (await mei.press(result, "More…")).responded())
    await scene.pressed(more, "Delete")


async def own(scene: Scene) -> None:
    """The bot's own commands."""
    for name in ("help", "history", "privacy", "forget-me"):
        handle = await scene.mei.slash(name, channel=scene.channel)
        reply = replied(await handle.responded())
        if name == "history":
            await _illustrated(scene, reply)


async def _illustrated(scene: Scene, page: Message) -> None:
    await scene.stage.discord.until(lambda: page.attachments)


async def chains(scene: Scene) -> None:
    """What came of going on: run again, changed, made of an image, and of anybody's picture."""
    stage, mei = scene.stage, scene.mei
    stage.studio.outputs |= {n: (_flat(n, (300, 300)), "image/png") for n in (1, 2)}
    result = await scene.done("hills behind the sea", images=2)
    stage.studio.endpoints["LaNdSc"] = 1
    _draw_small(stage, 7)
    await stage.ended(replied(await (await mei.press(result, "Run again")).responded()))
    _draw_small(stage, 8)
    form = await (await mei.press(result, "Change…")).responded()
    await filled_in(scene, form, prompt="hills behind a lake", style="ink")
    _draw_small(stage, 2)
    which = replied(await (await mei.press(result, "Use as input…")).responded())
    await chosen(scene, which, "Image 2")
    await filled_in(scene, await chosen(scene, which, "/restyle"))
    _draw_small(stage, 5)
    small = File("harbour.png", _flat(5, SMALL))
    shown = await scene.ana.post("our harbour", files=[small], channel=scene.channel)
    which = replied(await (await mei.use("Use this picture…", shown)).responded())
    await filled_in(scene, await chosen(scene, which, "/restyle"), style="night")
    stage.studio.outputs.clear()


def _draw_small(stage: Stage, seed: int) -> None:
    stage.studio.outputs[1] = (_flat(seed, SMALL), "image/png")


def _flat(seed: int, size: tuple[int, int]) -> bytes:
    """A poster of few colours, which leave a picture of it small."""
    few = Image.open(io.BytesIO(poster("", size, seed))).quantize(6, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.convert("RGB").save(written, "PNG")
    return written.getvalue()


async def bounds(scene: Scene) -> None:
    """Which of many options, the originals, a press that is another's, a line, and a limit."""
    stage, mei = scene.stage, scene.mei
    _draw_small(stage, 3)
    result = await scene.done("a mill beside a brook", command="sketch")
    await scene.pressed(result, "Change…")
    more = replied(await (await mei.press(result, "More…")).responded())
    originals = replied(await (await mei.press(more, "Originals")).responded())
    await stage.discord.until(lambda: originals.attachments)
    stage.studio.hold("processing")
    hers = await scene.asked("a bridge at night", by=scene.ana)
    await scene.says(hers, "Working")
    await scene.pressed(hers, "Cancel")
    for prompt, place in (("an orchard in May", "next in line"), ("a valley", "2nd in line")):
        await scene.says(await scene.asked(prompt), place)
    await scene.asked("a lighthouse in a storm")


Play = Callable[[Scene], Awaitable[None]]
SCENES: tuple[Play, ...] = (spoken, given, onwards, chains, own)
PLAIN, FEW = {"chains", "bounds", "form"}, 128  # whose images have few colours
POOR = {"JOBS_AT_ONCE": "1", "CREDITS_PER_MEMBER_PER_DAY": "15"}


async def take_said(browser: Browser) -> None:
    """All these pictures anew."""
    with tempfile.TemporaryDirectory() as folder:
        endpoints = Path(folder) / "endpoints"
        async with on_stage(Path(folder), None) as stage, page_of(stage, browser) as page:
            teach(stage, endpoints)
            for name in ("poster", JINGLE["name"]):  # one endpoint is left that runs on words
                (endpoints / f"{name}.json").unlink()
            async with stage.bot():
                for play in SCENES:
                    await _play(page, stage, play)
                await _form(page, scene_of(stage, "form"))
            (endpoints / "cny-snakeyear.json").unlink()  # it has no price
            _add_wide(stage, endpoints)
            stage.settings |= POOR
            stage.discord.advance(minutes=24 * 60 + 1)
            async with stage.bot():
                await _play(page, stage, bounds)


async def _play(page: Page, stage: Stage, play: Play) -> None:
    await play(scene_of(stage, play.__name__))
    await page.evaluate("modal.close()")  # of a form that was sent by other hands
    await page.get_by_role("button", name=f"# {play.__name__}").click()
    await _take(page, play.__name__)
    stage.studio.release()


def _add_wide(stage: Stage, endpoints: Path) -> None:
    """Let there be an endpoint of more options than a form has."""
    (endpoints / "sketch.json").write_text(json.dumps(SKETCH))
    stage.studio.endpoints["SkEtCh"] = 1


async def _take(page: Page, name: str, of: str = "#messages") -> None:
    """One picture alone, as the manual has room for no more: what it looks like, states.py shows."""
    await page.emulate_media(color_scheme="light")
    image = await shot(page, DESKTOP_PX, of)
    if name in PLAIN:
        write_plain(image, name, FEW)
    else:
        image.save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)


async def _form(page: Page, scene: Scene) -> None:
    """What *Change…* opens."""
    result = await scene.done("hills behind the sea", style="ink")
    await page.get_by_role("button", name="# form").click()
    await scene.pressed(result, "Change…")
    await _take(page, "form", "#modal")
