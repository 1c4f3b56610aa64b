"""The contract's own judgement, on a document of a few lines."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract import Contract

Json = Any
TEXT = {"type": "object", "properties": {"content": {"type": "string", "maxLength": 3}}}
DOCUMENT: Json = {
    "components": {"schemas": {}},
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
        (Exchanged(body={"content": "abcd"}), ["PATCH /channels/{id} request: content: 'abcd' is too long"]),
        (Exchanged(answer={"content": 5}), ["PATCH /channels/{id} answer: content: 5 is not of type 'string'"]),
        (Exchanged(method="PUT"), ["PUT /channels/{id}: no such method"]),
        (Exchanged(path="/api/v10/nowhere"), ["PATCH /nowhere: no such path"]),
        (Exchanged(status=0, body={"content": "abcd"}), []),
    ],
)  # fmt: skip
def test_what_breaks_the_contract_is_named(exchanged: Exchanged, faults: list[str]) -> None:
    assert Contract(DOCUMENT).check(exchanged) == faults
