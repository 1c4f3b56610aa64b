"""A member's own jobs, page by page, on a file and on a database that processes share."""

import re
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from bot.jobs.history import NEWEST, PAGE, Mark, Page
from bot.jobs.job import Job, JobStatus
from bot.jobs.store import JobStore
from bot.jobs.tables import jobs
from tests.jobs import NOON, add, make_job, make_origin, make_request, plans_of

MEI, IAN = 7, 8


def of(member: int, minute: int, status: JobStatus = JobStatus.DELIVERED) -> Job:
    at = NOON + timedelta(minutes=minute)
    return make_job(origin=make_origin(user_id=member), status=status, created_at=at, due_at=None)


async def turned(store: JobStore, mark: Mark | None) -> list[Page]:
    """All pages from there on, in one direction."""
    pages = []
    while mark:
        pages.append(await store.history.page(MEI, mark))
        mark = pages[-1].newer if mark.is_newer else pages[-1].older
        assert len(pages) < 9
    return pages


async def test_pages_go_on_where_they_were_left_whatever_comes_and_goes_meanwhile(
    store: JobStore,
) -> None:
    mine = [await add(store, of(MEI, minute // 3)) for minute in range(12)]  # three at one moment
    for other in (of(IAN, 2), of(MEI, 1, JobStatus.DELETED)):
        await add(store, other)
    expected = sorted(mine, key=lambda job: (job.created_at, job.id), reverse=True)
    pages = await turned(store, NEWEST)
    assert [job.id for page in pages for job in page.jobs] == [job.id for job in expected]
    assert [len(page.jobs) for page in pages] == [PAGE, PAGE, 2]
    assert (pages[0].newer, pages[-1].older) == (None, None)

    newest = await add(store, of(MEI, 60))
    gone = pages[1].jobs[0]
    await store.change(gone.id, lambda job: job.moved(JobStatus.DELETED, at=NOON))
    assert (await turned(store, pages[0].older))[0].jobs[:-1] == pages[1].jobs[1:]
    back = await turned(store, pages[2].newer)
    assert [len(page.jobs) for page in back] == [PAGE, PAGE]
    assert back[-1].jobs == (newest, *pages[0].jobs[:4])  # a whole page, though less was newer
    assert back[-1].newer is None


async def test_what_cannot_be_read_or_is_gone_ends_no_page(store: JobStore) -> None:
    job = await add(store, of(MEI, 0))
    assert (await store.history.page(MEI, Mark(at=job.created_at, job_id=job.id))).newer
    broken = sa.update(jobs).values(document="{}")
    await store._database.run(lambda db: db.execute(broken))
    assert await store.history.page(MEI) == Page(jobs=())


async def test_what_a_member_used_of_late_is_told_once_and_the_latest_first(
    store: JobStore,
) -> None:
    asked = [(MEI, "a"), (MEI, "b"), (MEI, "a"), (MEI, "c"), (IAN, "d"), (MEI, "b")]
    for minute, (member, endpoint_id) in enumerate(asked):
        request = make_request(endpoint_id=endpoint_id)
        await add(store, replace(of(member, minute), request=request))
    assert await store.history.used(MEI) == ["b", "c", "a"]


async def test_a_page_is_read_by_an_index_however_many_rows_there_are(store: JobStore) -> None:
    plans = plans_of(store)
    for mark in (NEWEST, Mark(at=NOON, job_id="a" * 32, is_newer=True)):
        await store.history.page(MEI, mark)
    await store.history.used(MEI)
    assert len([plan for plan in plans if "jobs_member" in plan]) >= 4, plans
    assert [plan for plan in plans if re.search(r"SCAN jobs\b|Seq Scan", plan)] == []
