"""What jobs that wait cost the bot in memory: many of them at the service, beside none."""

import asyncio
import sys
from itertools import pairwise
from statistics import fmean

from tests.bench.paired import circumstances
from tests.bench.played import Playing, playing, raise_limit_of_files
from tests.bench.report import Goal, Part, note

STEPS, JOBS = 10, 1000  # jobs that are added in each step
AT_ONCE = 100
WARM = 300  # jobs that come to their end before anything is measured
MOST_KIB = 2.0
QUESTIONS = 200  # a second, and jobs that are sent
PATIENCE_S = 600.0
SETTLED_S = 3.0
ABOUT = f"""One bot, on SQLite. It is idle when {WARM} jobs have had their images; then come
{STEPS * JOBS:,} from as many members, {AT_ONCE} at a time, which all stay at the service and are asked
for. In brackets: what each {JOBS:,} of them have added, for one."""


async def main() -> None:
    """Measure, and write the part of the page."""
    raise_limit_of_files()
    remarks = [ABOUT, circumstances()]
    settings = {"STUDIO_REQUESTS_PER_SECOND": str(QUESTIONS)}
    async with playing("-m", "bot", settings=settings) as bot:
        await bot.burst(WARM, is_delivered=True)
        kib = [await settled(bot)]
        bot.studio.hold("processing")
        for step in range(1, STEPS + 1):
            for _ in range(JOBS // AT_ONCE):
                await bot.burst(AT_ONCE, is_delivered=False)
            kib.append(await settled(bot, WARM + step * JOBS))
            print(f"{step * JOBS:6} jobs {kib[-1] / 1024:7.1f} MiB", file=sys.stderr, flush=True)
    each = [(after - before) / JOBS for before, after in pairwise(kib)]
    what = f"{STEPS * JOBS:,} waiting jobs, above {kib[0] / 1024:.0f} MiB when idle: KiB each"
    goal = Goal(what, fmean(each), MOST_KIB, (min(each), max(each)))
    note(Part(name="memory", title="Jobs that wait", goals=[goal], remarks=remarks))


async def settled(bot: Playing, jobs: int = WARM) -> int:
    """The memory of the bot's process in KiB, some time after the service has so many jobs."""
    await bot.studio.until(lambda: len(bot.studio.jobs) >= jobs, within_s=PATIENCE_S)
    await asyncio.sleep(SETTLED_S)
    return bot.kib()


if __name__ == "__main__":
    asyncio.run(main())
