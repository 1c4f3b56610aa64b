"""What `/studio-here` says: how the bot is in one server, and what holds there. Pure."""

from collections.abc import Iterator, Mapping

from bot.discord.bounds import HOLDS
from bot.discord.bounds import named as limits_named
from bot.discord.overview import MOST_BLOCKED, MOST_LISTED, failures, limits_of, used
from bot.discord.render import mention
from bot.jobs.house import HouseRules
from bot.jobs.ledger import Used
from bot.jobs.limits import EVERY_SERVER
from bot.jobs.overview import Overview
from bot.settings import Settings

HOURLY = "at most one message an hour of each kind"


def status(server: int, seen: Overview, rules: HouseRules, settings: Settings) -> str:
    """All of it, a line each; of nothing elsewhere but the limits that hold here, too."""
    total = Used(seen.usage.all_jobs, seen.usage.all_credits)
    return "\n".join(
        [
            f"**Queue here**: {seen.waiting} waiting · {seen.running} running",
            f"**Failed here in the last hour**: {failures(seen.failed)}",
            f"**Used here in these 24 hours**: {used(total)}",
            *_members(seen.members),
            *_rules(server, rules, settings),
        ]
    )


def _members(members: Mapping[int, Used]) -> Iterator[str]:
    most = sorted(members.items(), key=lambda each: each[1][::-1], reverse=True)
    for member, each in most[:MOST_LISTED]:
        yield f"{mention(member)}: {used(each)}"
    if len(most) > MOST_LISTED:
        yield f"and {len(most) - MOST_LISTED:,} more"


def _rules(server: int, rules: HouseRules, settings: Settings) -> Iterator[str]:
    limits, log = rules.bylaws.limits, rules.bylaws.logs.get(server)
    owners = [*limits_of(settings), limits_named(limits.get(EVERY_SERVER, {}))]
    yield f"**Limits of this server**: {limits_named(limits.get(server, {})) or 'none'}"
    yield f"**Limits of the bot's owner**: {' · '.join(filter(None, owners))}"
    yield f"**Blocked here**: {_blocked(rules.bylaws.blocked_in(server)) or 'nobody'}"
    yield f"**Troubles are told**: {f'in <#{log}>, {HOURLY}' if log else 'nowhere'}"
    if rules.is_paused:
        yield "**Paused** by the bot's owner: nothing new is taken"
    if server in rules.servers:
        yield "**Blocked** by the bot's owner: nothing is taken in this server"


def _blocked(members: list[int]) -> str:
    told = ", ".join(map(mention, members[:MOST_BLOCKED]))
    more = len(members) - MOST_BLOCKED
    return f"{told} and {more:,} more" if more > 0 else told


def blocked(member: int) -> str:
    """What is said once somebody is blocked."""
    return (
        f"Blocked in this server, until `/studio-here unblock`: {mention(member)}. {HOLDS} What runs"
        " goes on."
    )


def unblocked(member: int) -> str:
    """What is said once they are not."""
    return f"Not blocked in this server: {mention(member)}. {HOLDS}"


def logged(channel: int | None) -> str:
    """What is said once troubles are told somewhere, or nowhere."""
    if channel is None:
        return "Troubles in this server are told nowhere now."
    return f"Troubles in this server are told in <#{channel}> now, {HOURLY}."
