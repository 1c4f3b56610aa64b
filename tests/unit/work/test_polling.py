import pytest

from bot.work.polling import next_delay_s, retry_delay_s


@pytest.mark.parametrize(
    ("age_s", "state", "delay_s"),
    [
        (0, "pending", 1),
        (10, "processing", 1),
        (11, "processing", 2),
        (61, "processing", 5),
        (61, "in_queue", 10),
        (301, "processing", 15),
        (301, "in_queue", 30),
        (1801, "processing", 30),
        (90_000, "in_queue", 30),
        (0, "never heard of", 1),
    ],
)
def test_a_job_is_asked_for_quickly_at_first_and_slowly_later(
    age_s: float, state: str, delay_s: float
) -> None:
    assert next_delay_s(age_s=age_s, state=state) == delay_s


@pytest.mark.parametrize(
    ("tries", "retry_after_s", "delay_s"),
    [
        (0, None, 2),
        (1, None, 4),
        (3, None, 16),
        (8, None, 300),
        (10_000, None, 300),
        (0, 7, 7),
        (9, 7, 7),
        (0, 0, 0.5),
        (0, 10**9, 3600),
    ],
)
def test_a_try_in_vain_waits_longer_each_time_or_as_it_was_asked_to(
    tries: int, retry_after_s: float | None, delay_s: float
) -> None:
    assert retry_delay_s(tries, retry_after_s) == delay_s
