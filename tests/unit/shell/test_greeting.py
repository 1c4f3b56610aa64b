"""What the owner reads at the start."""

import pytest

from bot.shell.greeting import greeting


@pytest.mark.parametrize(
    ("servers", "commands", "words"),
    [
        (0, 1, "ready: in no server yet, with 1 command; invite it with https://"),
        (1, 0, "ready: in 1 server, with 0 commands; invite it with https://"),
        (2, 3, "ready: in 2 servers, with 3 commands; invite it with https://"),
    ],
)
def test_a_start_says_where_it_is_and_with_what(servers: int, commands: int, words: str) -> None:
    assert greeting(servers, commands, 5).startswith(words)
