"""Who may give orders and where, and whom an order means."""

import pytest

from bot.discord.owners import Subject, may_order, rules_about
from bot.errors import Refused
from bot.jobs.house import Rule, RuleKind
from bot.settings import Settings

NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}
MEI, ANA, HOME, ELSEWHERE = 7, 8, 3, 4


@pytest.mark.parametrize(
    ("user_id", "guild_id", "home", "expected"),
    [
        (MEI, HOME, "3", True),
        (ANA, HOME, "3", False),
        (MEI, ELSEWHERE, "3", False),
        (MEI, None, "3", False),
        (MEI, HOME, "", False),
        (MEI, None, "", False),
    ],
)
def test_an_owner_gives_orders_in_their_own_server_alone(
    user_id: int, guild_id: int | None, home: str, *, expected: bool
) -> None:
    settings = Settings.from_env(NEEDED | {"OWNER_IDS": f"{MEI}", "OWNER_GUILD_ID": home})
    assert may_order(user_id, guild_id, None, settings) is expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (Subject(member_id=7), [Rule(RuleKind.MEMBER, 7)]),
        (Subject(server=" 5 "), [Rule(RuleKind.SERVER, 5)]),
        (Subject(member_id=7, server="5"), [Rule(RuleKind.MEMBER, 7), Rule(RuleKind.SERVER, 5)]),
        (Subject(server=f"{2**63 - 1}"), [Rule(RuleKind.SERVER, 2**63 - 1)]),
        (Subject(), None),
        (Subject(server=""), None),
        (Subject(server=f"{2**63}"), None),
        (Subject(server="٣"), None),
        (Subject(server="-5"), None),
        (Subject(member_id=7, server="My server"), None),
    ],
)
def test_whom_an_order_means_is_known_or_asked_for(
    subject: Subject, expected: list[Rule] | None
) -> None:
    if expected is None:
        with pytest.raises(Refused):
            rules_about(subject)
    else:
        assert rules_about(subject) == expected
