"""What a test can put in the way."""

import json

import aiohttp
import pytest

from tests.sandbox.conftest import Api, Json, told


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 500}, (500, 0)),
        ({"status": 403, "code": 50013, "message": "no"}, (403, 50013)),
        ({"status": 500, "is_after": True}, (500, 0)),
    ],
)
async def test_a_fault_is_met_once(api: Api, fault: Json, expected: tuple[int, int]) -> None:
    api.sandbox.fail_next("POST /channels/{channel_id}/messages", **fault)
    assert told(await api.send({"content": "x"})) == expected
    assert len(api.sandbox.messages()) == int(fault.get("is_after", False))
    assert (await api.send({"content": "x"}))[0] == 200


async def test_a_limit_says_when_to_come_again(api: Api) -> None:
    route = "GET /users/@me"
    api.sandbox.fail_next(route, status=429, retry_after_s=7.0)
    api.sandbox.fail_next(route, status=429, has_via=False)
    api.sandbox.fail_next(route, status=502, is_html=True)
    url, headers = f"{api.sandbox.api_url}/users/@me", {"Authorization": f"Bot {api.token}"}
    found = []
    for _time in range(3):
        async with api.session.get(url, headers=headers) as response:
            found.append((response.status, "Via" in response.headers, await response.text()))
    assert [each[:2] for each in found] == [(429, True), (429, False), (502, False)]
    assert json.loads(found[0][2])["retry_after"] == 7.0
    assert found[2][2] == "<html>"


async def test_a_limit_may_have_a_code_of_its_own(api: Api) -> None:
    route = "POST /channels/{channel_id}/messages"
    api.sandbox.fail_next(route, status=429, code=30046, message="too old")
    status, body = await api.send({"content": "x"})
    assert (status, body["code"], body["message"]) == (429, 30046, "too old")


async def test_a_connection_may_break(api: Api) -> None:
    api.sandbox.fail_next("POST /channels/{channel_id}/messages", is_reset=True)
    with pytest.raises(aiohttp.ClientError):
        await api.send({"content": "x"})
