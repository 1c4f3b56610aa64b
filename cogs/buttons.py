"""The buttons: run again, cancel, and what *More…* tells and offers. Each answer is the presser's alone."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Self

import aiohttp
import discord
from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.client import StudioBot
from bot.discord.customs import meaning_of
from bot.discord.details import details, left, question
from bot.discord.originals import Originals, originals_of
from bot.discord.origins import grant_of, origin_of
from bot.discord.presses import FORM, Action, Press
from bot.discord.reply import about_cancel
from bot.discord.responses import explain, once, say_alone, say_instead, take_on, tell
from bot.discord.showing import Showing, check_may_show, place_of
from bot.discord.signs import has_begun
from bot.endpoints.again import current
from bot.endpoints.remakes import Again
from bot.errors import BotError
from bot.jobs.grants import is_out_of_reach
from bot.jobs.job import Job, JobStatus, OriginKind
from bot.jobs.sight import check_may_see
from bot.jobs.wishes import Presser, check_may_delete, kept, read
from bot.work.delivery import pack

Interaction = discord.Interaction[StudioBot]


class JobButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=FORM):
    """A button whose custom id says what it does, and to which job, so that it works for ever."""

    def __init__(self, press: Press) -> None:
        super().__init__(discord.ui.Button(custom_id=press.custom_id))
        self.press = press

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """The button that was pressed."""
        press = meaning_of(match[0])
        if not isinstance(press, Press):
            msg = f"{match[0]} is no button of ours"
            raise TypeError(msg)
        return cls(press)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what it is for, or say in one sentence why not."""
        try:
            await _DO[self.press.action](interaction, self.press.job_id)
        except (BotError, discord.DiscordException, aiohttp.ClientError, OSError) as error:
            await explain(interaction, error)


async def run_again(interaction: Interaction, job_id: str) -> None:
    """Run it once more, for whoever pressed."""
    service = interaction.client.service
    origin = origin_of(interaction, OriginKind.BUTTON)
    asker = asker_of(interaction)
    again, grant = Again(service.draw_seed), grant_of(interaction)
    await take_on(interaction, service.rerun(job_id, origin, grant, asker, again))


async def cancel(interaction: Interaction, job_id: str) -> None:
    """Let nothing more come of it; what was sent already is told to who pressed."""
    job = await interaction.client.wishes.cancel(job_id, presser_of(interaction, job_id))
    if job.status is JobStatus.CANCELLED and job.progress is None and not job.is_by_token:
        await once(interaction, interaction.response.defer())  # its reply says so in a moment
    else:
        await say_alone(interaction, about_cancel(job))


async def get(interaction: Interaction, job_id: str) -> None:
    """Go on in the reply by the token of this press: of it, that is the answer."""
    await once(interaction, interaction.response.defer())
    presser = presser_of(interaction, job_id)
    await interaction.client.wishes.get(job_id, presser, grant_of(interaction))


async def more(interaction: Interaction, job_id: str) -> None:
    """Tell all that was asked, and offer what can be done with it."""
    service = interaction.client.service
    job, usage = await read(service.seen_by(interaction.user.id, job_id, interaction.guild_id))
    check_may_see(kept(job), interaction.user.id)
    await tell(interaction, details(kept(job), list(left(service.limits, usage))))


async def originals(interaction: Interaction, job_id: str) -> None:
    """Hand out the images as the service made them: a sentence first, and then the files."""
    job = await interaction.client.wishes.job(job_id)
    found = originals_of(job, interaction.user.id, interaction.filesize_limit)
    with interaction.client.handing.one(interaction.user.id):
        await say_alone(interaction, found.text)
        if not found.files:
            return
        for number, batch in enumerate(pack([each.stored.size_bytes for each in found.files])):
            files = [found.files[index] for index in batch]
            await Originals(interaction, interaction.client.archive).hand_out(files, number)


async def show(interaction: Interaction, job_id: str) -> None:
    """Post the images once more here, as who asked for them wants it: what is hidden, to them alone."""
    bot, asker = interaction.client, asker_of(interaction)

    def check(job: Job) -> None:
        check_may_show(job, interaction.user.id)
        bot.service.gate.check(asker, OriginKind.BUTTON, current(bot.endpoints, job.request))
        origin_of(interaction, OriginKind.BUTTON)  # whether the bot may post here at all

    await bot.service.gate.ready(asker, OriginKind.BUTTON)
    with bot.handing.one(interaction.user.id):
        job = await bot.wishes.shown(job_id, place_of(interaction), check)
        await _show(Showing(interaction, job, partial(bot.wishes.shown, job_id)), bot)


async def _show(showing: Showing, bot: StudioBot) -> None:
    await showing.begin()
    async with showing.files(bot.archive, bot.pictures) as shown:
        first, *further = [[shown.uploads[i] for i in each] for each in pack(shown.sizes_bytes)]
        await showing.put(first, shown.lines)
        for number, uploads in enumerate(further, 2):
            await showing.put_further(uploads, number, len(further) + 1)


async def delete(interaction: Interaction, job_id: str) -> None:
    """Ask once more, as nothing brings it back."""
    job = await interaction.client.wishes.job(job_id)
    check_may_delete(job, presser_of(interaction, job_id))
    asked = question(job)
    await say_instead(interaction, asked.text, asked.view())


async def delete_for_good(interaction: Interaction, job_id: str) -> None:
    """Let all that is there of it go."""
    bot = interaction.client
    job = await bot.wishes.delete(job_id, presser_of(interaction, job_id))
    stays = " Discord lets the bot take its message away no more." * is_out_of_reach(job, bot.now())
    await say_instead(interaction, f"It is deleted.{stays}")


_DO: Mapping[Action, Callable[[Interaction, str], Awaitable[None]]] = {
    Action.RUN_AGAIN: run_again,
    Action.CANCEL: cancel,
    Action.GET: get,
    Action.MORE: more,
    Action.ORIGINALS: originals,
    Action.SHOW: show,
    Action.DELETE: delete,
    Action.DELETE_FOR_GOOD: delete_for_good,
}


def presser_of(interaction: Interaction, job_id: str) -> Presser:
    """Who pressed, and what they may do there."""
    message, permissions = interaction.message, interaction.permissions
    may = permissions.administrator or permissions.manage_messages
    return Presser(
        user_id=interaction.user.id,
        message_id=message.id if message else 0,
        moderates=interaction.channel_id if interaction.guild_id and may else None,
        has_begun=message is not None and has_begun(message, job_id),
        is_alone=message is not None and message.flags.ephemeral,
    )


class Buttons(commands.Cog):
    """Answers buttons of all messages, also of those that were sent before this start."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Listen."""
        self.bot.add_dynamic_items(JobButton)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Buttons(bot))
