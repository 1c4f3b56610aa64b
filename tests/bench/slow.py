"""How often a service is called that takes long for each answer, beside how often it may be."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from time import monotonic

from tests.bench.paired import circumstances, load
from tests.bench.played import Playing, playing, raise_limit_of_files
from tests.bench.report import Goal, Part, note

PER_SECOND = 10  # calls that may be, which is the default
ANSWERS_S = (3.0, 30.0)
MORE = 150  # jobs than may be asked for at one moment
AT_ONCE = 50
SETTLED_S, COUNTED_S, PATIENCE_S = 30.0, 60.0, 600.0
MOST = 1.1
ABOUT = f"""One bot, on SQLite. For each answer that it may wait for at one moment there is a job, and
{MORE} more: first all their forms are sent, and once their answers are there, it is counted for
{COUNTED_S:.0f} s how often the service is asked for them."""


async def main() -> None:
    """Measure, and write the part of the page."""
    raise_limit_of_files()
    began_with, remarks, goals = load(), [ABOUT], list[Goal]()
    for answer_s in ANSWERS_S:
        settings = {"STUDIO_REQUESTS_PER_SECOND": f"{PER_SECOND}"}
        async with playing("-m", "bot", settings=settings) as bot:
            bot.studio.hold("processing")
            bot.studio.answer_s = answer_s
            idle_mib = bot.kib() / 1024
            async for kind, per_second in called(bot, answer_s):
                what = f"{answer_s:.0f} s an answer: {per_second:.2f} {kind} a second, of {PER_SECOND} that may be"
                goals.append(Goal(what, PER_SECOND / per_second, MOST))
            files, mib = bot.open_files(), bot.kib() / 1024
            remarks.append(
                f"At {answer_s:.0f} s an answer it has {files} files open at the end, and {mib:.0f} MiB;"
                f" it had {idle_mib:.0f} MiB when idle."
            )
    note(
        Part(
            name="slow",
            title="A service that is slow to answer",
            goals=goals,
            remarks=[*remarks, circumstances(began_with)],
        )
    )


async def called(bot: Playing, answer_s: float) -> AsyncIterator[tuple[str, float]]:
    """What the service is called for, and how often in a second."""
    jobs, answered_at = int(PER_SECOND * answer_s) + MORE, defaultdict[str, list[float]](list)
    bot.studio.subscribe(lambda kind, _call: answered_at[kind].append(monotonic()))
    for first in range(0, jobs, AT_ONCE):
        await bot.burst(min(AT_ONCE, jobs - first), is_delivered=False)
    forms = answered_at["submit"]
    await bot.studio.until(lambda: len(forms) == jobs, within_s=PATIENCE_S)
    yield "forms", (jobs - 1) / (forms[-1] - forms[0])
    await asyncio.sleep(2 * answer_s + SETTLED_S)
    before = len(answered_at["status"])
    await asyncio.sleep(COUNTED_S)
    yield "questions", (len(answered_at["status"]) - before) / COUNTED_S


if __name__ == "__main__":
    asyncio.run(main())
