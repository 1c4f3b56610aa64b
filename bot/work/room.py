"""How much is kept: of one member's pictures in a day, and of everything together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import BadImage, Unavailable
from bot.files.archive import Archive
from bot.jobs.job import Job
from bot.jobs.recent import Latest
from bot.jobs.store import JobStore
from bot.reasons import Reason
from bot.settings import Settings

DAY = timedelta(days=1)
COUNTED_FOR = timedelta(minutes=1)  # how long a count of the rows is good enough
MEMBERS = 1000  # whose count is known
FREE_BYTES = 2**28  # on the disk of DATA_DIR: the job table needs some, too
FOR_OUTPUTS = 0.05  # of the archive: what is paid for still finds room where inputs do not


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The most that is kept."""

    archive_bytes: float
    member_bytes: float  # of what was sent within 24 hours


def ceilings_of(settings: Settings) -> Ceilings:
    """As the settings name them."""
    return Ceilings(
        archive_bytes=settings.archive_gib * 2**30,
        member_bytes=settings.mib_per_member_per_day * 2**20,
    )


class Room:
    """What there is room for."""

    def __init__(
        self, store: JobStore, archive: Archive, ceilings: Ceilings, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._archive = archive
        self._ceilings = ceilings
        self._now = now
        # A member's bytes, and when they were counted.
        self._taken: Latest[int, tuple[datetime, int]] = Latest(MEMBERS)

    async def check_input(self, job: Job) -> None:
        """Nothing, or BadImage where no more may be kept: of this member, or at all."""
        if self._is_full(1 - FOR_OUTPUTS):
            raise BadImage(
                "The bot has no room left for pictures. Nothing was charged; try again later, or"
                " tell the bot's owner."
            )
        if await self._taken_from(job.origin.user_id) >= self._ceilings.member_bytes:
            raise BadImage(
                "You have sent {most:,g} MiB of pictures within 24 hours, and no more are kept of"
                " one member. Nothing was charged; try again later.",
                most=self._ceilings.member_bytes / 2**20,
            )

    def check_output(self) -> None:
        """Nothing, or Unavailable where no more may be kept."""
        if self._is_full(1):
            raise Unavailable(
                "the archive is full: set ARCHIVE_GIB higher or KEEP_DAYS lower, or make room",
                reason=Reason.IMAGES_GONE,
            )

    def took(self, job: Job, size_bytes: int) -> None:
        """Count a picture that was kept just now."""
        member = job.origin.user_id
        if known := self._taken.get(member):
            self._taken[member] = (known[0], known[1] + size_bytes)

    def _is_full(self, share: float) -> bool:
        is_over = self._archive.kept_bytes >= self._ceilings.archive_bytes * share
        return is_over or self._archive.arrivals.free_bytes() < FREE_BYTES

    async def _taken_from(self, member: int) -> int:
        now = self._now()
        at, size = self._taken.pop(member, (None, 0))
        if at is None or now - at > COUNTED_FOR:
            at, size = now, await self._store.input_bytes(member, now - DAY)
        self._taken.put(member, (at, size))
        return size
