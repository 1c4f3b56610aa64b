"""What people say to the bot and do with it, as pictures for docs/using.md: each with its answer."""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page

from bot.sandbox.discord.files import File
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
)
from tests.scenarios.conftest import on_stage, replied

HARBOUR = File("harbour.jpg", poster("", (300, 180), 5))
MILL = File("mill.jpg", poster("", (300, 180), 9))
A_MINUTE = 61  # until the same card is said once more


async def said(scene: Scene, text: str, *files: File, reply_to: int | None = None) -> Message:
    """What the bot answers to Mei's message."""
    discord = scene.stage.discord
    discord.advance(seconds=A_MINUTE)
    asked = await scene.mei.post(text, files=files, channel=scene.channel, reply_to=reply_to)
    return await scene.stage.reply_to(asked)


async def chosen(scene: Scene, question: Message, value: str) -> Message:
    """What comes of choosing in a question's select."""
    (select,) = (each for row in question.components for each in row["components"])
    values = [each["value"] for each in select["options"] if each["label"] == value]
    handle = await scene.mei.choose(question, select["custom_id"], *values)
    return replied(await handle.responded())


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


SCENES: tuple[Callable[[Scene], Awaitable[None]], ...] = (spoken, given, onwards, own)


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
                    await play(scene_of(stage, play.__name__))
                    await page.get_by_role("button", name=f"# {play.__name__}").click()
                    await _take(page, play.__name__)
                    stage.studio.release()
                await _form(page, scene_of(stage, "form"))


async def _take(page: Page, name: str, of: str = "#messages") -> None:
    """One picture alone, as the manual has room for no more: what it looks like, states.py shows."""
    await page.emulate_media(color_scheme="light")
    (await shot(page, DESKTOP_PX, of)).save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)


async def _form(page: Page, scene: Scene) -> None:
    """What *Change…* opens."""
    result = await scene.done("hills behind the sea", style="ink")
    await page.get_by_role("button", name="# form").click()
    await scene.pressed(result, "Change…")
    await _take(page, "form", "#modal")
