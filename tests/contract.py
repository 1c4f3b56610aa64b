"""Requests and answers, checked against Discord's published OpenAPI document.

The document is not part of this project: DISCORD_OPENAPI names a copy of
https://github.com/discord/discord-api-spec (specs/openapi.json). It may be wrong, so what is known
to be missing in it is named here.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Json = Any
BASE = "/api/v10"
NOT_DISCORD = ("unknown", "/attachments/", "/soundboard-default-sounds")


class Exchanged(Protocol):
    """One request and its answer."""

    method: str
    path: str
    route: str
    body: Json
    status: int
    answer: Json


class Contract:
    """What Discord says that its API takes and gives."""

    def __init__(self, document: Json) -> None:
        # Discord takes ids as numbers, too: discord.py writes those of attachments so.
        document["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
        self._document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:discord", resource)
        self._validator = cache(self._new_validator)
        self._template = cache(self._find_template)

    @classmethod
    def from_environment(cls) -> "Contract | None":
        """The contract of DISCORD_OPENAPI, or None where it is not set."""
        path = os.environ.get("DISCORD_OPENAPI")
        return cls(json.loads(Path(path).read_text(encoding="utf-8"))) if path else None

    def check(self, exchange: Exchanged) -> list[str]:
        """The faults of both sides; one line each."""
        if exchange.status == 0 or any(each in exchange.route for each in NOT_DISCORD):
            return []
        path = exchange.path.partition("?")[0].removeprefix(BASE)
        template = self._template(path)
        if template is None:
            return [f"{exchange.method} {path}: no such path"]
        method = exchange.method.lower()
        if method not in self._document["paths"][template]:
            return [f"{exchange.method} {template}: no such method"]
        return [
            f"{exchange.method} {template} {where}: {fault}"
            for where, pointer, value in (
                ("request", ("requestBody", "content"), exchange.body),
                ("answer", ("responses", str(exchange.status), "content"), exchange.answer),
            )
            for fault in self._faults((template, method, *pointer), value)
        ]

    def _faults(self, pointer: tuple[str, ...], value: Json) -> list[str]:
        node: Json = self._document["paths"]
        for part in pointer:
            node = node.get(part) or {}
        if value is None or "application/json" not in node:
            return []
        validator = self._validator((*pointer, "application/json", "schema"))
        return [
            f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(value)
            if not _is_known_gap(error)
        ]

    def _new_validator(self, pointer: tuple[str, ...]) -> Draft202012Validator:
        escaped = (part.replace("~", "~0").replace("/", "~1") for part in pointer)
        reference = "urn:discord#/paths/" + "/".join(escaped)
        return Draft202012Validator({"$ref": reference}, registry=self._registry)

    def _find_template(self, path: str) -> str | None:
        found = [t for t in self._document["paths"] if re.fullmatch(_pattern(t), path)]
        return min(found, key=lambda template: template.count("{"), default=None)


def _pattern(template: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))


def _is_known_gap(error: Any) -> bool:
    # A callback's answer of type 5 (deferred) is not in the document.
    return "resource" in error.absolute_path
