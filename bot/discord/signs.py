"""What a message of the bot says of a job: whether it is its reply, and how far it has come. Pure."""

import re
from collections.abc import Iterator
from enum import StrEnum

import discord

from bot.discord.customs import meaning_of
from bot.discord.presses import Phase, Press
from bot.discord.render import mention
from bot.jobs.job import Job

# Replies of earlier versions are embeds: the job stands in the footer, the phase in the text.
_FOOTER = re.compile(r"job (?P<job>[0-9a-f]{12})")
_ACCEPTED, _DONE, _OF_AN_END = "**Accepted**", "**Done**", "Took"


class Sign(StrEnum):
    """What stands in Discord where a job's reply should; as a sentence goes on about it."""

    ACCEPTED = "has come no further than Accepted"
    FURTHER = "has come further than Accepted"
    DONE = "is done"
    ANOTHERS = "is the reply of another job"
    NO_REPLY = "is no job's reply"
    GONE = "is gone"


_SIGNS = {Phase.ACCEPTED: Sign.ACCEPTED, Phase.FURTHER: Sign.FURTHER, Phase.DONE: Sign.DONE}


def sign_of(message: discord.Message, job: Job) -> Sign:
    """What the message says of the job."""
    named = list(_named(message))
    ours = next((phase for beginning, phase in named if job.id.startswith(beginning)), None)
    if ours is None:
        return Sign.ANOTHERS if named else Sign.NO_REPLY
    return _SIGNS[ours]


def has_begun(message: discord.Message, job_id: str) -> bool:
    """Whether the message is the reply of a job that has come further than Accepted."""
    return any(
        job_id.startswith(beginning) and phase is not Phase.ACCEPTED
        for beginning, phase in _named(message)
    )


def is_asked_by(message: discord.Message, user_id: int) -> bool:
    """Whether the message is the reply of a job that this user asked for by no message."""
    who = mention(user_id)
    fields = [field.value for embed in message.embeds for field in embed.fields]
    return names_a_job(message) and (who in message.content or who in fields)


def names_a_job(message: discord.Message) -> bool:
    """Whether the message is the reply of some job."""
    return any(_named(message))


def _named(message: discord.Message) -> Iterator[tuple[str, Phase]]:
    """The jobs that the message is a reply of, by their ids or how those begin, and their phases."""
    for row in message.components:
        for item in row.children if isinstance(row, discord.ActionRow) else ():
            found = meaning_of(getattr(item, "custom_id", None) or "")
            if isinstance(found, Press) and found.phase:
                yield found.job_id, found.phase
    for embed in message.embeds:
        named = _FOOTER.fullmatch(embed.footer.text or "")
        if named:
            yield named["job"], _phase_of(embed)


def _phase_of(embed: discord.Embed) -> Phase:
    said = (embed.description or "").partition("\n")[0]
    has_ended = any(field.name == _OF_AN_END for field in embed.fields)
    if said == _DONE and has_ended:
        return Phase.DONE
    return Phase.ACCEPTED if said == _ACCEPTED and not has_ended else Phase.FURTHER
