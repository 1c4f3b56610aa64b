"""When to ask for a job's state next, and when to try again what went wrong. Pure.

age of the job        asked again after
up to 10 s            1 s
up to 1 min           2 s
up to 5 min           5 s
up to 30 min          15 s
older                 30 s

A job that is worked on is asked for when it is likely to have ended (`odds.py`), once enough others
of its endpoint are known.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.jobs.durations import ENOUGH, Known
from bot.jobs.job import Job
from bot.jobs.progress import Progress
from bot.work.odds import Curve, curve_of

SOONEST_S = 0.5
SCHEDULE = ((10.0, 1.0), (60.0, 2.0), (300.0, 5.0), (1800.0, 15.0))
_SLOWEST_S = 30.0
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 300.0
_LONGEST_OBEYED_S = 3600.0  # a Retry-After beyond this is taken for a mistake


def next_delay_s(*, age_s: float, state: str) -> float:
    """Seconds until the next question; one that still waits in the queue is asked half as often."""
    delay_s = next((delay for limit, delay in SCHEDULE if age_s <= limit), _SLOWEST_S)
    is_waiting = state == "in_queue" and age_s > 60.0
    return min(_SLOWEST_S, delay_s * 2) if is_waiting else delay_s


def is_foreseen(progress: Progress, known: Known) -> bool:
    """Whether it is known when the job is likely to end."""
    return progress.began_s is not None and len(known) >= ENOUGH


def next_question_s(progress: Progress, known: Known, stretch: float = 1.0) -> float:
    """Seconds until the next question; it is as many questions' worth as the crowd stretches it."""
    delay_s = next_delay_s(age_s=progress.told_s, state=progress.state)
    if progress.began_s is None or len(known) < ENOUGH:
        return delay_s * stretch
    curve, worked_s = curve_of(known), progress.told_s - progress.began_s
    worth = _worth(curve, worked_s, delay_s) + stretch
    over = max(0.0, worth - curve.worth[-1])  # beyond what is known it is as if nothing were
    return max(SOONEST_S, curve.age_at(worth) + over * delay_s - worked_s)


def worth(progress: Progress, known: Known, age_s: float) -> float:
    """How many questions the time since the last one is worth, for a job of that age."""
    delay_s = next_delay_s(age_s=progress.told_s, state=progress.state)
    if progress.began_s is None or len(known) < ENOUGH:
        return (age_s - progress.told_s) / delay_s
    before, now = (
        _worth(curve_of(known), each - progress.began_s, delay_s)
        for each in (progress.told_s, age_s)
    )
    return now - before


def _worth(curve: Curve, worked_s: float, delay_s: float) -> float:
    return curve.worth_at(worked_s) + max(0.0, worked_s - curve.end_s) / delay_s


def retry_delay_s(tries: int, retry_after_s: float | None = None) -> float:
    """Seconds until the next try after so many in vain: 2, 4, 8 … or what the other side asks."""
    if retry_after_s is not None:
        return min(max(retry_after_s, 0.5), _LONGEST_OBEYED_S)
    return min(FIRST_RETRY_S * 2.0 ** min(tries, 16), LONGEST_RETRY_S)


def put_off(job: Job, now: datetime, retry_after_s: float | None = None) -> Job:
    """The job due for one more try, after it was tried once more in vain."""
    delay = timedelta(seconds=retry_delay_s(job.tries, retry_after_s))
    return replace(job, tries=job.tries + 1, due_at=now + delay)
