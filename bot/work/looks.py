"""A job's pictures are handed over to be looked at; its row says so until there is an outcome.

What ended the process that looked at it, or the bot with it, is handed over again, but not for ever.
"""

from dataclasses import replace
from pathlib import Path

from bot.files.arrivals import Arrival
from bot.files.bounds import Fault, refusal
from bot.files.names import safe_name
from bot.files.orders import Answer
from bot.files.pictures import Pictures, Whose
from bot.jobs.job import Job
from bot.work.held import Held

TRIES = 3  # a process may be killed for what has nothing to do with the picture


class Looks:
    """Whoever writes the outcome into the row takes `handed` out of it. Raises Postponed."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def check_turn(self, job: Job) -> None:
        """Nothing, or Postponed where a picture of this job would not be looked at now."""
        self._pictures.check_turn(job.origin.user_id)

    async def input(self, held: Held, arrival: Arrival, out: Path, filename: str) -> Answer:
        """What a member sent, made into `out` where the service may not take it so; BadImage."""
        if _has_had_its_tries(held.job, arrival.key):
            raise refusal(Fault.ENDED, safe_name(filename))
        whose = self._whose(held, arrival.key)
        return await self._pictures.input(arrival.path, out, filename, whose)

    async def fit(self, held: Held, picture: Arrival, out: Path, limit_bytes: int) -> str:
        """The media type of what is in `out`, smaller; empty where it cannot be made to fit."""
        if _has_had_its_tries(held.job, picture.key):
            return ""
        whose = self._whose(held, picture.key)
        return await self._pictures.fit(picture.path, out, limit_bytes, whose)

    def _whose(self, held: Held, key: str) -> Whose:
        async def noted() -> None:
            before = [each for each in held.job.handed if each == key]
            await held.keep(replace(held.job, handed=(*before, key)))

        return Whose(member=held.job.origin.user_id, noted=noted)


def _has_had_its_tries(job: Job, key: str) -> bool:
    return job.handed.count(key) >= TRIES
