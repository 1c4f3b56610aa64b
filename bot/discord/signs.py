"""What a message of the bot says of a job: whether it is its reply, and how far it has come. Pure."""

import re
from collections.abc import Sequence
from enum import StrEnum

import discord

from bot.discord.render import footer, mention
from bot.jobs.job import Job

# As `render` writes them. The service may call a state as it likes, but not end a job by it.
_ACCEPTED, _DONE, _OF_AN_END = "**Accepted**", "**Done**", "Took"
_NAME = re.compile(r"job [0-9a-f]{12}")


class Sign(StrEnum):
    """What stands in Discord where a job's reply should; as a sentence goes on about it."""

    ACCEPTED = "has come no further than Accepted"
    FURTHER = "has come further than Accepted"
    DONE = "is done"
    ANOTHERS = "is the reply of another job"
    NO_REPLY = "is no job's reply"
    GONE = "is gone"


def sign_of(embeds: Sequence[discord.Embed], job: Job) -> Sign:
    """What a message with these embeds says of the job."""
    reply = next((embed for embed in embeds if embed.footer.text == footer(job)), None)
    if reply is None:
        return Sign.ANOTHERS if names_a_job(embeds) else Sign.NO_REPLY
    said = (reply.description or "").partition("\n")[0]
    has_ended = any(field.name == _OF_AN_END for field in reply.fields)
    if said == _DONE and has_ended:
        return Sign.DONE
    return Sign.ACCEPTED if said == _ACCEPTED and not has_ended else Sign.FURTHER


def is_asked_by(embeds: Sequence[discord.Embed], user_id: int) -> bool:
    """Whether a message with these embeds is the reply of a job that this user asked for."""
    fields = [field for embed in embeds for field in embed.fields]
    return names_a_job(embeds) and any(field.value == mention(user_id) for field in fields)


def names_a_job(embeds: Sequence[discord.Embed]) -> bool:
    """Whether a message with these embeds is the reply of some job."""
    return any(_NAME.fullmatch(embed.footer.text or "") for embed in embeds)
