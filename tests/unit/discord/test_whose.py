import pytest

from bot.discord.whose import STRANGERS_A_SECOND, Whose


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"message_author_id": "8", "message_id": "1"}, True),
        ({"message_author_id": "7", "message_id": "1"}, False),
        ({"message_author_id": 7}, False),
        ({"message_author_id": None, "message_id": "1"}, False),
        ({"message_id": "1"}, False),  # of an earlier process, perhaps
        ({}, False),  # cannot be read, which is said elsewhere
    ],
)
def test_a_reaction_is_anothers_business_where_it_says_so(
    event: dict[str, object], *, expected: bool
) -> None:
    assert Whose(lambda _message: False).is_anothers(event, our_id=7) is expected


def test_of_messages_that_may_be_anybodys_a_few_a_second_are_looked_at() -> None:
    now = [0.0]
    whose = Whose(lambda message: message == 5, lambda: now[0])

    def looked_at(message: str, times: int = 100) -> int:
        return sum(not whose.is_anothers({"message_id": message}, our_id=7) for _ in range(times))

    assert [looked_at("6"), looked_at("5"), looked_at("6")] == [STRANGERS_A_SECOND, 100, 0]
    now[0] = 1.0
    assert looked_at("6") == STRANGERS_A_SECOND
