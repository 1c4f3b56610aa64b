"""The service's ids for our jobs, each of which is paid for: written into the row, come what may.

While the database is away an id is a file. It goes into its row once the database is back, in this
process or in the next one, and the file is removed.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from bot.errors import MaybeTaken, StorageError
from bot.files.folders import discard, new_file
from bot.jobs.job import Job, JobStatus
from bot.jobs.observer import Observer
from bot.jobs.progress import Progress
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.studio.replies import StudioJob
from bot.work.polling import next_delay_s

log = logging.getLogger(__name__)

WRITE_S = 2.0  # so long the database is waited for; what it was given goes on
AGAIN_S = 1.0  # between two tries to write what could not be written
LOOK_S = 10.0  # between two looks for files that another process has left

_PROGRESS = TypeAdapter(Progress)


@dataclass(slots=True, kw_only=True)
class Receipts:
    """What the service gave for the jobs that it took; `folder` is for what waits."""

    store: JobStore
    folder: Path
    now: Callable[[], datetime]
    observer: Observer
    _waiting: dict[str, Progress] = field(default_factory=dict)
    _writing: dict[str, asyncio.Task[Job | None]] = field(default_factory=dict)
    _look_at: float = 0.0

    async def record(self, job: Job, answer: StudioJob) -> None:
        """Write the id into the row whatever became of its lease, or else into a file, and soon.

        MaybeTaken where the service has given the same id for another row.
        """
        log.info("job %s: the service took it as %s", job.id, answer.job_id)
        now = self.now()
        progress = Progress(
            job_id=answer.job_id,
            state=answer.state,
            submitted_at=now,
            ask_at=now + timedelta(seconds=next_delay_s(age_s=0.0, state=answer.state)),
        )
        try:
            await self._written(job.id, progress)
        except TimeoutError:
            log.info("job %s: its id waits in a file for the database", job.id)
        except StorageError:
            log.exception("job %s: its id %s cannot be written yet", job.id, answer.job_id)
        else:
            return
        self._waiting[job.id] = progress
        self._look_at = 0.0
        await asyncio.to_thread(self._keep, job.id, progress)

    async def catch_up(self) -> None:
        """Write what waits, now and then; where the database is away it goes on waiting."""
        if time.monotonic() < self._look_at:
            return
        found = await asyncio.to_thread(self._found)
        self._waiting |= found
        for job_id, progress in list(self._waiting.items()):
            try:
                row = await self._written(job_id, progress)
            except (StorageError, TimeoutError) as error:
                why = str(error) or "no answer"
                log.warning("job %s: its id is still to be written: %s", job_id, why)
                self._waiting[job_id] = self._waiting.pop(job_id)  # others come first next time
                break
            except (MaybeTaken, ValueError):
                log.exception("job %s: %s is not its id", job_id, progress.job_id)
                row = None
            del self._waiting[job_id]
            await asyncio.to_thread(self._drop if row else self._set_aside, self._path(job_id))
        self._look_at = time.monotonic() + (AGAIN_S if self._waiting else LOOK_S)

    async def _written(self, job_id: str, progress: Progress) -> Job | None:
        """The row with the id in it, or None where there is no such row; TimeoutError."""
        task = self._writing.get(job_id)
        if task is None:
            task = asyncio.create_task(self._write(job_id, progress), name=f"id {job_id}")
            self._writing[job_id] = task
            task.add_done_callback(lambda done: self._has_ended(job_id, done))
        return await asyncio.wait_for(asyncio.shield(task), WRITE_S)

    def _has_ended(self, job_id: str, task: asyncio.Task[Job | None]) -> None:
        del self._writing[job_id]
        if not task.cancelled():
            task.exception()  # nobody may wait for it any more

    async def _write(self, job_id: str, progress: Progress) -> Job | None:

        def edit(row: Job, is_anothers: bool) -> Job:  # noqa: FBT001 - the store's
            return row if is_anothers else _taken(row, progress, at=self.now())

        row = await self.store.record(job_id, progress.job_id, edit)
        if row is None:
            log.error("job %s: there is no row for the service's id %s", job_id, progress.job_id)
        elif row.progress is None or row.progress.job_id != progress.job_id:
            raise MaybeTaken(f"{progress.job_id} is another job's", reason=Reason.MAYBE_CHARGED)
        else:
            self.observer.taken(row)
        return row

    def _path(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.json"

    def _keep(self, job_id: str, progress: Progress) -> None:
        try:
            file = new_file(self.folder)
            try:
                with file:
                    file.write(_PROGRESS.dump_json(progress))
                    file.flush()
                    os.fsync(file.fileno())
                Path(file.name).rename(self._path(job_id))
            except OSError:
                discard(file)
                raise
        except OSError:
            log.exception("job %s: its id is in no file either, but tried to be written", job_id)

    def _found(self) -> dict[str, Progress]:
        found: dict[str, Progress] = {}
        try:
            paths = list(self.folder.glob("*.json"))
        except OSError as error:
            log.warning("%s is not looked at: %s", self.folder, error)
            return found
        for path in paths:
            try:
                found[path.stem] = _PROGRESS.validate_json(path.read_bytes())
            except OSError as error:  # another process may have been quicker
                log.warning("%s is not read: %s", path, error)
            except ValueError:
                log.exception("%s cannot be read", path)
                self._set_aside(path)
        return found

    def _drop(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:  # it is written once more, which changes nothing
            log.warning("%s is not removed: %s", path, error)

    def _set_aside(self, path: Path) -> None:
        """Keep the file for a person to look at, under a name that is not looked for."""
        with suppress(OSError):
            path.rename(path.with_suffix(".left"))


def _taken(row: Job, progress: Progress, *, at: datetime) -> Job:
    if row.progress:
        return row
    if row.status is JobStatus.DELETED:  # it stays so, but it is paid for
        return replace(row, progress=progress)
    if row.status is JobStatus.ACCEPTED:  # of a table that was put back from a copy
        log.error("job %s: its row did not know that it was sent", row.id)
        row = row.moved(JobStatus.SUBMITTING, at=at)
    # Its origin may have begun another run since it was given up.
    key = f"{row.origin.key}:{row.id}" if row.is_terminal else row.origin.key
    origin = replace(row.origin, key=key)
    row = replace(row.moved(JobStatus.RUNNING, at=at), origin=origin)
    return replace(row, progress=progress, failure=None)
