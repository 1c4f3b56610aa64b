"""Delivering a finished job: its images fitted, packed into messages, and put there by edits.

Further messages are sent as a line of text first, and only an edit gives them their files: doing
any of it twice changes nothing.
"""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.discord.messenger import Messenger
from bot.discord.render import further_text, nothing_more
from bot.discord.reply import draw
from bot.discord.requests import TokenOver, Upload
from bot.discord.results import alt_text, file_name, shown
from bot.errors import DiscordBusy, DiscordError, MessageGone, NotAllowed, TooLarge
from bot.files.archive import Archive
from bot.files.arrivals import Arrival, filled
from bot.jobs.ages import is_over
from bot.jobs.job import Job, JobStatus, Output
from bot.jobs.request import Stored
from bot.work.held import Held
from bot.work.looks import Looks
from bot.work.polling import put_off

log = logging.getLogger(__name__)

# https://docs.discord.com/developers/resources/message#create-message: 10 files, 25 MiB in all
MAX_FILES = 10
MAX_REQUEST_BYTES = 24 * 2**20
PATIENCE = timedelta(hours=24)  # how long Discord's trouble is waited out


def pack(sizes_bytes: Sequence[int]) -> list[list[int]]:
    """Indexes of the files of each message, in order; at least one message, maybe without files."""
    batches: list[list[int]] = [[]]
    room = MAX_REQUEST_BYTES
    for index, size in enumerate(sizes_bytes):
        if batches[-1] and (len(batches[-1]) == MAX_FILES or size > room):
            batches.append([])
            room = MAX_REQUEST_BYTES
        batches[-1].append(index)
        room -= size
    return batches


