"""Whether more jobs want to be asked for than may be; then all wait for more than one's worth.

So questions go to those that are likely to have ended and were not asked for long, whoever's they
are; and no job waits for longer than some turns among all. Where nobody knows when they end it is one
turn, its answer included: else there were times at which none is asked for.
"""

from bot.jobs.recent import Latest

WEIGHT = 0.02  # of one question
EASE = 0.9  # a little less than it was worth, so that it falls again
AT_MOST = 2.0  # turns among all
IN_TURN = 1.0
MOST_JOBS = 10_000


class Crowd:
    """The jobs that this process asks for, and how far their questions stretch."""

    def __init__(self) -> None:
        self.stretch = 1.0
        self._jobs: Latest[str, None] = Latest(MOST_JOBS)

    def asked(self, job_id: str, worth: float, *, is_crowded: bool) -> None:
        """A question was worth so many until the job's end, and many others waited, or not."""
        is_known = job_id in self._jobs  # else it may have waited for this process
        self._jobs.put(job_id, None)
        if is_known or not is_crowded:
            aim = max(1.0, EASE * worth) if is_crowded else 1.0
            self.stretch += WEIGHT * (aim - self.stretch)

    def leave(self, job_id: str) -> None:
        """It has ended."""
        self._jobs.pop(job_id, None)

    def longest_s(self, per_second: float, turns: float = AT_MOST) -> float:
        """How long the next question of a job waits at most, as one of many."""
        return turns * len(self._jobs) / per_second
