"""What this process itself knows of rows, and forgets when it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.jobs.recent import Recent

A_MOMENT = timedelta(minutes=1)
ALWAYS = timedelta.max


class Known:
    """Which jobs it took, whose replies it looked at, of which it is not sure; and its messages."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._just_taken = Recent(now, A_MOMENT)
        self._taken = Recent(now, ALWAYS)
        self._looked_at = Recent(now, ALWAYS)
        self._in_doubt = Recent(now, ALWAYS)
        self._messages = Recent(now, ALWAYS)

    def took(self, job_id: str) -> None:
        """The row was put there by this process, which answers with its reply."""
        self._just_taken.note(job_id)
        self._taken.note(job_id)

    def looked_at(self, job_id: str) -> None:
        """Its reply stands in Discord, and says what the row says."""
        self._looked_at.note(job_id)

    def doubt(self, job_id: str) -> None:
        """Whether the row is there was not seen, and its member was told so."""
        self._in_doubt.note(job_id)

    def posted(self, message_id: int) -> None:
        """The message is a job's."""
        self._messages.note(message_id)

    def is_ours(self, message_id: int) -> bool:
        """Whether the message is known to be a job's; one of an earlier process is not."""
        return self._messages.knows(message_id)

    def may_send(self, job_id: str) -> bool:
        """Whether its reply is known so well that the job may be sent without a look at it.

        That it was taken a moment ago counts once: whoever comes back to it did not get far.
        """
        is_fresh = self._just_taken.knows(job_id)
        self._just_taken.forget(job_id)
        return is_fresh or self._looked_at.knows(job_id)

    def may_draw(self, job_id: str) -> bool:
        """Whether its reply is known so well that it may be drawn over without a look at it."""
        return self._taken.knows(job_id) or self._looked_at.knows(job_id)

    def is_in_doubt(self, job_id: str) -> bool:
        """Whether its member was told that nothing comes of it unless there is a reply."""
        return self._in_doubt.knows(job_id)
