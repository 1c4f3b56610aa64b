"""A result's images once more, where who asked for them wants them: what is hidden stays hidden."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import discord

from bot.discord.askers import is_apart
from bot.discord.originals import fitting
from bot.discord.render import further_text
from bot.discord.reply import NOBODY, draw
from bot.discord.requests import Upload, request
from bot.discord.responses import CUT_OFF, sent, stands
from bot.discord.results import alt_text, file_name, originals, unattached
from bot.errors import BotError, DiscordError, MessageGone, Refused, StorageError
from bot.files.archive import Archive
from bot.files.arrivals import filled
from bot.files.pictures import Pictures, Whose
from bot.files.turns import Postponed
from bot.jobs.job import Job, JobStatus, Place
from bot.jobs.request import Stored

log = logging.getLogger(__name__)

NOT_NOW = "Not all of them could be shown now: press again later."
NOT_KEPT = "Not all of them are kept any more."

Note = Callable[[Place], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The files that go there, with their sizes, and what is said of the others."""

    uploads: Sequence[Upload]
    sizes_bytes: Sequence[int]
    lines: Sequence[str]


def check_may_show(job: Job, user_id: int) -> None:
    """Nothing, or Refused with the sentence for who pressed."""
    if job.origin.user_id != user_id:
        raise Refused("Only who asked for this can show it again.")
    if not job.is_terminal or not originals(job):
        raise Refused("There are no images of this job to show.")


def place_of(interaction: discord.Interaction[Any]) -> Place | None:
    """Where the answer will stand; None where the bot is not, and cannot take it away."""
    channel_id, guild_id = interaction.channel_id or 0, interaction.guild_id
    place = Place(channel_id=channel_id, guild_id=guild_id, event_id=interaction.id)
    return None if is_apart(interaction) else place


class Showing:
    """One showing, as the answer to a press; `note` writes down each message before it has files."""

    def __init__(self, interaction: discord.Interaction[Any], job: Job, note: Note) -> None:
        self._interaction = interaction
        self._job = job
        self._note = note
        # Where the bot is not, it could never take away again what everybody sees.
        self._is_alone = job.is_hidden or is_apart(interaction)
        whole = tuple(replace(output, attached=output.stored) for output in job.outputs)
        done = replace(job, status=JobStatus.DELIVERED, failure=None, is_cancelled=False)
        first = replace(job.posted, message_ids=job.posted.message_ids[:1], is_owed=False)
        self._drawing = draw(replace(done, outputs=whole, posted=first))

    async def begin(self) -> None:
        """Say what it is; Refused, and nothing is left there, where it is not to be shown any more."""
        with _told():
            async with _or_nothing(self._interaction.delete_original_response):
                await self._noted(await self._begun())

    async def _begun(self) -> int:
        """The id of the answer."""
        answered = None
        try:
            answered = await sent(self._interaction, self._drawing, is_alone=self._is_alone)
        except CUT_OFF:
            if not await stands(self._interaction):
                raise
        if answered and answered.message_id:
            return answered.message_id
        async with request():
            return (await self._interaction.original_response()).id

    @asynccontextmanager
    async def files(self, archive: Archive, pictures: Pictures) -> AsyncIterator[Shown]:
        """The images while the block runs, each small enough for this place; Refused."""
        uploads, sizes, lines = [], [], []
        async with AsyncExitStack() as stack:
            with _told():
                for index in originals(self._job):
                    found = await self._file(stack, index, archive, pictures)
                    if found:
                        uploads.append(found[0])
                        sizes.append(found[1])
                    else:
                        line = unattached(self._job, index, "is too large for Discord")
                        lines.append(f"-# {line}")
            yield Shown(uploads=uploads, sizes_bytes=sizes, lines=lines)

    async def _file(
        self, stack: AsyncExitStack, index: int, archive: Archive, pictures: Pictures
    ) -> tuple[Upload, int] | None:
        """An image and its size, or a smaller one; None where it cannot be made to fit."""
        output, limit_bytes = self._job.outputs[index], self._interaction.filesize_limit
        for stored in (output.stored, output.attached):
            if stored and stored.size_bytes <= limit_bytes:
                path = await stack.enter_async_context(archive.local(stored))
                return self._upload(index, stored, path), stored.size_bytes
        if output.stored is None or not output.stored.media_type.startswith("image/"):
            return None
        out = await stack.enter_async_context(archive.arrivals.blank())
        async with archive.local(output.stored) as path:
            whose = Whose(member=self._job.origin.user_id)
            made = await pictures.fit(path, out, limit_bytes, whose)
        if not made:
            return None
        stored = replace(output.stored, media_type=made)
        return self._upload(index, stored, out), (await filled(out)).size_bytes

    def _upload(self, index: int, stored: Stored, path: Path) -> Upload:
        name, description = file_name(self._job, index, stored), alt_text(self._job, index)
        return Upload(path=path, filename=name, description=description)

    async def put(self, uploads: Sequence[Upload], lines: Sequence[str]) -> None:
        """Put files into what was said, and lines below it; Refused where that is not taken."""
        text = fitting([self._drawing.text, *lines])
        with _told():
            async with request(uploads) as given:
                await self._interaction.edit_original_response(content=text, **given)

    async def put_further(self, uploads: Sequence[Upload], number: int, total: int) -> None:
        """Put files into one more message; Refused."""
        text, send = further_text(self._job, number, total), self._interaction.followup
        with _told():
            async with request():
                message = await send.send(
                    text, wait=True, ephemeral=self._is_alone, allowed_mentions=NOBODY
                )
            async with _or_nothing(partial(send.delete_message, message.id)):
                await self._noted(message.id)
            async with request(uploads) as given:
                await send.edit_message(message.id, **given)

    async def _noted(self, message_id: int) -> None:
        """Write it down as what is to be deleted with the job; of what is hidden the bot cannot."""
        if not self._is_alone and (place := place_of(self._interaction)):
            await self._note(replace(place, message_id=message_id))


@asynccontextmanager
async def _or_nothing(withdraw: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Where a message is not written down by the end of the block, it is taken away."""
    try:
        yield
    except Exception:
        try:
            async with request():
                await withdraw()
        except MessageGone:
            pass
        except DiscordError as error:
            log.warning("a message that nobody would delete stays: %s", error)
        raise


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong, as a sentence."""
    try:
        yield
    except (Refused, MessageGone):
        raise
    except (DiscordError, StorageError, Postponed) as error:
        raise Refused(NOT_NOW) from error
    except BotError as error:
        raise Refused(NOT_KEPT) from error
