from datetime import timedelta

import pytest

from bot.jobs.known import Known
from tests.jobs import HandClock


@pytest.fixture
def known(clock: HandClock) -> Known:
    return Known(clock)


def test_what_was_taken_a_moment_ago_may_be_sent_once_without_a_look(known: Known) -> None:
    known.took("a")
    assert [known.may_send("a"), known.may_send("a"), known.may_draw("a")] == [True, False, True]


def test_what_was_taken_longer_ago_may_be_drawn_and_not_sent(
    known: Known, clock: HandClock
) -> None:
    known.took("a")
    clock.now += timedelta(minutes=1)
    assert (known.may_send("a"), known.may_draw("a")) == (False, True)


def test_what_was_looked_at_may_be_sent_and_drawn_from_then_on(known: Known) -> None:
    known.looked_at("a")
    assert [known.may_send("a"), known.may_send("a"), known.may_draw("a")] == [True] * 3


def test_of_others_nothing_is_known(known: Known) -> None:
    known.took("a")
    known.doubt("a")
    assert (known.may_send("b"), known.may_draw("b"), known.is_in_doubt("b")) == (False,) * 3
    assert known.is_in_doubt("a")
