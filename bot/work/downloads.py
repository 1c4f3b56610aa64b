"""The step of a job in `downloading`: every image into the archive, before anything is posted.

An address is a lease of the service's: it is asked for a fresh one before an image is given up.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import Rejected, StudioError, Unavailable
from bot.files.archive import Archive
from bot.files.arrivals import OverLimit, fill
from bot.files.results import look
from bot.jobs.ages import is_over
from bot.jobs.job import Job, JobStatus, Output
from bot.jobs.request import Stored
from bot.reasons import Reason
from bot.studio.client import InstantStudio
from bot.work.held import Held
from bot.work.polling import put_off
from bot.work.room import Room

log = logging.getLogger(__name__)

MAX_OUTPUT_BYTES = 200 * 2**20
KEPT_FOR = timedelta(hours=24)  # the service deletes a job's images after that
CUT_TRIES = 4  # what breaks off so often is all that the service has
PAGE_TRIES = 9  # so often a page may come in place of an image: for eight minutes
WRITES = 40  # of a row in one step, about, however many images it has
_PASSING = {408, 425, 429}  # of the 4xx, those that say nothing of the address

Troubles = dict[int, StudioError]  # by the number of the output


class _Miss(Unavailable):
    """What came is no whole image; once it is the last of so many, there is but what `came`."""

    def __init__(self, what: str, most: int, came: Stored | None = None) -> None:
        super().__init__(f"download: {what}", reason=Reason.BAD_OUTPUT)
        self.most = most
        self.came = came


class Downloads:
    """Saves what the service offers."""

    def __init__(
        self, studio: InstantStudio, archive: Archive, room: Room, now: Callable[[], datetime]
    ) -> None:
        self._studio = studio
        self._archive = archive
        self._room = room
        self._now = now

    async def step(self, held: Held) -> Job:
        """The job with all its images saved, given up, or due again later."""
        before = held.job.missing
        troubles, is_told = await self._tried(held, before)
        job = _noted(held.job, troubles, is_told=is_told)
        if job.missing:
            worst = max(troubles.values(), key=lambda error: error.retry_after_s or 0.0)
            has_moved = len(job.missing) < len(before)
            return self._later(replace(job, tries=0, trouble_s=0.0) if has_moved else job, worst)
        if all(output.is_lost for output in job.outputs):
            return job.failed(Reason.BAD_OUTPUT, at=self._now())
        return job.moved(JobStatus.DELIVERING, at=self._now())

    async def _tried(self, held: Held, indexes: Sequence[int]) -> tuple[Troubles, bool]:
        """Save what can be had; why the rest cannot, and whether it stands where the service says."""
        is_first = not held.job.tries
        is_told = not is_first and await self._addressed_anew(held)
        troubles = await self._fetched(held, indexes)
        if not is_first or not any(map(_is_refusal, troubles.values())):
            return troubles, is_told
        old = held.job.outputs
        is_told = await self._addressed_anew(held)
        moved = [i for i in troubles if held.job.outputs[i].url != old[i].url]
        left = {i: error for i, error in troubles.items() if i not in moved}
        return left | await self._fetched(held, moved), is_told

    async def _addressed_anew(self, held: Held) -> bool:
        """Write down where the service offers the images now; whether it could be asked."""
        job, progress = held.job, held.job.progress
        if progress is None:
            return True
        try:
            answer = await self._studio.status(
                progress.job_id, job.origin.user_id, slow=progress.slow
            )
        except Rejected:
            return True  # it knows the job no longer, so there are no fresh ones
        except Unavailable as error:
            log.warning("job %s: no fresh addresses: %s", job.id, error)
            return False
        if len(answer.image_urls) >= len(job.outputs):
            pairs = zip(job.outputs, answer.image_urls, strict=False)
            await _keep(held, [replace(output, url=url) for output, url in pairs])
        return True

    async def _fetched(self, held: Held, indexes: Sequence[int]) -> Troubles:
        """Save these images, as far as they can be had; why the others cannot."""
        outputs, troubles = list(held.job.outputs), Troubles()
        for index in indexes:
            try:
                outputs[index] = await self._saved(outputs[index], held.job.tries)
            except OverLimit as error:
                log.warning("job %s: image %d is not kept: %s", held.job.id, index + 1, error)
                outputs[index] = replace(outputs[index], is_too_large=True)
            except StudioError as error:
                log.warning("job %s: image %d: %s", held.job.id, index + 1, error)
                troubles[index] = error  # the others may be there
                if _has_kept_us_waiting(error):
                    break  # who else waits comes first
            if index % (1 + len(outputs) // WRITES) == 0 and index != indexes[-1]:
                await _keep(held, outputs)
        held.note(replace(held.job, outputs=tuple(outputs)))  # it is written at the step's end
        return troubles

    async def _saved(self, output: Output, tries: int) -> Output:
        """The image with our copy; Unavailable, Rejected, OverLimit."""
        self._room.check_output()
        async with self._archive.arrivals.blank() as path:
            async with self._studio.download(output.url, slow=tries) as chunks:
                arrival = await fill(path, chunks, limit_bytes=MAX_OUTPUT_BYTES)
            found = await look(path)
            if found.is_nothing:
                raise _Miss("no image, but a page or nothing at all", PAGE_TRIES)
            if not found.is_whole and output.misses + 1 < CUT_TRIES:
                raise _Miss("it breaks off", CUT_TRIES)
            stored = await self._archive.keep(arrival, found.media_type)
        if not found.is_whole:
            raise _Miss("it breaks off", CUT_TRIES, came=stored)
        return replace(output, stored=stored)

    def _later(self, job: Job, error: StudioError) -> Job:
        now = self._now()
        if is_over(job, KEPT_FOR):  # since it was seen to have succeeded
            outputs = tuple(replace(o, is_lost=not o.is_settled or o.is_lost) for o in job.outputs)
            if all(output.is_lost for output in outputs):
                return job.failed(Reason.IMAGES_GONE, at=now)
            return replace(job.moved(JobStatus.DELIVERING, at=now), outputs=outputs)
        return put_off(job, now, error.retry_after_s)


async def _keep(held: Held, outputs: Sequence[Output]) -> None:
    if tuple(outputs) != held.job.outputs:
        await held.keep(replace(held.job, outputs=tuple(outputs)))


def _has_kept_us_waiting(error: StudioError) -> bool:
    return isinstance(error, Unavailable) and not error.status and not isinstance(error, _Miss)


def _is_refusal(error: StudioError) -> bool:
    """Whether another address might be taken."""
    is_status = error.status // 100 == 4 and error.status not in _PASSING
    return is_status or error.reason is Reason.BAD_OUTPUT


def _noted(job: Job, troubles: Troubles, *, is_told: bool) -> Job:
    """The job with what this makes of its images; none is lost whose address may be an old one."""
    outputs = list(job.outputs)
    for index, error in troubles.items():
        output = outputs[index]
        if isinstance(error, Rejected):
            output = replace(output, is_lost=is_told)
        elif isinstance(error, _Miss) and output.misses + 1 < error.most:
            output = replace(output, misses=output.misses + 1)
        elif isinstance(error, _Miss):
            output = replace(output, stored=error.came, is_lost=error.came is None)
        if output.is_lost:
            log.warning("job %s: image %d is lost: %s", job.id, index + 1, error)
        outputs[index] = output
    return replace(job, outputs=tuple(outputs))
