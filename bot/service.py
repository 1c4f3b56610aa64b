"""The use cases: take a request, note its reply, run a result again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from bot.endpoints.again import current
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.remakes import Remake
from bot.errors import (
    AlreadyTold,
    Contradicted,
    DiscordError,
    InDoubt,
    Refused,
    StorageError,
)
from bot.gate import Asker, Gate
from bot.jobs.job import Grant, Job, JobStatus, Origin, Posted
from bot.jobs.limits import Limits, Quota, Usage
from bot.jobs.observer import NOBODY, Observer
from bot.jobs.patience import in_time
from bot.jobs.request import Draw, Request
from bot.jobs.sight import check_may_see
from bot.jobs.store import JobStore
from bot.logs import follow
from bot.reasons import Reason

log = logging.getLogger(__name__)

PATIENT_S = 30.0  # before the answer to a message, for which Discord sets no time
REFUSE_S = 0.7  # after what is before an answer: until it is written that nothing comes of it
REFUSE_PATIENT_S = 3.0
REFUSED_FOR = timedelta(minutes=1)  # so long whoever is still slower cannot take its place
REPLY_DUE = timedelta(seconds=10)  # a row without its message is looked into after that
ELSEWHERE = timedelta(seconds=5)  # by so much another process's clock may be behind
ELSEWHERE_S = 0.7  # so soon another process has taken an event that it heard, too
LATE_S = 5.0  # how long the stop waits for those who are told that they came too late

RESTARTING = "The bot is restarting. Nothing was charged; ask again in a minute."

_UNKNOWN = Request(  # in the place of what another job is made of, until that was read
    endpoint_id="",
    endpoint_name="",
    command="",
    cover_url=None,
    credits=None,
    values=(),
    inputs=(),
)

T = TypeVar("T")


class Service:
    """What the cogs call. Nothing here waits for anybody but the database."""

    def __init__(  # noqa: PLR0913 - what it decides by, and what it draws from
        self,
        store: JobStore,
        limits: Limits,
        *,
        endpoints: Callable[[], Sequence[Endpoint]],
        gate: Gate,
        now: Callable[[], datetime],
        draw_seed: Draw,
        wake: Callable[[], None],
        observer: Observer = NOBODY,
    ) -> None:
        self._store = store
        self.limits = limits
        self._endpoints = endpoints
        self.gate = gate
        self._now = now
        self.draw_seed = draw_seed
        self._wake = wake
        self._observer = observer
        self._is_closed = False
        self._late: set[asyncio.Task[Any]] = set()

    def close(self) -> None:
        """Take nothing new from now on."""
        self._is_closed = True
        log.info("stopping: nothing new is taken")

    async def settled(self) -> None:
        """Return once everybody who asked too late has been told so, or soon after."""
        if self._late:
            await asyncio.wait(self._late, timeout=LATE_S)

    async def accept(
        self, request: Request, origin: Origin, grant: Grant | None, asker: Asker
    ) -> Job | None:
        """The row of a new job, committed; None where its event is known already.

        Raises Refused where the asker may not or a limit is reached, StorageError where nothing
        will come of it as it was not written in time, InDoubt where that is not sure.
        """
        await self.gate.admit(asker, origin.kind, current(self._endpoints(), request))
        job = self._new(request, origin, grant)
        if self._is_closed:
            await self._left_to_another(job)
            return None
        totals, quotas = self.limits.has_totals, self._quotas(origin.guild_id)
        adding = self._store.add(job, self.limits.check, totals=totals, quotas=quotas)
        is_new = await self._in_time(job, adding)
        return _noted(job if is_new else None, origin)

    async def rerun(
        self,
        source_id: str,
        origin: Origin,
        grant: Grant | None,
        asker: Asker,
        remake: Remake,
    ) -> Job | None:
        """A new job of an earlier one: as `remake` says.

        As `accept`; Refused, too, where what it is made of is no longer kept or no longer fits.
        """
        new = self._new(_UNKNOWN, origin, grant)

        def make(source: Job | None) -> Job:
            if source is None or source.status is JobStatus.DELETED:
                raise Refused("This job is no longer kept; please send its picture again.")
            check_may_see(source, origin.user_id)
            endpoint = remake.endpoint(self._endpoints(), source)
            self.gate.check(asker, origin.kind, endpoint)
            request = remake.request(endpoint, source)
            return replace(new, request=request, origin=source.followed_by(origin))

        await self.gate.ready(asker, origin.kind)
        if self._is_closed:
            await self._left_to_another(new)
            return None
        totals, quotas = self.limits.has_totals, self._quotas(origin.guild_id)
        adding = self._store.add_again(
            source_id, make, self.limits.check, totals=totals, quotas=quotas
        )
        return _noted(await self._in_time(new, adding), origin)

    async def _in_time(self, job: Job, adding: Awaitable[T]) -> T | None:
        """What the transaction that adds the row gives; None where another process has the event."""
        try:
            async with in_time() if job.grant else asyncio.timeout(PATIENT_S):
                return await adding
        except (TimeoutError, InDoubt) as error:
            log.warning("job %s: not known to be accepted for %s", job.id, job.origin.key)
            if await self._is_refused(job):
                raise StorageError("database: too slow to take a job") from error
            return None

    async def _is_refused(self, job: Job) -> bool:
        """True once it is written that nothing comes of the event, False where another has it.

        InDoubt where neither is sure: then the row is closed by the first look at it.
        """
        self._store.known.doubt(job.id)
        refusal = job.closed(Reason.NOT_TAKEN, at=self._now())
        refusal = replace(refusal, grant=None, due_at=self._now() + REFUSED_FOR)
        try:
            async with asyncio.timeout(REFUSE_S if job.grant else REFUSE_PATIENT_S):
                found = await self._store.refuse(refusal)
        except (TimeoutError, StorageError) as error:
            raise InDoubt("database: too slow to refuse a job") from error
        if found is refusal:
            self._observer.advanced(job, refusal)
        if found.id == job.id and not found.is_terminal:
            raise InDoubt("database: somebody looks into the job already")
        return found.id == job.id

    async def _left_to_another(self, job: Job) -> None:
        """Nothing where another process has taken the event; Refused where nobody has."""
        if task := asyncio.current_task():
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        log.info("%s came too late to be taken here", job.origin.key)
        await asyncio.sleep(ELSEWHERE_S)
        if not await self._has_run_elsewhere(job) and await self._is_refused(job):
            raise Refused(RESTARTING)
        log.info("%s is taken by another process", job.origin.key)

    async def _has_run_elsewhere(self, job: Job) -> bool:
        try:
            async with asyncio.timeout(REFUSE_S):
                return await self._store.has_run(job.origin, job.created_at - ELSEWHERE)
        except (StorageError, TimeoutError):
            return False  # the refusal, which must be written, meets the same database

    def _new(self, request: Request, origin: Origin, grant: Grant | None) -> Job:
        now = self._now()
        return Job(
            id=uuid4().hex,
            status=JobStatus.ACCEPTED,
            origin=origin,
            request=request,
            created_at=now,
            changed_at=now,
            due_at=now + REPLY_DUE,
            grant=grant,
        )

    async def answered(self, job: Job, answer: Awaitable[Posted]) -> None:
        """Note what stands in Discord once `answer` was given, and let the job begin.

        Its row is closed where something else answers the event already.
        """
        try:
            posted = await answer
        except (AlreadyTold, Contradicted) as error:
            await self._close(job, error)
        else:
            await self.posted(job.id, posted)

    async def _close(self, job: Job, error: DiscordError) -> None:
        closed = closed_by(error, job, at=self._now())

        def edit(row: Job) -> Job:
            return closed if row.status is JobStatus.ACCEPTED and row.message_id is None else row

        try:
            row = await self._store.change(job.id, edit)
        except StorageError:
            log.exception("job %s: its row cannot be closed; it will be looked into", job.id)
        else:
            if row is closed:
                self._observer.advanced(job, closed)

    async def posted(self, job_id: str, posted: Posted) -> None:
        """Note what stands in Discord of a job's first reply, and let the job begin."""
        for message_id in posted.message_ids:
            self._store.known.posted(message_id)
        try:
            await self._store.change(job_id, lambda row: with_reply(row, posted, at=self._now()))
            log.info("job %s: its reply is %d", job_id, *posted.message_ids)
        except StorageError:
            log.exception("job %s: its reply's id cannot be written; it will be looked for", job_id)
        self._wake()

    async def has_run(self, origin: Origin, since: datetime) -> bool:
        """Whether a job came of this event since then, in any process; who stops sees that later."""
        found = not self._is_closed and await self._store.has_run(origin, since)
        if found:
            log.info("%s came once more", origin.key)
        return found

    async def seen_by(
        self, user_id: int, job_id: str, guild_id: int | None
    ) -> tuple[Job | None, Usage]:
        """The job, or None; and what of the limits is used by who looks at it there, and by all."""
        totals, quotas, now = self.limits.has_totals, self._quotas(guild_id), self._now()
        return await self._store.seen_by(user_id, job_id, now, totals=totals, quotas=quotas)

    def _quotas(self, guild_id: int | None) -> Sequence[Quota]:
        """What Discord's orders allow there, beside the limits of the settings."""
        return self._store.house.rules.bylaws.quotas_in(guild_id)

    async def job_of(self, message_id: int) -> Job | None:
        """The job that one of the bot's messages belongs to, or None."""
        return await self._store.by_message(message_id)


def with_reply(job: Job, posted: Posted, *, at: datetime) -> Job:
    """The job with its first reply, due for what comes next; as it is where it has one."""
    if job.message_id is not None:
        return job
    is_late = job.failure is not None and job.failure.reason is Reason.NO_REPLY
    if is_late and job.status is JobStatus.FAILED:
        job = replace(job.moved(JobStatus.ACCEPTED, at=at), failure=None)
    return replace(job, posted=posted, due_at=at)


def closed_by(error: DiscordError, job: Job, *, at: datetime) -> Job:
    """The row of a job whose event something else in Discord answers; an ERROR where it should not."""
    if isinstance(error, Contradicted):
        log.error("job %s: nothing more is done for it, as %s", job.id, error)
        return job.closed(Reason.NOT_OURS, at=at)
    log.info("job %s: closed: %s", job.id, error)
    return job.closed(Reason.NO_REPLY, at=at)


def _noted(job: Job | None, origin: Origin) -> Job | None:
    if job is None:
        log.info("%s came once more", origin.key)
        return None
    follow(job.id)  # the rest of its handler is about this job
    log.info("job %s: accepted, %s for %s", job.id, job.request.command, job.origin.key)
    return job
