from datetime import datetime, timedelta

import pytest

from bot.jobs import recent as module
from bot.jobs.recent import Recent
from tests.jobs import NOON


def test_what_happened_of_late_is_not_new_and_something_else_is() -> None:
    times = iter([NOON, NOON, NOON + timedelta(seconds=59), NOON + timedelta(seconds=60)])
    recently = Recent(lambda: next(times), timedelta(minutes=1))
    assert [recently.is_new(user) for user in (1, 2, 1, 1)] == [True, True, False, True]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)

    def now() -> datetime:
        return NOON

    recently = Recent(now, timedelta(minutes=1))
    assert [recently.is_new(user) for user in (1, 2, 3, 3, 1)] == [True, True, True, False, True]


def test_to_ask_whether_something_is_known_does_not_make_it_so() -> None:
    recently = Recent(lambda: NOON, timedelta(minutes=1))
    assert (recently.knows("a"), recently.knows("a")) == (False, False)
    recently.note("a")
    assert (recently.knows("a"), recently.is_new("a")) == (True, False)


def test_what_is_forgotten_is_new_again() -> None:
    recently = Recent(lambda: NOON, timedelta(minutes=1))
    assert recently.is_new("a")
    recently.forget("a")
    recently.forget("b")
    assert recently.is_new("a")
    recently.note(5)
    recently.forget_all(lambda key: isinstance(key, str))
    assert (recently.is_new("a"), recently.is_new(5)) == (True, False)
