"""Log lines: their format, their level, and nothing secret in them."""

import logging
from collections.abc import Sequence

import discord

from bot.settings import Settings

HIDDEN = "[hidden]"
LEAST = {
    "discord": logging.INFO,
    "aiohttp": logging.INFO,
    "asyncio": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "PIL": logging.INFO,
}


class NoSecrets(logging.Formatter):
    """Formats as usual, with every known secret hidden, tracebacks included."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line


def set_up_logs(settings: Settings) -> None:
    """Log to stderr at the settings' level.

    Libraries say less: debug lines of discord.py and info lines of SQLAlchemy carry interaction
    tokens.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(NoSecrets(settings.secrets()))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(level, least))
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks
