"""The step of a job in `downloading`: every image into the archive, before anything is posted."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import BadImage, Reason, Rejected, Unavailable
from bot.files.archive import Archive, OverLimit
from bot.files.images import inspect_output
from bot.jobs.ages import is_over
from bot.jobs.job import Job, JobStatus, Output
from bot.studio.client import InstantStudio
from bot.work.held import Held
from bot.work.polling import put_off

log = logging.getLogger(__name__)

MAX_OUTPUT_BYTES = 200 * 2**20
KEPT_FOR = timedelta(hours=24)  # the service deletes a job's images after that


class Downloads:
    """Saves what the service offers."""

    def __init__(
        self, studio: InstantStudio, archive: Archive, now: Callable[[], datetime]
    ) -> None:
        self._studio = studio
        self._archive = archive
        self._now = now

    async def step(self, held: Held) -> Job:
        """The job with all its images saved, given up, or due again later."""
        job, missed = held.job, None
        for index in job.missing:
            try:
                saved = await self._saved(job, index)
            except Unavailable as error:
                log.warning("job %s: image %d: %s", job.id, index + 1, error)
                missed = error
                if not error.status:  # it kept us waiting; who else waits comes first
                    break
                continue  # the others may be there
            job = replace(job, outputs=(*job.outputs[:index], saved, *job.outputs[index + 1 :]))
            if job.missing:
                await held.keep(job)
        if missed:
            return self._later(job, missed)
        if all(output.is_lost for output in job.outputs):
            return job.failed(Reason.BAD_OUTPUT, at=self._now())
        return job.moved(JobStatus.DELIVERING, at=self._now())

    async def _saved(self, job: Job, index: int) -> Output:
        output = job.outputs[index]
        try:
            async with self._studio.download(output.url, slow=job.tries) as chunks:
                stored = await self._archive.put(chunks, limit_bytes=MAX_OUTPUT_BYTES)
            async with self._archive.local(stored) as path:
                media_type = await inspect_output(path)
        except (Rejected, OverLimit, BadImage) as error:
            log.warning("job %s: image %d is lost: %s", job.id, index + 1, error)
            return replace(output, is_lost=True)
        return replace(output, stored=replace(stored, media_type=media_type))

    def _later(self, job: Job, error: Unavailable) -> Job:
        now = self._now()
        if is_over(job, KEPT_FOR):  # since it was seen to have succeeded
            if not any(output.stored for output in job.outputs):
                return job.failed(Reason.IMAGES_GONE, at=now)
            outputs = tuple(replace(o, is_lost=o.stored is None) for o in job.outputs)
            return replace(job.moved(JobStatus.DELIVERING, at=now), outputs=outputs)
        return put_off(job, now, error.retry_after_s)
