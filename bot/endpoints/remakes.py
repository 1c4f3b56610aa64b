"""What is made of an earlier job: it again, it with changes, or something of one of its images. Pure."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.endpoints.again import again, current
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.changes import Filled, before_of, changed, picture_fields, using
from bot.endpoints.options import Field
from bot.errors import Refused
from bot.jobs.job import Job
from bot.jobs.request import Draw, FieldKind, Input, Request
from bot.jobs.sight import check_may_see_images

Read = Callable[[Sequence[Field]], Filled]  # a form, once it is known whose fields are in it
# What the service takes without a look at it, and how such files end.
USABLE = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class Remake(Protocol):
    """What another job is made of. Both raise Refused where it cannot be."""

    def endpoint(self, endpoints: Sequence[Endpoint], source: Job) -> Endpoint:
        """The endpoint of the new job."""

    def request(self, endpoint: Endpoint, source: Job) -> Request:
        """Its request."""


@dataclass(frozen=True, slots=True)
class Again:
    """The same, with new seeds."""

    draw: Draw

    def endpoint(self, endpoints: Sequence[Endpoint], source: Job) -> Endpoint:
        """The source's, as it is now."""
        if not source.can_run_again:
            raise Refused("The picture of this job is no longer kept; please send it again.")
        return current(endpoints, source.request)

    def request(self, endpoint: Endpoint, source: Job) -> Request:
        """The source's, with seeds drawn anew."""
        return again(endpoint, source.request, self.draw)


@dataclass(frozen=True, slots=True)
class Change:
    """The same endpoint, with what was filled in."""

    draw: Draw
    read: Read

    def endpoint(self, endpoints: Sequence[Endpoint], source: Job) -> Endpoint:
        """The source's, as it is now."""
        return current(endpoints, source.request)

    def request(self, endpoint: Endpoint, source: Job) -> Request:
        """The source's, changed; Refused where it would be the same once more."""
        before, filled = before_of(endpoint, source.request), self.read(endpoint.fields)
        made = changed(endpoint, before, filled, self.draw)
        if not made.changed and made.seed is not None:
            raise Refused("Nothing was changed: it would be the same again. Nothing was charged.")
        return made


@dataclass(frozen=True, slots=True)
class Use:
    """One of the source's images as an input of an endpoint, with what a member filled in."""

    draw: Draw
    member: int
    number: int
    chosen: str
    read: Read

    def endpoint(self, endpoints: Sequence[Endpoint], source: Job) -> Endpoint:
        """The one that was chosen, as it is now."""
        check_may_see_images(source, self.member)
        return named(endpoints, self.chosen)

    def request(self, endpoint: Endpoint, source: Job) -> Request:
        """The image with what was filled in."""
        if not picture_fields(endpoint):
            raise Refused("{endpoint} takes no picture.", endpoint=endpoint.name)
        filled = self.read(endpoint.fields)
        made = changed(
            endpoint, using(endpoint, picture_of(source, self.number)), filled, self.draw
        )
        return replace(made, changed=(), of_image=self.number)


def usable(job: Job) -> list[int]:
    """The numbers of its images that can be an input."""
    return [
        number
        for number, output in enumerate(job.outputs, 1)
        if output.stored and output.stored.media_type in USABLE
    ]


def picture_of(job: Job, number: int) -> Input:
    """The image as the service made it; Refused where it is no longer kept."""
    stored = job.outputs[number - 1].stored if number in usable(job) else None
    if stored is None:
        raise Refused("This image is no longer kept.")
    request = job.request
    name = f"{request.command}-{number}.{USABLE[stored.media_type]}"
    hides = request.hides_images
    return Input(field_id="", name="", filename=name, url="", stored=stored, is_spoiler=hides)


def taking(endpoints: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """Those that take a picture."""
    for endpoint in endpoints:
        if any(field.kind is FieldKind.IMAGE for field in endpoint.fields):
            yield endpoint


def sign(endpoint: Endpoint) -> str:
    """How a custom id names the endpoint, whose own name may be too long for one."""
    text = f"{endpoint.id}\n{endpoint.qualified_name}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def named(endpoints: Sequence[Endpoint], wanted: str) -> Endpoint:
    """The endpoint that a custom id names so; Refused where it is no longer offered."""
    found = next((each for each in endpoints if sign(each) == wanted), None)
    if found is None:
        raise Refused("This endpoint is no longer offered here.")
    return found


def left_alone(_fields: Sequence[Field]) -> Filled:
    """Where there was no form."""
    return {}
