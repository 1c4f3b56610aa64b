"""The contract's own judgement, on a document of a few lines."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract import Contract

Json = Any
TEXT = {"type": "object", "properties": {"content": {"type": "string", "maxLength": 3}}}
DOCUMENT: Json = {
    "components": {
        "schemas": {
            "UserResponse": {"type": "object", "required": ["id"]},
            "MessageResponse": {"type": "object", "properties": {"content": {"type": "string"}}},
        }
    },
    "paths": {
        "/channels/{id}": {
            "patch": {
                "requestBody": {"content": {"application/json": {"schema": TEXT}}},
                "responses": {"200": {"content": {"application/json": {"schema": TEXT}}}},
            }
        }
    },
}


@dataclass
class Exchanged:
    method: str = "PATCH"
    path: str = "/api/v10/channels/5?wait=1"
    route: str = "PATCH /channels/{channel_id}"
    body: Json = None
    status: int = 200
    answer: Json = None


@pytest.mark.parametrize(
    ("exchanged", "faults"),
    [
        (Exchanged(body={"content": "abc"}), []),
        (Exchanged(body={"content": "abcd"}), ['PATCH /channels/{id} request: content: "abcd" is longer than 3 characters']),
        (Exchanged(answer={"content": 5}), ['PATCH /channels/{id} answer: content: 5 is not of type "string"']),
        (Exchanged(method="PUT"), ["PUT /channels/{id}: no such method"]),
        (Exchanged(path="/api/v10/nowhere"), ["PATCH /nowhere: no such path"]),
        (Exchanged(status=0, body={"content": "abcd"}), []),
    ],
)  # fmt: skip
def test_what_breaks_the_contract_is_named(exchanged: Exchanged, faults: list[str]) -> None:
    assert Contract(DOCUMENT).check(exchanged) == faults


@pytest.mark.parametrize(
    ("name", "data", "faults"),
    [
        ("MESSAGE_CREATE", {"content": "a"}, []),
        ("MESSAGE_CREATE", {"content": 5}, ['MESSAGE_CREATE itself: content: 5 is not of type "string"']),
        ("INTERACTION_CREATE", {"user": {"id": "5"}, "data": {}}, []),
        ("INTERACTION_CREATE", {"user": {}}, ['INTERACTION_CREATE user: : "id" is a required property']),
        ("INTERACTION_CREATE", {"data": {"resolved": {"users": {"5": {}}}}}, ['INTERACTION_CREATE data.resolved.users.*: : "id" is a required property']),
        ("TYPING_START", {}, []),
    ],
)  # fmt: skip
def test_what_an_event_brings_is_held_against_the_contract(
    name: str, data: Json, faults: list[str]
) -> None:
    assert Contract(deepcopy(DOCUMENT)).check_event(name, data) == faults
