import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.work.delivery import MAX_FILES, MAX_REQUEST_BYTES, pack

MIB = 2**20


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([], [[]]),
        ([1, 1], [[0, 1]]),
        ([10 * MIB, 10 * MIB, 10 * MIB], [[0, 1], [2]]),
        ([30 * MIB, 1], [[0], [1]]),
        ([1] * 11, [list(range(10)), [10]]),
    ],
)
def test_files_are_packed_in_order(sizes: list[int], batches: list[list[int]]) -> None:
    assert pack(sizes) == batches


@given(st.lists(st.integers(min_value=1, max_value=MAX_REQUEST_BYTES)))
def test_no_message_holds_too_many_or_too_much_and_none_is_left_out(sizes: list[int]) -> None:
    batches = pack(sizes)
    assert [index for batch in batches for index in batch] == list(range(len(sizes)))
    assert all(len(batch) <= MAX_FILES for batch in batches)
    assert all(sum(sizes[i] for i in batch) <= MAX_REQUEST_BYTES for batch in batches)
