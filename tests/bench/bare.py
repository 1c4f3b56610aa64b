"""The least that a discord.py bot can be: it answers the command, and does nothing else."""

import os
import sys

import discord
import yarl
from discord import app_commands

COMMAND = "cny-snakeyear"


class BareBot(discord.Client):
    """Answers each command with a line of text."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_messages=None)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        self.tree.add_command(
            app_commands.Command(name=COMMAND, description="Answers", callback=answer)
        )
        if not await self.tree.fetch_commands():
            await self.tree.sync()

    async def on_ready(self) -> None:
        print("ready: a bare bot", file=sys.stderr, flush=True)


async def answer(
    interaction: discord.Interaction, image: discord.Attachment, seed: int | None = None
) -> None:
    await interaction.response.send_message(f"Accepted: {image.filename}, {seed}")


if __name__ == "__main__":
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    gateway = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
    BareBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)
