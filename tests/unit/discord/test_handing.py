from contextlib import ExitStack

import pytest

from bot.discord.handing import EACH, MOST, Handing
from bot.errors import Refused


def test_so_many_are_handed_out_at_once_to_one_member_and_to_all() -> None:
    handing = Handing()
    with ExitStack() as stack:
        for number in range(MOST):
            stack.enter_context(handing.one(number // EACH))
        with pytest.raises(Refused, match="on their way to you"), handing.one(0):
            pass
        with pytest.raises(Refused, match="many others"), handing.one(MOST):
            pass
    for _ in range(MOST):
        with handing.one(0):
            pass
    assert not handing._theirs
