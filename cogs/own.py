"""`/help`, `/privacy` and `/forget-me`; each answer is the member's alone."""

from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.client import StudioBot
from bot.discord.customs import Only
from bot.discord.own import own_command
from bot.discord.pressed import Pressed, explained, used
from bot.discord.responses import say_alone, say_instead
from bot.discord.telling import SURE, help_text, privacy_text, sure
from bot.endpoints.own import DESCRIPTIONS, Own
from bot.jobs import wishes
from bot.jobs.job import OriginKind

FORGOTTEN = (
    "You are being forgotten: what has ended goes within minutes, and what the service still works"
    " on once it is done."
)


class OwnCommands(commands.Cog):
    """What the bot tells of itself, and how it forgets."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Add the commands."""
        self.bot.offer(own_command(Own.HELP, self.help))
        self.bot.offer(own_command(Own.PRIVACY, self.privacy))
        self.bot.offer(own_command(Own.FORGET_ME, self.forget_me))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Pressed) -> None:
        """Forget whoever meant it."""
        if used(interaction) is Only.FORGET_ME:
            await explained(interaction, self._forget(interaction))

    async def help(self, interaction: Pressed) -> None:
        """Say what they can do here, each command with its description."""
        gate, asker = self.bot.service.gate, asker_of(interaction)
        offered = await gate.offered(asker, OriginKind.BUTTON, self.bot.endpoints)
        endpoints = [(each.qualified_name, each.description) for each in offered]
        told = [
            [(await wishes.read(self._mention(interaction, name)), about) for name, about in each]
            for each in (endpoints, DESCRIPTIONS.items())
        ]
        await say_alone(interaction, help_text(*told))

    async def _mention(self, interaction: Pressed, name: str) -> str:
        return await self.bot.mentions.typed(name, interaction.guild_id)

    async def privacy(self, interaction: Pressed) -> None:
        """Say what is kept, and for how long."""
        await say_alone(interaction, privacy_text(self.bot.settings.keep_days))

    async def forget_me(self, interaction: Pressed) -> None:
        """Ask once more, as nothing brings it back."""
        await say_alone(interaction, SURE, sure())

    async def _forget(self, interaction: Pressed) -> None:
        await self.bot.wishes.forget(interaction.user.id)
        await say_instead(interaction, FORGOTTEN)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(OwnCommands(bot))
