"""The bot's own commands, beside those of endpoints: their names are taken. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Own(StrEnum):
    """A command of the bot's own, by its name."""

    FORGET_ME = "forget-me"
    HELP = "help"
    HISTORY = "history"
    PRIVACY = "privacy"


DESCRIPTIONS: Mapping[Own, str] = {
    Own.FORGET_ME: "Let the bot forget you: your results go for good, and their messages",
    Own.HELP: "What you can do here",
    Own.HISTORY: "Your own results, newest first: show them again, run them again, delete them",
    Own.PRIVACY: "What the bot keeps of you, and for how long",
}
STUDIO = "studio"  # the owner's, which is in one server alone
HERE = "studio-here"  # of who manages a server, about that one
NAMES = frozenset({*map(str, Own), STUDIO, HERE})
