"""When a job that runs will be ready, as others of its endpoint were. Pure.

What is said once stands until the service's word on the job changes, or until it is over.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.jobs.durations import ENOUGH, Known
from bot.jobs.progress import Estimate, Progress
from bot.work.odds import weights

READY = 0.6  # of the jobs are ready by then: whoever waits longer than was said is not pleased
SHORT_S = 5.0  # of less nothing is said


def estimated(before: Progress, progress: Progress, known: Known, now: datetime) -> Progress:
    """The progress with what is said of the job's end from now on."""
    if before.state == progress.state and (before.told_s or before.estimate):
        return progress
    return replace(progress, estimate=_estimate(progress, known, now))


def _estimate(progress: Progress, known: Known, now: datetime) -> Estimate | None:
    """When the job will be ready; None where too little is known to say so."""
    known = tuple(each for each in known if not each.has_failed)
    if len(known) < ENOUGH:
        return None
    if progress.began_s is None:
        took, passed_s = [each.queueing_s + each.processing_s for each in known], progress.told_s
    else:
        took, passed_s = [each.processing_s for each in known], progress.told_s - progress.began_s
    usual_s = _usual_s(took, 0.0)
    if usual_s is None or usual_s < SHORT_S:
        return None
    ready_s = _usual_s(took, passed_s)
    ready_at = None if ready_s is None else now + timedelta(seconds=ready_s - passed_s)
    return Estimate(usual_s=usual_s, ready_at=ready_at)


def still_said(progress: Progress, now: datetime) -> Progress:
    """The progress, where a time that was said is over with none any more."""
    said = progress.estimate
    if said is None or said.ready_at is None or now < said.ready_at:
        return progress
    return replace(progress, estimate=replace(said, ready_at=None))


def _usual_s(took: Sequence[float], passed_s: float) -> float | None:
    """How long those took that took longer than that, as a rule; None where none did."""
    pairs = sorted(zip(took, weights(len(took)), strict=True))
    pairs = [(each, weight) for each, weight in pairs if each > passed_s]
    left = READY * sum(weight for _, weight in pairs)
    for each, weight in pairs:
        left -= weight
        if left <= 0:
            return each
    return None
