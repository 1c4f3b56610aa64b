"""*Change…* under a result: the same once more, with what is changed in a form."""

from functools import partial

from discord.ext import commands

from bot.discord.askers import asker_of
from bot.discord.asks import Ask, Step
from bot.discord.client import StudioBot
from bot.discord.forms import MOST_FIELDS, filled, form, which
from bot.discord.origins import grant_of, origin_of
from bot.discord.pressed import Pressed, chosen, take
from bot.discord.responses import say_alone, take_on
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.changes import before_of
from bot.endpoints.remakes import Change, left_alone
from bot.errors import Refused
from bot.jobs.job import Job, OriginKind
from bot.jobs.sight import check_may_see


class Forms(commands.Cog):
    """The way from a result to one with changes; all that is needed stands in custom ids."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Pressed) -> None:
        """Open the form, or take what it says."""
        steps = {Step.CHANGE: self._open, Step.WHICH: self._open_for}
        await take(interaction, steps, {Step.CHANGE: self._run})

    async def _open(self, interaction: Pressed, ask: Ask) -> None:
        """The form; where it would be too long, the question which options are to be in it."""
        job, endpoint = await self._source(interaction, ask)
        before = before_of(endpoint, job.request)
        if len(endpoint.fields) <= MOST_FIELDS:
            modal = form(str(ask), endpoint.name, endpoint.fields, before)
            await interaction.response.send_modal(modal)
            return
        view = which(str(Ask(step=Step.WHICH, source_id=job.id)), endpoint.fields, before)
        await say_alone(interaction, "What is to be changed? All else stays as it was.", view)

    async def _open_for(self, interaction: Pressed, ask: Ask) -> None:
        """The form with the options that were chosen."""
        job, endpoint = await self._source(interaction, ask)
        wanted = chosen(interaction)
        fields = [field for field in endpoint.fields if field.name in wanted][:MOST_FIELDS]
        if not fields:
            raise Refused("{name} takes other things now.", name=endpoint.name)
        opened = str(Ask(step=Step.CHANGE, source_id=job.id))
        modal = form(opened, endpoint.name, fields, before_of(endpoint, job.request))
        await interaction.response.send_modal(modal)

    async def _run(self, interaction: Pressed, ask: Ask) -> None:
        service = self.bot.service
        remake = Change(service.draw_seed, partial(filled, interaction))
        origin, asker = origin_of(interaction, OriginKind.BUTTON), asker_of(interaction)
        grant = grant_of(interaction)
        await take_on(interaction, service.rerun(ask.source_id, origin, grant, asker, remake))

    async def _source(self, interaction: Pressed, ask: Ask) -> tuple[Job, Endpoint]:
        """The job, and its endpoint as it is now; Refused where who pressed may not run that."""
        job = await self.bot.wishes.job(ask.source_id)
        check_may_see(job, interaction.user.id)
        service, asker = self.bot.service, asker_of(interaction)
        endpoint = Change(service.draw_seed, left_alone).endpoint(self.bot.endpoints, job)
        await service.gate.admit(asker, OriginKind.BUTTON, endpoint)
        return job, endpoint


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Forms(bot))
