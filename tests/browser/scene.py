"""A channel in which some states of replies stand below each other, for a picture of them."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel
from cogs.studio import COUNTING
from tests.scenarios.conftest import Stage, described, replied


@dataclass
class Scene:
    """A channel in which Mei asks for something, and sometimes Ana."""

    stage: Stage
    channel: Channel
    mei: Member
    ana: Member

    async def asked(
        self,
        prompt: str,
        command: str = "landscape",
        *,
        by: Member | None = None,
        **options: Any,
    ) -> Message:
        """Mei's command, or another's, answered."""
        given = {"prompt": prompt} | options
        handle = await (by or self.mei).slash(command, channel=self.channel, **given)
        return replied(await handle.responded())

    async def done(self, prompt: str, *, images: int = 1, **options: Any) -> Message:
        """The same, once all its images are there."""
        self.stage.studio.endpoints["LaNdSc"] = images
        return await self.stage.ended(await self.asked(prompt, **options))

    async def says(self, message: Message, words: str) -> None:
        """Return once the reply says so."""
        await self.stage.discord.until(lambda: words in described(message), within_s=20)

    async def told(self, order: str, *, is_shown: bool = False, **given: Any) -> Message:
        """What Mei's bot answers to her order; in this channel where it is to be shown."""
        place = self.channel if is_shown else self.stage.discord.channel
        handle = await (await self.mei.slash(order, channel=place, **given)).responded()
        await self.stage.discord.until(lambda: replied(handle).content != COUNTING)
        return replied(handle)

    async def pressed(self, message: Message, label: str) -> None:
        """Press a button of the reply; what comes of it is there."""
        await (await self.mei.press(message, label)).responded()
