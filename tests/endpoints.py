"""Endpoints for tests: every argument has a default."""

from typing import Any

from bot.endpoints.catalogue import Endpoint
from bot.endpoints.options import Field
from bot.jobs.request import FieldKind


def make_field(name: str, kind: FieldKind, **changes: Any) -> Field:
    given: dict[str, Any] = {
        "id": f"{name}_1",
        "kind": kind,
        "name": name,
        "description": name,
        "required": False,
    }
    return Field(**(given | changes))


def make_endpoint(name: str, *fields: Field, **changes: Any) -> Endpoint:
    given: dict[str, Any] = {
        "id": name,
        "name": name,
        "command": name.lower(),
        "description": name,
        "fields": fields,
    }
    return Endpoint(**(given | changes))
