from datetime import datetime, timedelta

import pytest

from bot import quiet
from bot.quiet import Quiet
from tests.jobs import NOON


def test_a_member_is_told_once_in_a_while_and_others_beside() -> None:
    times = iter([NOON, NOON, NOON + timedelta(seconds=59), NOON + timedelta(seconds=60)])
    hush = Quiet(lambda: next(times), timedelta(minutes=1))
    assert [hush.may_tell(user) for user in (1, 2, 1, 1)] == [True, True, False, True]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "REMEMBERED", 2)

    def now() -> datetime:
        return NOON

    hush = Quiet(now, timedelta(minutes=1))
    assert [hush.may_tell(user) for user in (1, 2, 3, 3, 1)] == [True, True, True, False, True]
