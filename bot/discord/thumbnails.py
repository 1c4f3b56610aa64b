"""Small pictures of results, made in the process that looks at pictures."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.discord.requests import Upload
from bot.discord.results import alt_text, originals
from bot.errors import BotError
from bot.files.archive import Archive
from bot.files.pictures import Pictures, Whose
from bot.jobs.job import Job
from bot.jobs.request import SPOILER

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnails:
    """Makes them for a member; what is no picture, or no longer kept, has none."""

    archive: Archive
    pictures: Pictures

    @asynccontextmanager
    async def of(self, jobs: Mapping[int, Job], member: int) -> AsyncIterator[list[Upload]]:
        """The first image of each, named by its number, while the block runs."""
        async with AsyncExitStack() as stack:
            found = []
            for number, job in jobs.items():
                try:
                    upload = await self._made(stack, number, job, member)
                except BotError as error:
                    log.info("job %s: no thumbnail: %s", job.id, error)
                else:
                    found += [upload] if upload else []
            yield found

    async def _made(
        self, stack: AsyncExitStack, number: int, job: Job, member: int
    ) -> Upload | None:
        for index in originals(job)[:1]:
            stored = job.outputs[index].stored
            if stored is None or not stored.media_type.startswith("image/"):
                continue
            out = await stack.enter_async_context(self.archive.arrivals.blank())
            async with self.archive.local(stored) as path:
                made = await self.pictures.thumbnail(path, out, Whose(member=member))
            if made:
                name = f"{SPOILER * job.request.hides_images}{number}.webp"
                shows = f"{number}. {alt_text(job, index)}"
                return Upload(path=out, filename=name, description=shows)
        return None
