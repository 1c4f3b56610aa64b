"""How far a job in the shell is."""

import io

import pytest

from bot.shell import progress
from bot.shell.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def told(out: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said of a job that was running for two and a half moments."""
    monkeypatch.setattr(progress, "TICK_S", 0.01)
    monkeypatch.setattr(progress, "LINE_S", 0.0)
    with Progress(out) as told:
        told.say("j: running")
        await told.wait(0.025)
        told.say("j: succeeded")
    return out.getvalue().split("\n")


async def test_a_terminal_shows_on_one_line_how_long_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, last = await told(Terminal(), monkeypatch)
    clear = "\r\x1b[K"
    assert first == f"{clear}j: running"
    assert second.startswith("\rj: running, for 0 s\r")
    assert second.endswith(f"{clear}j: succeeded")
    assert last == clear


async def test_elsewhere_it_is_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *between, succeeded, last = await told(io.StringIO(), monkeypatch)
    assert (first, set(between), succeeded, last) == (
        "j: running",
        {"j: running, for 0 s"},
        "j: succeeded",
        "",
    )
