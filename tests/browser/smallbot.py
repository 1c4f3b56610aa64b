"""A bot that answers with what ours has not: menus, selects, modals, and messages of every form."""

import io

import discord
import yarl
from discord import app_commands

from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.pictures import sample_picture


class SmallBot(discord.Client):
    """Answers /gallery, the *Describe* menu, its select and its modal."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True, guild_messages=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        self.tree.add_command(app_commands.ContextMenu(name="Describe", callback=describe))
        self.tree.add_command(app_commands.ContextMenu(name="Greet", callback=greet))
        self.tree.add_command(
            app_commands.Command(name="gallery", description="So many pictures", callback=gallery)
        )
        self.tree.add_command(
            app_commands.Command(name="silent", description="No answer", callback=silent)
        )
        self.tree.add_command(app_commands.Command(name="say", description="Says it", callback=say))
        self.tree.add_command(
            app_commands.Command(name="typed", description="Every type", callback=typed)
        )
        await self.tree.sync()


def point_at(sandbox: DiscordSandbox) -> None:
    """Send discord.py to the sandbox."""
    discord.http.Route.BASE = sandbox.api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(sandbox.gateway_url)


class Why(discord.ui.Modal, title="Why this one?"):
    reason: "discord.ui.TextInput[Why]" = discord.ui.TextInput(label="Reason", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Because {self.reason.value}")


class Mood(discord.ui.View):
    @discord.ui.select(
        placeholder="A mood",
        options=[discord.SelectOption(label=text) for text in ("calm", "wild")],
    )
    async def choose(
        self, interaction: discord.Interaction, _select: "discord.ui.Select[Mood]"
    ) -> None:
        await interaction.response.send_modal(Why())


async def describe(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(
        f"About “{message.content}”", view=Mood(), ephemeral=True
    )


async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
    await interaction.response.send_message(f"Hello {member.name}")


async def gallery(interaction: discord.Interaction, count: int, wide: bool = False) -> None:  # noqa: FBT001, FBT002 - options of a command
    picture = wide_picture() if wide else sample_picture(1)
    files = [discord.File(io.BytesIO(picture), f"{number}.png") for number in range(count)]
    await interaction.response.send_message(files=files)


async def silent(_interaction: discord.Interaction) -> None:
    return


async def say(interaction: discord.Interaction, text: str) -> None:
    embed = discord.Embed(title=text[:256], description=text, colour=0x1F7A6D)
    embed.add_field(name=text[:200], value=text[:900]).set_footer(text=text)
    await interaction.response.send_message(text, embed=embed)


async def typed(
    interaction: discord.Interaction,
    text: app_commands.Range[str, 2, 5],
    whole: app_commands.Range[int, 0, 9],
    number: app_commands.Range[float, 0.5, 1.5] | None = None,
    yes: bool | None = None,  # noqa: FBT001 - an option of a command
) -> None:
    await interaction.response.send_message(f"{text} {whole} {number} {yes}")


def wide_picture() -> bytes:
    from PIL import Image  # noqa: PLC0415 - for this one

    data = io.BytesIO()
    Image.new("RGB", (2400, 300), "teal").save(data, "PNG")
    return data.getvalue()
