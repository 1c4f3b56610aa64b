"""What becomes of a job when this machine, or the bot itself, is in trouble."""

import errno
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.files.archive import NotKept
from bot.jobs.database import Database
from bot.jobs.job import JobStatus
from bot.reasons import Reason
from bot.work.questions import Questions
from bot.work.steps import CRASHES, Steps, is_machines
from tests.jobs import NOON, make_job

DAY_S = 86_400.0
NO_ONE: Any = None
THREADS = RuntimeError("can't start new thread")
BUG = KeyError("seed")
FILES = OSError(errno.EMFILE, "Too many open files")
STEPS = Steps(
    studio=NO_ONE,
    places=NO_ONE,
    receipts=NO_ONE,
    intake=NO_ONE,
    attachments=NO_ONE,
    questions=Questions(
        studio=NO_ONE, durations=NO_ONE, now=lambda: NOON, timeout=timedelta(hours=12)
    ),
    downloads=NO_ONE,
    delivery=NO_ONE,
    presence=NO_ONE,
    members=NO_ONE,
    removal=NO_ONE,
    witness=NO_ONE,
    now=lambda: NOON,
    keep=timedelta(days=30),
    hurry=lambda: None,
    posting=set(),
    observer=cast("Any", None),
)
ACCEPTED, RUNNING, DOWNLOADING, DELIVERING, DELIVERED = (
    JobStatus.ACCEPTED,
    JobStatus.RUNNING,
    JobStatus.DOWNLOADING,
    JobStatus.DELIVERING,
    JobStatus.DELIVERED,
)
# What is held back for how long, in seconds, or in tries where the error is the row's own.
HELD: dict[str, tuple[JobStatus, Exception, float, JobStatus]] = {
    "not sent, the row's own": (ACCEPTED, BUG, 0.0, JobStatus.FAILED),
    "not sent, no thread": (ACCEPTED, THREADS, DAY_S, JobStatus.FAILED),
    "not sent, no memory": (ACCEPTED, MemoryError(), DAY_S, JobStatus.FAILED),
    "at the service, a bug": (RUNNING, BUG, DAY_S / 2, JobStatus.FAILED),
    "at the service, no file": (RUNNING, FILES, DAY_S / 2, JobStatus.FAILED),
    "to be saved, a bug": (DOWNLOADING, BUG, DAY_S, JobStatus.FAILED),
    "to be saved, no thread": (DOWNLOADING, THREADS, DAY_S, JobStatus.FAILED),
    "to be posted, a bug": (DELIVERING, BUG, 30 * DAY_S, JobStatus.UNDELIVERABLE),
    "to be posted, and removed": (DELIVERING, NotKept(), 0.0, JobStatus.UNDELIVERABLE),
    "to be posted, no memory": (DELIVERING, MemoryError(), 30 * DAY_S, JobStatus.UNDELIVERABLE),
}


@pytest.mark.parametrize(("status", "error", "held_s", "end"), HELD.values(), ids=HELD)
def test_a_paid_job_is_held_back_while_its_images_live(
    status: JobStatus, error: Exception, held_s: float, end: JobStatus
) -> None:
    job = make_job(status=status, crashes=CRASHES, age_s=held_s, trouble_s=held_s)
    for tried in (replace(job, crashes=CRASHES - 1), job):
        is_last = held_s == 0.0 and tried.crashes == CRASHES
        assert STEPS.after_crash(tried, error).status is (end if is_last else status)
    later = STEPS.after_crash(job, error)
    assert later.due_at
    assert later.due_at - NOON <= timedelta(seconds=300)
    given_up = STEPS.after_crash(replace(job, age_s=held_s + 1, trouble_s=DAY_S), error)
    assert (given_up.status, given_up.due_at) == (end, NOON)
    if end is JobStatus.FAILED:
        assert given_up.failure
        assert given_up.failure.reason is Reason.INTERNAL


def test_what_an_ended_job_still_owes_is_tried_for_a_day() -> None:
    job = make_job(status=DELIVERED, crashes=99, age_s=DAY_S, trouble_s=DAY_S)
    assert STEPS.after_crash(job, BUG).due_at
    assert STEPS.after_crash(replace(job, age_s=DAY_S + 1), BUG).due_at is None


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (THREADS, True),
        (FILES, True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (MemoryError(), True),
        (caused(ValueError("a picture"), FILES), True),
        (BUG, False),
        (RuntimeError("dictionary changed size during iteration"), False),
        (caused(ValueError(), BUG), False),
    ],
    ids=str,
)
def test_the_machines_trouble_is_told_from_the_rows_own(error: Exception, *, is_so: bool) -> None:
    assert is_machines(error) is is_so


async def test_a_database_without_a_thread_cannot_be_used_and_then_can(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Database.open(sqlite_url) as database:

        def submit(*_work: object) -> None:
            raise THREADS

        with monkeypatch.context() as patched:
            patched.setattr(database._threads, "submit", submit)
            with pytest.raises(Exception, match="database: RuntimeError") as caught:
                await database.run(lambda _db: 1)
        assert type(caught.value).__name__ == "StorageError"
        assert await database.run(lambda _db: 2) == 2
