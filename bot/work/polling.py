"""When to ask for a job's state next, and when to try again what went wrong. Pure.

age of the job        asked again after
up to 10 s            1 s
up to 1 min           2 s
up to 5 min           5 s
up to 30 min          15 s
older                 30 s
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.jobs.job import Job

SCHEDULE = ((10.0, 1.0), (60.0, 2.0), (300.0, 5.0), (1800.0, 15.0))
_SLOWEST_S = 30.0
FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 300.0
_LONGEST_OBEYED_S = 3600.0  # a Retry-After beyond this is taken for a mistake


def next_delay_s(*, age_s: float, state: str) -> float:
    """Seconds until the next question; one that still waits in the queue is asked half as often."""
    delay_s = next((delay for limit, delay in SCHEDULE if age_s <= limit), _SLOWEST_S)
    is_waiting = state == "in_queue" and age_s > 60.0
    return min(_SLOWEST_S, delay_s * 2) if is_waiting else delay_s


def retry_delay_s(tries: int, retry_after_s: float | None = None) -> float:
    """Seconds until the next try after so many in vain: 2, 4, 8 … or what the other side asks."""
    if retry_after_s is not None:
        return min(max(retry_after_s, 0.5), _LONGEST_OBEYED_S)
    return min(FIRST_RETRY_S * 2.0 ** min(tries, 16), _LONGEST_RETRY_S)


def put_off(job: Job, now: datetime, retry_after_s: float | None = None) -> Job:
    """The job due for one more try, after it was tried once more in vain."""
    delay = timedelta(seconds=retry_delay_s(job.tries, retry_after_s))
    return replace(job, tries=job.tries + 1, due_at=now + delay)
