"""The time of a process: what a clock on the wall that jumps does to it."""

import logging
import time
from datetime import datetime, timedelta

import pytest

from bot.jobs.clocks import Clocks, steady_s
from tests.jobs import NOON

SECOND = timedelta(seconds=1)


class Machine:
    """A wall clock and a steady one, moved by hand."""

    def __init__(self) -> None:
        self.wall_at, self.steady_at_s = NOON, 50.0

    def wall(self) -> datetime:
        return self.wall_at

    def steady_s(self) -> float:
        return self.steady_at_s

    def passes(self, seconds: float) -> None:
        self.wall_at += seconds * SECOND
        self.steady_at_s += seconds


@pytest.mark.parametrize("jump", [timedelta(hours=48), -timedelta(hours=2), timedelta(days=-9000)])
def test_time_goes_on_until_it_follows_a_clock_that_was_set(
    jump: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine()
    clocks = Clocks(machine.wall, machine.steady_s)
    machine.passes(60)
    machine.wall_at += jump
    assert clocks.now() == clocks.steady() == NOON + 60 * SECOND
    clocks.follow(clocks.wall())
    assert clocks.now() == machine.wall_at
    assert clocks.steady() == NOON + 60 * SECOND
    assert clocks.early() == min(machine.wall_at, NOON + 60 * SECOND)
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    machine.passes(5)
    assert clocks.now() == machine.wall_at
    assert clocks.seen().at == clocks.now()
    assert clocks.seen().steady_s == machine.steady_at_s


def test_clocks_that_differ_by_a_moment_show_the_same_time() -> None:
    machine = Machine()
    clocks = Clocks(machine.wall, machine.steady_s)
    clocks.follow(NOON + 0.9 * SECOND)
    assert clocks.now() == NOON


def test_two_processes_of_one_machine_share_its_steady_clock() -> None:
    before = steady_s()
    one, other = Clocks().seen(), Clocks().seen()
    assert one.boot == other.boot
    assert before <= one.steady_s <= other.steady_s <= steady_s()


def test_the_steady_clock_goes_on_while_the_machine_sleeps_where_the_system_counts_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 77, raising=False)
    monkeypatch.setattr(time, "clock_gettime", lambda clock: 5.0 if clock == 77 else 0.0)
    assert steady_s() == 5.0
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    assert steady_s() == pytest.approx(time.monotonic(), abs=60)
