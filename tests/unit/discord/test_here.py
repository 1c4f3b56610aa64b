"""What a server's managers may not do."""

import pytest

from bot.discord.here import MOST_BLOCKED, check_room
from bot.errors import Refused


def test_a_server_blocks_so_many_members_and_no_more() -> None:
    check_room(range(MOST_BLOCKED - 1), MOST_BLOCKED)
    check_room(range(MOST_BLOCKED), 0)  # who is blocked already
    with pytest.raises(Refused, match="500 members are blocked here"):
        check_room(range(MOST_BLOCKED), MOST_BLOCKED)
