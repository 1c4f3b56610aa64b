"""The answer to an interaction: a job's first reply, or what went wrong."""

import logging
from typing import Any

import aiohttp
import discord

from bot.discord import render
from bot.discord.render import draw
from bot.errors import DiscordBusy, MessageGone, Refused
from bot.jobs.job import Job, Posted

log = logging.getLogger(__name__)

_ANSWERED = {10062, 40060}  # unknown interaction, already acknowledged


async def answer(interaction: discord.Interaction[Any], job: Job) -> Posted:
    """Answer the interaction with the job's reply; what stands there now."""
    drawing = draw(job)
    response = await interaction.response.send_message(
        embed=drawing.embed, view=drawing.view() or discord.utils.MISSING
    )
    if response.message_id is None:
        raise MessageGone(f"job {job.id}: Discord gave no message for its reply")
    return Posted(message_ids=(response.message_id,), shown=drawing.digest)


# An answer that Discord did not take; its row is closed uncharged once it is looked into.
_UNANSWERED = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)


async def explain(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the member what went wrong, so that nobody else sees it; the log has the rest."""
    if isinstance(error, discord.HTTPException) and error.code in _ANSWERED:
        log.warning("interaction %s: answered too late or twice", interaction.id)
        return
    reference = f"{interaction.id}"
    if not isinstance(error, Refused):
        log.error("interaction %s: %s", reference, type(error).__name__, exc_info=error)
    if isinstance(error, _UNANSWERED):
        error = DiscordBusy(f"Discord: {type(error).__name__}")
    sentence = render.error(error, reference)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("interaction %s: not answered: %s", reference, type(failure).__name__)
