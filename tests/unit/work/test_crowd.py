from itertools import count

import pytest

from bot.work.crowd import AT_MOST, Crowd


def test_questions_stretch_while_others_wait_and_come_back_when_none_do() -> None:
    crowd = Crowd()
    for _ in range(400):
        crowd.asked("a", 20.0, is_crowded=True)
    assert 15 < crowd.stretch < 20
    for _ in range(400):
        crowd.asked("a", 20.0, is_crowded=False)
    assert crowd.stretch == pytest.approx(1.0, abs=0.01)


def test_what_waited_for_this_process_to_start_is_no_crowd() -> None:
    crowd, numbers = Crowd(), count()
    for _ in range(1000):
        crowd.asked(f"{next(numbers)}", 5000.0, is_crowded=True)
    assert crowd.stretch == 1.0


def test_no_job_waits_longer_than_some_turns_among_all() -> None:
    crowd = Crowd()
    for number in range(100):
        crowd.asked(f"{number}", 1.0, is_crowded=True)
    assert crowd.longest_s(10.0) == AT_MOST * 10.0
    for number in range(99):
        crowd.leave(f"{number}")
    assert crowd.longest_s(10.0) == AT_MOST * 0.1
