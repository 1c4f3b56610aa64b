"""What a message of the bot says of a job: whether it is its reply, and how far it has come. Pure."""

import re
from collections.abc import Sequence
from enum import StrEnum

import discord

from bot.discord.render import footer
from bot.jobs.job import Job

_ACCEPTED, _DONE = "**Accepted**", "**Done**"  # as `render.draw` writes them
_NAME = re.compile(r"job [0-9a-f]{12}")  # as `render.footer` does


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
    named = {embed.footer.text: embed.description for embed in embeds if embed.footer.text}
    if footer(job) not in named:
        return Sign.ANOTHERS if names_a_job(embeds) else Sign.NO_REPLY
    said = (named[footer(job)] or "").partition("\n")[0]
    return {_ACCEPTED: Sign.ACCEPTED, _DONE: Sign.DONE}.get(said, Sign.FURTHER)


def names_a_job(embeds: Sequence[discord.Embed]) -> bool:
    """Whether a message with these embeds is the reply of some job."""
    return any(_NAME.fullmatch(embed.footer.text or "") for embed in embeds)
