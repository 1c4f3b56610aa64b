"""`/studio endpoints`, `add` and `remove`, as Discord is told of them, and what they say. Pure."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import discord
from discord import app_commands, ui

from bot.discord import render
from bot.discord.customs import Only
from bot.discord.own import subcommand
from bot.discord.owners import Order
from bot.discord.reply import SMALL
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.offer import Checked, Offer
from bot.endpoints.options import Field
from bot.jobs.durations import Known
from bot.jobs.ledger import DAYS, Account

Run = Callable[[discord.Interaction[Any], Order, str], Awaitable[None]]
Suggest = Callable[[discord.Interaction[Any], Order, str], list[str]]

DOCUMENT, FILE = "document", "file"  # custom ids
FILE_NAME = "endpoints.txt"
MAX_TYPED = 4000
MAX_MESSAGE = 1900  # a message may have 2,000 characters
MAX_NAME = 60
MAX_FAULT = 200
MOST_FAULTS = 5  # in the message; the file has all of them
MAX_NOTE, MOST_NOTES = 200, 3
MOST_NAMED = 8
MANY = 10_000
MOST_SUGGESTED = 25
MOST_FIELDS = 6  # of an endpoint, in the message
SOON = "within 10 s"
BELOW = f"\n{SMALL}"

Show = Callable[[str, int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What is known of an endpoint's jobs."""

    account: Account
    took: Known = ()


def add_to(group: app_commands.Group, run: Run, suggest: Suggest) -> None:
    """Let the owner's command have these subcommands, too; each calls `run`."""
    group.add_command(_endpoints(run))
    group.add_command(_add(run, suggest))
    group.add_command(_remove(run, suggest))


def _endpoints(run: Run) -> app_commands.Command[Any, ..., Any]:
    async def callback(interaction: discord.Interaction[Any]) -> None:
        await run(interaction, Order.ENDPOINTS, "")

    text = "Each endpoint: what it takes, what it costs, how much it is used, where it is from"
    return subcommand(Order.ENDPOINTS, text, callback)


def _add(run: Run, suggest: Suggest) -> app_commands.Command[Any, ..., Any]:
    @app_commands.describe(hidden="One that was hidden by /studio remove: offer it again")
    async def callback(interaction: discord.Interaction[Any], hidden: str = "") -> None:
        await run(interaction, Order.ADD, hidden)

    command = subcommand(Order.ADD, "Offer one more endpoint, by its document", callback)
    command.autocomplete("hidden")(_suggesting(Order.ADD, suggest))
    return command


def _remove(run: Run, suggest: Suggest) -> app_commands.Command[Any, ..., Any]:
    @app_commands.describe(endpoint="Its command; what runs of it goes on")
    async def callback(interaction: discord.Interaction[Any], endpoint: str) -> None:
        await run(interaction, Order.REMOVE, endpoint)

    command = subcommand(Order.REMOVE, "Offer an endpoint no longer, to anybody", callback)
    command.autocomplete("endpoint")(_suggesting(Order.REMOVE, suggest))
    return command


def _suggesting(order: Order, suggest: Suggest) -> Any:  # noqa: ANN401 - as discord.py has it
    async def suggested(
        interaction: discord.Interaction[Any], typed: str
    ) -> list[app_commands.Choice[str]]:
        part = typed.casefold().strip().removeprefix("/")
        names = [each for each in suggest(interaction, order, part) if part in each.casefold()]
        return [app_commands.Choice(name=n, value=n) for n in names[:MOST_SUGGESTED]]

    return suggested


def add_form() -> ui.Modal:
    """The form that asks for a document."""
    modal = ui.Modal(title="Add an endpoint", custom_id=Only.ADD)
    pasted: ui.TextInput[Any] = ui.TextInput(
        custom_id=DOCUMENT,
        style=discord.TextStyle.long,
        required=False,
        max_length=MAX_TYPED,
        placeholder='{"name": …, "endpointId": …, "fieldIds": […]}',
    )
    about = "The JSON from the endpoint's page at Instant Studio"
    modal.add_item(ui.Label(text="Its document", description=about, component=pasted))
    upload: ui.FileUpload[Any] = ui.FileUpload(custom_id=FILE, required=False, max_values=1)
    longer = "In place of the text, or where it is longer than this field takes"
    modal.add_item(ui.Label(text="Or the file", description=longer, component=upload))
    modal.stop()  # so that discord.py does not keep it
    return modal


def added(found: Checked) -> str:
    """What is said once they are there."""
    lines = []
    if found.documents:
        lines.append(f"Added: {_named(found.documents)}; kept in the database. {_SOON_THERE}")
    if found.hidden:
        lines.append(
            f"Offered again, as a file has it: {_named(found.hidden)}. What you gave was not kept."
            f" {_SOON_THERE}"
        )
    lines += [f"Note: {render.plain(each, MAX_NOTE)}" for each in found.warnings[:MOST_NOTES]]
    return "\n".join(lines)


_SOON_THERE = f"Discord and all processes have it {SOON}."


