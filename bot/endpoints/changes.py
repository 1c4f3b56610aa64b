"""A request made of an earlier one and of what a member changed, or used as an input. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.endpoints.again import request_for
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.options import Field
from bot.endpoints.values import values_of
from bot.endpoints.words import prompt_field, takes_words
from bot.errors import Refused
from bot.jobs.request import MAX_TYPED, Draw, FieldKind, Input, Request, Value

Filled = Mapping[str, str | Input | None]  # by option: as it was filled in; None: left as it was


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a member has for an endpoint before they change any of it, by its options' names."""

    values: Mapping[str, Value]
    inputs: Mapping[str, Input]
    is_spoiler: bool = False

    def text(self, field: Field) -> str:
        """What stands in a form's field: its value, or what the document has in its place."""
        if value := self.values.get(field.name):
            return value.text
        if field.default is None:
            return ""
        text = str(field.default)
        return text.lower() if field.kind is FieldKind.BOOLEAN else text

    def is_untypable(self, field: Field) -> bool:
        """Whether its text is longer than a form shows: left empty there, it stays as it is."""
        return len(self.text(field)) > MAX_TYPED


def before_of(endpoint: Endpoint, request: Request) -> Before:
    """What the earlier request has for the endpoint as it is now; what no longer fits is left out."""
    values = {value.field_id: value for value in request.values}
    inputs = {wanted.field_id: wanted for wanted in request.inputs}
    pictures = [field for field in endpoint.fields if field.kind is FieldKind.IMAGE]
    others = [field for field in endpoint.fields if field.kind is not FieldKind.IMAGE]
    return Before(
        values={field.name: values[field.id] for field in others if field.id in values},
        inputs={
            field.name: inputs[field.id]
            for field in pictures
            if field.id in inputs and inputs[field.id].stored
        },
        is_spoiler=request.is_spoiler,
    )


def using(endpoint: Endpoint, *pictures: Input) -> Before:
    """Pictures for the endpoint's fields that take one, those that are needed first."""
    fields = picture_fields(endpoint)
    inputs = {field.name: each for field, each in zip(fields, pictures, strict=False)}
    return Before(values={}, inputs=inputs, is_spoiler=any(each.is_spoiler for each in pictures))


def with_words(endpoint: Endpoint, before: Before, given: Mapping[str, object]) -> Before:
    """With what a message said of the endpoint's options."""
    values = {
        field.name: Value(
            field_id=field.id, name=field.name, kind=field.kind, text=str(given[field.name])
        )
        for field in endpoint.fields
        if field.kind is not FieldKind.IMAGE and field.name in given
    }
    return replace(before, values=values)


def lacking(endpoint: Endpoint, before: Before) -> list[Field]:
    """The options that are needed and not there."""
    there = {*before.values, *before.inputs}
    return [
        field
        for field in endpoint.fields
        if field.required and field.name not in there and field.default is None
    ]


def runs_on_words(endpoint: Endpoint) -> bool:
    """Whether it takes a prompt, and needs nothing else."""
    prompt = prompt_field(endpoint.fields) if takes_words(endpoint.fields) else None
    needed = [each for each in endpoint.fields if each.required and each.default is None]
    return prompt is not None and all(each is prompt for each in needed)


def picture_fields(endpoint: Endpoint) -> list[Field]:
    """The fields that a picture is for, those that are needed first."""
    pictures = [field for field in endpoint.fields if field.kind is FieldKind.IMAGE]
    return sorted(pictures, key=lambda field: not field.required)


def changed(endpoint: Endpoint, before: Before, filled: Filled, draw: Draw) -> Request:
    """The request with what was filled in; an option that the form did not ask for stays.

    Its `changed` names what is not as before. Refused where a value is wrong, or one is missing.
    """
    given: dict[str, str | Input] = {}
    for field in endpoint.fields:
        value = filled.get(field.name)
        if field.name not in filled or value is None or (not value and before.is_untypable(field)):
            value = _kept(before, field)
        if value:
            given[field.name] = value
    missing = [f.name for f in endpoint.fields if f.required and f.name not in given]
    if missing:
        raise Refused("{endpoint} needs {missing: and }.", endpoint=endpoint.name, missing=missing)
    values = values_of(endpoint, given, draw)
    inputs = tuple(
        replace(value, field_id=field.id, name=field.name)
        for field in endpoint.fields
        if isinstance(value := given.get(field.name), Input)
    )
    made = request_for(endpoint, values, inputs, is_spoiler=before.is_spoiler)
    return replace(made, changed=tuple(_differing(endpoint, before, made)))


def _kept(before: Before, field: Field) -> str | Input | None:
    if field.kind is FieldKind.IMAGE:
        return before.inputs.get(field.name)
    value = before.values.get(field.name)
    return value.text if value else None


def _differing(endpoint: Endpoint, before: Before, made: Request) -> list[str]:
    """The options whose value or picture is another than before, in the endpoint's order."""
    texts = {value.name: value.text for value in made.values}
    pictures = {wanted.name: wanted for wanted in made.inputs}
    return [
        field.name
        for field in endpoint.fields
        if (
            _source(pictures.get(field.name)) != _source(before.inputs.get(field.name))
            if field.kind is FieldKind.IMAGE
            else texts.get(field.name, "") != before.text(field)
        )
    ]


def _source(picture: Input | None) -> str:
    if picture is None:
        return ""
    return picture.stored.key if picture.stored else picture.url
