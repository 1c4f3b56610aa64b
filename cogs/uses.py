"""A picture as an input: one of a result's, or one of any message, by that message's menu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.asks import Ask, Step
from bot.discord.attachments import pictures_in
from bot.discord.client import StudioBot
from bot.discord.forms import MOST_FIELDS, filled, form, select
from bot.discord.origins import grant_of, origin_of
from bot.discord.pressed import Pressed, chosen, in_time, is_own, number_in, take
from bot.discord.responses import answer
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.changes import changed, picture_field, using
from bot.endpoints.options import Field
from bot.endpoints.remakes import (
    Read,
    Use,
    left_alone,
    named,
    picture_of,
    sign,
    taking,
    usable,
)
from bot.errors import Refused
from bot.jobs.drafts import Draft
from bot.jobs.job import Job, OriginKind
from bot.jobs.request import Input

ON_A_MESSAGE = "Use this picture…"
MOST_LISTED = 25  # of a select
FURTHER = "further-"  # the value that leads to the next of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where pictures are from: a result, or a draft that names a message's; by their numbers."""

    id: str
    pictures: Mapping[int, Input]
    message_id: int | None = None  # of a draft's

    def ask(self, step: Step, number: int = 0, endpoint: str = "") -> Ask:
        """A step on from here."""
        return Ask(
            step=step,
            source_id=self.id,
            is_draft=self.message_id is not None,
            number=number,
            endpoint=endpoint,
        )

    def picture(self, number: int) -> Input:
        """One of them; Refused where it is no longer kept."""
        if number not in self.pictures:
            raise Refused("This picture is no longer kept.")
        return self.pictures[number]