def shown(command: str, *, is_offered: bool) -> str:
    """What is said once a command is hidden no longer."""
    if is_offered:
        return f"Offered again: {_named([command])}. {_SOON_THERE}"
    return f"{_named([command])} is hidden no longer, but no file has it as it can be used now."


def removed(command: str, *, is_of_file: bool) -> str:
    """What is said once it is gone."""
    said = f"{_named([command])} is offered no longer, and gone from Discord {SOON}. What runs goes on."
    if not is_of_file:
        return f"Removed: {said}"
    return f"Hidden: {said} Its file stays; `/studio add hidden:{command}` brings it back."


def _named(commands: Collection[str], most: int = MOST_NAMED) -> str:
    named = ", ".join(f"`/{each}`" for each in islice(commands, most))
    return named + f" and {len(commands) - most:,} more" * (len(commands) > most)


def faults_line(offer: Offer) -> str:
    """How many documents cannot be used as they are; nothing where all can."""
    parts = [
        f"{len(faults):,} {what}"
        for faults, what in ((offer.left_out, "left out"), (offer.outdated, "as it was last"))
        if faults
    ]
    return f"**Documents**: {' · '.join(parts)}: `/studio endpoints` says why" if parts else ""


def told(
    offer: Offer, uses: Mapping[str, Use], not_published: str | None = None
) -> tuple[str, str | None]:
    """What the message says, and what stands in a file where that is not all of it."""
    about = [*_about(offer, not_published, render.plain)]
    whole = [_line(each, uses.get(each.id), render.plain) for each in offer.endpoints]
    if len("\n".join([_head(offer), *about, *whole])) <= MAX_MESSAGE:
        return "\n".join([_head(offer), *about, *whole]), None
    short = [_line(each, uses.get(each.id), render.plain, MOST_FIELDS) for each in offer.endpoints]
    text = [_head(offer), *_fitting(about, MAX_MESSAGE // 2)]
    room = MAX_MESSAGE - len("\n".join(text)) - 60
    text += [*_fitting(short, room), f"All of it is in {FILE_NAME}."]
    rest = [*_about(offer, not_published, _as_it_is, MANY)]
    rest += [_line(each, uses.get(each.id), _as_it_is) for each in offer.endpoints]
    return "\n".join(text), _bare("\n".join([_head(offer), *rest]))


def _bare(text: str) -> str:
    """The text for a file, where no mark works."""
    return text.replace(BELOW, ": ").replace("**", "").replace("`", "")


def _head(offer: Offer) -> str:
    number = len(offer.endpoints)
    return f"**{number:,} {'endpoint' if number == 1 else 'endpoints'}**"


def _fitting(lines: Sequence[str], room: int) -> Iterator[str]:
    """As many of the first lines as there is room for."""
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            yield f"and {len(lines) - number:,} more"
            return
        yield line


def _about(
    offer: Offer, not_published: str | None, show: Show, most: int = MOST_FAULTS
) -> Iterator[str]:
    """What the owner has to do something about, and what is hidden."""
    if not_published:
        yield f"**Not published**: {show(not_published, MAX_FAULT)}"
    for title, faults in (("Stays as it was last", offer.outdated), ("Left out", offer.left_out)):
        yield from (f"**{title}**: {show(each, MAX_FAULT)}" for each in faults[:most])
        if len(faults) > most:
            yield f"and {len(faults) - most:,} more like that"
    if offer.hidden:
        yield f"**Hidden**, and back by `/studio add`: {_named(offer.hidden, 2 * most)}"


def _line(endpoint: Endpoint, use: Use | None, show: Show, most: int | None = None) -> str:
    use = use or Use(account=Account())
    fields = [_named_field(each) for each in endpoint.fields]
    more = f" and {len(fields[most:]):,} more" if most and fields[most:] else ""
    facts = [
        show(", ".join(fields[:most]), 40 * len(fields) + 20) + more or "no options",
        _cost(endpoint),
        f"jobs: {use.account.today.jobs:,} today, {use.account.lately.jobs:,} in {DAYS} days",
        _usual(use.took),
        _where(endpoint, show),
    ]
    return (
        f"**/{endpoint.qualified_name}** {show(endpoint.name, MAX_NAME)}{BELOW}{' · '.join(facts)}"
    )


def _named_field(field: Field) -> str:
    """Its name, and its kind where the name does not say it."""
    return field.name if field.name == field.kind else f"{field.name} ({field.kind})"


def _cost(endpoint: Endpoint) -> str:
    if endpoint.credits is None:
        return "cost unknown"
    return f"{endpoint.credits:,.16g} {'credit' if endpoint.credits == 1 else 'credits'}"


def _usual(took: Known) -> str:
    spans = [each.queueing_s + each.processing_s for each in took if not each.has_failed]
    return f"median {render.about(median(spans))}" if spans else "no time known"


def _where(endpoint: Endpoint, show: Show) -> str:
    place = endpoint.place
    if place is None or not place.is_file:
        return "from the database"
    index = "" if place.index is None else f" [{place.index}]"
    return f"from {show(Path(place.source).name, MAX_NAME)}{index}"


def _as_it_is(text: str, _limit: int) -> str:
    return text
