"""What `/studio` says: how the bot is, and which rules hold. Pure."""

from collections.abc import Iterator, Mapping

from bot.discord.bounds import amount
from bot.discord.bounds import named as limits_named
from bot.discord.render import mention, plain
from bot.jobs.house import HouseRules, Rule, RuleKind
from bot.jobs.ledger import DAYS, Account, Accounts, Used
from bot.jobs.limits import EVERY_SERVER
from bot.jobs.overview import Overview
from bot.settings import Settings

MOST_BLOCKED = 20  # of each kind, in one message
MOST_REASONS = 5
MOST_LISTED = 7  # members, and endpoints
MAX_NAME = 40
_LIMITS = (
    "jobs_per_member",
    "credits_per_member_per_day",
    "credits_per_day",
    "jobs_per_day",
    "jobs_at_once",
    "mib_per_member_per_day",
)
SOON = "It holds in all processes within 5 s; what runs goes on."


def status(connected: str, seen: Overview, rules: HouseRules, settings: Settings) -> str:
    """All of it, a line each."""
    return "\n".join(
        [
            f"**Connected**: {connected}",
            f"**Queue**: {seen.waiting} waiting · {seen.running} running",
            f"**Failed in the last hour**: {failures(seen.failed)}",
            f"**Spent in these 24 hours**: {_spent(seen, settings)}",
            f"**Rules**: {' · '.join(_rules(settings))}",
            *_house(rules),
        ]
    )


def servers(number: int) -> str:
    """In how many of them the bot is."""
    return f"in {number:,} {_noun(number, 'server')}"


def _noun(number: float, one: str) -> str:
    return one if number == 1 else f"{one}s"


def usage(accounts: Accounts, names: Mapping[str, str]) -> str:
    """Who used most within 30 days, and of what; endpoints by their names, where they are known."""
    members = [(mention(each), account) for each, account in accounts.members.items()]
    endpoints = [
        (plain(names.get(each, each), MAX_NAME), account)
        for each, account in accounts.endpoints.items()
    ]
    total = accounts.total
    return "\n".join(
        [
            f"**Today** (UTC): {used(total.today)} · **in {DAYS} days**: {used(total.lately)}",
            *_listed("By member", members),
            *_listed("By endpoint", endpoints),
        ]
    )


def _listed(title: str, accounts: list[tuple[str, Account]]) -> Iterator[str]:
    if not accounts:
        return
    yield f"**{title}**, today · in {DAYS} days"
    most = sorted(accounts, key=lambda each: each[1].lately[::-1], reverse=True)
    for name, account in most[:MOST_LISTED]:
        yield f"{name}: {used(account.today)} · {used(account.lately)}"
    if len(most) > MOST_LISTED:
        yield f"and {len(most) - MOST_LISTED:,} more"


def used(what: Used) -> str:
    """So many jobs, and their credits."""
    of_jobs = f"{what.jobs:,} {_noun(what.jobs, 'job')}"
    of_credits = f"{amount(what.credits)} {_noun(what.credits, 'credit')}"
    return f"{of_jobs}, {of_credits}" if what.credits else of_jobs


def paused() -> str:
    """What is said once everything is paused."""
    return f"Paused: nothing new is taken, until `/studio resume`. {SOON}"


def resumed() -> str:
    """What is said once that is over."""
    return "Resumed: what is asked for is taken again, in all processes within 5 s."


def blocked(rules: list[Rule]) -> str:
    """What is said once they are blocked."""
    return f"Blocked, until `/studio unblock`: {_named(rules)}. {SOON}"


def unblocked(rules: list[Rule]) -> str:
    """What is said once they are not."""
    return f"Not blocked: {_named(rules)}. It holds in all processes within 5 s."


def failures(failed: Mapping[str, int]) -> str:
    """How many, and most of all why."""
    by_number = sorted(failed.items(), key=lambda each: (-each[1], each[0]))
    told = [f"{number} {why.replace('_', ' ')}" for why, number in by_number[:MOST_REASONS]]
    total = sum(failed.values())
    return f"{total} ({', '.join(told)})" if told else "0"


def _spent(seen: Overview, settings: Settings) -> str:
    spent = (
        (seen.usage.all_credits, settings.credits_per_day, "credit"),
        (seen.usage.all_jobs, settings.jobs_per_day, "job"),
    )
    return " · ".join(_counted(*each) for each in spent)


def _counted(number: float, most: float | None, noun: str) -> str:
    of = f" of {amount(most)}" if most else ""
    return f"{amount(number)}{of} {_noun(most or number, noun)}"


def limits_of(settings: Settings) -> Iterator[str]:
    """The limits that `.env` sets, each with its name."""
    for name in _LIMITS:
        if most := getattr(settings, name):
            yield f"{name.upper()} {amount(most)}"


def _rules(settings: Settings) -> Iterator[str]:
    yield from limits_of(settings)
    if settings.guild_ids:
        yield f"GUILD_IDS {len(settings.guild_ids)}"


def _house(rules: HouseRules) -> Iterator[str]:
    if most := rules.bylaws.limits.get(EVERY_SERVER):
        yield f"**Set in Discord**: {limits_named(most)}"
    if rules.is_paused:
        yield "**Paused**: nothing new is taken, until `/studio resume`"
    named = [Rule(RuleKind.MEMBER, each) for each in sorted(rules.members)[:MOST_BLOCKED]]
    named += [Rule(RuleKind.SERVER, each) for each in sorted(rules.servers)[:MOST_BLOCKED]]
    if named:
        more = len(rules.members) + len(rules.servers) - len(named)
        yield f"**Blocked**: {_named(named)}" + f" and {more:,} more" * (more > 0)


def _named(rules: list[Rule]) -> str:
    return ", ".join(
        mention(each.subject) if each.kind is RuleKind.MEMBER else f"server `{each.subject}`"
        for each in rules
    )
