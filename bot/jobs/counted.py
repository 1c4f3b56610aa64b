"""What is counted in a row, as it means something only once it has come often enough."""

from dataclasses import dataclass

from bot.errors import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An answer that ends the job for `reason` if it stays so: how often it has come.

    `from_s` is what the job's `trouble_s` was when it came first.
    """

    reason: Reason
    from_s: float
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The file that was handed over to be looked at, and how often: nothing came of it yet."""

    key: str
    times: int
