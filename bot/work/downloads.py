"""The step of a job in `downloading`: every image into the archive, before anything is posted."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import BadImage, Reason, Rejected, Unavailable
from bot.files.archive import Archive
from bot.files.arrivals import Arrival, OverLimit, fill
from bot.files.kinds import Unseen
from bot.jobs.job import Job, JobStatus, Output
from bot.studio.client import InstantStudio
from bot.work.held import Held
from bot.work.looks import Looks
from bot.work.polling import retry_delay_s
from bot.work.room import Room

log = logging.getLogger(__name__)

MAX_OUTPUT_BYTES = 200 * 2**20
KEPT_FOR = timedelta(hours=24)  # the service deletes a job's images after that


class Downloads:
    """Saves what the service offers."""

    def __init__(
        self,
        studio: InstantStudio,
        archive: Archive,
        looks: Looks,
        room: Room,
        now: Callable[[], datetime],
    ) -> None:
        self._studio = studio
        self._archive = archive
        self._looks = looks
        self._room = room
        self._now = now

    async def step(self, held: Held) -> Job:
        """The job with all its images saved, given up, or due again later."""
        missing: Unavailable | None = None
        for index, output in enumerate(held.job.outputs):
            if output.stored is None and not output.is_lost:
                self._looks.check_turn(held.job)
                try:
                    saved = await self._saved(held, index, output)
                except Unavailable as error:
                    log.warning("job %s: image %d: %s", held.job.id, index + 1, error)
                    missing = error  # the others may be there
                    continue
                outputs = held.job.outputs
                outputs = (*outputs[:index], saved, *outputs[index + 1 :])
                await held.keep(replace(held.job, outputs=outputs, handed=None))
        if missing:
            return self._later(held.job, missing)
        if all(output.is_lost for output in held.job.outputs):
            return held.job.failed(Reason.BAD_OUTPUT, at=self._now())
        return held.job.moved(JobStatus.DELIVERING, at=self._now())

    async def _saved(self, held: Held, index: int, output: Output) -> Output:
        self._room.check_output()
        try:
            async with self._archive.arrivals.blank() as path:
                async with self._studio.download(output.url) as chunks:
                    arrival = await fill(path, chunks, limit_bytes=MAX_OUTPUT_BYTES)
                return await self._kept(held, arrival, output)
        except (Rejected, OverLimit, BadImage) as error:
            log.warning("job %s: image %d is lost: %s", held.job.id, index + 1, error)
            return replace(output, is_lost=True)

    async def _kept(self, held: Held, arrival: Arrival, output: Output) -> Output:
        try:
            media_type, is_unseen = await self._looks.output(held, arrival), False
        except Unseen as error:  # it is paid for
            log.warning("job %s: kept as it is: %s", held.job.id, error)
            media_type, is_unseen = await arrival.media_type(), True
        stored = await self._archive.keep(arrival, media_type)
        return replace(output, stored=stored, is_unseen=is_unseen)

    def _later(self, job: Job, error: Unavailable) -> Job:
        now = self._now()
        if now - job.changed_at > KEPT_FOR:  # since it was seen to have succeeded
            if not any(output.stored for output in job.outputs):
                return job.failed(Reason.IMAGES_GONE, at=now)
            outputs = tuple(replace(o, is_lost=o.stored is None) for o in job.outputs)
            return replace(job.moved(JobStatus.DELIVERING, at=now), outputs=outputs)
        delay = timedelta(seconds=retry_delay_s(job.tries, error.retry_after_s))
        return replace(job, tries=job.tries + 1, due_at=now + delay)