async def without_further(held: Held, messenger: Messenger) -> Job:
    """The job without its further messages: those alone stay named that Discord lets stand.

    Raises DiscordBusy where they are to be taken away later.
    """
    posted = held.job.posted
    stay = list(posted.message_ids[:1])
    for message_id in posted.message_ids[1:]:
        await held.check()
        try:
            with suppress(MessageGone):
                await messenger.withdraw(held.job, message_id)
        except DiscordBusy:
            raise
        except DiscordError as error:
            log.warning("job %s: message %d stays: %s", held.job.id, message_id, error)
            stay.append(message_id)
    return replace(held.job, posted=replace(posted, message_ids=tuple(stay)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    index: int  # among the job's outputs
    stored: Stored
    name: str
    description: str


class Delivery:
    """The step of a job in `delivering`, and of one that is handed out at a press."""

    def __init__(
        self, archive: Archive, looks: Looks, messenger: Messenger, now: Callable[[], datetime]
    ) -> None:
        self._archive = archive
        self._looks = looks
        self._messenger = messenger
        self._now = now

    async def step(self, held: Held) -> Job:
        """The job delivered, given up, or due again later."""
        try:
            await self._fit_all(held)
            return await self._post(held)
        except TokenOver:
            return self._owed(replace(held.job, grant=None))
        except MessageGone as error:
            return await self._without_reply(held, error)
        except TooLarge as error:
            log.warning("job %s: smaller files are next: %s", held.job.id, error)
            return self._stepped_down(held.job)
        except DiscordError as error:
            return self._later(held.job, error)

    def _owed(self, job: Job) -> Job:
        """The job done, and its images handed out once who asked presses."""
        log.info("job %s: its images wait until who asked presses", job.id)
        done = job if job.is_terminal else job.moved(JobStatus.DELIVERED, at=self._now())
        return replace(done, due_at=None, posted=replace(done.posted, is_owed=True))

    async def _fit_all(self, held: Held) -> None:
        outputs = list(held.job.outputs)
        for index in shown(held.job):
            before, outputs[index] = outputs[index], await self._fitted(held, outputs[index])
            if outputs[index].is_reduced and outputs[index] != before:  # that took a while
                await held.keep(replace(held.job, outputs=tuple(outputs), handed=()))
        held.note(replace(held.job, outputs=tuple(outputs), handed=()))

    async def _fitted(self, held: Held, output: Output) -> Output:
        limit_bytes = held.job.file_limit_bytes
        if output.is_left_out:
            return output
        if output.stored is None or output.stored.size_bytes <= limit_bytes:
            return replace(output, attached=output.stored)
        if output.attached and output.attached.size_bytes <= limit_bytes:
            return output
        if not output.stored.media_type.startswith("image/"):
            return replace(output, attached=None)
        return replace(output, attached=await self._smaller(held, output.stored))

    async def _smaller(self, held: Held, stored: Stored) -> Stored | None:
        limit_bytes = held.job.file_limit_bytes
        async with self._archive.local(stored) as path, self._archive.arrivals.blank() as out:
            whole = Arrival(path=path, key=stored.key, size_bytes=stored.size_bytes)
            made = await self._looks.fit(held, whole, out, limit_bytes)
            return await self._archive.keep(await filled(out), made) if made else None

    async def _post(self, held: Held) -> Job:
        files = _files(held.job)
        batches = [
            [files[index] for index in batch]
            for batch in pack([file.stored.size_bytes for file in files])
        ]
        if len(held.job.posted.message_ids) < len(batches):
            await self._check_reply(held)
        for number in range(len(held.job.posted.message_ids), len(batches)):
            try:
                await self._open_message(held, number, len(batches))
            except NotAllowed:
                return await self._post_without(held, batches[number])
        # Smaller files need fewer messages: those that were opened before are emptied.
        batches += [[]] * (len(held.job.posted.message_ids) - len(batches))
        for number in range(1, len(batches)):
            try:
                await self._fill(held, number, batches[number])
            except MessageGone:
                if batches[number]:
                    return await self._post_without(held, batches[number])
        return await self._finish(held, batches[0])

    async def _check_reply(self, held: Held) -> None:
        """MessageGone where somebody has deleted the reply: then nothing is posted beside it."""
        await held.check()
        with suppress(NotAllowed, DiscordBusy):
            await self._messenger.edit(held.job, draw(held.job))

    async def _without_reply(self, held: Held, gone: MessageGone) -> Job:
        """The job given up as its reply was deleted: nothing of it stays beside that."""
        try:
            job = await without_further(held, self._messenger)
        except DiscordBusy as error:
            return self._later(held.job, error)
        return replace(self._given_up(job, gone), due_at=None)

    async def _post_without(self, held: Held, files: Sequence[_File]) -> Job:
        """Deliver the other files; the reply says which ones found no place."""
        log.warning("job %s: %d files found no message to be in", held.job.id, len(files))
        left_out = {file.index for file in files}
        outputs = tuple(
            replace(output, attached=None, is_left_out=True) if index in left_out else output
            for index, output in enumerate(held.job.outputs)
        )
        await held.keep(replace(held.job, outputs=outputs))
        return await self._post(held)

    async def _open_message(self, held: Held, number: int, total: int) -> None:
        await held.check()
        text = further_text(held.job, number + 1, total)
        message_id = await self._messenger.further(held.job, number, text)
        posted = held.job.posted
        posted = replace(posted, message_ids=(*posted.message_ids, message_id))
        await held.keep(replace(held.job, posted=posted))

    async def _fill(self, held: Held, number: int, files: Sequence[_File]) -> None:
        async with self._uploads(files) as uploads:
            await held.check()
            message_id = held.job.posted.message_ids[number]
            text = None if files else nothing_more(held.job)
            await self._messenger.edit_further(held.job, message_id, uploads, text=text)

    async def _finish(self, held: Held, files: Sequence[_File]) -> Job:
        done, now = held.job, self._now()
        if not done.is_terminal:  # it may only be handed out anew
            done = done.moved(JobStatus.DELIVERED, at=now)
        done = replace(done, posted=replace(done.posted, is_owed=False))
        drawing = draw(done)
        async with self._uploads(files) as uploads:
            await held.check()
            grant = await self._messenger.edit(done, drawing, uploads)
        posted = replace(done.posted, shown=drawing.digest)
        return replace(done, grant=grant, posted=posted, due_at=now)

    @asynccontextmanager
    async def _uploads(self, files: Sequence[_File]) -> AsyncIterator[list[Upload]]:
        async with AsyncExitStack() as stack:
            paths = [
                await stack.enter_async_context(self._archive.local(file.stored)) for file in files
            ]
            yield [
                Upload(path=path, filename=file.name, description=file.description)
                for path, file in zip(paths, files, strict=True)
            ]

    def _stepped_down(self, job: Job) -> Job:
        largest = max((file.stored.size_bytes for file in _files(job)), default=1)
        limit = min(largest, job.file_limit_bytes) // 2
        return replace(job, posted=replace(job.posted, limit_bytes=limit), due_at=self._now())

    def _later(self, job: Job, error: DiscordError) -> Job:
        if is_over(job, PATIENCE):
            return self._given_up(job, error)  # due, to say so
        log.warning("job %s: its images are not posted yet: %s", job.id, error)
        return put_off(job, self._now(), error.retry_after_s)

    def _given_up(self, job: Job, error: DiscordError) -> Job:
        if job.is_by_token:
            return self._owed(job)
        log.warning(
            "job %s: nowhere to post its images; they stay in the archive, for member %d: %s",
            job.id,
            job.origin.user_id,
            error,
        )
        return job.moved(JobStatus.UNDELIVERABLE, at=self._now())


def _files(job: Job) -> list[_File]:
    return [
        _File(
            index=index,
            stored=attached,
            name=file_name(job, index, attached),
            description=alt_text(job, index),
        )
        for index in shown(job)
        if (attached := job.outputs[index].attached)
    ]
