"""Discord's rate limits, as its documentation and live answers tell of them."""

import json
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.sandbox.discord import server
from bot.sandbox.discord.limits import Limits
from bot.sandbox.discord.requests import Exchange

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TOKEN = "PATCH /webhooks/{application_id}/{token}/messages/{message_id}"


def exchange(route: str, path: str) -> Exchange:
    method = route.partition(" ")[0]
    return Exchange(
        method=method, path=f"/api/v10{path}", route=route, headers={}, body=None, files=[], at=NOW
    )


def answers(limits: Limits, route: str, path: str, times: int) -> list[web.Response | None]:
    return [limits.take(exchange(route, path))[1] for _ in range(times)]


def body(response: web.Response | None) -> dict[str, object]:
    assert response
    return dict(json.loads(response.text or ""))


@pytest.fixture
def limits() -> Limits:
    return Limits(is_on=True)


def test_a_channel_takes_five_messages_and_another_one_its_own(limits: Limits) -> None:
    *fine, refused = answers(limits, server.SEND, "/channels/1/messages", 6)
    assert fine == [None] * 5
    assert answers(limits, server.SEND, "/channels/2/messages", 1) == [None]
    told = body(refused)
    assert (told["message"], told["global"]) == ("You are being rate limited.", False)
    assert 4 < float(str(told["retry_after"])) <= 5
    assert refused
    said = refused.headers
    assert (said["Via"], said["X-RateLimit-Scope"], said["X-RateLimit-Remaining"]) == (
        "1.1 google",
        "user",
        "0",
    )


def test_sending_and_editing_have_one_name_and_count_apart(limits: Limits) -> None:
    sent, _ = limits.take(exchange(server.SEND, "/channels/1/messages"))
    edited, _ = limits.take(exchange(server.EDIT, "/channels/1/messages/5"))
    reacted, _ = limits.take(exchange(server.REACT, "/channels/1/messages/5/reactions/x/@me"))
    assert sent["X-RateLimit-Bucket"] == edited["X-RateLimit-Bucket"]
    assert sent["X-RateLimit-Bucket"] != reacted["X-RateLimit-Bucket"]
    assert [h["X-RateLimit-Remaining"] for h in (sent, edited, reacted)] == ["4", "4", "0"]


def test_a_token_has_its_own_and_no_part_of_what_all_share(limits: Limits) -> None:
    for number in range(60):
        path = f"/webhooks/1/token{number}/messages/5?with_components=1"
        assert answers(limits, TOKEN, path, 1) == [None]
    assert answers(limits, TOKEN, "/webhooks/1/token1/messages/5", 5)[4] is not None
    assert answers(limits, server.LOOK, "/channels/1/messages/5", 1) == [None]


def test_all_requests_of_the_bot_are_fifty_a_second(limits: Limits) -> None:
    *fine, refused = answers(limits, server.LOOK, "/channels/1/messages/5", 51)
    assert fine == [None] * 50
    assert body(refused)["global"] is True


def test_edits_of_old_messages_have_a_limit_of_their_own() -> None:
    limits = Limits(is_on=True, is_old=lambda _exchange: True)
    *fine, refused = answers(limits, server.EDIT, "/channels/1/messages/5", 4)
    assert fine == [None] * 3
    assert body(refused)["code"] == 30046
