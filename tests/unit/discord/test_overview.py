"""What `/studio status`, `/studio usage` and `/studio-here status` say."""

from dataclasses import replace

from bot.discord import overview_here
from bot.discord.overview import servers, status, usage, used
from bot.jobs.bylaws import Bylaws
from bot.jobs.house import HouseRules
from bot.jobs.ledger import Account, Accounts, Used
from bot.jobs.limits import EVERY_SERVER, Measure, Usage
from bot.jobs.overview import Overview
from bot.settings import Settings

MAX_MESSAGE = 2000
NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}
LIMITED = {"CREDITS_PER_DAY": "1500", "JOBS_PER_DAY": "30", "JOBS_AT_ONCE": "4", "GUILD_IDS": "1 2"}
SEEN = Overview(
    waiting=2,
    running=3,
    failed={"key_refused": 4, "timed_out": 1},
    usage=Usage(unfinished=0, credits=0, all_credits=1234567.5, all_jobs=12),
)
HUGE = 2**63 - 1
HERE = HUGE - 1
MOST = dict.fromkeys(Measure, 1e9)
MUCH = Bylaws(
    {EVERY_SERVER: MOST, HERE: MOST},
    frozenset((HERE, member) for member in range(HUGE - 100, HUGE)),
    {HERE: HUGE},
)


def test_the_status_says_how_it_is_and_which_rules_hold() -> None:
    bylaws = Bylaws({EVERY_SERVER: {Measure.ALL_JOBS: 25}, 5: {Measure.ALL_JOBS: 1}})
    rules = HouseRules(
        is_paused=True, members=frozenset({7}), servers=frozenset({5}), bylaws=bylaws
    )
    assert status("1 of 1", SEEN, rules, Settings.from_env(NEEDED | LIMITED)).splitlines() == [
        "**Connected**: 1 of 1",
        "**Queue**: 2 waiting · 3 running",
        "**Failed in the last hour**: 5 (4 key refused, 1 timed out)",
        "**Spent in these 24 hours**: 1,234,567.5 of 1,500 credits · 12 of 30 jobs",
        (
            "**Rules**: JOBS_PER_MEMBER 3 · CREDITS_PER_DAY 1,500 · JOBS_PER_DAY 30 · JOBS_AT_ONCE 4"
            " · MIB_PER_MEMBER_PER_DAY 2,048 · GUILD_IDS 2"
        ),
        "**Set in Discord**: `jobs_per_day` 25",
        "**Paused**: nothing new is taken, until `/studio resume`",
        "**Blocked**: <@7>, server `5`",
    ]
    _, _, failed, spent, *_ = status(
        "", SEEN_NOTHING, HouseRules(), Settings.from_env(NEEDED)
    ).splitlines()
    assert (failed, spent) == (
        "**Failed in the last hour**: 0",
        "**Spent in these 24 hours**: 0 credits · 0 jobs",
    )


def test_one_of_something_is_not_several() -> None:
    one = replace(SEEN_NOTHING, usage=Usage(unfinished=0, credits=0, all_credits=1, all_jobs=1))
    told = status("", one, HouseRules(), Settings.from_env(NEEDED))
    assert "**Spent in these 24 hours**: 1 credit · 1 job\n" in told
    assert (used(Used(1, 1)), used(Used(2, 2))) == ("1 job, 1 credit", "2 jobs, 2 credits")
    assert (servers(0), servers(1)) == ("in 0 servers", "in 1 server")


SEEN_NOTHING = Overview(waiting=0, running=0, failed={}, usage=Usage(unfinished=0, credits=0))


def test_however_much_there_is_it_fits_into_a_message() -> None:
    many = frozenset(range(HUGE - 100, HUGE))
    told = status(
        "99,999 of 99,999",
        SEEN,
        HouseRules(is_paused=True, members=many, servers=many, bylaws=MUCH),
        Settings.from_env(NEEDED | LIMITED),
    )
    assert told.endswith(" and 160 more")
    assert len(told) <= MAX_MESSAGE
    much = Account(Used(10**9, 1e9 + 0.5), Used(10**9, 1e9 + 0.5))
    told = usage(
        Accounts(much, dict.fromkeys(many, much), {f"{n}" * 200: much for n in range(8)}), {}
    )
    assert len(told) <= MAX_MESSAGE
    assert told.endswith("and 1 more")


def test_a_server_is_told_of_itself_alone() -> None:
    limits = {EVERY_SERVER: {Measure.CREDITS: 9}, 3: {Measure.JOBS: 1}, 4: {Measure.JOBS: 2}}
    rules = HouseRules(
        is_paused=True,
        members=frozenset({7, 8}),
        servers=frozenset({3, 4}),
        bylaws=Bylaws(limits, frozenset({(3, 9), (4, 7)}), {3: 30, 4: 40}),
    )
    seen = replace(SEEN, members={7: Used(1, 2), 8: Used(11, 1234565.5)})
    settings = Settings.from_env(NEEDED | LIMITED)
    assert overview_here.status(3, seen, rules, settings).splitlines() == [
        "**Queue here**: 2 waiting · 3 running",
        "**Failed here in the last hour**: 5 (4 key refused, 1 timed out)",
        "**Used here in these 24 hours**: 12 jobs, 1,234,567.5 credits",
        "<@8>: 11 jobs, 1,234,565.5 credits",
        "<@7>: 1 job, 2 credits",
        "**Limits of this server**: `jobs_per_member` 1",
        (
            "**Limits of the bot's owner**: JOBS_PER_MEMBER 3 · CREDITS_PER_DAY 1,500"
            " · JOBS_PER_DAY 30 · JOBS_AT_ONCE 4 · MIB_PER_MEMBER_PER_DAY 2,048"
            " · `credits_per_member_per_day` 9"
        ),
        "**Blocked here**: <@9>",
        "**Troubles are told**: in <#30>, at most one message an hour of each kind",
        "**Paused** by the bot's owner: nothing new is taken",
        "**Blocked** by the bot's owner: nothing is taken in this server",
    ]
    many = {member: Used(10**9, 1e9 + 0.5) for member in range(HUGE - 9, HUGE)}
    told = overview_here.status(
        HERE,
        replace(SEEN, members=many),
        HouseRules(is_paused=True, servers=frozenset({HERE}), bylaws=MUCH),
        settings,
    )
    assert "and 2 more\n" in told
    assert " and 80 more\n" in told
    assert len(told) <= MAX_MESSAGE


def test_who_used_most_comes_first_and_endpoints_have_their_names() -> None:
    little, much = Account(Used(2), Used(2)), Account(Used(1, 10), Used(3, 1030))
    accounts = Accounts(much, {7: little, 8: much}, {"A": much, "B*": little})
    assert usage(accounts, {"A": "Cat_Dog"}).splitlines() == [
        "**Today** (UTC): 1 job, 10 credits · **in 30 days**: 3 jobs, 1,030 credits",
        "**By member**, today · in 30 days",
        "<@8>: 1 job, 10 credits · 3 jobs, 1,030 credits",
        "<@7>: 2 jobs · 2 jobs",
        "**By endpoint**, today · in 30 days",
        "Cat\\_Dog: 1 job, 10 credits · 3 jobs, 1,030 credits",
        "B\\*: 2 jobs · 2 jobs",
    ]
