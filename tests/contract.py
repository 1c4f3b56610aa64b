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
from urllib.parse import quote

from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError

Json = Any
BASE = "/api/v10"
DEPTH = 7  # of objects in each other, of an example
# What events bring is in no schema of its own: the objects in them are, by where they stand.
EVENTS = {
    "GUILD_CREATE": {
        "": "GuildResponse",
        "roles.*": "GuildRoleResponse",
        "members.*": "GuildMemberResponse",
        "channels.*": "GuildChannelResponse",
        "threads.*": "ThreadResponse",
    },
    **{f"CHANNEL_{what}": {"": "GuildChannelResponse"} for what in ("CREATE", "UPDATE", "DELETE")},
    **{f"THREAD_{what}": {"": "ThreadResponse"} for what in ("CREATE", "UPDATE")},
    **{f"GUILD_ROLE_{what}": {"role": "GuildRoleResponse"} for what in ("CREATE", "UPDATE")},
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE": {"": "CommandPermissionsResponse"},
    "READY": {"user": "UserPIIResponse"},
    "MESSAGE_CREATE": {"": "MessageResponse"},
    "MESSAGE_UPDATE": {"": "MessageResponse"},
    "MESSAGE_REACTION_ADD": {"member": "GuildMemberResponse"},
    "GUILD_MEMBERS_CHUNK": {"members.*": "GuildMemberResponse"},
    "INTERACTION_CREATE": {
        "user": "UserResponse",
        "member": "GuildMemberResponse",
        "message": "MessageResponse",
        "data.resolved.users.*": "UserResponse",
        "data.resolved.roles.*": "GuildRoleResponse",
        "data.resolved.messages.*": "MessageResponse",
        "data.resolved.attachments.*": "MessageAttachmentResponse",
    },
}
# What a server has only where it is asked for over HTTP.
ONLY_ASKED = ("home_header", "region", "widget_", "max_presences", '"nsfw"')
NOT_DISCORD = ("unknown", "/attachments/", "/soundboard-default-sounds", "/skus")


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
        self._registry = Registry([("urn:discord", document)], draft=Draft202012)
        self._patterns = {
            template: re.compile(_pattern(template)) for template in document["paths"]
        }
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

    def check_event(self, name: str, data: Json) -> list[str]:
        """The faults of what the gateway brought; one line each."""
        return [
            f"{name} {where or 'itself'}: {fault}"
            for where, schema in EVENTS.get(name, {}).items()
            for each in _found(data, where.split(".") if where else [])
            for fault in self._faults_of(each, "components", "schemas", schema)
            if not any(key in fault for key in ONLY_ASKED)
        ]

    def example(self, method: str, route: str) -> Json:
        """A body with all that a route's may have, or None where it takes none."""
        template = self._template(re.sub(r"\{[^}]*\}", "5", route))
        found: Json = self._document["paths"].get(template, {}).get(method.lower(), {})
        for part in ("requestBody", "content", "application/json", "schema"):
            found = found.get(part, {})
        return self._example(found) if found else None

    def _example(self, schema: Json, depth: int = 0) -> Json:
        if name := schema.get("$ref", "").rpartition("/")[2]:
            return self._example(self._document["components"]["schemas"][name], depth)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                choices = [each for each in schema[key] if each.get("type") != "null"]
                return self._example(choices[0], depth)
        if "enum" in schema or "const" in schema:
            return schema["enum"][0] if "enum" in schema else schema["const"]
        kind = schema.get("type", "object")
        kind = kind if isinstance(kind, str) else kind[0]
        if kind == "object":
            wanted = schema.get("properties", {}) if depth < DEPTH else {}
            return {name: self._example(each, depth + 1) for name, each in wanted.items()}
        if kind == "array":
            return [self._example(schema["items"], depth + 1)] * max(1, schema.get("minItems", 0))
        return {
            "string": "5" * max(1, schema.get("minLength", 0)),
            "boolean": True,
            "integer": max(1, schema.get("minimum", 0)),
            "number": 1.5,
        }.get(kind)

    def _faults(self, pointer: tuple[str, ...], value: Json) -> list[str]:
        node: Json = self._document["paths"]
        for part in pointer:
            node = node.get(part) or {}
        if value is None or "application/json" not in node:
            return []
        return self._faults_of(value, "paths", *pointer, "application/json", "schema")

    def _faults_of(self, value: Json, *pointer: str) -> list[str]:
        validator = self._validator(pointer)
        return [
            f"{'.'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in validator.iter_errors(value)
            if not _is_known_gap(error)
        ]

    def _new_validator(self, pointer: tuple[str, ...]) -> Draft202012Validator:
        escaped = (quote(part.replace("~", "~0").replace("/", "~1")) for part in pointer)
        reference = "urn:discord#/" + "/".join(escaped)
        return Draft202012Validator({"$ref": reference}, registry=self._registry)

    def _find_template(self, path: str) -> str | None:
        found = [
            template for template, pattern in self._patterns.items() if pattern.fullmatch(path)
        ]
        return min(found, key=lambda template: template.count("{"), default=None)


def _found(value: Json, path: list[str]) -> list[Json]:
    """What stands there, if it does; a star is for each of a list, or of an object's values."""
    if not path:
        return [value]
    if path[0] == "*":
        inner = value.values() if isinstance(value, dict) else value
        return [found for each in inner for found in _found(each, path[1:])]
    return _found(value[path[0]], path[1:]) if path[0] in value else []


@cache
def _pattern(template: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))


def _is_known_gap(error: ValidationError) -> bool:
    """Whether the document is silent there: of callbacks' answers of type 5, forwards, media channels.

    Permissions are written in digits, as the pages about commands have them.
    """
    path, value = error.instance_path, error.instance
    is_in_digits = "default_member_permissions" in path and str(value).isdigit()
    is_media = isinstance(value, dict) and value.get("type") == 16 and "recipients" not in value
    is_forward = isinstance(value, dict) and _is_forward(value.get("message_reference"))
    is_silent = is_in_digits or is_media or (is_forward and "referenced_message" in path)
    return is_silent or "resource" in path or "message_reference" in path


def _is_forward(reference: Json) -> bool:
    return isinstance(reference, dict) and reference.get("type") == 1
