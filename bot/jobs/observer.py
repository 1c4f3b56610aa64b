"""What the core tells whoever measures it. It does not know who that is, or whether anybody is."""

from bot.jobs.job import Job


class Observer:
    """Listens, and does nothing; whoever measures overrides what is of interest.

    What a method does is quick and raises nothing: a job's step or a request waits for it.
    """

    def taken(self, job: Job) -> None:
        """The service took the job; `job.progress` says since when."""

    def advanced(self, before: Job, after: Job) -> None:
        """The job's row was changed by a step, or closed by who took it; that is written."""

    def unreadable(self, job_id: str) -> None:
        """A row cannot be read by this version, and was put off; told by a thread of the database."""

    def studio_called(self, method: str, outcome: str) -> None:
        """The service gave this status, or the call ended as `not_connected` or `broken`."""


class Several(Observer):
    """Tells each of these."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def taken(self, job: Job) -> None:
        """Told to all."""
        for each in self._observers:
            each.taken(job)

    def advanced(self, before: Job, after: Job) -> None:
        """Told to all."""
        for each in self._observers:
            each.advanced(before, after)

    def unreadable(self, job_id: str) -> None:
        """Told to all."""
        for each in self._observers:
            each.unreadable(job_id)

    def studio_called(self, method: str, outcome: str) -> None:
        """Told to all."""
        for each in self._observers:
            each.studio_called(method, outcome)


NOBODY = Observer()
