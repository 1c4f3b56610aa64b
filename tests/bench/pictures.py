"""Pictures that harm hold nobody else up, and large ones do not fill the bot's memory.

One member sends many of them. What another's job takes then stands beside what it took before, of the
same bot; each round has a new bot.
"""

import asyncio
import re
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.files.images import carried_out
from bot.files.orders import Order, Work
from bot.files.turns import SLICE_S
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.studio.jobs import StudioJob
from tests.bench.bare import COMMAND
from tests.bench.paired import Paired, circumstances, load
from tests.bench.played import PNG, Playing, kib_of, playing, raise_limit_of_files
from tests.bench.report import Goal, Part, note
from tests.samples.bombs import endless_heic
from tests.samples.pictures import encoded, noise

HOSTILE = 200
ROUNDS = 3
ALONE, BESIDE = 3, 11  # another's jobs in each round: before these come, and from then on
SECONDS = {"pending": 0.5, "in_queue": 0.5, "processing": 1.0}  # as the local service has them
MOST = 2.0
SHORT_S = 0.7 * SLICE_S
TRIAL_PX, STEP_PX = 504, 8  # an encoder's
LARGE, LARGE_ROUNDS = 50, 1
HEAD = 33  # bytes of a PNG before what may stand there
LARGE_PX = 2888  # a side: 25 MB as a PNG of noise
BOOSTED = 2  # as far as a server is where 50 MB may be sent
MOST_MIB = 64.0
WARM = 20
SETTLED_S = 2.0
PATIENCE_S = 180.0
# What the bot says of a job once its picture was looked at, in vain or not.
LOOKED_AT = re.compile(
    r"job (\w+): (?:its picture is looked at later: it takes long|the service took it|accepted → failed)"
)
ABOUT = f"""One member sends {HOSTILE} pictures at once, of less than 2 KB each, and another has one job after
the other from that moment on, as before it. The local service takes two seconds for a job. In brackets: each
round's median. What takes longer than {SLICE_S:g} s gives way to others' pictures."""
WAY = f"""What stands in the way of the slowest: the first comes while {HOSTILE} commands are answered, and waits
for the picture under way. Who had one that was cut after {SLICE_S:g} s gives way at once for ten times as long, and
the next may then take twice as long, lest one that is merely large never comes to its end: so it is about
{11 * SLICE_S:g} s later, and more seldom from then on. Who comes in these seconds waits for it."""
LARGE_ABOUT = f"""{LARGE} members send a PNG of 25 MB each at once, to a server in which the bot may send as
much, and the service hands out another one for each. Idle is the bot once {WARM} jobs with small pictures
have had their images."""


@dataclass
class Beside:
    """How long another's jobs took in a round, and how many of the pictures were looked at meanwhile."""

    alone_s: list[float]
    beside_s: list[float]
    looked_at: int


@dataclass
class Memory:
    """In MiB: the bot's when idle, the most above that, and the most of the process beside it."""

    idle: float
    above: float
    beside: float


async def main() -> None:
    """Measure, and write the part of the page."""
    raise_limit_of_files()
    began_with, remarks, goals = load(), [ABOUT], list[Goal]()
    kinds = {
        "take minutes to open": endless_heic(),
        f"take {SHORT_S:.1f} s each to open": endless_heic(1, side_px_of(SHORT_S)),
    }
    for what, picture in kinds.items():
        rounds = [await held_up(picture) for _ in range(ROUNDS)]
        goals += goals_of(what, rounds)
        counts = [each.looked_at for each in rounds]
        remarks.append(f"Of those that {what}, {min(counts)} to {max(counts)} were looked at.")
    memories = [await memory() for _ in range(LARGE_ROUNDS)]
    goals.append(goal_of(memories))
    beside = max(each.beside for each in memories)
    remarks += [WAY, LARGE_ABOUT, f"The process that looked at them had up to {beside:.0f} MiB."]
    note(
        Part(
            name="pictures",
            title="Pictures that harm, and large ones",
            goals=goals,
            remarks=[*remarks, circumstances(began_with)],
        )
    )


