"""A component that was used or a form that was sent, as a step on a way, and what it says."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.discord.asks import Ask, Step
from bot.discord.customs import Meaning, meaning_of
from bot.discord.responses import explain
from bot.discord.signs import names_a_job
from bot.jobs.patience import one_answer

Pressed = discord.Interaction[Any]
Take = Callable[[Pressed, Ask], Awaitable[None]]


async def take(
    interaction: Pressed, steps: Mapping[Step, Take], forms: Mapping[Step, Take]
) -> None:
    """Take the step that the interaction asks for, if it is one of these, or say why not."""
    for ask, found in ((used(interaction), steps), (filled_in(interaction), forms)):
        if isinstance(ask, Ask) and (step := found.get(ask.step)):
            await explained(interaction, step(interaction, ask))


async def explained(interaction: Pressed, answering: Awaitable[None]) -> None:
    """Answer, or say why not."""
    try:
        with one_answer():
            await answering
    except Exception as error:  # noqa: BLE001 - whoever pressed must hear of it
        await explain(interaction, error)


def used(interaction: Pressed) -> Meaning | None:
    """What the component means that was used; None where it is something else."""
    is_component = interaction.type is discord.InteractionType.component
    return meaning_of(_custom_id_of(interaction)) if is_component else None


def filled_in(interaction: Pressed) -> Meaning | None:
    """What the form means that was sent; None where it is something else."""
    is_form = interaction.type is discord.InteractionType.modal_submit
    return meaning_of(_custom_id_of(interaction)) if is_form else None


def _custom_id_of(interaction: Pressed) -> str:
    return str(_data(interaction).get("custom_id") or "")


def chosen(interaction: Pressed) -> list[str]:
    """The values of the select that was used."""
    return [str(each) for each in _data(interaction).get("values") or ()]


def number_in(text: str) -> int:
    """The number at its end; zero where there is none: what it counts begins with one."""
    found = re.search(r"\d{1,4}$", text)
    return int(found[0]) if found else 0


def is_own(interaction: Pressed) -> bool:
    """Whether it was done in a question that only who did it sees: no job's hidden reply."""
    message = interaction.message
    return message is not None and message.flags.ephemeral and not names_a_job(message)


def _data(interaction: Pressed) -> Mapping[str, Any]:
    return interaction.data or {}
