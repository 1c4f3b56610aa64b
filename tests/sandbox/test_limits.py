"""Rate limits: off in tests unless one turns them on, and then as Discord has them."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.control import Control
from bot.sandbox.discord.limits import MAX_INVALID
from bot.sandbox.discord.members import Member
from bot.sandbox.examples import SNAKE
from bot.sandbox.run import sandboxes
from tests.sandbox.conftest import SAY, Api, Json, asked, path_of, sent
from tests.sandbox.test_gateway import closed_with, connected, identity

Headers = dict[str, str]


async def ask(api: Api, method: str, path: str, body: Json = None) -> tuple[int, Headers, Any]:
    """Status, headers and body of an answer."""
    headers = {"Authorization": f"Bot {api.token}"}
    url = api.sandbox.api_url + path
    async with api.session.request(method, url, json=body, headers=headers) as response:
        found = await response.json() if response.content_type == "application/json" else None
        return response.status, dict(response.headers), found


def limit(headers: Headers) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key.startswith("X-RateLimit")}


async def test_nothing_is_limited_unless_somebody_turns_it_on(api: Api) -> None:
    for _time in range(7):
        path = f"/channels/{api.sandbox.channel.id}/messages"
        status, headers, _ = await ask(api, "POST", path, {"content": "x"})
        assert (status, limit(headers)) == (200, {})


async def test_the_demo_is_limited_until_its_switch_is_off(tmp_path: Path) -> None:
    (tmp_path / "snake.json").write_text(json.dumps(SNAKE))
    async with sandboxes(tmp_path) as (discord, studio), Control(discord, studio) as control:
        found = [discord.limits.is_on]
        for is_on in (False, True):
            body = {"name": "rate-limits", "is_on": is_on}
            async with (
                aiohttp.ClientSession(control.url) as page,
                page.post("control/switch", json=body) as response,
            ):
                assert response.status == 200
            found.append(discord.limits.is_on)
    assert found == [True, False, True]


async def test_messages_are_limited_by_channel_and_edits_beside_them(api: Api) -> None:
    message = await sent(api)
    other = api.sandbox.add_channel("other")
    api.sandbox.limits.is_on = True
    path = f"/channels/{message.channel.id}/messages"
    told_of = [(await ask(api, "POST", path, {"content": "x"}))[1] for _ in range(5)]
    assert [each["X-RateLimit-Remaining"] for each in told_of] == ["4", "3", "2", "1", "0"]
    assert {each["X-RateLimit-Limit"] for each in told_of} == {"5"}
    assert 0 < float(told_of[-1]["X-RateLimit-Reset-After"]) <= 5
    status, headers, body = await ask(api, "POST", path, {"content": "x"})
    assert status == 429
    assert (body["global"], body["message"]) == (False, "You are being rate limited.")
    assert 0 < body["retry_after"] <= 5
    assert headers["X-RateLimit-Scope"] == "user"
    assert 1 <= int(headers["Retry-After"]) <= 5
    assert "Via" in headers
    status, headers, _ = await ask(api, "PATCH", path_of(message), {"content": "y"})
    assert (status, headers["X-RateLimit-Remaining"]) == (200, "4")
    assert headers["X-RateLimit-Bucket"] == told_of[0]["X-RateLimit-Bucket"]
    elsewhere = f"/channels/{other.id}/messages"
    assert (await ask(api, "POST", elsewhere, {"content": "x"}))[0] == 200
    api.sandbox.advance(seconds=5)
    assert (await ask(api, "POST", path, {"content": "x"}))[0] == 200
    assert limit((await ask(api, "GET", path))[1]) == {}


async def test_reactions_say_that_they_are_slower_than_they_are(api: Api) -> None:
    message = await sent(api)
    api.sandbox.limits.is_on = True
    path = path_of(message) + "/reactions/🔁/@me"
    status, headers, _ = await ask(api, "PUT", path)
    assert (status, headers["X-RateLimit-Remaining"]) == (204, "0")
    assert 0.7 < float(headers["X-RateLimit-Reset-After"]) <= 1
    api.sandbox.advance(seconds=0.25)
    assert (await ask(api, "PUT", path))[0] == 204


async def test_a_token_has_limits_of_its_own_and_an_answer_has_none(api: Api, mei: Member) -> None:
    api.sandbox.limits.is_on = True
    handles = [await asked(api, mei) for _ in range(2)]
    for handle in handles:
        assert (await api.respond(handle, SAY))[0] == 204
    first, second = (api.by_token(handle, "@original") for handle in handles)
    statuses = [(await ask(api, "PATCH", first, {"content": "x"}))[0] for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert (await ask(api, "PATCH", second, {"content": "x"}))[0] == 200
    paths = [api.by_token(handle) for handle in handles * 3]
    statuses = [(await ask(api, "POST", path, {"content": "x"}))[0] for path in paths]
    assert statuses == [200] * 5 + [429], "follow-ups share what their application has"


async def test_fifty_requests_a_second_are_the_most_all_in_all(api: Api, mei: Member) -> None:
    api.sandbox.limits.is_on = True
    handle = await asked(api, mei)
    answers = [await ask(api, "GET", "/users/@me") for _ in range(51)]
    status, headers, body = answers[-1]
    if status == 200:
        return  # it took this machine more than a second
    assert (status, body["global"], headers["X-RateLimit-Global"]) == (429, True, "true")
    assert headers["X-RateLimit-Scope"] == "global"
    assert (await api.respond(handle, SAY))[0] == 204, "interactions are not counted"


async def test_old_messages_are_edited_more_slowly(api: Api) -> None:
    message = await sent(api)
    api.sandbox.limits.is_on = True
    api.sandbox.advance(minutes=61)
    answers = [await ask(api, "PATCH", path_of(message), {"content": "x"}) for _ in range(4)]
    assert [status for status, _, _ in answers] == [200] * 3 + [429]
    _, _, body = answers[-1]
    assert body["code"] == 30046
    assert 0 < body["retry_after"] <= 6
    api.sandbox.advance(seconds=6)
    assert (await ask(api, "PATCH", path_of(message), {"content": "x"}))[0] == 200


async def test_who_is_wrong_too_often_gets_no_answer_any_more(api: Api) -> None:
    limits = api.sandbox.limits
    for _time in range(MAX_INVALID):
        limits.note(403)
    assert (await ask(api, "GET", "/users/@me"))[0] == 200
    limits.is_on = True
    status, headers, body = await ask(api, "GET", "/users/@me")
    assert (status, "Via" in headers, body) == (429, False, None)
    api.sandbox.advance(minutes=11)
    assert (await ask(api, "GET", "/users/@me"))[0] == 200


async def test_starts_of_sessions_are_counted_and_two_at_once_are_too_many(api: Api) -> None:
    async def left() -> int:
        _, body = await api.call("GET", "/gateway/bot")
        return int(body["session_start_limit"]["remaining"])

    assert await left() == 1000
    api.sandbox.limits.is_on = True
    first = await connected(api)
    await first.tell(2, identity(api))
    session = (await first.event("READY"))["session_id"]
    assert await left() == 999
    again = await connected(api)
    await again.tell(6, {"token": api.token, "session_id": session, "seq": 1})
    await again.event("RESUMED")
    assert await left() == 999, "a resume is no start"
    second = await connected(api)
    await second.tell(2, identity(api))
    assert (await second.receive())["op"] == 9
    api.sandbox.advance(seconds=5)
    await second.tell(2, identity(api))
    await second.event("GUILD_CREATE")
    assert await left() == 997
    _, body = await api.call("GET", "/gateway/bot")
    assert 86_000_000 < body["session_start_limit"]["reset_after"] <= 86_400_000


async def test_who_says_too_much_in_a_minute_is_closed(api: Api) -> None:
    api.sandbox.limits.is_on = True
    listener = await connected(api)
    for _time in range(121):
        await listener.tell(1, None)
    assert await closed_with(listener) == 4008


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_fault_may_be_a_limit_of_any_scope(api: Api, scope: str) -> None:
    api.sandbox.fail_next("GET /users/@me", status=429, scope=scope, retry_after_s=7.5)
    status, headers, body = await ask(api, "GET", "/users/@me")
    assert (status, headers["X-RateLimit-Scope"], headers["Retry-After"]) == (429, scope, "8")
    assert body == {
        "message": "You are being rate limited.",
        "code": 0,
        "retry_after": 7.5,
        "global": scope == "global",
    }
