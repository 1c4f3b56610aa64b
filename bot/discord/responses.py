"""The answer to an interaction: a job's first reply, or what went wrong."""

import io
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import aiohttp
import discord

from bot.discord import render
from bot.discord.details import FILE_NAME, Details
from bot.discord.lost import original
from bot.discord.reply import NOBODY, Drawing, draw
from bot.discord.requests import note, request
from bot.discord.signs import names_a_job
from bot.errors import DiscordBusy, DiscordError, Unanswered
from bot.jobs.job import Job, Posted

log = logging.getLogger(__name__)

CUT_OFF = (aiohttp.ClientError, OSError)  # nothing was heard of it
_TOO_LATE, _ANSWERED = 10062, 40060  # unknown interaction, already acknowledged
# discord.py has sent it, and stumbles over Discord's answer: of a place that it does not know, say.
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


async def answer(interaction: discord.Interaction[Any], job: Job) -> Posted:
    """Answer the interaction with the job's reply; what stands there now.

    AlreadyTold, Contradicted where it has another answer already.
    """
    drawing = draw(job)
    response = await sent(interaction, drawing, is_alone=job.is_hidden)
    if response is None or response.message_id is None:
        return replace(await original(interaction.client, job), shown=drawing.digest)
    # Discord may leave out that it is: what was to be hidden is then.
    ids, is_hidden = (response.message_id,), response.is_ephemeral() or job.is_hidden
    return Posted(message_ids=ids, shown=drawing.digest, is_hidden=is_hidden)


async def sent(
    interaction: discord.Interaction[Any], drawing: Drawing, *, is_alone: bool
) -> discord.InteractionCallbackResponse[Any] | None:
    """What Discord says of the answer that shows this; None where it stands there, and Discord did not."""
    try:
        return await interaction.response.send_message(
            drawing.text, view=drawing.view(), ephemeral=is_alone, allowed_mentions=NOBODY
        )
    except discord.HTTPException as error:
        if error.code != _ANSWERED:
            raise
        return None  # discord.py asks again after a 5xx: the first may have been ours
    except _UNREADABLE:
        if not interaction.response.is_done():
            raise
        return None


async def once(interaction: discord.Interaction[Any], answering: Awaitable[object]) -> None:
    """Give an answer. discord.py gives it again after a 5xx: it may stand there already.

    So it may where the connection was lost: then all goes on, as what follows belongs to it.
    """
    try:
        await answering
    except discord.HTTPException as error:
        if error.code != _ANSWERED:
            raise
    except CUT_OFF:
        if not await stands(interaction):
            raise


async def stands(interaction: discord.Interaction[Any]) -> bool:
    """Whether an answer is seen to stand there."""
    with suppress(DiscordError):
        async with request():
            await interaction.original_response()
        return True
    return False


async def say_alone(
    interaction: discord.Interaction[Any],
    text: str,
    view: discord.ui.View = discord.utils.MISSING,
    file: discord.File = discord.utils.MISSING,
) -> None:
    """Answer, so that only who did it sees that."""
    saying = interaction.response.send_message(
        text, view=view, file=file, ephemeral=True, allowed_mentions=NOBODY
    )
    await once(interaction, saying)


async def tell(interaction: discord.Interaction[Any], told: Details) -> None:
    """Answer with all that is to be told of a job, to who did it alone."""
    view = told.drawing.view() if told.buttons else discord.utils.MISSING
    file = discord.utils.MISSING
    if told.file is not None:
        file = discord.File(io.BytesIO(told.file.encode()), FILE_NAME)
    await say_alone(interaction, told.text, view, file)


async def say_instead(
    interaction: discord.Interaction[Any], text: str, view: discord.ui.View | None = None
) -> None:
    """Say it in place of what was used, which only who did it sees."""
    saying = interaction.response.edit_message(
        content=text, view=view, attachments=[], allowed_mentions=NOBODY
    )
    await once(interaction, saying)


# Discord did not take the answer, or did and did not say so.
_LOST = (discord.HTTPException, discord.RateLimited, *CUT_OFF)


async def take_on(interaction: discord.Interaction[Any], accepting: Awaitable[Job | None]) -> None:
    """Answer with the reply of the job that is accepted; nothing where its event came once more.

    Unanswered where the reply was not seen to arrive.
    """
    bot = interaction.client
    with bot.rush.one():
        job = await accepting
        if job:
            try:
                await bot.service.answered(job, answer(interaction, job))
            except _LOST as error:
                raise Unanswered(f"job {job.id}: {type(error).__name__}") from error


async def explain(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the member what went wrong, so that nobody else sees it; the log has the rest."""
    lost = error.__cause__ if isinstance(error, Unanswered) else error
    if isinstance(lost, discord.HTTPException) and lost.code == _TOO_LATE:
        log.warning("interaction %s: answered too late or twice", interaction.id)
        return
    if isinstance(lost, DiscordError):  # there is an answer, though nobody knows which
        log.warning("interaction %s: its answer was not seen: %s", interaction.id, error)
        return
    reference = f"{interaction.id}"
    note(f"interaction {reference}", lost or error)
    is_lost = isinstance(lost, _LOST)
    if is_lost and lost is error:
        error = DiscordBusy(f"Discord: {type(error).__name__}")
    sentence = render.error(error, reference)
    is_answered = interaction.response.is_done()
    try:
        await _tell(interaction, sentence, is_lost=is_lost)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("interaction %s: not answered: %s", reference, type(failure).__name__)
    except _UNREADABLE as failure:
        if is_answered or not interaction.response.is_done():
            raise
        log.warning("interaction %s: Discord's answer was not read: %s", reference, failure)


async def _tell(interaction: discord.Interaction[Any], sentence: str, *, is_lost: bool) -> None:
    """Say it to who did it alone; nothing where an answer that was lost stands there after all.

    Once, though discord.py answers again after a 5xx.
    """
    if not interaction.response.is_done():
        try:
            await interaction.response.send_message(sentence, ephemeral=True)
        except discord.HTTPException as error:
            if error.code != _ANSWERED:
                raise
            if is_lost or await _is_answered(interaction, sentence):
                return
        else:
            return
    await interaction.followup.send(sentence, ephemeral=True)


async def _is_answered(interaction: discord.Interaction[Any], sentence: str) -> bool:
    """Whether the sentence is the answer already, or a job's reply is: another process took it.

    Else what went wrong after some other answer is told below that.
    """
    try:
        found = await interaction.original_response()
    except discord.NotFound:
        return False
    return found.content == sentence or names_a_job(found)
