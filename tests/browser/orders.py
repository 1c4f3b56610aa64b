"""What `/studio` and `/studio-here` answer, as pictures for docs/owner.md."""

import io
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from tests.browser.scene import Scene
from tests.browser.states import DESKTOP_PX, page_of, scene_of, shot, teach, write_plain
from tests.scenarios.conftest import Stage, on_stage

MANAGE_GUILD = 1 << 5
ELSEWHERE = "1046883720947892245"  # a server


async def status(scene: Scene) -> None:
    """How the bot is, as its owner sees it."""
    await scene.told("studio block", member=scene.ana.id)
    await scene.told("studio status", is_shown=True)
    await scene.told("studio unblock", member=scene.ana.id)


async def usage(scene: Scene) -> None:
    """Who has used how much."""
    elsewhere = replace(scene, channel=scene.stage.discord.channel)
    await elsewhere.done("a mill beside a brook", by=scene.ana)
    await scene.told("studio usage", is_shown=True)


async def limit(scene: Scene) -> None:
    """A limit, and one that is above what `.env` sets."""
    await scene.told("studio limit", is_shown=True, jobs_per_member_per_day=50)
    await scene.told("studio limit", is_shown=True, jobs_per_day=500)
    await scene.told("studio limit", jobs_per_member_per_day=0)


async def here(scene: Scene) -> None:
    """How the bot is in a server, as its administrators see it."""
    await scene.told("studio-here limit", jobs_per_day=100)
    await scene.told("studio-here log", where=scene.stage.discord.channel)
    await scene.told("studio-here status", is_shown=True)


async def endpoints(scene: Scene) -> None:
    """What is offered, what was added and what is hidden."""
    await scene.told("studio remove", endpoint="jingle")
    await scene.told("studio endpoints", is_shown=True)


async def pause(scene: Scene) -> None:
    """Nothing new is taken for a while, and what a member is told of it."""
    await scene.told("studio pause", is_shown=True)
    await scene.asked("a bridge at night")
    await scene.told("studio resume", is_shown=True)


async def block(scene: Scene) -> None:
    """Somebody's turn is over, and a server's, until they are not blocked."""
    await scene.told("studio block", is_shown=True, member=scene.ana.id, server=ELSEWHERE)
    await scene.told("studio unblock", is_shown=True, member=scene.ana.id, server=ELSEWHERE)


async def remove(scene: Scene) -> None:
    """What was added goes, and what was hidden comes back."""
    await scene.told("studio remove", is_shown=True, endpoint="watercolour")
    await scene.told("studio add", is_shown=True, hidden="jingle")


async def forget(scene: Scene) -> None:
    """What is asked before a member is forgotten."""
    await scene.told("studio forget", is_shown=True, member=scene.ana.id)


async def managed(scene: Scene) -> None:
    """What who manages a server sets there, and what is told in the channel they named."""
    await scene.told("studio-here limit", is_shown=True, jobs_per_member_per_day=20)
    await scene.told("studio-here block", is_shown=True, member=scene.ana.id)
    await scene.told("studio-here unblock", is_shown=True, member=scene.ana.id)
    await scene.told("studio-here log", is_shown=True, where=scene.channel)
    scene.stage.studio.fail_next("submit", status=402)
    elsewhere = replace(scene, channel=scene.stage.discord.channel)
    await elsewhere.done("a harbour at dawn")
    messages = scene.stage.discord.messages
    await scene.stage.discord.until(
        lambda: any("has failed" in each.content for each in messages(scene.channel))
    )


SCENES: tuple[Callable[[Scene], Awaitable[None]], ...] = (
    status, usage, limit, here, endpoints, pause, block, remove, forget, managed,
)  # fmt: skip
ADDED = """{"name": "Watercolour",
 "endpointId": "WaTeRc",
 "fieldIds": ["prompt_6", "seed_3"],
 "credits": 5}"""


async def take_orders(browser: Browser) -> None:
    """All these pictures anew."""
    with tempfile.TemporaryDirectory() as folder:
        async with on_stage(Path(folder), None) as stage, page_of(stage, browser) as page:
            teach(stage, Path(folder) / "endpoints")
            _obey(stage)
            await page.emulate_media(color_scheme="light")
            async with stage.bot():
                await _add(page, scene_of(stage, "add"))
                for play in SCENES:
                    await play(scene_of(stage, play.__name__))
                    await page.get_by_role("button", name=f"# {play.__name__}").click()
                    write_plain(await shot(page, DESKTOP_PX), play.__name__)


async def _add(page: Page, scene: Scene) -> None:
    """The form that `/studio add` opens, filled in and sent."""
    await scene.mei.slash("studio add", channel=scene.channel)
    form = page.get_by_role("dialog", name="Add an endpoint")
    await form.get_by_label("Its document").fill(ADDED)
    await page.set_viewport_size({"width": DESKTOP_PX, "height": DESKTOP_PX})
    write_plain(Image.open(io.BytesIO(await page.locator("#modal").screenshot())), "add")
    await form.get_by_role("button", name="Submit").click()
    await scene.stage.discord.until(lambda: "watercolour" in scene.stage.discord.commands.names())


def _obey(stage: Stage) -> None:
    """Let Mei own the bot, and manage the server."""
    guild, mei = stage.discord.guild, stage.discord.guild.members[-2]
    stage.settings |= {"OWNER_GUILD_ID": f"{guild.id}", "OWNER_IDS": f"{mei.id}"}
    stage.settings["JOBS_PER_DAY"] = "200"
    stage.discord.give(guild, mei, stage.discord.add_role(guild, "managers", MANAGE_GUILD))
