"""What a press does to a row, whoever holds it: on a file, and on a database that processes share."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import AlreadyTold, LeaseLost, Refused
from bot.jobs import patience
from bot.jobs.job import TERMINAL, Failure, Grant, Job, JobStatus, Place, Posted
from bot.jobs.observer import NOBODY
from bot.jobs.progress import Progress
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs
from bot.jobs.wishes import MOST_AGAIN, Presser, Wishes
from bot.reasons import Reason
from tests.jobs import ALL, NOON, add, make_job, take

MEI = Presser(user_id=7, message_id=1)
IAN = Presser(user_id=8, message_id=1)
MOD = replace(IAN, moderates=30)
AT_SERVICE = Progress(job_id="j", state="pending", submitted_at=NOON, ask_at=NOON)
MESSAGES = itertools.count(500)


@pytest.fixture
def wishes(store: JobStore) -> Wishes:
    return Wishes(store, now=lambda: NOON, wake=lambda: None, observer=NOBODY)


async def columns_of(store: JobStore, job: Job) -> Any:
    row = sa.select(jobs.c.status, jobs.c.cancelled, jobs.c.credits).where(jobs.c.id == job.id)
    return tuple(await store._database.run(lambda db: db.execute(row).one()))


def at(status: JobStatus, **changes: Any) -> Job:
    has_begun = status not in {JobStatus.ACCEPTED, JobStatus.SUBMITTING}
    posted = Posted(message_ids=(next(MESSAGES),))
    job = make_job(status=status, posted=posted, progress=AT_SERVICE if has_begun else None)
    return replace(job, request=replace(job.request, credits=3.0), **changes)


async def test_what_is_not_sent_yet_ends_at_once_and_whoever_was_about_to_send_it_cannot(
    store: JobStore, wishes: Wishes
) -> None:
    job = await add(store, at(JobStatus.ACCEPTED, posted=Posted()))
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    ended = await wishes.cancel(job.id, MEI)
    assert (ended.status, ended.progress) == (JobStatus.CANCELLED, None)
    assert ended.posted.message_ids == (1,)  # whoever answered has not noted it yet
    assert await columns_of(store, job) == ("cancelled", True, 0.0)
    with pytest.raises(LeaseLost):
        await store.queue.keep(claim, claim.job.moved(JobStatus.SUBMITTING, at=NOON))
    assert (await wishes.cancel(job.id, MEI)).status is JobStatus.CANCELLED
    with pytest.raises(Refused, match="how far this job is"):
        await wishes.cancel(
            (await add(store, at(JobStatus.ACCEPTED))).id, replace(MEI, has_begun=True)
        )


async def test_what_was_sent_goes_on_as_cancelled_and_no_save_of_its_holder_takes_that_back(
    store: JobStore, wishes: Wishes
) -> None:
    job = await add(store, at(JobStatus.SUBMITTING))
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert (await wishes.cancel(job.id, MEI)).status is JobStatus.SUBMITTING
    taken = replace(claim.job.moved(JobStatus.RUNNING, at=NOON), progress=AT_SERVICE)
    claim = await store.queue.keep(claim, taken)
    assert not claim.job.is_cancelled
    with pytest.raises(LeaseLost, match="it was cancelled meanwhile"):
        await store.queue.check(claim, lease_s=20)
    assert await columns_of(store, job) == ("running", True, 3.0)
    (again,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert again.job.is_cancelled
    await store.queue.check(again, lease_s=20)
    await store.queue.save(again, again.job)
    found = await store.get(job.id)
    assert found
    assert found.is_cancelled


@pytest.mark.parametrize("status", [JobStatus.SUBMITTING, JobStatus.DELIVERING])
async def test_whoever_sends_it_or_hands_it_out_is_cut_short_by_no_press_for_the_result(
    store: JobStore, wishes: Wishes, status: JobStatus
) -> None:
    token = Grant(application_id=1, token="a", expires_at=NOON + timedelta(minutes=9))
    later = replace(token, token="b", expires_at=NOON + timedelta(minutes=15))
    posted = Posted(message_ids=(next(MESSAGES),), is_hidden=True)
    job = await add(store, at(status, posted=posted, grant=token))
    (claim,) = await take(store, ALL, now=NOON, lease_s=20, limit=1)
    assert (await wishes.get(job.id, replace(MEI, is_alone=True), later)).grant == token
    await store.queue.check(claim, lease_s=20)
    await store.queue.save(claim, claim.job)


async def test_who_may_cancel_and_who_may_delete(store: JobStore, wishes: Wishes) -> None:
    for status in JobStatus:
        failure = Failure(reason=Reason.FAILED) if status is JobStatus.FAILED else None
        job = await add(store, at(status, failure=failure))
        with pytest.raises(Refused, match=r"Only who asked for this can cancel it\."):
            await wishes.cancel(job.id, MOD)
        for other in (IAN, replace(MOD, moderates=31)):
            with pytest.raises(Refused, match="or who may manage messages here, can delete it"):
                await wishes.delete(job.id, other)
        if status in TERMINAL:
            with pytest.raises(Refused, match="has ended already"):
                await wishes.cancel(job.id, MEI)
            for presser in (MOD, MEI):
                assert (await wishes.delete(job.id, presser)).status is JobStatus.DELETED
        else:
            with pytest.raises(Refused, match="has not ended"):
                await wishes.delete(job.id, MEI)
            assert (await wishes.cancel(job.id, MEI)).is_cancelled


async def test_what_it_has_cost_stays_when_it_is_deleted(store: JobStore, wishes: Wishes) -> None:
    paid = await add(store, at(JobStatus.DELIVERED))
    unpaid = await add(store, at(JobStatus.ACCEPTED))
    await wishes.cancel(unpaid.id, MEI)
    for job, cost in ((paid, 3.0), (unpaid, 0.0)):
        deleted = await wishes.delete(job.id, MEI)
        assert await columns_of(store, job) == ("deleted", job is unpaid, cost)
        await store.change(job.id, lambda row: row.emptied())
        assert await columns_of(store, job) == ("deleted", job is unpaid, cost)
        assert deleted.due_at == NOON
        with pytest.raises(Refused, match="no longer kept"):
            await wishes.job(job.id)


async def test_a_press_that_the_database_does_not_answer_is_answered_by_a_sentence(
    store: JobStore, wishes: Wishes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "ANSWER_S", 0.0)
    job = await add(store, at(JobStatus.RUNNING))
    with pytest.raises(Refused, match=r"does not answer now\. Press again"):
        await wishes.job(job.id)
    for press in (wishes.cancel, wishes.delete):
        with pytest.raises(Refused, match="could not see in time whether this was done"):
            await press(job.id, MEI)


async def test_of_a_cancel_and_a_step_at_the_same_time_one_is_first_and_both_know_it(
    store: JobStore, wishes: Wishes
) -> None:
    for _ in range(10):
        job = await add(store, at(JobStatus.ACCEPTED))
        (claim,) = await take(store, {JobStatus.ACCEPTED}, now=NOON, lease_s=20, limit=1)
        sent, cancelled = await asyncio.gather(
            store.queue.keep(claim, claim.job.turned(JobStatus.SUBMITTING, at=NOON)),
            wishes.cancel(job.id, MEI),
            return_exceptions=True,
        )
        assert isinstance(cancelled, Job)
        is_ended = cancelled.status is JobStatus.CANCELLED
        assert isinstance(sent, LeaseLost) is is_ended
        status = "cancelled" if is_ended else "submitting"
        assert await columns_of(store, job) == (status, True, 0.0 if is_ended else 3.0)


async def test_where_it_is_shown_again_is_noted_by_its_event_and_then_by_its_id(
    store: JobStore, wishes: Wishes
) -> None:
    job = await add(store, at(JobStatus.DELIVERED))
    places = [Place(channel_id=1, guild_id=2, event_id=event) for event in range(MOST_AGAIN)]
    for place in places:
        await wishes.shown(job.id, place)
    with pytest.raises(AlreadyTold):  # of one event it is shown once
        await wishes.shown(job.id, places[1])
    noted = replace(places[0], message_id=next(MESSAGES))
    found = await wishes.shown(job.id, noted)
    assert set(found.posted.again) == {noted, *places[1:]}
    for place in (replace(noted, message_id=next(MESSAGES)), Place(channel_id=1, guild_id=2)):
        with pytest.raises(Refused, match="too often"):
            await wishes.shown(job.id, place)
    hidden = await add(
        store,
        replace(
            at(JobStatus.DELIVERED), posted=Posted(message_ids=(next(MESSAGES),), is_hidden=True)
        ),
    )
    assert (await wishes.shown(hidden.id, places[0])).posted.again == ()
