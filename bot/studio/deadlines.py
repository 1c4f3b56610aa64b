"""How long each call to the service may take. Pure."""

from dataclasses import dataclass

MOST_SLOW = 5  # so many time-outs make a deadline longer, each twice as long
AMPLE = 2.0  # times as long as others took


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that each call may take, its answer's body included."""

    connect_s: float = 10.0
    upload_s: float = 600.0
    pace_s: float = 15.0
    submit_s: float = 45.0  # once the whole form is out
    status_s: float = 15.0
    last_status_s: float = 600.0
    download_s: float = 300.0

    def of_status(self, slow: int, *, lately_s: float = 0.0, is_last: bool) -> float:
        """For a question after so many that were not answered in time.

        `lately_s`: how long others took lately that were answered.
        """
        if is_last:
            return self.last_status_s
        longest_s = self.status_s * 2.0**MOST_SLOW
        return min(longest_s, max(self.status_s * 2.0 ** min(slow, MOST_SLOW), AMPLE * lately_s))


USUAL = Deadlines()
