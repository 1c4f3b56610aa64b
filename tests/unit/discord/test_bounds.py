"""What a limit that is set in Discord may be, and what is said of it."""

from collections.abc import Mapping

import pytest

from bot.discord.bounds import as_bylaws, check_limits, limited
from bot.errors import Refused
from bot.jobs.bylaws import Bylaw
from bot.jobs.limits import EVERY_SERVER, Measure, Most
from bot.settings import Settings
from tests.endpoints import make_endpoint

NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}
BOUND = {"CREDITS_PER_MEMBER_PER_DAY": "50", "CREDITS_PER_DAY": "1000.5", "JOBS_PER_DAY": "1234"}
M = Measure
PRICED, UNPRICED = make_endpoint("Paint", credits=2.0), make_endpoint("Draw")


def refusal(given: Most, env: Mapping[str, str] = {}, *, by_owner: bool = True) -> str:
    try:
        check_limits(given, Settings.from_env({**NEEDED, **env}), [PRICED], by_owner=by_owner)
    except Refused as error:
        return error.user_message
    return ""


@pytest.mark.parametrize(
    ("given", "setting", "most"),
    [
        ({M.JOBS: 4}, "JOBS_PER_MEMBER", "3"),
        ({M.MEMBER_JOBS: 1235}, "JOBS_PER_DAY", "1,234"),
        ({M.ALL_JOBS: 1235}, "JOBS_PER_DAY", "1,234"),
        ({M.CREDITS: 50.1}, "CREDITS_PER_MEMBER_PER_DAY", "50"),
        ({M.ALL_JOBS: 5, M.ALL_CREDITS: 1001}, "CREDITS_PER_DAY", "1,000.5"),
    ],
)
def test_no_limit_is_above_what_env_sets(given: Most, setting: str, most: str) -> None:
    option = list(given)[-1]
    begin = (
        f"`{setting}` is {most} in the bot's `.env`, and no limit can be above it: name at most"
        f" {most} for `{option}`, or "
    )
    assert refusal(given, BOUND) == f"{begin}raise it there and start the bot anew."
    asks = refusal(given, BOUND, by_owner=False)
    assert asks == f"{begin}ask the bot's owner to raise it."
    if setting != "JOBS_PER_MEMBER":  # which has a default
        assert refusal(given) == ""


def test_what_is_as_high_as_env_allows_can_be_set_and_all_can_be_taken_away() -> None:
    most = {M.JOBS: 3, M.MEMBER_JOBS: 1234, M.CREDITS: 50, M.ALL_CREDITS: 1000.5, M.ALL_JOBS: 1}
    assert refusal(most, BOUND) == ""
    assert refusal(dict.fromkeys(Measure, 0), BOUND) == ""
    assert refusal({M.CREDITS: 60}, {"CREDITS_PER_DAY": "59"}).startswith("`CREDITS_PER_DAY` is 59")


def test_credits_are_limited_only_where_everything_has_a_price() -> None:
    settings = Settings.from_env(NEEDED)
    for given in ({M.CREDITS: 1.0}, {M.ALL_CREDITS: 1.0, M.ALL_JOBS: 1}):
        with pytest.raises(
            Refused, match=r"these do not: Draw\. Limit jobs, or ask the bot's owner"
        ):
            check_limits(given, settings, [PRICED, UNPRICED], by_owner=False)
    check_limits({M.CREDITS: 0, M.ALL_JOBS: 1}, settings, [UNPRICED], by_owner=True)


def test_nought_takes_a_limit_away_and_the_answer_names_what_holds() -> None:
    given = {M.ALL_JOBS: 1_000_000, M.ALL_CREDITS: 1234567.5, M.JOBS: 0}
    put, gone = as_bylaws(given, 3)
    assert put == [Bylaw(M.ALL_JOBS, 3, 0, "1000000"), Bylaw(M.ALL_CREDITS, 3, 0, "1234567.5")]
    assert [each[:3] for each in gone] == [(M.JOBS, 3, 0)]
    assert as_bylaws({M.JOBS: 2})[0] == [Bylaw(M.JOBS, EVERY_SERVER, 0, "2")]
    assert limited({M.ALL_CREDITS: 1234567.5, M.JOBS: 2}, given, is_here=True) == (
        "Limits of this server: `jobs_per_member` 2 · `credits_per_day` 1,234,567.5; what the bot's"
        " owner has set holds, too. This holds in all processes within 5 s."
    )
    assert limited({}, {}, is_here=False) == (
        "No limits are set for all servers; what `.env` sets holds."
    )
