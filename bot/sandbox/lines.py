"""The log's lines: what went over the wire, each by its method, its route's name, and what it is about."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.sandbox.discord.requests import Exchange
from bot.sandbox.studio.jobs import FormPart
from bot.sandbox.studio.server import Call

Json = Any
MAX_ABOUT = 160  # characters
MAX_PART = 48  # of one part of a form, each of which may be what differs
MAX_TEXT, MAX_ITEMS = 2000, 50  # of one text and one list in a body that is shown
_SHOWN_ID = 8  # characters of a job's id

# What a route is called; any other one by its path.
_COMMANDS = "/applications/{application_id}/commands"
_COMMANDS_HERE = "/applications/{application_id}/guilds/{guild_id}/commands"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_ROUTES = {
    "/interactions/{interaction_id}/{token}/callback": "answer",
    "/webhooks/{application_id}/{token}": "further answer",
    "/webhooks/{application_id}/{token}/messages/{message_id}": "answer, by its token",
    "/channels/{channel_id}/messages": "messages",
    "/channels/{channel_id}": "channel",
    "/channels/{channel_id}/threads": "thread",
    _MESSAGE: "message",
    _MESSAGE + "/threads": "thread",
    _MESSAGE + "/reactions/{emoji}/@me": "reaction",
    "/attachments/{channel_id}/{attachment_id}/{filename}": "file",
    "/gateway": "gateway",
    "/gateway/bot": "gateway",
    "/users/@me": "bot",
    "/users/@me/channels": "direct message",
    "/oauth2/applications/@me": "application",
    "/applications/@me": "application",
    "/guilds/{guild_id}/members/{user_id}": "member",
    _COMMANDS: "commands",
    _COMMANDS + "/{command_id}": "command",
    _COMMANDS_HERE: "the server's commands",
    _COMMANDS_HERE + "/{command_id}": "the server's command",
    _COMMANDS_HERE + "/permissions": "who may use commands",
    _COMMANDS_HERE + "/{command_id}/permissions": "who may use a command",
}
_CALLBACKS = {5: "thinking…", 6: "an edit comes later", 7: "an edit", 8: "choices", 9: "a modal"}
_CALLS = {"submit": "new job", "status": "job", "download": "image"}
_UNSAID = {"emoji", "mentions", "referenced_message"}
_MARKS = re.compile(r"[*`]|<[@#t][^>]*>|^-# |\]\(<[^>]*>\)", re.MULTILINE)
_SAID = ("content", "title", "name", "label", "username", "filename", "description", "value")


def is_browsers(found: Exchange) -> bool:
    """Whether a browser fetched it, to show it: none of the bot's doing."""
    return "Sec-Fetch-Mode" in found.headers


def exchange(found: Exchange) -> Json:
    """A request of the bot to Discord."""
    files = [{"name": file.filename, "bytes": len(file.data)} for file in found.files]
    path = found.route.partition(" ")[2]
    said = " ".join(words(found.body or found.answer))
    parts = [_refusal(found), _subject(found, path), said, _counted(files)]
    return {
        "kind": "rest",
        "method": found.method,
        "route": _ROUTES.get(path, path),
        "status": found.status,
        "about": short(" · ".join(filter(None, parts))),
        "detail": shown(
            {"path": found.path, "body": found.body, "files": files, "answer": found.answer}
        ),
    }


def event(found: Json) -> Json:
    """An event of the gateway."""
    emoji = [found["d"]["emoji"]["name"]] if "REACTION" in found["t"] else []
    files = _counted(found["d"].get("attachments") or [])
    return {
        "kind": "gateway",
        "method": "",
        "route": found["t"],
        "status": None,
        "about": short(" ".join([*emoji, *words(found["d"]), files])),
        "detail": shown(found["d"]),
    }


def call(kind: str, found: Call) -> Json:
    """A call of the bot to the service, with its form's parts."""
    answer = _parsed(found.answer)
    form = [
        {
            "name": part.name,
            "filename": part.filename,
            "content_type": part.content_type,
            "value": _value(part),
        }
        for part in found.parts
    ]
    return {
        "kind": "studio",
        "method": found.method,
        "route": _CALLS[kind],
        "status": found.status,
        "about": _about_call(found, answer),
        "detail": shown({"path": found.path, "form": form, "answer": answer}),
    }


def words(node: Json) -> list[str]:
    """What a body says to people, each once; a message's own text comes first."""
    return list(dict.fromkeys(_words(node)))


def short(text: str, most: int = MAX_ABOUT) -> str:
    """On one line, with its begin and its end: what differs is often the last word."""
    text = " ".join(text.split())
    half = most // 2 - 2
    return text if len(text) <= most else f"{text[:half]} … {text[-half:]}"


def shown(node: Json) -> Json:
    """The body without most of what is very long."""
    if isinstance(node, dict):
        return {key: shown(value) for key, value in node.items()}
    if isinstance(node, list):
        more = [f"… {len(node) - MAX_ITEMS} more"] if len(node) > MAX_ITEMS else []
        return [shown(each) for each in node[:MAX_ITEMS]] + more
    if isinstance(node, str) and len(node) > MAX_TEXT:
        return f"{node[:MAX_TEXT]}… {len(node)} characters"
    return node


def _words(node: Json) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _words(each)
    elif isinstance(node, dict):
        yield from (_MARKS.sub("", str(node[key])) for key in _SAID if _is_said(node.get(key)))
        for key, value in node.items():
            if key not in _UNSAID and not (key == "attachments" and isinstance(value, list)):
                yield from _words(value)


def _is_said(value: Json) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _counted(files: list[Json]) -> str:
    return f"{len(files)} file{'s' if len(files) > 1 else ''}" if files else ""


def _refusal(found: Exchange) -> str:
    is_refused = found.status >= 400 and isinstance(found.answer, dict)
    return str(found.answer.get("message", "")) if is_refused else ""


def _subject(found: Exchange, path: str) -> str:
    """What the path itself is about."""
    *_, last = unquote(found.path.partition("?")[0]).split("/")
    if path.endswith("{filename}"):
        return last
    if path.endswith("/@me") and "{emoji}" in path:
        return unquote(found.path.split("/")[-2])
    if path.endswith("/callback") and isinstance(found.body, dict):
        kind = found.body.get("type")
        return _CALLBACKS.get(kind, "") if isinstance(kind, int) else ""
    return ""


def _about_call(found: Call, answer: Json) -> str:
    path = urlsplit(found.path)
    if path.path.startswith("/files/"):
        *_, job_id, number = path.path.split("/")
        return f"{number} of job {job_id[:_SHOWN_ID]}"
    form = [f"{part.name} {short(part.filename or _text(part), MAX_PART)}" for part in found.parts]
    job: Json = answer if isinstance(answer, dict) else {}
    job_id = str(job.get("job_id") or path.path.rpartition("/")[2])
    said = f"job {job_id[:_SHOWN_ID]} {job.get('job_state', '')}"
    return " · ".join(filter(None, [path.query, *form, said, short(str(job.get("error") or ""))]))


def _value(part: FormPart) -> Json:
    if part.filename is not None:
        return f"{len(part.data)} bytes"
    text = _text(part)
    found = _parsed(text)
    return found if isinstance(found, dict | list) else text


def _text(part: FormPart) -> str:
    return part.data.decode(errors="replace")


def _parsed(text: str | None) -> Json:
    """JSON where it is any, else the text."""
    with suppress(ValueError):
        return json.loads(text or "")
    return text
