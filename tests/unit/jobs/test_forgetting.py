"""What goes with a row, and what does not."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.jobs.forgetting import NAMED
from bot.jobs.job import Job, JobStatus, Output, Posted
from bot.jobs.request import Stored
from bot.jobs.store import JobStore
from bot.jobs.tables import files, jobs
from tests.jobs import NOON, add, make_job, make_origin, make_request, plans_of
from tests.old import fill

DAY = timedelta(days=1)


def key(name: str) -> str:
    return name * 64


def stored(name: str) -> Stored:
    return Stored(key=key(name), size_bytes=1, media_type="image/png")


def ended(number: int, image: str, *outputs: str, age: timedelta = DAY) -> Job:
    request = make_request()
    inputs = tuple(replace(each, stored=stored(image)) for each in request.inputs)
    return make_job(
        status=JobStatus.DELIVERED,
        origin=make_origin(event_id=number),
        request=replace(request, inputs=inputs),
        outputs=tuple(
            Output(url="https://x", stored=stored(name), attached=stored(name)) for name in outputs
        ),
        created_at=NOON - age,
        due_at=None,
    )


async def test_with_a_row_go_the_files_that_no_other_row_names(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.forgetting.AT_ONCE", 2)  # more files than that go at once
    await add(store, ended(1, "a", "b", "c", "d", age=3 * DAY))
    await add(store, ended(2, "a", "e", age=2 * DAY))
    rerun = await add(store, ended(3, "a", "c"))
    dropped: set[str] = set()

    async def drop(keys: Collection[str]) -> None:
        dropped.update(keys)

    removed = await store.forgetting.prune(NOON - DAY, now=NOON, drop=drop)
    assert (removed, dropped) == (2, {key(name) for name in "bde"})
    keys = [key(name) for name in "abcde"]
    assert await store.forgetting.unnamed(keys) == {key(name) for name in "bde"}
    assert await store.get(rerun.id) == rerun


async def test_rows_of_an_earlier_version_have_their_files_named_a_few_at_a_time(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.forgetting.PAGE", 2)
    assert not await store.forgetting.name_more()
    for number, name in enumerate("abcde", 1):
        await add(store, ended(number, name))
    broken = await add(store, ended(6, "f"))
    document = f'{{"status": "upscaling", "image": "{key("f")}"}}'
    await store._execute(sa.delete(files))
    await store._execute(sa.update(jobs).where(jobs.c.id == broken.id).values(document=document))
    await store.write_note(NAMED, "")
    parts = [await store.forgetting.name_more() for _ in range(5)]
    assert parts == [True, True, True, False, False]
    assert await store.forgetting.unnamed([key(name) for name in "abcdefg"]) == {key("g")}


async def test_forgetting_looks_at_no_row_that_stays(sqlite_url: str) -> None:
    async with JobStore.open(sqlite_url) as store:
        await add(store, ended(1, "a", "b", age=3 * DAY))
        plans = plans_of(store)
        assert await store.forgetting.prune(NOON, now=NOON) == 1
    # What was removed before, and is passed by until a vacuum, is not looked at twice, either.
    assert "SEARCH jobs USING INDEX jobs_created (created_at>? AND created_at<?)" in plans
    assert not {"SCAN jobs", "SCAN files", "SCAN messages"} & set(plans)


async def test_a_row_takes_as_much_work_to_remove_beside_many_that_name_its_picture(
    tmp_path: Path,
) -> None:
    few, many = [await work_of_removal(tmp_path, rows) for rows in (20, 2000)]
    assert many < 1.5 * few


async def work_of_removal(folder: Path, rows: int) -> int:
    """How many steps of SQLite's machine one old row takes, beside so many."""
    url, steps = f"sqlite:///{folder / str(rows)}", 0
    long_ago = 10_000 * DAY

    def count() -> None:
        nonlocal steps
        steps += 1

    async with JobStore.open(url) as store:
        await asyncio.to_thread(fill, url, rows)
        same = sa.select(sa.literal(key("a")), jobs.c.id)
        naming = sa.insert(files).from_select(["key", "job_id"], same)
        await store._database.run(lambda db: db.execute(naming).rowcount)
        await store.forgetting.prune(NOON - long_ago, now=NOON)  # what no day needs any more goes
        await add(store, ended(1, "a", age=long_ago + DAY))
        sa.event.listen(
            store._database._engine,
            "begin",
            lambda db: db.connection.dbapi_connection.set_progress_handler(count, 1),
        )
        assert await store.forgetting.prune(NOON - long_ago, now=NOON) == 1
    return steps


async def test_a_long_chain_is_read_once_and_a_few_rows_at_a_time(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.lineage.READ_AT_ONCE", 7)
    monkeypatch.setattr("bot.jobs.forgetting.TAKEN_AT_ONCE", 4)
    reads, before, chain = [0], None, list[Job]()
    async with JobStore.open(sqlite_url) as store:
        for number in range(40):  # the last of them comes first
            origin = make_origin(event_id=number, made_of=before)
            job = replace(ended(number, "a"), id=f"{100 - number:032x}", origin=origin)
            chain.append(await add(store, job))
            before = job.id
        engine = store._database._engine

        def count(_db: object, _cursor: object, text: str, *_more: object) -> None:
            reads[-1] += text.startswith("SELECT jobs.document")

        sa.event.listen(engine, "before_cursor_execute", count)
        sa.event.listen(engine, "commit", lambda _db: reads.append(0))
        assert await store.forgetting.disinherit(chain[0])
        assert sum(reads) < 3 * len(chain)
        assert max(reads) <= 7 + 4
        found = [await store.get(job.id) for job in chain]
    assert [job.can_run_again for job in found if job] == [True] + [False] * 39


async def test_what_was_made_of_a_deleted_job_loses_its_pictures_and_nothing_else(
    store: JobStore,
) -> None:
    def made(number: int, picture: str, of: Job | None = None, **origin: Any) -> Job:
        job = ended(number, picture, "d")
        way = make_origin(event_id=number, made_of=of and of.id, **origin)
        return replace(job, origin=way, posted=Posted(message_ids=(number + 100,)))

    source = await add(store, replace(ended(1, "a", "b"), posted=Posted(message_ids=(101,))))
    again = await add(store, made(2, "a", source))
    chained = await add(store, made(3, "a", again))
    used = await add(store, made(4, "b", source))
    of_message = await add(store, made(5, "b", again_of=101))
    shown = await add(store, made(9, "a", again_of=999, shown_in=101))
    own = await add(store, made(6, "a", shown_in=998))
    of_own = await add(store, made(7, "a", own))
    sending = await add(store, replace(made(8, "a", source), status=JobStatus.SUBMITTING))
    others = (again, chained, used, of_message, shown, own, of_own, sending)

    async def losers() -> list[int]:
        found = [await store.get(job.id) for job in others]
        return [job.origin.event_id for job in found if job and not job.can_run_again]

    assert not await store.forgetting.disinherit(source)
    assert await losers() == [2, 3, 4, 5, 9]
    await store.change(sending.id, lambda job: replace(job, status=JobStatus.RUNNING))
    assert await store.forgetting.disinherit(source)
    assert await losers() == [2, 3, 4, 5, 9, 8]
    keys = [key(name) for name in "ab"]
    assert await store.forgetting.unnamed(keys, but=source.id) == {key("b")}
    assert await store.forgetting.unnamed(keys) == set()
    await store.forgetting.unname(source.id)
    assert await store.forgetting.unnamed(keys) == {key("b")}
