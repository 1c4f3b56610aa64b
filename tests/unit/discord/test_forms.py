from typing import Any

import discord
import pytest

from bot.discord.forms import MAX_LABEL, MOST_FIELDS, form, value_in, which
from bot.endpoints.changes import Before
from bot.endpoints.options import Field
from bot.jobs.request import MAX_TYPED, FieldKind, Input, Stored, Value
from tests.endpoints import make_field

KEPT = Stored(key="a" * 64, size_bytes=3, media_type="image/png")
PHOTO = Input(field_id="image_1", name="image", filename="me.png", url="", stored=KEPT)


def shown(field: Field, text: str | None = None) -> dict[str, Any]:
    """The field in a form, with this there before."""
    values = {} if text is None else {field.name: value(field, text)}
    modal = form("change:1", "Paint", [field], Before(values=values, inputs={}))
    (label,) = modal.to_dict()["components"]
    return {**label["component"], "description": label["description"]}


def value(field: Field, text: str) -> Value:
    return Value(field_id=field.id, name=field.name, kind=field.kind, text=text)


@pytest.mark.parametrize(
    ("field", "text", "wanted"),
    [
        (make_field("a", FieldKind.STRING), "hi", {"type": 4, "style": 2, "value": "hi"}),
        (make_field("a", FieldKind.STRING, required=True), None, {"required": True}),
        (make_field("a", FieldKind.INTEGER, default=20), None, {"style": 1, "value": "20"}),
        (make_field("a", FieldKind.NUMBER), "1.5", {"type": 4, "value": "1.5"}),
        (make_field("a", FieldKind.SEED), "7", {"type": 4, "value": "7", "required": False}),
        (make_field("a", FieldKind.IMAGE), None, {"type": 19, "required": False, "min_values": 0}),
        (make_field("a", FieldKind.IMAGE, required=True), None, {"required": True, "min_values": 1}),
    ],
)  # fmt: skip
def test_a_field_is_asked_for_by_its_kind_with_what_stands_there(
    field: Field, text: str | None, wanted: dict[str, Any]
) -> None:
    assert {**shown(field, text), **wanted} == shown(field, text)


@pytest.mark.parametrize(
    ("field", "text", "options"),
    [
        (make_field("a", FieldKind.STRING, choices=("ink", "oil")), "oil", [("ink", False), ("oil", True)]),
        (make_field("a", FieldKind.INTEGER, choices=(1, 2), default=2), None, [("1", False), ("2", True)]),
        (make_field("a", FieldKind.BOOLEAN), "true", [("true", True), ("false", False)]),
        (make_field("a", FieldKind.BOOLEAN), None, [("true", False), ("false", False)]),
    ],
)  # fmt: skip
def test_choices_are_chosen_from(
    field: Field, text: str | None, options: list[tuple[str, bool]]
) -> None:
    found = shown(field, text)
    assert [(each["value"], each.get("default", False)) for each in found["options"]] == options


def test_of_more_choices_than_a_select_has_one_is_typed() -> None:
    many = make_field("a", FieldKind.STRING, choices=tuple(f"c{n}" for n in range(30)))
    assert shown(many, "c7")["value"] == "c7"


def test_what_is_too_long_to_be_shown_is_kept_where_the_field_is_left_empty() -> None:
    found = shown(make_field("a", FieldKind.STRING, required=True), "x" * (MAX_TYPED + 1))
    assert found.get("value") is None
    assert found["required"] is False
    assert found["description"].startswith("Empty keeps what it says: 4,001 characters")


def test_a_picture_that_is_there_needs_no_other() -> None:
    field = make_field("image", FieldKind.IMAGE, required=True)
    modal = form("x", "P" * 60, [field], Before(values={}, inputs={"image": PHOTO})).to_dict()
    (label,) = modal["components"]
    assert (label["description"], label["component"]["required"]) == ("Empty keeps me.png", False)
    assert len(modal["title"]) == MAX_LABEL


async def test_a_form_that_is_never_sent_is_kept_by_nobody() -> None:
    modal = form(
        "change:1", "Paint", [make_field("a", FieldKind.STRING)], Before(values={}, inputs={})
    )
    assert modal.is_finished(), "discord.py would keep it until it is sent"


def test_up_to_five_are_chosen_and_each_says_what_it_is_now() -> None:
    fields = [make_field(f"f{n}", FieldKind.STRING) for n in range(25)]
    before = Before(values={"f0": value(fields[0], "a\n" * 200)}, inputs={})
    (row,) = which("change-which:1", fields, before).to_components()
    (select,) = row["components"]
    assert (select["max_values"], len(select["options"])) == (MOST_FIELDS, 25)
    assert len(select["options"][0]["description"]) == 100
    assert "description" not in select["options"][1]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (FieldKind.STRING, {"value": "red"}, "red"),
        (FieldKind.STRING, {"value": ""}, ""),
        (FieldKind.STRING, {"values": ["oil"]}, "oil"),
        (FieldKind.STRING, {"values": []}, ""),
        (FieldKind.STRING, {"values": ["9"]}, None),  # a picture as it was shown
        (FieldKind.INTEGER, {"values": ["9"]}, None),
        (FieldKind.IMAGE, {"value": "red"}, None),  # a text as it was shown
        (FieldKind.IMAGE, {"values": ["oil"]}, None),
        (FieldKind.IMAGE, {"values": []}, None),
    ],
)
def test_what_was_shown_as_another_kind_is_left_as_it_was(
    kind: FieldKind, given: dict[str, Any], expected: str | None
) -> None:
    told = {"id": 9, "size": 3, "filename": "me.png", "url": "", "proxy_url": ""}
    state = discord.Client(intents=discord.Intents.none())._connection
    files = {"9": discord.Attachment(data=told, state=state)}  # type: ignore[arg-type]  # what is needed
    assert value_in(make_field("a", kind), given, files) == expected
