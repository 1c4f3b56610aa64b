"""On from a result: the same with changes, or one of its images as an input, each by a form.

All that is needed stands in custom ids, so that each step works after a restart, too.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import discord
from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.asks import Ask, Step, asked_by
from bot.discord.client import StudioBot
from bot.discord.forms import MOST_FIELDS, filled, form, select, which
from bot.discord.origins import grant_of, origin_of
from bot.discord.responses import answer, explain
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.changes import before_of, picture_field
from bot.endpoints.options import Field
from bot.endpoints.remakes import Change, Remake, Use, left_alone, named, sign, taking, usable
from bot.errors import Refused, StorageError
from bot.jobs.job import Job, OriginKind
from bot.service import ACCEPT_S

Pressed = discord.Interaction[Any]

MOST_LISTED = 25  # of a select
FURTHER = "further"  # the value that leads to the next of them
_READ = {discord.InteractionType.component, discord.InteractionType.modal_submit}


class Forms(commands.Cog):
    """*Change…* and *Use as input…*."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Pressed) -> None:
        """Take the next step, or say in one sentence why not."""
        ask = asked_by(_custom_id(interaction)) if interaction.type in _READ else None
        if ask is None:
            return
        try:
            if interaction.type is discord.InteractionType.modal_submit:
                await self._run(interaction, ask)
            else:
                await self._steps[ask.step](interaction, ask)
        except Exception as error:  # noqa: BLE001 - whoever pressed must hear of it
            await explain(interaction, error)

    @property
    def _steps(self) -> Mapping[Step, Callable[[Pressed, Ask], Awaitable[None]]]:
        return {
            Step.CHANGE: self._change,
            Step.WHICH: self._change_these,
            Step.USE: self._use,
            Step.IMAGE: self._use_this,
            Step.WITH: self._use_with,
        }

    async def _change(self, interaction: Pressed, ask: Ask) -> None:
        job, endpoint = await self._source(interaction, ask)
        before = before_of(endpoint, job.request)
        if len(endpoint.fields) <= MOST_FIELDS:
            modal = form(str(ask), endpoint.name, endpoint.fields, before)
            await interaction.response.send_modal(modal)
            return
        view = which(str(Ask(step=Step.WHICH, job_id=job.id)), endpoint.fields, before)
        await interaction.response.send_message(
            "What is to be changed? All else stays as it was.", view=view, ephemeral=True
        )

    async def _change_these(self, interaction: Pressed, ask: Ask) -> None:
        job, endpoint = await self._source(interaction, ask)
        wanted = _values(interaction)
        fields = [field for field in endpoint.fields if field.name in wanted][:MOST_FIELDS]
        if not fields:
            raise Refused("{name} takes other things now.", name=endpoint.name)
        before = before_of(endpoint, job.request)
        modal = form(str(Ask(step=Step.CHANGE, job_id=job.id)), endpoint.name, fields, before)
        await interaction.response.send_modal(modal)

    async def _use(self, interaction: Pressed, ask: Ask) -> None:
        job = await self._kept(ask.job_id)
        numbers = usable(job)
        if not numbers:
            raise Refused("None of these images is kept any more.")
        if len(numbers) == 1:
            await self._offer(interaction, job, numbers[0])
            return
        options = [
            discord.SelectOption(label=f"Image {number}", value=str(number))
            for number in numbers[:MOST_LISTED]
        ]
        view = select(str(Ask(step=Step.IMAGE, job_id=job.id)), options)
        await interaction.response.send_message("Which image?", view=view, ephemeral=True)

    async def _use_this(self, interaction: Pressed, ask: Ask) -> None:
        await self._offer(interaction, await self._kept(ask.job_id), _number(_value(interaction)))

    async def _offer(self, interaction: Pressed, job: Job, number: int, first: int = 0) -> None:
        """Ask which endpoint is to have the image; where it is one, go on with that."""
        endpoints = await self._offered(interaction)
        if len(endpoints) == 1:
            await self._open(interaction, job, number, endpoints[0])
            return
        options = [
            discord.SelectOption(
                label=f"/{each.qualified_name}"[:100],
                description=each.description[:100],
                value=sign(each),
            )
            for each in endpoints[first:]
        ]
        if len(options) > MOST_LISTED:
            behind = discord.SelectOption(
                label="More…", value=f"{FURTHER}{first + MOST_LISTED - 1}"
            )
            options = [*options[: MOST_LISTED - 1], behind]
        view = select(str(Ask(step=Step.WITH, job_id=job.id, number=number)), options)
        text = f"Image {number}: what is to be made of it?"
        if _is_own(interaction):
            await interaction.response.edit_message(content=text, view=view)
        else:
            await interaction.response.send_message(text, view=view, ephemeral=True)

    async def _use_with(self, interaction: Pressed, ask: Ask) -> None:
        job, chosen = await self._kept(ask.job_id), _value(interaction)
        if chosen.startswith(FURTHER):
            await self._offer(interaction, job, ask.number, _number(chosen.removeprefix(FURTHER)))
            return
        endpoint = named(await self._offered(interaction), chosen)
        await self._open(interaction, job, ask.number, endpoint)

    async def _open(self, interaction: Pressed, job: Job, number: int, endpoint: Endpoint) -> None:
        """Ask for what the endpoint takes beside the image; where that is nothing, run it."""
        ask = Ask(step=Step.USE, job_id=job.id, number=number, endpoint=sign(endpoint))
        fields = _beside_the_picture(endpoint)
        use = Use(self.bot.service.draw_seed, number, ask.endpoint, left_alone)
        if not fields:
            await self._accept(interaction, ask, use)
            return
        modal = form(str(ask), endpoint.name, fields, use.before(endpoint, job))
        await interaction.response.send_modal(modal)

    async def _run(self, interaction: Pressed, ask: Ask) -> None:
        """Take what a form says as a job."""
        draw, read = self.bot.service.draw_seed, partial(filled, interaction)
        is_use = ask.step is Step.USE
        remake = Use(draw, ask.number, ask.endpoint, read) if is_use else Change(draw, read)
        await self._accept(interaction, ask, remake)

    async def _accept(self, interaction: Pressed, ask: Ask, remake: Remake) -> None:
        service, grant = self.bot.service, grant_of(interaction)
        origin, asker = origin_of(interaction, OriginKind.BUTTON), asker_of(interaction)
        with self.bot.rush.one():
            job = await service.rerun(ask.job_id, origin, grant, asker, remake)
            if job:
                await service.answered(job, answer(interaction, job))

    async def _source(self, interaction: Pressed, ask: Ask) -> tuple[Job, Endpoint]:
        """The job, and its endpoint as it is now; Refused where who pressed may not run that."""
        job = await self._kept(ask.job_id)
        endpoint = Change(self.bot.service.draw_seed, left_alone).endpoint(self.bot.endpoints, job)
        gate, asker = self.bot.service.gate, asker_of(interaction)
        await gate.ready(asker, OriginKind.BUTTON)
        gate.check(asker, OriginKind.BUTTON, endpoint)
        return job, endpoint

    async def _offered(self, interaction: Pressed) -> list[Endpoint]:
        gate, asker = self.bot.service.gate, asker_of(interaction)
        return await gate.offered(asker, OriginKind.BUTTON, [*taking(self.bot.endpoints)])

    async def _kept(self, job_id: str) -> Job:
        try:
            async with asyncio.timeout(ACCEPT_S):
                job = await self.bot.store.get(job_id)
        except TimeoutError as error:
            raise StorageError("database: too slow to read a job") from error
        if job is None:
            raise Refused("This job is no longer kept.")
        return job


def _beside_the_picture(endpoint: Endpoint) -> Sequence[Field]:
    """What a form asks for beside the image: what is needed, and then the rest in order."""
    picture = picture_field(endpoint)
    others = [field for field in endpoint.fields if field is not picture]
    return sorted(others, key=lambda field: not field.required)[:MOST_FIELDS]


def _custom_id(interaction: Pressed) -> str:
    data: Mapping[str, Any] = interaction.data or {}
    return str(data.get("custom_id") or "")


def _values(interaction: Pressed) -> list[str]:
    data: Mapping[str, Any] = interaction.data or {}
    return [str(each) for each in data.get("values") or ()]


def _value(interaction: Pressed) -> str:
    return next(iter(_values(interaction)), "")


def _number(text: str) -> int:
    """Zero where it is none; what it counts begins with one."""
    return int(text) if re.fullmatch(r"\d{1,4}", text) else 0


def _is_own(interaction: Pressed) -> bool:
    """Whether what was pressed stands in a message that only who pressed sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Forms(bot))
