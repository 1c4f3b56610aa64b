"""How old a row is in its status, and how long its steps have gone wrong: counted, not compared.

A clock that is set, and a bot that was away, make nobody's job older than it is. Pure.
"""

from dataclasses import replace
from datetime import timedelta

from bot.jobs.clocks import Seen
from bot.jobs.job import Job

PASSING = timedelta(minutes=10)  # trouble that has not lasted longer ends no job


def aged(job: Job, seen: Seen) -> Job:
    """The job as it is seen now: so much older than it was when it was seen last.

    Between two starts of a machine, or two machines, no more is counted than the wait that was
    planned; and that is all that a wait adds to a trouble.
    """
    if job.seen is None:
        return replace(job, seen=seen)
    planned_s = (job.due_at - job.seen.at).total_seconds() if job.due_at else 0.0
    planned_s = max(0.0, planned_s)
    is_same_clock = job.seen.boot == seen.boot
    passed_s = (
        seen.steady_s - job.seen.steady_s
        if is_same_clock
        else min(planned_s, (seen.at - job.seen.at).total_seconds())
    )
    passed_s = max(0.0, passed_s)
    is_in_trouble = bool(job.tries or job.crashes)
    trouble_s = job.trouble_s + min(planned_s, passed_s) if is_in_trouble else 0.0
    return replace(job, seen=seen, age_s=job.age_s + passed_s, trouble_s=trouble_s)


def is_older(job: Job, span: timedelta) -> bool:
    """Whether it has been in its status for longer than that."""
    return job.age_s > span.total_seconds()


def is_over(job: Job, patience: timedelta) -> bool:
    """Whether it has been in its status for longer than that, and its trouble does not pass."""
    return is_older(job, patience) and is_lasting(job)


def is_lasting(job: Job) -> bool:
    """Whether its trouble is more than what passes."""
    return job.trouble_s >= PASSING.total_seconds()
