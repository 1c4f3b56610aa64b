"""A form for an endpoint's options, typed and filled in, and what comes back of it.

A form is a modal whose fields are named as the options. It is found again by its custom id alone:
discord.py's own store of modals forgets them at a restart, and keeps dismissed ones for ever.
https://docs.discord.com/developers/components/reference
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.discord.origins import input_of
from bot.discord.views import view_of
from bot.endpoints.changes import Before, Filled
from bot.endpoints.documents import shortened
from bot.endpoints.options import Field
from bot.jobs.request import MAX_TYPED, FieldKind, Input

MOST_FIELDS = 5  # of a modal
MAX_TITLE = MAX_LABEL = 45
YES, NO = "true", "false"


def form(custom_id: str, title: str, fields: Sequence[Field], before: Before) -> ui.Modal:
    """The modal that asks for these fields, at most five, with what stands there before."""
    modal = ui.Modal(title=title[:MAX_TITLE], custom_id=custom_id)
    for field in fields:
        modal.add_item(
            ui.Label(
                text=field.name[:MAX_LABEL],
                description=shortened(_about(field, before)),
                component=_component(field, before),
            )
        )
    modal.stop()  # so that discord.py does not keep it
    return modal


def filled(interaction: discord.Interaction[Any], fields: Sequence[Field]) -> Filled:
    """What a form that was sent says of these fields; Refused where a file's description is wrong.

    None stands where it says nothing of the option, which stays as it was.
    """
    data: Mapping[str, Any] = interaction.data or {}
    files = _files(interaction, data)
    given = {str(each.get("custom_id")): each for each in _parts(data.get("components") or ())}
    asked = [field for field in fields if field.name in given]
    return {field.name: value_in(field, given[field.name], files) for field in asked}


def value_in(
    field: Field, given: Mapping[str, Any], files: Mapping[str, discord.Attachment]
) -> str | Input | None:
    """What a part of the form says of its field, which may have been of another kind as it was shown."""
    values = [str(each) for each in given.get("values") or ()]
    if field.kind is FieldKind.IMAGE:
        file = files.get(values[0]) if values else None
        return input_of(field, file) if file else None
    if "values" in given:
        is_of_file = not files.keys().isdisjoint(values)
        return None if is_of_file else "".join(values[:1])
    return str(given.get("value") or "")


def sent(
    interaction: discord.Interaction[Any], text_id: str, file_id: str
) -> tuple[str, discord.Attachment | None]:
    """The text and the file that stand in a form's fields of these custom ids."""
    data: Mapping[str, Any] = interaction.data or {}
    given = {str(each.get("custom_id")): each for each in _parts(data.get("components") or ())}
    values = given.get(file_id, {}).get("values") or ()
    file = _files(interaction, data).get(str(values[0])) if values else None
    return str(given.get(text_id, {}).get("value") or ""), file


def which(custom_id: str, fields: Sequence[Field], before: Before) -> ui.View:
    """A select of the options that are to be changed, up to five of them."""
    options = [
        discord.SelectOption(
            label=field.name, description=_said(field, before)[:100] or None, value=field.name
        )
        for field in fields
    ]
    return select(custom_id, options, most=MOST_FIELDS)


def select(
    custom_id: str,
    options: Sequence[discord.SelectOption],
    *,
    most: int = 1,
    asks: str | None = None,
) -> ui.View:
    """A select, of which so many may be chosen, and what stands in it until then."""
    most = min(most, len(options))
    chooser: ui.Select[Any] = ui.Select(
        custom_id=custom_id, options=[*options], max_values=most, placeholder=asks
    )
    return view_of(chooser)


def _said(field: Field, before: Before) -> str:
    if field.kind is FieldKind.IMAGE:
        kept = before.inputs.get(field.name)
        return kept.filename if kept else ""
    return " ".join(before.text(field).split())


def _about(field: Field, before: Before) -> str:
    if field.kind is FieldKind.IMAGE:
        kept = before.inputs.get(field.name)
        return f"Empty keeps {kept.filename}" if kept else field.description
    if before.is_untypable(field):
        return f"Empty keeps what it says: {len(before.text(field)):,} characters, too many to show here"
    return field.description


def _component(field: Field, before: Before) -> ui.Item[Any]:
    text = before.text(field)
    if field.kind is FieldKind.IMAGE:
        is_needed = field.required and field.name not in before.inputs
        return ui.FileUpload(
            custom_id=field.name, required=is_needed, min_values=int(is_needed), max_values=1
        )
    if field.kind is FieldKind.BOOLEAN or field.listed:
        return _choice(field, text)
    is_long = field.kind is FieldKind.STRING and not field.choices
    is_shown = len(text) <= MAX_TYPED
    return ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.long if is_long else discord.TextStyle.short,
        default=text if is_shown and text else None,
        required=field.required and is_shown,
        max_length=MAX_TYPED,
    )


def _choice(field: Field, text: str) -> ui.Select[Any]:
    is_yes_or_no = field.kind is FieldKind.BOOLEAN
    choices = [YES, NO] if is_yes_or_no else [str(each) for each in field.listed]
    options = [
        discord.SelectOption(
            label={YES: "yes", NO: "no"}[each] if is_yes_or_no else each,
            value=each,
            default=each == text,
        )
        for each in choices
    ]
    return ui.Select(
        custom_id=field.name,
        options=options,
        required=field.required,
        min_values=int(field.required),
        max_values=1,
    )


def _parts(parts: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """All that has a value, in whatever it stands."""
    for part in parts:
        yield part
        yield from _parts([part["component"]] if part.get("component") else ())
        yield from _parts(part.get("components") or ())


def _files(
    interaction: discord.Interaction[Any], data: Mapping[str, Any]
) -> dict[str, discord.Attachment]:
    resolved = (data.get("resolved") or {}).get("attachments") or {}
    state = interaction.client._connection  # noqa: SLF001 - by which alone an Attachment is made
    return {key: discord.Attachment(data=each, state=state) for key, each in resolved.items()}