def side_px_of(wanted_s: float) -> int:
    """How wide the coded picture of a hostile one is that takes so long to open here."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "trial.heic", Path(folder) / "trial.jpg"
        path.write_bytes(endless_heic(1, TRIAL_PX))
        order = Order(work=Work.INPUT, path=str(path), out=str(out), limit_bytes=2**20)
        times = []
        for _ in range(3):
            began = time.perf_counter()
            assert carried_out(order).made
            times.append(time.perf_counter() - began)
    return round(TRIAL_PX * float((wanted_s / min(times)) ** 0.5) / STEP_PX) * STEP_PX


async def held_up(picture: bytes) -> Beside:
    """One round of another's jobs, alone and beside so many of that picture."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        async with playing("-m", "bot", settings={"LOG_LEVEL": "info"}, log=log) as bot:
            bot.studio.seconds = dict(SECONDS)
            mei, eve = bot.discord.member("Mei"), bot.discord.member("Eve")
            await _took_s(bot, mei)  # the process that looks at pictures begins
            alone_s = [await _took_s(bot, mei) for _ in range(ALONE)]
            file = File("me.heic", picture, "image/heic")
            sent = [eve.slash(COMMAND, image=file, seed=seed) for seed in range(HOSTILE)]
            await asyncio.gather(*sent)
            beside_s = [await _took_s(bot, mei) for _ in range(BESIDE)]
            looked_at = len(set(LOOKED_AT.findall(log.read_text(encoding="utf-8"))))
    found = Beside(alone_s, beside_s, looked_at - 1 - ALONE - BESIDE)
    print(found, file=sys.stderr, flush=True)
    assert found.looked_at > 0, "what is not looked at holds nobody up"
    return found


async def _took_s(bot: Playing, member: Member) -> float:
    """From the command to the reaction under its images."""
    began = time.perf_counter()
    handle = await member.slash(COMMAND, image=File("me.png", PNG))
    await bot.discord.until(lambda: is_done(handle), within_s=PATIENCE_S)
    return time.perf_counter() - began


def is_done(handle: InteractionHandle) -> bool:
    """Whether its images are there."""
    return bool(handle.message and handle.message.reactions)


def goals_of(what: str, rounds: Sequence[Beside]) -> list[Goal]:
    """The other's jobs, and the slowest of them."""
    pairs = [(median(each.beside_s), median(each.alone_s)) for each in rounds]
    slowest = [(max(each.beside_s), median(each.alone_s)) for each in rounds]
    sent = f"with {HOSTILE} pictures of one member that {what}"
    return [
        Paired(f"Another's job, {sent}", "one alone", "s", pairs).goal(MOST),
        Paired(f"The slowest of {BESIDE} such", "one alone", "s", slowest).goal(MOST),
    ]


async def memory() -> Memory:
    """What the bot has when idle, and the most that it has while jobs of large pictures run."""
    large = encoded(noise((LARGE_PX, LARGE_PX)), "PNG", compress_level=0)
    async with playing("-m", "bot") as bot:
        _hand_out_large(bot, large)
        await bot.burst(WARM, is_delivered=True)
        await asyncio.sleep(SETTLED_S)
        bot.studio.outputs = {}  # from now on they are drawn
        idle = bot.kib()
        bot.forget_most()
        await _large_jobs(bot, large)
        looker = bot.looker()
        found = Memory(
            idle=idle / 1024,
            above=(bot.most_kib() - idle) / 1024,
            beside=kib_of(looker, "VmHWM") / 1024 if looker else 0.0,
        )
    print(found, file=sys.stderr, flush=True)
    return found


async def _large_jobs(bot: Playing, large: bytes) -> None:
    """So many at once, until all have their images, which are as large."""
    files = [File("me.png", named(large, f"{number}")) for number in range(LARGE)]
    members = [bot.discord.member(f"large{number}") for number in range(LARGE)]
    handles = await asyncio.gather(
        *(member.slash(COMMAND, image=file) for member, file in zip(members, files, strict=True))
    )
    await bot.discord.until(lambda: all(map(is_done, handles)), within_s=PATIENCE_S)
    posted = [each for handle in handles if handle.message for each in handle.message.attachments]
    assert len([each for each in posted if each.size > len(large)]) == LARGE


def _hand_out_large(bot: Playing, large: bytes) -> None:
    """Let the service give one for each job, and no more be kept of them here than is needed."""

    def drawn(job: StudioJob, _number: int) -> bytes:
        return named(large, job.id)

    bot.discord.guild.premium_tier = BOOSTED
    bot.discord.requests.most = 1
    bot.studio.endpoints = dict.fromkeys(bot.studio.endpoints, 1)
    bot.studio.drawn = drawn
    bot.studio.subscribe(lambda _call, what: what.parts.clear())


def named(png: bytes, name: str) -> bytes:
    """The same picture with a word in it, so that it is a file of its own."""
    word = b"tEXtname\0" + name.encode()
    chunk = struct.pack(">I", len(word) - 4) + word + struct.pack(">I", zlib.crc32(word))
    return png[:HEAD] + chunk + png[HEAD:]


def goal_of(found: list[Memory]) -> Goal:
    """The most of all rounds."""
    above = [each.above for each in found]
    idle = median(each.idle for each in found)
    what = (
        f"{LARGE} jobs of 25 MB pictures: the bot's memory above {idle:.0f} MiB when idle, in MiB"
    )
    return Goal(what, max(above), MOST_MIB, (min(above), max(above)))


if __name__ == "__main__":
    asyncio.run(main())
