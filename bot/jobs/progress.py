"""The service's side of a job: what it said, and what is known of how long it takes. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bot.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An answer that ends the job for `reason` if it stays so: how often it has come.

    `from_s` is what the job's `trouble_s` was when it came first.
    """

    reason: Reason
    from_s: float
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long a job waited at the service, and how long it was worked on, in vain or not."""

    queueing_s: float
    processing_s: float
    has_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How long such jobs usually take, and when this one is ready then; None once that is over."""

    usual_s: float
    ready_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The service's side: its id for the job, its last word on it, and when to ask again.

    `slow` counts the questions that were not answered in time. The stamps are the service's, as it
    writes them. `told_s` is the job's age at the last answer, `began_s` when work on it began.
    """

    job_id: str
    state: str
    submitted_at: datetime
    ask_at: datetime
    slow: int = 0
    doubt: Doubt | None = None
    started_at: str | None = None
    completed_at: str | None = None
    told_s: float = 0.0
    began_s: float | None = None
    took: Took | None = None
    estimate: Estimate | None = None
