"""What the service's own stamps say of a job, held against how old the job is here. Pure.

Only differences between its stamps are used, and between one and the moment at which it sent its
answer: its clock may be set as it likes. What cannot be true by our own counting is not believed.
"""

from dataclasses import replace
from datetime import datetime

from bot.jobs.progress import Progress, Took
from bot.studio.reading import PROCESSING
from bot.studio.replies import StudioJob

SLACK_S = 60.0  # a question waits for its turn, and its answer is on its way


def told(progress: Progress, answer: StudioJob, age_s: float) -> Progress:
    """What is known of the job after an answer that came at this age of it."""
    if age_s < progress.told_s:  # it was given up, and goes on
        progress = replace(progress, told_s=0.0, began_s=None)
    began_s = progress.began_s
    if answer.state != PROCESSING:
        began_s = None
    elif began_s is None:
        worked_s = _since(answer.started_at, answer.sent_at)
        began_s = _at(worked_s, progress.told_s, age_s)
    return replace(
        progress,
        state=answer.state,
        started_at=answer.started_at or progress.started_at,
        completed_at=answer.completed_at or progress.completed_at,
        told_s=age_s,
        began_s=began_s,
    )


def took(progress: Progress, answer: StudioJob, age_s: float) -> Took | None:
    """How long the job took that has just ended; None where the service does not say."""
    processing_s = _between(answer.started_at, answer.completed_at)
    if processing_s is None or not 0 <= processing_s <= age_s + SLACK_S:
        return None
    ended_s = _at(_since(answer.completed_at, answer.sent_at), progress.told_s, age_s)
    return Took(
        queueing_s=max(0.0, ended_s - processing_s),
        processing_s=processing_s,
        has_failed=not answer.image_urls,
    )


def _at(since_s: float | None, earliest_s: float, now_s: float) -> float:
    """The age at which something happened so long ago; where nobody knows, halfway."""
    if since_s is None:
        return (earliest_s + now_s) / 2
    return min(max(now_s - since_s, earliest_s), now_s)


def _since(stamp: str | None, sent_at: datetime | None) -> float | None:
    at = _read(stamp)
    return (sent_at - at).total_seconds() if sent_at and at and at.tzinfo else None


def _between(stamp: str | None, later: str | None) -> float | None:
    first, last = _read(stamp), _read(later)
    if first is None or last is None or (first.tzinfo is None) is not (last.tzinfo is None):
        return None
    return (last - first).total_seconds()


def _read(stamp: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None
