"""A result's images exactly as the service made them, for who pressed alone."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord.reply import MAX_CHARACTERS
from bot.discord.requests import Upload, request
from bot.discord.results import alt_text, file_name, originals, unattached
from bot.errors import BotError, DiscordError, Refused, StorageError
from bot.files.archive import Archive
from bot.jobs.job import Job
from bot.jobs.request import Stored
from bot.jobs.sight import check_may_see_images

MAX_SAID = 10  # lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """One file: its bytes, what it is called in Discord, and what it shows."""

    stored: Stored
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is said first, and the files that Discord takes."""

    text: str
    files: Sequence[Original]


def originals_of(job: Job, user_id: int, limit_bytes: int) -> Found:
    """The files up to that size, and a text about them; Refused where there are none to be seen."""
    check_may_see_images(job, user_id)
    indexes = originals(job)
    if not indexes:
        raise Refused("There are no images of this job to hand out.")
    files, lines = [], ["As the service made them:"]
    for index in indexes:
        stored = job.outputs[index].stored
        if stored and stored.size_bytes <= limit_bytes:
            name = file_name(job, index, stored)
            files.append(Original(stored=stored, name=name, description=alt_text(job, index)))
        elif stored:
            lines.append(f"-# {unattached(job, index, 'is too large for Discord')}")
    return Found(text=fitting(lines), files=files)


def fitting(lines: Sequence[str]) -> str:
    """As many of the lines as a message takes."""
    text = lines[0]
    for line in lines[1 : 1 + MAX_SAID]:
        if len(text) + len(line) < MAX_CHARACTERS:
            text = f"{text}\n{line}"
    return text


class Originals:
    """Hands files out in the answer to a press, which was given already."""

    def __init__(self, interaction: discord.Interaction[Any], archive: Archive) -> None:
        self._interaction = interaction
        self._archive = archive

    async def hand_out(self, files: Sequence[Original], number: int) -> None:
        """Put the files into the answer, or into one more message; Refused where that is not taken."""
        try:
            async with AsyncExitStack() as stack:
                uploads = [
                    Upload(
                        path=await stack.enter_async_context(self._archive.local(each.stored)),
                        filename=each.name,
                        description=each.description,
                    )
                    for each in files
                ]
                await self._send(uploads, number)
        except (DiscordError, StorageError) as error:
            raise Refused("Not all of them could be handed out now: press again later.") from error
        except BotError as error:
            raise Refused("Not all of them are kept any more.") from error

    async def _send(self, uploads: Sequence[Upload], number: int) -> None:
        async with request(uploads) as given:
            if number == 0:
                await self._interaction.edit_original_response(**given)
            else:
                await self._interaction.followup.send(files=given["attachments"], ephemeral=True)
