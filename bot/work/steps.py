"""One step of one job for each status: what is done, and which row comes of it."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.discord.attachments import Attachments
from bot.discord.members import Members
from bot.errors import BadImage, DiscordBusy, NotTaken, StudioError
from bot.files.archive import NotKept
from bot.files.pictures import Ended
from bot.files.turns import Postponed
from bot.jobs.ages import is_over
from bot.jobs.job import FOLLOWERS, Job, JobStatus
from bot.jobs.observer import Observer
from bot.jobs.places import Places
from bot.jobs.queue import SUBMIT_PATIENCE
from bot.jobs.request import Input
from bot.reasons import Reason
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from bot.studio.pace import Shut
from bot.studio.replies import StudioJob
from bot.work.delivery import PATIENCE, Delivery
from bot.work.downloads import KEPT_FOR, Downloads
from bot.work.held import Held
from bot.work.intake import Intake, LinkGone
from bot.work.line import has_waited_since, in_line
from bot.work.polling import put_off, retry_delay_s
from bot.work.presence import Presence
from bot.work.questions import Questions
from bot.work.receipts import Receipts
from bot.work.removal import Removal
from bot.work.witness import Witness

log = logging.getLogger(__name__)

BUSY = {429, 503}  # the service takes nothing now, whoever asks
POSTPONED = timedelta(seconds=10)  # a look at a picture
TOLD_FROM = timedelta(seconds=30)  # of a shorter wait for the service nobody is told
CRASHES = 5  # so many unforeseen errors in a row are tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What carries a job on. `posting` holds the ids of the jobs whose POST is in flight."""

    studio: InstantStudio
    places: Places
    receipts: Receipts
    intake: Intake
    attachments: Attachments
    questions: Questions
    downloads: Downloads
    delivery: Delivery
    presence: Presence
    members: Members
    removal: Removal
    witness: Witness
    now: Callable[[], datetime]
    keep: timedelta
    hurry: Callable[[], None]  # no request to Discord waits from then on: the step is made again
    posting: set[str]
    observer: Observer

    async def advance(self, held: Held) -> Job | None:
        """The row as it should be saved after one step; None where it is written already."""
        steps: Mapping[JobStatus, Callable[[Held], Awaitable[Job | None]]] = {
            JobStatus.ACCEPTED: self._accepted,
            JobStatus.SUBMITTING: self._submitting,
            JobStatus.RUNNING: self._running,
            JobStatus.DOWNLOADING: self._downloading,
            JobStatus.DELIVERING: self._delivering,
            JobStatus.DELIVERED: self._delivered,
            JobStatus.DELETED: self.removal.step,
        }
        self.hurry()
        if instead := await self.witness.instead(held):
            return instead
        if held.job.is_cancelled and JobStatus.CANCELLED in FOLLOWERS[held.job.status]:
            return held.job.moved(JobStatus.CANCELLED, at=self.now())
        step = steps.get(held.job.status, self.presence.conclude)
        try:
            return await step(held)
        except Postponed as error:
            return self._postponed(held.job, error)

    def after_crash(self, job: Job, error: Exception) -> Job:
        """The row after an error that nobody foresaw: tried again, but not for ever.

        What is paid for is held back while its images live; five tries are enough only where
        nothing is, and the error is no trouble of this machine.
        """
        has_images = job.status in self._lives and not isinstance(error, NotKept)
        is_own = not (has_images or job.is_terminal or is_machines(error))
        if job.crashes >= CRASHES if is_own else is_over(job, self._life(job)):
            return self._given_up(job)
        delay = timedelta(seconds=retry_delay_s(job.crashes + 1))
        return replace(job, crashes=job.crashes + 1, due_at=self.now() + delay, line=None)

    @property
    def _lives(self) -> Mapping[JobStatus, timedelta]:
        """How long the images of a job that is paid for are there: at the service, and here."""
        return {
            JobStatus.RUNNING: self.questions.timeout,
            JobStatus.DOWNLOADING: KEPT_FOR,
            JobStatus.DELIVERING: self.keep,
        }

    def _life(self, job: Job) -> timedelta:
        return self._lives.get(job.status, PATIENCE)

    def _given_up(self, job: Job) -> Job:
        if job.is_terminal:
            return replace(job, due_at=None)
        if job.status is JobStatus.DELIVERING:
            return job.moved(JobStatus.UNDELIVERABLE, at=self.now())  # due, to say so
        return job.failed(Reason.INTERNAL, at=self.now())

    def _postponed(self, job: Job, error: Postponed) -> Job:
        """The row of a job whose picture is looked at later."""
        log.info("job %s: its picture is looked at later: %s", job.id, error)
        if isinstance(error, Ended):  # the row still says what it was given
            return put_off(job, self.now())
        return replace(job, handed=(), due_at=self.now() + POSTPONED)

    async def _accepted(self, held: Held) -> Job | None:
        job = await self._held_back(held) or await self._in_turn(held)
        if job is None or not _tells_more(held.job, job):
            return job
        return replace(await self.presence.show(held, job), due_at=job.due_at)

    async def _held_back(self, held: Held) -> Job | None:
        """The row of a job that cannot be sent, or not yet; None where it is ready."""
        job = held.job
        try:
            if not await self._is_served(job):
                return job.failed(Reason.NOT_SERVED, at=self.now())
            await self._fetch_inputs(held)
        except BadImage as error:
            return held.job.failed(Reason.BAD_INPUT, at=self.now(), detail=error.user_message)
        except LinkGone:
            return held.job.failed(Reason.INPUT_GONE, at=self.now())
        except DiscordBusy as error:
            if is_over(held.job, PATIENCE):
                return held.job.failed(Reason.INPUT_GONE, at=self.now())
            log.warning("job %s: it cannot begin yet: %s", held.job.id, error)
            return put_off(replace(held.job, line=None), self.now(), error.retry_after_s)
        return None

    async def _in_turn(self, held: Held) -> Job | None:
        """Submitted, where there is a place at the service; else the row, which waits in line."""
        async with self.places.asked(held.job, self.now()) as place:
            if place:
                return in_line(held.job, place, self.now())
            return await self.witness.taken_back(held.job) or await self._submit(held)

    async def _is_served(self, job: Job) -> bool:
        """False where a direct message came from somebody of no server that is served."""
        is_direct = job.origin.guild_id is None
        return not is_direct or await self.members.are_served(job.origin.user_id)

    async def _fetch_inputs(self, held: Held) -> None:
        for index, wanted in enumerate(held.job.request.inputs):
            if wanted.stored is None:
                fetched = await self._fetched(held, wanted)
                request = held.job.request
                inputs = (*request.inputs[:index], fetched, *request.inputs[index + 1 :])
                request = replace(request, inputs=inputs)
                await held.keep(replace(held.job, request=request, handed=()))

    async def _fetched(self, held: Held, wanted: Input) -> Input:
        if not wanted.url:
            raise BadImage(
                "The result that was to be run again was deleted, and its picture with it."
                " Nothing was charged; send the picture yourself."
            )
        try:
            return await self.intake.fetch(held, wanted)
        except LinkGone:
            url = await self.attachments.fresh_url(held.job, wanted)
            if url is None:
                raise
        return await self.intake.fetch(held, replace(wanted, url=url))

    async def _submit(self, held: Held) -> Job | None:
        request = held.job.request
        fields = [(value.field_id, value.text) for value in request.values]
        try:
            member = held.job.origin.user_id
            async with self.intake.uploads(request.inputs) as uploads, self.studio.turn(member):
                # Until the answer is written nothing but `cut_uploads` may cut this short.
                with self._post_in_flight(held.job):
                    begun = held.job.turned(JobStatus.SUBMITTING, at=self.now())
                    if not await held.enter(self.places, begun, self.now()):
                        return in_line(held.job, 1, self.now())  # somebody was quicker
                    answer = await self._posted(request.endpoint_id, fields, uploads)
                    await self.receipts.record(held.job, answer)
                return None
        except NotKept:
            return held.job.failed(Reason.INPUT_GONE, at=self.now())
        except Shut as error:
            return self._waits(held.job, error)
        except StudioError as error:
            log.warning("job %s: %s", held.job.id, error)
            if isinstance(error, NotTaken):
                return self._not_taken(held.job, error)
            return held.job.failed(error.reason, at=self.now(), detail=error.detail)

    async def _posted(
        self, endpoint_id: str, fields: Sequence[tuple[str, str]], uploads: Sequence[Upload]
    ) -> StudioJob:
        """What the service made of it; where it takes nothing now, all others wait, too."""
        shutter = self.studio.pace.shutter
        try:
            answer = await self.studio.submit(endpoint_id, fields, uploads)
        except StudioError as error:
            if error.status in BUSY:
                shutter.close(retry_delay_s(shutter.refusals, error.retry_after_s))
            elif error.status:
                shutter.open()
            raise
        shutter.open()
        return answer

    @contextmanager
    def _post_in_flight(self, job: Job) -> Iterator[None]:
        self.posting.add(job.id)
        try:
            yield
        finally:
            self.posting.discard(job.id)

    def _not_taken(self, job: Job, error: NotTaken) -> Job:
        if has_waited_since(job, SUBMIT_PATIENCE):
            return job.failed(error.reason, at=self.now(), detail=error.detail)
        back = job.turned(JobStatus.ACCEPTED, at=job.changed_at)
        wait_s = self.studio.pace.shutter.closed_for_s
        wait_s = error.retry_after_s if wait_s is None else wait_s
        return self._told_of(put_off(back, self.now(), wait_s))

    def _waits(self, job: Job, closed: Shut) -> Job:
        """The row of a job that was not sent, as others were just refused."""
        if has_waited_since(job, SUBMIT_PATIENCE):
            return job.failed(Reason.SERVICE_DOWN, at=self.now())
        log.info("job %s: waits: %s", job.id, closed)
        return self._told_of(replace(job, due_at=self.now() + closed.wait, line=None))

    def _told_of(self, job: Job) -> Job:
        """The row, which tells of a long wait."""
        is_long = job.due_at is not None and job.due_at - self.now() >= TOLD_FROM
        return replace(job, busy_until=job.due_at if is_long else None)

    async def _submitting(self, held: Held) -> Job:
        # Whoever sent the POST did not live to write its answer down.
        return held.job.failed(Reason.MAYBE_CHARGED, at=self.now())

    async def _running(self, held: Held) -> Job:
        job = await self.questions.step(held.job)
        if job.status is not JobStatus.RUNNING:
            return job
        shown = await self.presence.show(held, job)
        return replace(shown, due_at=job.due_at)

    async def _downloading(self, held: Held) -> Job:
        return await self._waiting(held, await self.downloads.step(held))

    async def _delivering(self, held: Held) -> Job:
        return await self._waiting(held, await self.delivery.step(held))

    async def _delivered(self, held: Held) -> Job:
        """Concluded; of what is hidden the images come first, once who asked has pressed."""
        if held.job.posted.is_owed:
            return await self.delivery.step(held)
        return await self.presence.conclude(held)

    async def _waiting(self, held: Held, job: Job) -> Job:
        """The job; where it has to try again later, the reply says how far it has come."""
        return await self.presence.show(held, job) if job.status is held.job.status else job


def _tells_more(before: Job, job: Job) -> bool:
    """Whether a job that waits for the service has something new to tell."""
    is_busy = job.busy_until not in {None, before.busy_until}
    return is_busy or (job.line is not None and job.line != before.line)


def is_machines(error: BaseException | None) -> bool:
    """Whether it is for want of memory, threads, files or room on a disk, or comes of such an error."""
    while error:
        is_thread = isinstance(error, RuntimeError) and "thread" in str(error)
        if is_thread or isinstance(error, OSError | MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False
