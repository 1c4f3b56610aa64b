"""The process that looks at pictures: begun, bounded, ended, and made anew."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import BadImage
from bot.files import helper, pictures
from bot.files.helper import PROGRAM, ROOT, Limits, NotBegun
from bot.files.orders import READY, Order, Work, line_of
from bot.files.pictures import Ended, Pictures, Whose
from bot.files.turns import Postponed
from tests.samples.bombs import endless_heic
from tests.samples.pictures import encoded, picture

MEI, EVE = Whose(member=1), Whose(member=2)
HASTY = Limits(wall_s=0.3)


class Desk:
    """Files, and whoever looks at them."""

    def __init__(self, folder: Path, looker: Pictures) -> None:
        self.folder = folder
        self.looker = looker

    async def input(self, data: bytes, whose: Whose = MEI) -> str:
        """The media type of what was looked at, or made."""
        path = self.folder / "in"
        path.write_bytes(data)
        seen = await self.looker.input(path, self.folder / "out", "me.heic", whose)
        return seen.made or seen.media_type

    @property
    def pid(self) -> int | None:
        found = self.looker._helper
        return found._process.pid if found else None


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Pictures.open() as looker:
        yield Desk(tmp_path, looker)


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Pictures.open(HASTY) as looker:
        yield Desk(tmp_path, looker)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)


def runs(pid: int | None) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_one_process_looks_at_all_pictures_and_has_nothing_of_ours(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.folder)
    assert desk.pid is None
    assert await desk.input(picture("PNG")) == "image/png"
    pid = desk.pid
    assert pid
    about = Path(f"/proc/{pid}")
    assert (about / "environ").read_bytes() == b""
    assert (about / "oom_score_adj").read_text() == "1000\n"
    assert os.getsid(pid) == pid
    assert f"Max address space         {3 * 2**29} " in (about / "limits").read_text()
    opened = {str(each.readlink()).partition(":")[0] for each in (about / "fd").iterdir()}
    assert opened <= {"socket", "pipe", "/dev/null"}
    seen = await desk.looker.input(Path("in"), Path("out"), "me.png", MEI)  # as DATA_DIR may be
    assert (seen.width_px, desk.pid) == (40, pid)
    assert await desk.looker.fit(Path("in"), Path("out"), 5000, MEI) == "image/webp"
    with pytest.raises(BadImage, match=r"me\.heic is not a picture"):
        await desk.input(b"words")
    for data in (picture("JPEG2000"), b"<svg xmlns='a'/>", b"8BPS\0\1" + bytes(30)):
        with pytest.raises(BadImage, match="of a kind of picture that the bot cannot open"):
            await desk.input(data)
    await desk.looker.close()
    assert not runs(pid)


async def test_it_is_made_anew_where_it_was_killed_and_retires_where_nobody_asks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.input(picture("PNG"))
    first = desk.pid
    assert first
    os.kill(first, signal.SIGKILL)
    await until(lambda: not (desk.looker._helper and desk.looker._helper.is_there))
    monkeypatch.setattr(pictures, "IDLE_S", 0.01)
    await desk.input(picture("PNG"))
    await until(lambda: desk.pid is None)
    await desk.input(picture("PNG"))
    assert desk.pid not in {None, first}


async def test_a_picture_that_takes_too_long_is_refused_and_others_go_before_its_member(
    hasty: Desk,
) -> None:
    with pytest.raises(BadImage, match=r"^me\.heic takes too long to open\. Nothing was charged"):
        await hasty.input(endless_heic(), EVE)
    assert hasty.pid is None
    ended: list[Whose] = []

    async def looked_at(whose: Whose) -> None:
        assert await hasty.input(picture("PNG"), whose) == "image/png"
        ended.append(whose)

    await asyncio.gather(looked_at(MEI), looked_at(EVE), looked_at(MEI))
    assert ended == [MEI, MEI, EVE]


async def test_a_long_picture_gives_way_to_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.files.turns.SLICE_S", 0.1)
    bad = asyncio.create_task(desk.input(endless_heic(), EVE))
    await until(lambda: desk.looker._answers == 0 and desk.pid)
    small = desk.folder / "small"
    small.write_bytes(picture("PNG"))
    assert await desk.looker.fit(small, desk.folder / "out", 5000, MEI) == "image/webp"
    with pytest.raises(Postponed, match="others' pictures wait"):
        await bad


async def test_a_processor_has_other_things_to_do(tmp_path: Path) -> None:
    async with Pictures.open(Limits(cpu_s=1)) as looker:
        with pytest.raises(BadImage, match="takes too long"):
            await Desk(tmp_path, looker).input(endless_heic())


async def test_what_needs_more_memory_than_there_is_is_too_large_and_not_damaged(
    tmp_path: Path,
) -> None:
    async with Pictures.open(Limits(memory_bytes=110 * 2**20)) as looker:
        desk = Desk(tmp_path, looker)
        assert await desk.input(picture("PNG")) == "image/png"
        large = encoded(Image.new("L", (8000, 7500)), "PNG", compress_level=1)
        with pytest.raises(BadImage, match=r"^me\.heic is too large: .* send a smaller one\."):
            await desk.input(large)
        assert await desk.input(picture("PNG")) == "image/png"


async def test_what_ends_the_process_has_no_outcome(desk: Desk) -> None:
    handed = asyncio.Event()

    async def noted() -> None:
        handed.set()

    bad = asyncio.create_task(desk.input(endless_heic(), Whose(member=2, noted=noted)))
    await asyncio.wait_for(handed.wait(), 10)
    assert desk.pid
    os.kill(desk.pid, signal.SIGSEGV)
    with pytest.raises(Ended, match="ended with -11"):
        await bad
    assert await desk.input(picture("PNG")) == "image/png"


async def test_nobody_waits_for_a_picture_that_nobody_asks_for_any_more(desk: Desk) -> None:
    bad = asyncio.create_task(desk.input(endless_heic()))
    await until(lambda: desk.pid)
    pid = desk.pid
    bad.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bad
    assert not runs(pid)
    assert await desk.input(picture("PNG")) == "image/png"


async def test_a_process_that_does_not_begin_is_named_and_no_picture_is_handed_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def noted() -> None:
        pytest.fail("it was handed over")

    monkeypatch.setattr(helper, "PROGRAM", "bot.files.no_such")
    with pytest.raises(NotBegun):
        await desk.input(picture("PNG"), Whose(member=1, noted=noted))
    assert desk.looker.fault == (
        "it does not begin (exit code 1): see `python -m bot.files.no_such 0 0`"
    )
    monkeypatch.undo()
    await desk.input(picture("PNG"))
    assert desk.looker.fault is None


def processor_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[11])


def test_it_ends_with_its_input_while_it_looks_at_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(endless_heic())
    command = [sys.executable, "-m", PROGRAM, str(3 * 2**29), "20"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env={}
    ) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == READY
        process.stdin.write(line_of(Order(work=Work.INPUT, path=str(path), out="", limit_bytes=1)))
        process.stdin.flush()
        at_rest = processor_time(process.pid)
        while processor_time(process.pid) <= at_rest:  # the test's own deadline ends this
            time.sleep(0.01)
        process.stdin.close()
        assert process.wait(10) == -signal.SIGIO
        assert process.stdout.read() == b""