class Uses(commands.Cog):
    """The way from a picture to what is made of it: which picture, which endpoint, what else."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Put the way in into the menu of messages, where any endpoint takes a picture."""
        guilds = [discord.Object(guild_id) for guild_id in self.bot.settings.guild_ids]
        contexts = app_commands.AppCommandContext(guild=True, dm_channel=True)
        menu = app_commands.ContextMenu(
            name=ON_A_MESSAGE,
            callback=self.begin,
            allowed_contexts=contexts,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            auto_locale_strings=False,
        )
        if any(taking(self.bot.endpoints)):
            self.bot.tree.add_command(menu, guilds=guilds or discord.utils.MISSING)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Pressed) -> None:
        """Go on from what was pressed, chosen or filled in."""
        steps = {Step.USE: self._start, Step.IMAGE: self._choose, Step.WITH: self._open_for}
        await take(interaction, steps, {Step.USE: self._run})

    async def begin(self, interaction: Pressed, message: discord.Message) -> None:
        """Begin with a message: its pictures' addresses are told now, and never again."""
        draft = Draft(
            id=uuid4().hex,
            user_id=interaction.user.id,
            created_at=self.bot.now(),
            pictures=tuple(pictures_in(message)),
            message_id=message.id,
        )
        await in_time(self.bot.store.drafts.add(draft))
        await self._which(interaction, _of_draft(draft))

    async def _start(self, interaction: Pressed, ask: Ask) -> None:
        await self._which(interaction, await self._source(interaction, ask))

    async def _choose(self, interaction: Pressed, ask: Ask) -> None:
        source = await self._source(interaction, ask)
        await self._offer(interaction, source, number_in("".join(chosen(interaction))))

    async def _which(self, interaction: Pressed, source: Source) -> None:
        """Ask which picture, where there are several."""
        numbers = [*source.pictures][:MOST_LISTED]
        if not numbers:
            raise Refused("None of these images is kept any more.")
        if len(numbers) == 1:
            await self._offer(interaction, source, numbers[0])
            return
        options = [
            discord.SelectOption(
                label=f"Image {number}",
                description=source.pictures[number].filename[:100],
                value=f"{number}",
            )
            for number in numbers
        ]
        view = select(str(source.ask(Step.IMAGE)), options)
        await interaction.response.send_message("Which image?", view=view, ephemeral=True)

    async def _offer(
        self, interaction: Pressed, source: Source, number: int, first: int = 0
    ) -> None:
        """Ask what is to be made of the picture; where only one endpoint takes it, go on with it."""
        source.picture(number)
        endpoints = await self._offered(interaction)
        if len(endpoints) == 1:
            await self._open(interaction, source, number, endpoints[0])
            return
        options = [_option(endpoint) for endpoint in endpoints[first:]]
        if len(options) > MOST_LISTED:
            value = f"{FURTHER}{first + MOST_LISTED - 1}"
            options[MOST_LISTED - 1 :] = [discord.SelectOption(label="More…", value=value)]
        view = select(str(source.ask(Step.WITH, number)), options)
        text = f"Image {number}: what is to be made of it?"
        if is_own(interaction):
            await interaction.response.edit_message(content=text, view=view)
        else:
            await interaction.response.send_message(text, view=view, ephemeral=True)

    async def _open_for(self, interaction: Pressed, ask: Ask) -> None:
        source, value = await self._source(interaction, ask), "".join(chosen(interaction))
        if value.startswith(FURTHER):
            await self._offer(interaction, source, ask.number, number_in(value))
            return
        endpoint = named(await self._offered(interaction), value)
        await self._open(interaction, source, ask.number, endpoint)

    async def _open(
        self, interaction: Pressed, source: Source, number: int, endpoint: Endpoint
    ) -> None:
        """Ask for what the endpoint takes beside the picture; where that is nothing, run it."""
        ask, fields = source.ask(Step.USE, number, sign(endpoint)), _beside_the_picture(endpoint)
        if not fields:
            await self._accept(interaction, ask, left_alone)
            return
        before = using(endpoint, source.picture(number))
        modal = form(str(ask), endpoint.name, fields, before)
        await interaction.response.send_modal(modal)

    async def _run(self, interaction: Pressed, ask: Ask) -> None:
        await self._accept(interaction, ask, partial(filled, interaction))

    async def _accept(self, interaction: Pressed, ask: Ask, read: Read) -> None:
        with self.bot.rush.one():
            job = await (self._of_draft if ask.is_draft else self._of_job)(interaction, ask, read)
            if job:
                await self.bot.service.answered(job, answer(interaction, job))

    async def _of_job(self, interaction: Pressed, ask: Ask, read: Read) -> Job | None:
        service = self.bot.service
        use = Use(service.draw_seed, ask.number, ask.endpoint, read)
        origin, grant = origin_of(interaction, OriginKind.BUTTON), grant_of(interaction)
        return await service.rerun(ask.source_id, origin, grant, asker_of(interaction), use)

    async def _of_draft(self, interaction: Pressed, ask: Ask, read: Read) -> Job | None:
        service, source = self.bot.service, await self._source(interaction, ask)
        endpoint = named(self.bot.endpoints, ask.endpoint)
        before = using(endpoint, source.picture(ask.number))
        request = changed(endpoint, before, read(endpoint.fields), service.draw_seed)
        request = replace(request, changed=(), is_of_message=True)
        origin = origin_of(interaction, OriginKind.BUTTON)
        origin = replace(origin, again_of=source.message_id)
        return await service.accept(request, origin, grant_of(interaction), asker_of(interaction))

    async def _source(self, interaction: Pressed, ask: Ask) -> Source:
        store = self.bot.store
        if ask.is_draft:
            draft = await in_time(store.drafts.get(ask.source_id, interaction.user.id))
            return _of_draft(draft)
        job = await in_time(store.get(ask.source_id))
        if job is None:
            raise Refused("This job is no longer kept.")
        pictures = {number: picture_of(job, number) for number in usable(job)}
        return Source(id=job.id, pictures=pictures)

    async def _offered(self, interaction: Pressed) -> list[Endpoint]:
        gate, asker = self.bot.service.gate, asker_of(interaction)
        return await gate.offered(asker, OriginKind.BUTTON, [*taking(self.bot.endpoints)])


def _of_draft(draft: Draft) -> Source:
    pictures = dict(enumerate(draft.pictures, 1))
    return Source(id=draft.id, pictures=pictures, message_id=draft.message_id)


def _option(endpoint: Endpoint) -> discord.SelectOption:
    return discord.SelectOption(
        label=f"/{endpoint.qualified_name}"[:100],
        description=endpoint.description[:100],
        value=sign(endpoint),
    )


def _beside_the_picture(endpoint: Endpoint) -> Sequence[Field]:
    """What a form asks for beside the picture: what is needed first."""
    picture = picture_field(endpoint)
    others = [field for field in endpoint.fields if field is not picture]
    return sorted(others, key=lambda field: not field.required)[:MOST_FIELDS]


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Uses(bot))
