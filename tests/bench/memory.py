"""What jobs that wait cost the bot in memory: many of them at the service, beside none."""

import asyncio
import sqlite3
import sys
import tempfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from bot.jobs.job import JobStatus
from tests.bench.paired import circumstances, load
from tests.bench.played import Playing, playing, raise_limit_of_files
from tests.bench.report import Goal, Part, note

STEPS, JOBS = 10, 1000  # jobs that are added in each step
AT_ONCE = 50
WARM = 300  # jobs that come to their end before anything is measured
MOST_KIB = 2.0
QUESTIONS = "200"  # a second, and jobs that are sent
PATIENCE_S = 600.0
SETTLED_S = 3.0
ABOUT = f"""One bot, on SQLite. It is idle when {WARM} jobs have had their images; then come
{STEPS * JOBS:,} from as many members, {AT_ONCE} at a time, which all stay at the service and are asked
for, up to {QUESTIONS} questions a second. In brackets: what each {JOBS:,} of them have added, for one."""

WAY = """The first thousands add more than the last ones. What of it is the jobs' own, and what was only
used on the way, is not known."""


async def main() -> None:
    """Measure, and write the part of the page."""
    raise_limit_of_files()
    began_with, remarks = load(), [ABOUT, WAY]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.sqlite3"
        settings = {"DATABASE_URL": f"sqlite:///{path}", "STUDIO_REQUESTS_PER_SECOND": QUESTIONS}
        async with playing("-m", "bot", settings=settings) as bot:
            await bot.burst(WARM, is_delivered=True)
            found = [await settled(bot, path)]
            bot.studio.hold("processing")
            for _ in range(STEPS):
                for _ in range(JOBS // AT_ONCE):
                    await bot.burst(AT_ONCE, is_delivered=False)
                found.append(await settled(bot, path))
                jobs, kib = found[-1]
                print(f"{jobs:6} jobs {kib / 1024:7.1f} MiB", file=sys.stderr, flush=True)
    (_, idle), (jobs, kib) = found[0], found[-1]
    each = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(found)]
    what = f"{jobs:,} waiting jobs, above {idle / 1024:.0f} MiB when idle: KiB each"
    goal = Goal(what, (kib - idle) / jobs, MOST_KIB, (min(each), max(each)))
    note(
        Part(
            name="memory",
            title="Jobs that wait",
            goals=[goal],
            remarks=[*remarks, circumstances(began_with)],
        )
    )


async def settled(bot: Playing, path: Path) -> tuple[int, int]:
    """How many jobs are at the service, once no other is under way; and the bot's memory in KiB."""
    at_service = {JobStatus.RUNNING}
    await bot.studio.until(lambda: standing(path).keys() <= at_service, within_s=PATIENCE_S)
    await asyncio.sleep(SETTLED_S)
    return standing(path).get(JobStatus.RUNNING, 0), bot.kib()


def standing(path: Path) -> dict[str, int]:
    """How many unfinished jobs have which status."""
    query = "SELECT status, count(*) FROM jobs WHERE due_at IS NOT NULL GROUP BY status"
    with closing(sqlite3.connect(path)) as database:
        return dict(database.execute(query).fetchall())


if __name__ == "__main__":
    asyncio.run(main())
