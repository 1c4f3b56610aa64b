"""What the owner reads once the bot is there: where it is, with how many commands, and the invite link."""

import logging

import discord

from bot.discord.client import PERMISSIONS, StudioBot

log = logging.getLogger(__name__)

INVITED = ("bot", "applications.commands")


def invite_of(application_id: int) -> str:
    """The link that brings the bot into a server, with what it has to be allowed there."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=INVITED)


def greet_once(bot: StudioBot) -> None:
    """Let it say so in one line of the log as soon as Discord has told it its servers."""

    async def greet() -> None:
        bot.remove_listener(greet, "on_ready")
        log.info("%s", greeting(len(bot.guilds), len(bot.endpoints), bot.application_id or 0))

    bot.add_listener(greet, "on_ready")


def greeting(servers: int, commands: int, application_id: int) -> str:
    """The line itself."""
    where = f"in {_count(servers, 'server')}" if servers else "in no server yet"
    return (
        f"ready: {where}, with {_count(commands, 'command')};"
        f" invite it with {invite_of(application_id)}"
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
