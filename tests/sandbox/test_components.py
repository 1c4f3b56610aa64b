"""Buttons and selects under a message: of the wrong form they are refused with place and code."""

import pytest

from tests.sandbox.bodies import LINK, SELECT, USERS, row
from tests.sandbox.conftest import Api, Json, places, told

GO: Json = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
BARE: Json = {"type": 2, "style": 1, "custom_id": "go"}
ROLES: Json = {"type": 6, "custom_id": "role"}
OPTION: Json = {"label": "A", "value": "a"}
USER: Json = {"id": "5", "type": "user"}


def of(*options: Json) -> Json:
    """A select of these options."""
    return {"type": 3, "custom_id": "mood", "options": list(options)}


@pytest.mark.parametrize(
    ("components", "place", "code"),
    [
        ([{**GO, "type": "2"}], "0", "UNION_TYPE_CHOICES"),
        ([{"type": 4, "custom_id": "x", "style": 1, "label": "x"}], "0", "UNION_TYPE_CHOICES"),
        ([{**GO, "style": 7}], "0.style", "BASE_TYPE_CHOICES"),
        ([{**GO, "style": None}], "0.style", "BASE_TYPE_REQUIRED"),
        ([BARE], "0.label", "BASE_TYPE_REQUIRED"),
        ([{**GO, "url": "https://a.b"}], "0", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"),
        ([{**LINK, "url": None}], "0.url", "BASE_TYPE_REQUIRED"),
        ([{**LINK, "url": "example.com"}], "0.url", "URL_TYPE_INVALID_URL"),
        ([{**LINK, "url": "ftp://a.b"}], "0.url", "URL_TYPE_INVALID_SCHEME"),
        ([{**LINK, "url": "https://a.b/" + "x" * 512}], "0.url", "BASE_TYPE_MAX_LENGTH"),
        ([{"type": 2, "style": 6, "label": "Go", "sku_id": "5"}], "0.label", "BASE_TYPE_CHOICES"),
        ([{**BARE, "emoji": {"name": "x"}}], "0.emoji.name", "BUTTON_COMPONENT_INVALID_EMOJI"),
        ([{**BARE, "emoji": {"id": "5", "name": "x"}}], "0.emoji.id", "BUTTON_COMPONENT_INVALID_EMOJI"),
        ([{**SELECT, "placeholder": "x" * 151}], "0.placeholder", "BASE_TYPE_MAX_LENGTH"),
        ([{**SELECT, "min_values": 26}], "0.min_values", "NUMBER_TYPE_MAX"),
        ([{**SELECT, "max_values": 0}], "0.max_values", "NUMBER_TYPE_MIN"),
        ([{**SELECT, "min_values": 2, "max_values": 1}], "0.max_values", "NUMBER_TYPE_MIN"),
        ([of()], "0.options", "BASE_TYPE_BAD_LENGTH"),
        ([of(*({**OPTION, "value": f"{n}"} for n in range(26)))], "0.options", "BASE_TYPE_BAD_LENGTH"),
        ([of(OPTION, OPTION)], "0.options.1.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
        ([of({**OPTION, "label": ""})], "0.options.0.label", "BASE_TYPE_BAD_LENGTH"),
        ([of({**OPTION, "value": "x" * 101})], "0.options.0.value", "BASE_TYPE_BAD_LENGTH"),
        ([of({**OPTION, "description": "x" * 101})], "0.options.0.description", "BASE_TYPE_MAX_LENGTH"),
        ([of({**OPTION, "emoji": {"name": "x"}})], "0.options.0.emoji.name", "BUTTON_COMPONENT_INVALID_EMOJI"),
        ([{**USERS, "min_values": 2, "max_values": 2}], "0.default_values", "BASE_TYPE_MIN_LENGTH"),
        ([{**USERS, "default_values": [USER, {**USER, "id": "6"}]}], "0.default_values", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES"),
        ([USERS, ROLES], "1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
        ([GO, USERS], "1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
        ([{**GO, "custom_id": f"{n}"} for n in range(6)], "", "BASE_TYPE_BAD_LENGTH"),
    ],
)  # fmt: skip
async def test_components_of_the_wrong_form_are_refused_with_place_and_code(
    api: Api, components: list[Json], place: str, code: str
) -> None:
    answer = await api.send({"components": [row(*components)]})
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [f"components.0.components.{place}".rstrip(".")]
    assert f"'{code}'" in str(answer[1]["errors"])


async def test_components_of_every_kind_are_taken(api: Api) -> None:
    premium = {"type": 2, "style": 6, "sku_id": "5"}
    rows = [row(GO, LINK, premium), row(SELECT), row(of(OPTION)), row(USERS), row(ROLES)]
    status, body = await api.send({"components": rows})
    assert (status, len(body["components"])) == (200, 5)
