"""On from a picture: one of a result's, one of any message by its menu, or what a message lacked."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import discord
from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.asks import Ask, Step
from bot.discord.attachments import pictures_in, shown_by
from bot.discord.client import StudioBot
from bot.discord.forms import filled, form
from bot.discord.origins import grant_of, origin_of
from bot.discord.pressed import Pressed, chosen, is_own, number_in, take
from bot.discord.responses import say_alone, say_instead, take_on
from bot.discord.slash import build_menu
from bot.discord.ways import (
    FURTHER,
    Source,
    beside,
    in_order,
    source_of,
    which_endpoint,
    which_picture,
)
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.changes import changed
from bot.endpoints.remakes import Read, Use, left_alone, named, taking
from bot.errors import Refused
from bot.jobs import wishes
from bot.jobs.drafts import Draft
from bot.jobs.job import OriginKind
from bot.jobs.patience import one_answer
from bot.jobs.sight import check_may_see_images


class Uses(commands.Cog):
    """The way to what is made of a picture: which picture, which endpoint, what else."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Put the way in into the menu of messages."""
        self._offer_menu()
        self.bot.shelf.follow(self._offer_menu)

    def _offer_menu(self) -> None:
        """Have it there where any endpoint takes a picture."""
        menu = build_menu(self.begin)
        self.bot.withdraw(menu)
        if any(taking(self.bot.endpoints)):
            self.bot.offer(menu)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Pressed) -> None:
        """Go on from what was pressed, chosen or filled in."""
        steps = {Step.USE: self._start, Step.IMAGE: self._choose, Step.WITH: self._choose_endpoint}
        await take(interaction, steps, {Step.USE: self._run})

    async def begin(self, interaction: Pressed, message: discord.Message) -> None:
        """Begin with a message: its pictures' addresses are told now, and never again."""
        draft = Draft(
            id=uuid4().hex,
            user_id=interaction.user.id,
            created_at=self.bot.now(),
            pictures=tuple(pictures_in(message)),
            message_id=message.id,
            is_alone=message.flags.ephemeral,
            shown_in=shown_by(message),
        )
        with one_answer():
            await self._offered(interaction)  # nothing is kept of who may run none
            await wishes.read(self.bot.store.drafts.add(draft))
            await self._which(interaction, source_of(draft))

    async def _start(self, interaction: Pressed, ask: Ask) -> None:
        source = await self._source(interaction, ask)
        if ask.endpoint:
            endpoint = named(self.bot.endpoints, ask.endpoint)
            await self._open(interaction, source, ask.number, endpoint)
        else:
            await self._which(interaction, source)

    async def _choose(self, interaction: Pressed, ask: Ask) -> None:
        source = await self._source(interaction, ask)
        number = number_in("".join(chosen(interaction))) or len(source.pictures) + 1
        if ask.endpoint:
            endpoint = named(self.bot.endpoints, ask.endpoint)
            await self._open(interaction, source, number, endpoint)
        else:
            await self._offer(interaction, source, number)

    async def _which(self, interaction: Pressed, source: Source) -> None:
        """Ask which picture, where there are several."""
        if not source.pictures:
            raise Refused("None of these images is kept any more.")
        if len(source.pictures) == 1:
            await self._offer(interaction, source, next(iter(source.pictures)))
            return
        await _ask(interaction, "Which image?", which_picture(source))

    async def _offer(
        self, interaction: Pressed, source: Source, number: int, first: int = 0
    ) -> None:
        """Ask what is to be made of it; where only one endpoint takes it, go on with that."""
        source.taken(number)
        endpoints = await self._offered(interaction)
        if len(endpoints) == 1:
            await self._open(interaction, source, number, endpoints[0])
            return
        view = which_endpoint(source, number, endpoints, first)
        await _ask(interaction, "What is to be made of it?", view)

    async def _choose_endpoint(self, interaction: Pressed, ask: Ask) -> None:
        source, value = await self._source(interaction, ask), "".join(chosen(interaction))
        if value.startswith(FURTHER):
            await self._offer(interaction, source, ask.number, number_in(value))
            return
        endpoint = named(self.bot.endpoints, value)
        await self._open(interaction, source, ask.number, endpoint)

    async def _open(
        self, interaction: Pressed, source: Source, number: int, endpoint: Endpoint
    ) -> None:
        """Ask for what the endpoint takes besides; where all is said, run it."""
        if source.is_too_many(endpoint, number):
            await _ask(interaction, "Which image?", which_picture(source, endpoint))
            return
        if source.is_enough(endpoint, number):
            await self._accept(interaction, source, number, endpoint, left_alone)
            return
        before = source.before(endpoint, number)
        custom_id = source.ask(Step.USE, number, endpoint)
        modal = form(custom_id, endpoint.name, beside(endpoint, before), before)
        await interaction.response.send_modal(modal)

    async def _run(self, interaction: Pressed, ask: Ask) -> None:
        """Take what a form says as a job."""
        endpoint, read = named(self.bot.endpoints, ask.endpoint), partial(filled, interaction)
        if ask.is_draft:
            source = await self._source(interaction, ask)
            await self._accept(interaction, source, ask.number, endpoint, read)
        else:
            await self._use(interaction, ask, read)

    async def _accept(
        self, interaction: Pressed, source: Source, number: int, endpoint: Endpoint, read: Read
    ) -> None:
        """Take it as a job, with what was filled in where there was a form."""
        if source.draft is None:
            await self._use(interaction, source.step(Step.USE, number, endpoint), read)
            return
        service, draft = self.bot.service, source.draft
        before = source.before(endpoint, number)
        request = changed(endpoint, before, read(endpoint.fields), service.draw_seed)
        request = replace(request, changed=(), is_of_message=True)
        again_of = None if draft.is_alone else draft.message_id
        origin = origin_of(interaction, OriginKind.BUTTON)
        origin = replace(
            origin, again_of=again_of, shown_in=draft.shown_in, is_alone=draft.is_alone
        )
        grant, asker = grant_of(interaction), asker_of(interaction)
        await take_on(interaction, service.accept(request, origin, grant, asker))

    async def _use(self, interaction: Pressed, ask: Ask, read: Read) -> None:
        """Take one of a result's images, with what was filled in, as a job."""
        service, asker = self.bot.service, asker_of(interaction)
        use = Use(service.draw_seed, interaction.user.id, ask.number, ask.endpoint, read)
        origin, grant = origin_of(interaction, OriginKind.BUTTON), grant_of(interaction)
        await take_on(interaction, service.rerun(ask.source_id, origin, grant, asker, use))

    async def _source(self, interaction: Pressed, ask: Ask) -> Source:
        member = interaction.user.id
        if ask.is_draft:
            return source_of(await wishes.read(self.bot.store.drafts.get(ask.source_id, member)))
        job = await self.bot.wishes.job(ask.source_id)
        check_may_see_images(job, member)
        return source_of(job)

    async def _offered(self, interaction: Pressed) -> list[Endpoint]:
        gate, asker = self.bot.service.gate, asker_of(interaction)
        offered = await gate.offered(asker, OriginKind.BUTTON, [*taking(self.bot.endpoints)])
        return await in_order(offered, asker.user_id, self.bot.store.history)


async def _ask(interaction: Pressed, question: str, view: discord.ui.View) -> None:
    """Ask who pressed, and nobody else; a question takes the place of the one before."""
    if is_own(interaction):
        await say_instead(interaction, question, view)
    else:
        await say_alone(interaction, question, view)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Uses(bot))
