"""The error tree.

    BotError
    ├── SetupError          a setting or a document is wrong: the start stops, one fault a line
    ├── Refused             a member asked for what cannot be; nothing was charged
    │   ├── BadImage        the bytes are no picture that we can hand on
    │   └── Unfinished      what it lacks can still be chosen or filled in
    ├── StudioError         the service's side; says which status it gave
    │   ├── NotTaken        the POST surely was not accepted: send it again later
    │   ├── MaybeTaken      nobody knows whether it was accepted: never send it again
    │   ├── Rejected        the service said no for good (`reason` says what about)
    │   └── Unavailable     asking again later is safe and may help
    │       └── TooSlow     no whole answer came in time: give the next one longer
    ├── DiscordError        Discord's side
    │   ├── Unanswered      a job's reply may not stand there
    │   ├── MessageGone     there is no message or channel left to edit
    │   ├── TooLarge        the files are over what Discord takes
    │   ├── NotAllowed      the bot lacks a permission there
    │   │   └── AlreadyTold whoever asked has read that nothing comes of it: close the row
    │   ├── Contradicted    what stands there is not this row's: never go on with it
    │   └── DiscordBusy     asking again later is safe and may help
    └── StorageError        the database or the archive cannot be used now
        ├── InDoubt         what was to be written may be there all the same
        └── LeaseLost       somebody else has this job now; drop what you hold

`user_message` is what a member may read. It never holds a URL, a token or a raw exception text. Where
it quotes what others wrote, that is a value in a sentence of ours: `render.error` shows it in Discord.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from math import ceil
from string import Formatter
from typing import Self

from bot.reasons import SENTENCES, Reason


class BotError(Exception):
    """Anything that this bot raises on purpose."""

    user_message = SENTENCES[Reason.INTERNAL]


class SetupError(BotError):
    """Settings or documents that cannot be used; `faults` has one line each."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Working(str):
    """A text of ours in which Discord's signs work: the mention of a command."""

    __slots__ = ()


class Refused(BotError):
    """A request that is not accepted: a sentence of ours, with what others wrote in its places.

    `Refused("There is no {name}.", name=given)`. A list is joined by what stands after the colon
    of its place, else by commas; a time is shown as Discord counts it down, and
    what is `Working` as it is. `user_message` shows
    every value as it is.
    """

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values
        self.user_message = self.told()
        super().__init__(self.user_message)

    def but(self, **values: object) -> Self:
        """The same with other values in some of its places."""
        return type(self)(self.template, **self.values | values)

    def and_so(self, template: str, **values: object) -> Self:
        """The same with more of our words behind."""
        return type(self)(self.template + template, **self.values | values)

    def told(self, show: Callable[[str, bool], str] = lambda text, _in_code: text) -> str:
        """The sentence, each value as `show` gives it, which hears whether it stands in code."""
        if not self.values:
            return self.template
        parts, in_code = [], False
        for ours, name, form, _conversion in Formatter().parse(self.template):
            parts.append(ours)
            in_code ^= ours.count("`") % 2 == 1
            if name is None:
                continue
            value = self.values[name]
            if isinstance(value, datetime):
                parts.append(f"<t:{ceil(value.timestamp())}:R>")
            elif isinstance(value, list | tuple):
                joint = form or ("`, `" if in_code else ", ")
                shown = (v if isinstance(v, Working) else show(f"{v}", in_code) for v in value)
                parts.append(joint.join(shown))
            else:
                parts.append(show(format(value, form or ""), in_code))
        return "".join(parts)


class BadImage(Refused):
    """Bytes that are no picture we can hand on."""


class Lack(StrEnum):
    """What a request lacks, and may still be given."""

    ENDPOINT = "endpoint"
    PICTURE = "picture"  # which of several
    OPTION = "option"


class Unfinished(Refused):
    """A request that lacks something; `command` is its endpoint's, where that is known."""

    lack = Lack.ENDPOINT
    command = ""

    def of(self, lack: Lack, command: str) -> Self:
        """It, with what it lacks."""
        self.lack, self.command = lack, command
        return self


class StudioError(BotError):
    """What the service or the way to it did; `status` is 0 where there was no answer."""

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        status: int = 0,
        retry_after_s: float | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
        self.retry_after_s = retry_after_s
        self.detail = detail
        self.user_message = SENTENCES[reason]


class NotTaken(StudioError):
    """The POST surely was not accepted."""


class MaybeTaken(StudioError):
    """The POST was perhaps accepted."""


class Rejected(StudioError):
    """A final no; `reason` goes into the job."""


class Unavailable(StudioError):
    """A no for now, to a question that can be asked again."""


class TooSlow(Unavailable):
    """A question whose answer was not waited for to its end."""


class DiscordError(BotError):
    """What Discord or the way to it did."""

    user_message = "Discord did not take the bot's answer. Please try again."

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unanswered(DiscordError):
    """A job's reply was not seen to arrive: where a sentence takes its place, nothing comes of it."""

    user_message = "Discord did not take the bot's answer. Nothing was charged; please ask again."


class MessageGone(DiscordError):
    """The message, its channel, or the bot's view of it is gone for good."""


class TooLarge(DiscordError):
    """The files of this request are more than Discord takes."""


class NotAllowed(DiscordError):
    """The bot lacks a permission that it needs there."""


class AlreadyTold(NotAllowed):
    """The event was answered by a sentence: whoever asked knows that nothing comes of it."""


class Contradicted(DiscordError):
    """What stands in Discord in the place of a row's reply is another's, or further on than it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}: the table was put back from a copy, another bot runs with this token, or the"
            " database lost what it had committed"
        )


class DiscordBusy(DiscordError):
    """Trouble that passes: limits, server errors, lost connections."""


class StorageError(BotError):
    """The database or the archive cannot be read or written now."""

    user_message = "The bot cannot store anything right now. Nothing was charged; try again later."


class InDoubt(StorageError):
    """It was not seen whether what was to be written is there; it may be."""

    user_message = (
        "The bot could not see in time whether it took this request. If no reply to it appears"
        " within a minute, nothing comes of it: then ask again."
    )


class LeaseLost(StorageError):
    """The row's lease belongs to somebody else now."""
