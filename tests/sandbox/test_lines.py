"""What the log behind the scenes says in a line."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sandbox import lines
from bot.sandbox.discord.files import Part
from bot.sandbox.discord.requests import Exchange
from bot.sandbox.kept import Kept
from bot.sandbox.studio.jobs import FormPart
from bot.sandbox.studio.server import Call

Json = Any
ID = "1234567890123456789"
ANSWER = f"/api/v10/webhooks/{ID}/a-token-of-many-letters/messages/@original"
BY_TOKEN = "/webhooks/{application_id}/{token}/messages/{message_id}"
CALLBACK = "/interactions/{interaction_id}/{token}/callback"
REACTION = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
FILE = "/attachments/{channel_id}/{attachment_id}/{filename}"


def exchange(
    method: str,
    route: str,
    body: Json = None,
    *,
    status: int = 200,
    answer: Json = None,
    **more: Json,
) -> Exchange:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    given: Json = {"path": "/api/v10/x", "headers": {}, "files": [], **more}
    return Exchange(method=method, route=f"{method} {route}", body=body, at=at, status=status, answer=answer, **given)  # fmt: skip


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (exchange("PATCH", BY_TOKEN, {"embeds": [{"title": "Snake", "description": "Done"}]}, path=ANSWER),
         "PATCH answer, by its token 200: Snake Done"),
        (exchange("PATCH", BY_TOKEN, {"content": "Done"}, files=[Part("files[0]", "a.png", "", b"")] * 2),
         "PATCH answer, by its token 200: Done · 2 files"),
        (exchange("POST", CALLBACK, {"type": 4, "data": {"content": "Accepted"}}, status=204),
         "POST answer 204: Accepted"),
        (exchange("POST", CALLBACK, {"type": 5}, status=204), "POST answer 204: thinking…"),
        (exchange("PUT", REACTION, path="/api/v10/channels/1/messages/2/reactions/%F0%9F%94%81/@me", status=204),
         "PUT reaction 204: 🔁"),
        (exchange("GET", FILE, path="/attachments/1/2/my%20cat.png"), "GET file 200: my cat.png"),
        (exchange("GET", "/channels/{channel_id}/messages/{message_id}", status=404, answer={"message": "Unknown Message"}),
         "GET message 404: Unknown Message"),
        (exchange("PUT", "/applications/{application_id}/commands", [{"name": "a"}, {"name": "b"}]),
         "PUT commands 200: a b"),
        (exchange("GET", "/stage-instances/{channel_id}"), "GET /stage-instances/{channel_id} 200: "),
    ],
)  # fmt: skip
def test_a_request_is_told_by_its_routes_name_and_what_it_is_about(
    found: Exchange, said: str
) -> None:
    line = lines.exchange(found)
    assert f"{line['method']} {line['route']} {line['status']}: {line['about']}" == said


def test_an_event_is_told_without_what_it_answers() -> None:
    answered = {"content": "before", "author": {"username": "studio"}}
    data = {"content": "**now**", "author": {"username": "Mei"}, "referenced_message": answered}
    line = lines.event(
        {"t": "MESSAGE_CREATE", "d": {**data, "attachments": [{"filename": "a.png"}]}}
    )
    assert (line["route"], line["about"]) == ("MESSAGE_CREATE", "now Mei 1 file")


def test_a_long_text_keeps_its_end_where_lines_differ() -> None:
    prompt = "a red fox in the snow, " * 40
    done, failed = (lines.short(f"{prompt}\n\n{state}") for state in ("Done", "Failed"))
    assert done.startswith("a red fox")
    assert done.endswith("Done")
    assert failed.endswith("Failed")
    assert len(done) <= lines.MAX_ABOUT


def test_a_call_to_the_service_is_told_with_its_form_and_its_job_as_json() -> None:
    parts = [
        FormPart("image_1", "me.png", "image/png", b"abc"),
        FormPart("options", None, None, b'{"steps": [1, 2]}'),
        FormPart("seed_2", None, None, b"20"),
    ]
    answer = {"job_id": "0123456789abcdef", "job_state": "pending"}
    call = Call(method="POST", path="/api/v1/jobs?endpoint=PrOhEE", status=200, parts=parts, answer=json.dumps(answer))  # fmt: skip
    line = lines.call("submit", call)
    assert (line["method"], line["route"], line["status"]) == ("POST", "new job", 200)
    assert line["about"] == (
        'endpoint=PrOhEE · image_1 me.png · options {"steps": [1, 2]} · seed_2 20 · job 01234567 pending'
    )
    assert line["detail"]["answer"] == answer
    assert [part["value"] for part in line["detail"]["form"]] == [
        "3 bytes", {"steps": [1, 2]}, "20",
    ]  # fmt: skip
    image = Call(method="GET", path="/files/0123456789abcdef/2", status=200, parts=[], answer=None)
    assert lines.call("download", image)["about"] == "2 of job 01234567"


def test_a_form_of_long_texts_keeps_what_stands_between_them() -> None:
    texts = {"prompt_6": "a red fox, " * 90, "seed_3": "20", "negative_7": "blurry, " * 90}
    parts = [FormPart(name, None, None, text.encode()) for name, text in texts.items()]
    call = Call(method="POST", path="/api/v1/jobs?endpoint=P", status=200, parts=parts, answer="{}")
    assert " · seed_3 20 · " in lines.call("submit", call)["about"]


def test_what_a_body_says_at_length_is_shown_in_part() -> None:
    body = {"text": "x" * 5000, "list": list(range(80))}
    shown = lines.shown(body)
    assert len(shown["text"]) < 2100
    assert shown["list"][-1] == "… 30 more"
    assert lines.shown({"a": [1, "b", None]}) == {"a": [1, "b", None]}


def test_a_log_of_days_keeps_the_newest() -> None:
    log: Kept[int] = Kept()
    for number in range(5):
        log.append(number)
    assert log == [0, 1, 2, 3, 4]
    log.most = 3
    log.append(5)
    assert log == [3, 4, 5]


@pytest.mark.parametrize("body", [None, 5, [], {"type": []}, {"type": {}}, {"data": [{"a": None}]}])
def test_a_body_of_any_form_has_a_line(body: Json) -> None:
    found = lines.exchange(exchange("POST", CALLBACK, body, path="//[/callback", status=400))
    assert json.loads(json.dumps(found))["route"] == "answer"
