"""Limits as they are set in Discord: the options, what they may be, and what is said of them. Pure."""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.endpoints.catalogue import Endpoint
from bot.errors import Refused
from bot.jobs.bylaws import Bylaw, limit
from bot.jobs.limits import EVERY_SERVER, OF_CREDITS, Measure, Most
from bot.settings import Settings

MOST_NAMED = 5  # endpoints without a price
HOLDS = "This holds in all processes within 5 s."

_DESCRIPTIONS = {
    Measure.JOBS: "Jobs that each member may have unfinished at a time",
    Measure.MEMBER_JOBS: "Jobs of each member in 24 hours",
    Measure.CREDITS: "Credits of each member in 24 hours",
    Measure.ALL_CREDITS: "Credits of all members together in 24 hours",
    Measure.ALL_JOBS: "Jobs of all members together in 24 hours",
}
_WHOLE, _AMOUNT = app_commands.Range[int, 0, 1_000_000], app_commands.Range[float, 0.0, 1e9]
# The settings that a limit cannot pass.
_BOUNDS: Mapping[Measure, tuple[Measure, ...]] = {
    Measure.JOBS: (Measure.JOBS,),
    Measure.MEMBER_JOBS: (Measure.ALL_JOBS,),
    Measure.CREDITS: (Measure.CREDITS, Measure.ALL_CREDITS),
    Measure.ALL_CREDITS: (Measure.ALL_CREDITS,),
    Measure.ALL_JOBS: (Measure.ALL_JOBS,),
}


def limiting(run: Callable[[discord.Interaction[Any], Most], Awaitable[None]]) -> Any:  # noqa: ANN401 - as discord.py has it
    """The callback of a subcommand with an option for each measure, which calls `run`."""

    async def callback(interaction: discord.Interaction[Any], **given: float | None) -> None:
        most = {each: given.get(each) for each in Measure}
        await run(interaction, {key: value for key, value in most.items() if value is not None})

    callback.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect's
        [_parameter("interaction", discord.Interaction), *map(_option, Measure)]
    )
    described = {
        f"{each}": f"{about}; 0 takes the limit away" for each, about in _DESCRIPTIONS.items()
    }
    return app_commands.describe(**described)(callback)


def _parameter(name: str, kind: Any, **more: Any) -> inspect.Parameter:  # noqa: ANN401 - a type for discord.py
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind, **more)


def _option(measure: Measure) -> inspect.Parameter:
    return _parameter(measure, _AMOUNT if measure in OF_CREDITS else _WHOLE, default=None)


def check_limits(
    given: Most, settings: Settings, endpoints: Collection[Endpoint], *, by_owner: bool
) -> None:
    """Nothing, or Refused: what `.env` sets is the most, and credits are for what has a price."""
    for measure, wanted in given.items():
        for bound in _BOUNDS[measure]:
            most = getattr(settings, bound)
            if most is not None and wanted > most:
                raise Refused(
                    "`{setting}` is {most} in the bot's `.env`, and no limit can be above it: name"
                    " at most {most} for `{option}`, or {how}.",
                    setting=bound.upper(),
                    most=amount(most),
                    option=measure,
                    how="raise it there and start the bot anew"
                    if by_owner
                    else "ask the bot's owner to raise it",
                )
    unpriced = [each.name for each in endpoints if each.credits is None]
    if unpriced and any(given.get(each) for each in OF_CREDITS):
        raise Refused(
            "Credits can be limited only where each endpoint names its `credits` in its document,"
            " and these do not: {names}. Limit jobs, or {how}.",
            names=unpriced[:MOST_NAMED],
            how="name them there" if by_owner else "ask the bot's owner for it",
        )


def as_bylaws(given: Most, server: int = EVERY_SERVER) -> tuple[list[Bylaw], list[Bylaw]]:
    """Those that hold from now on, and those that do no longer."""
    bylaws = [(limit(measure, server, most), most) for measure, most in given.items()]
    return [each for each, most in bylaws if most], [each for each, most in bylaws if not most]


def limited(most: Most, given: Most, *, is_here: bool) -> str:
    """What is said once limits were set or taken away, or were only asked for."""
    where = "this server" if is_here else "all servers"
    wider = "what the bot's owner has set holds" if is_here else "what `.env` sets holds"
    found = (
        f"Limits of {where}: {named(most)}; {wider}, too."
        if most
        else f"No limits are set for {where}; {wider}."
    )
    return f"{found} {HOLDS}" if given else found


def amount(of: float) -> str:
    """A number as people read it."""
    return f"{of:,.2f}".rstrip("0").rstrip(".")


def named(most: Most) -> str:
    """These limits, by the names of their options."""
    return " · ".join(f"`{each}` {amount(most[each])}" for each in Measure if each in most)
