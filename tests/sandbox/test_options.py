"""Options of commands that name people, roles and channels, and what is suggested for others."""

import asyncio
from typing import Any

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.members import Member
from tests.sandbox.conftest import COMMAND, SAY, Api, Json, places, told
from tests.sandbox.test_as_discord import events


def option(kind: int, name: str, **more: Json) -> Json:
    return {"type": kind, "name": name, "description": "x", **more}


async def test_options_name_people_roles_and_channels(api: Api, mei: Member) -> None:
    discord = api.sandbox
    role = discord.add_role(discord.guild, "Artists")
    kinds = [
        option(6, "who"),
        option(8, "role"),
        option(9, "any"),
        option(7, "where", channel_types=[0]),
    ]
    await api.publish(COMMAND | {"options": kinds})
    log = events(api)
    await mei.slash("echo", who=mei, role=str(role.id), any=role, where=discord.channel)
    data = log[-1]["d"]["data"]
    ids = [str(each.id) for each in (mei, role, role, discord.channel)]
    assert [(each["type"], each["value"]) for each in data["options"]] == list(
        zip((6, 8, 9, 7), ids, strict=True)
    )
    assert set(data["resolved"]) == {"users", "members", "roles", "channels"}
    for name, value in (
        ("who", "5"),
        ("role", mei),
        ("any", "5"),
        ("where", discord.add_channel("v", kind=2)),
    ):
        given: dict[str, Any] = {name: value}
        with pytest.raises(ClientRefused):
            await mei.slash("echo", **given)


TYPED = [
    option(3, "text", autocomplete=True),
    option(4, "count", autocomplete=True),
    option(5, "yes"),
]


async def test_what_is_being_typed_is_suggested(api: Api, mei: Member) -> None:
    await api.publish(COMMAND | {"options": TYPED})
    log = events(api)
    handle = await mei.complete("echo", "text", "par", yes=True)
    event = log[-1]["d"]
    assert (event["type"], event["data"]["options"]) == (
        4,
        [
            {"name": "yes", "type": 5, "value": True},
            {"name": "text", "type": 3, "value": "par", "focused": True},
        ],
    )
    for kind in (4, 5, 9):
        answer = await api.respond(handle, {"type": kind, "data": {"content": "x"}})
        errors = answer[1]["errors"]["type"]["_errors"]
        assert errors == [{"code": "BASE_TYPE_CHOICES", "message": "Value must be one of {8}."}]
    choices = [{"name": "partly", "value": "p"}, {"name": "party", "value": "q"}]
    assert await api.respond(handle, {"type": 8, "data": {"choices": choices}}) == (204, None)
    assert handle.choices == choices
    assert told(await api.respond(handle, {"type": 8, "data": {"choices": []}})) == (400, 40060)
    sent = await mei.slash("echo", text="anything else")
    assert told(await api.respond(sent, {"type": 8, "data": {"choices": []}})) == (400, 50035)
    assert (await api.respond(sent, SAY))[0] == 204
    with pytest.raises(ClientRefused, match="nothing is suggested for yes"):
        await mei.complete("echo", "yes", "t")


@pytest.mark.parametrize(
    ("name", "choices", "fault"),
    [
        ("text", [{"name": f"{n}", "value": "a"} for n in range(26)], ("data.choices", "BASE_TYPE_MAX_LENGTH")),
        ("text", [{"name": "", "value": "a"}], ("data.choices.0.name", "BASE_TYPE_BAD_LENGTH")),
        ("text", [{"name": "x" * 101, "value": "a"}], ("data.choices.0.name", "BASE_TYPE_BAD_LENGTH")),
        ("text", [{"name": "a", "value": "x" * 101}], ("data.choices.0.value", "BASE_TYPE_BAD_LENGTH")),
        ("text", [{"name": "a", "value": 5}], ("data.choices.0.value", "STRING_TYPE_CONVERT")),
        ("count", [{"name": "a", "value": "b"}], ("data.choices.0.value", "NUMBER_TYPE_COERCE")),
        ("count", [{"name": "a"}], ("data.choices.0.value", "BASE_TYPE_REQUIRED")),
        ("count", "a", ("data.choices", "LIST_TYPE_CONVERT")),
    ],
)  # fmt: skip
async def test_suggestions_of_the_wrong_form_are_refused_with_their_place(
    api: Api, mei: Member, name: str, choices: Json, fault: tuple[str, str]
) -> None:
    await api.publish(COMMAND | {"options": TYPED})
    handle = await mei.complete("echo", name, "1")
    answer = await api.respond(handle, {"type": 8, "data": {"choices": choices}})
    assert told(answer) == (400, 50035)
    place, code = fault
    assert places(answer[1]["errors"]) == [place]
    assert code in str(answer[1]["errors"])
    assert handle.choices is None


async def test_whoever_waits_is_told_of_suggestions(api: Api, mei: Member) -> None:
    await api.publish(COMMAND | {"options": TYPED})
    handle = await mei.complete("echo", "text", "")
    waiting = asyncio.create_task(handle.responded())
    await api.respond(handle, {"type": 8, "data": {"choices": []}})
    assert (await waiting).choices == []
