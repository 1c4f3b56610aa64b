"""What the bot tells of itself: its commands, and what it keeps. Pure."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.discord.customs import ForgetMember, Only, custom_id_of
from bot.discord.render import mention, plain
from bot.discord.reply import MAX_CHARACTERS
from bot.discord.views import view_of
from bot.errors import Working

_HOW = "Type / and choose one of these, or mention me in a message that has a picture:"
_MORE = "{} more: type / to see them."

SURE = (
    "Forget all that the bot keeps of you? What you have under way is cancelled; what was sent to"
    " the service stays charged. All your results go for good, for everybody: their messages, their"
    " pictures, and what you asked. What you spent in the last 24 hours stays as a number until"
    " they are over."
)
_SURE_OF = (
    "Forget all that the bot keeps of {who}, as their own /forget-me would? What they have under"
    " way is cancelled; what was sent to the service stays charged. All their results go for good,"
    " for everybody: messages, pictures, and what was asked. What they spent in the last 24 hours"
    " stays as a number until these are over, and a block of them stays."
)
_FORGOTTEN = (
    "{who} is being forgotten: what has ended goes within minutes, and what the service still works"
    " on once it is done. A block of them stays."
)

Line = tuple[str, str]  # a command as it is mentioned, and what it is for


def help_text(endpoints: Sequence[Line], own: Sequence[Line]) -> str:
    """All commands, each with what it is for; of too many endpoints' the first."""
    ours = [_line(each) for each in own]
    room = MAX_CHARACTERS - len("\n".join([_HOW, _MORE.format(len(endpoints)), *ours])) - 1
    shown: list[str] = []
    for line in map(_line, endpoints):
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    more = len(endpoints) - len(shown)
    return "\n".join([_HOW, *shown, *([_MORE.format(more)] if more else []), *ours])


def _line(line: Line) -> str:
    name, description = line
    shown = name if isinstance(name, Working) else plain(name)
    return f"{shown} – {plain(description)}"


def privacy_text(keep_days: float) -> str:
    """What is kept of a member, and for how long."""
    days = f"{keep_days:g} {'day' if keep_days == 1 else 'days'}"
    return (
        f"For {days} after you asked, the bot keeps your Discord id, where and what you asked for,"
        " the pictures that you gave, and what came of them; then they go by themselves. What you"
        " have only begun to choose is kept for a day, and what you spent for 24 hours, as a number."
        " What you ask for is sent to the service that makes the images, and the bot's owner can"
        " read what is kept; who manages a server sees how much you used there in 24 hours. The"
        " results' messages stay in Discord until they are deleted: /forget-me lets all of this go"
        " now, with the messages of results that are still kept."
    )


def sure() -> ui.View:
    """The button by which a member says that they mean it."""
    style = discord.ButtonStyle.danger
    return view_of(ui.Button(label="Forget me", custom_id=Only.FORGET_ME, style=style))


def sure_of(user_id: int) -> tuple[str, ui.View]:
    """What the owner is asked before a member is forgotten, and the button by which they mean it."""
    style, custom_id = discord.ButtonStyle.danger, custom_id_of(ForgetMember(user_id))
    view = view_of(ui.Button(label="Forget them", custom_id=custom_id, style=style))
    return _SURE_OF.format(who=mention(user_id)), view


def forgotten(user_id: int) -> str:
    """What the owner is told then."""
    return _FORGOTTEN.format(who=mention(user_id))
