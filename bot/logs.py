"""Log lines: their format, their level, and nothing secret in them."""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.settings import Settings

HIDDEN = "[hidden]"
LEAST = {
    "discord": logging.INFO,
    "aiohttp": logging.INFO,
    "asyncio": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "PIL": logging.INFO,
}


class NoSecrets(logging.Formatter):
    """Formats as usual, with every known secret hidden, tracebacks included."""

    def __init__(self, secrets: Sequence[str], *, is_json: bool = False) -> None:
        super().__init__(
            "%(message)s" if is_json else "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
        )
        self._secrets = secrets
        self._is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        """The line; as JSON an object with `at`, `level`, `logger` and `message`."""
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        if not self._is_json:
            return line
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        level = record.levelname.lower()
        found = {"at": at, "level": level, "logger": record.name, "message": line}
        return json.dumps(found, ensure_ascii=False)


def set_up_logs(settings: Settings) -> None:
    """Log to stderr at the settings' level.

    Libraries say less: debug lines of discord.py and info lines of SQLAlchemy carry interaction
    tokens.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(NoSecrets(settings.secrets(), is_json=settings.log_format == "json"))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(level, least))
