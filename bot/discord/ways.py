"""The ways from pictures and words to a job: what is there, what is asked next, and by what.

Pure, but for a look at what a member used of late.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import discord
from discord import ui

from bot.discord.asks import Ask, Step
from bot.discord.forms import MOST_FIELDS, select
from bot.discord.views import view_of
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.changes import Before, lacking, picture_fields, using, with_words
from bot.endpoints.options import Field
from bot.endpoints.remakes import picture_of, sign, usable
from bot.endpoints.showing import is_hidden
from bot.endpoints.values import parse_text
from bot.errors import Refused, StorageError
from bot.jobs.drafts import Draft
from bot.jobs.history import History
from bot.jobs.job import Job
from bot.jobs.patience import in_time
from bot.jobs.request import Input

MOST_LISTED = 25  # of a select
FURTHER = "further-"  # the value that leads to the next of them
MAX_LABEL = 80  # of a button


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a way begins: a result, or a draft of a message; and its pictures by their numbers."""

    id: str
    pictures: Mapping[int, Input]
    draft: Draft | None = None

    def step(self, step: Step, number: int = 0, endpoint: Endpoint | None = None) -> Ask:
        """A step on from here."""
        return Ask(
            step=step,
            source_id=self.id,
            is_draft=self.draft is not None,
            number=number,
            endpoint=sign(endpoint) if endpoint else "",
        )

    def ask(self, step: Step, number: int = 0, endpoint: Endpoint | None = None) -> str:
        """The custom id of a step on from here."""
        return str(self.step(step, number, endpoint))

    def taken(self, number: int) -> list[Input]:
        """The picture of this number, without one all of them; Refused where it is not kept."""
        if not number:
            return [*self.pictures.values()]
        if number not in self.pictures:
            raise Refused("This picture is no longer kept.")
        return [self.pictures[number]]

    def before(self, endpoint: Endpoint, number: int) -> Before:
        """What the endpoint has from here, before anything is filled in."""
        before = using(endpoint, *self.taken(number))
        if not self.draft or not self.draft.words:
            return before
        given: dict[str, object] = {}
        with suppress(Refused):  # what is wrong in it is seen in the form
            given = parse_text([endpoint], self.draft.words).given
        hides = is_hidden(endpoint, given)
        made = with_words(endpoint, before, given)
        return Before(values=made.values, inputs=made.inputs, is_spoiler=before.is_spoiler or hides)

    def is_enough(self, endpoint: Endpoint, number: int) -> bool:
        """Whether no form is needed: who asked has said all, or there is nothing else to say.

        Refused where all is there, and a part of what they have said has no place in it.
        """
        before = self.before(endpoint, number)
        if self.draft is None or not self.draft.is_asked:
            return not beside(endpoint, before)
        if lacking(endpoint, before):
            return False
        try:
            parse_text([endpoint], self.draft.words)
        except Refused as error:
            raise error.and_so(" Nothing was charged.") from None
        return True

    def is_too_many(self, endpoint: Endpoint, number: int) -> bool:
        """Whether it is not clear yet which of the pictures it is to have."""
        return len(self.taken(number)) > len(picture_fields(endpoint))


def source_of(origin: Job | Draft) -> Source:
    """The beginning of a way."""
    if isinstance(origin, Draft):
        return Source(id=origin.id, pictures=dict(enumerate(origin.pictures, 1)), draft=origin)
    pictures = {number: picture_of(origin, number) for number in usable(origin)}
    return Source(id=origin.id, pictures=pictures)


def beside(endpoint: Endpoint, before: Before) -> list[Field]:
    """What a form asks for beside the pictures that are there: what is needed first."""
    others = [each for each in endpoint.fields if each.name not in before.inputs]
    return sorted(others, key=lambda each: not each.required)[:MOST_FIELDS]


def which_picture(source: Source, endpoint: Endpoint | None = None) -> ui.View:
    """A select of the pictures."""
    options = [
        discord.SelectOption(
            label=f"Image {number}", description=picture.filename[:100] or None, value=f"{number}"
        )
        for number, picture in source.pictures.items()
    ]
    return select(
        source.ask(Step.IMAGE, endpoint=endpoint), options[:MOST_LISTED], asks="Which image?"
    )


async def in_order(endpoints: Sequence[Endpoint], member: int, history: History) -> list[Endpoint]:
    """As a select lists them: where it has no room for all, what the member used of late is first."""
    used: list[str] = []
    if len(endpoints) > MOST_LISTED:
        with suppress(StorageError, TimeoutError):
            async with in_time():
                used = await history.used(member)
    places = {endpoint_id: place for place, endpoint_id in enumerate(used)}
    return sorted(endpoints, key=lambda each: places.get(each.id, len(places)))


def which_endpoint(
    source: Source, number: int, endpoints: Sequence[Endpoint], first: int = 0
) -> ui.View:
    """A select of the endpoints, from that one on."""
    options = [
        discord.SelectOption(
            label=f"/{each.qualified_name}"[:100],
            description=each.description[:100] or None,
            value=sign(each),
        )
        for each in endpoints[first:]
    ]
    if len(options) > MOST_LISTED:
        value = f"{FURTHER}{first + MOST_LISTED - 1}"
        options[MOST_LISTED - 1 :] = [discord.SelectOption(label="More…", value=value)]
    return select(source.ask(Step.WITH, number), options, asks="Which command?")


def button(source: Source, endpoint: Endpoint, label: str) -> ui.View:
    """A button that goes on with this endpoint."""
    custom_id = source.ask(Step.USE, endpoint=endpoint)
    return view_of(ui.Button(label=label[:MAX_LABEL], custom_id=custom_id))
