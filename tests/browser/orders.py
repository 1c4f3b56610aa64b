"""What `/studio` and `/studio-here` answer, as scenes for docs/owner.md."""

from dataclasses import replace

from tests.browser.scene import Scene


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
