"""Commands: their form, their counts, and what a client makes of them."""

from typing import Any

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.pictures import sample_picture
from tests.sandbox.conftest import COMMAND, PICTURE_OPTION, Api, Json, places, told


def choices(count: int, value: Json = "a") -> list[Json]:
    return [{"name": f"c{n}", "value": value} for n in range(count)]


def options(count: int, **more: Any) -> list[Json]:
    return [{"type": 3, "name": f"o{n}", "description": "x", **more} for n in range(count)]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "x" * 33}, "0.name"),
        ({"name": ""}, "0.name"),
        ({"name": "Upper"}, "0.name"),
        ({"name": "a b"}, "0.name"),
        ({"name": "snake🐍"}, "0.name"),
        ({"description": ""}, "0.description"),
        ({"description": "x" * 101}, "0.description"),
        ({"type": 9}, "0.type"),
        ({"type": 2, "name": "x" * 33, "description": ""}, "0.name"),
        ({"type": 2, "name": "Menu", "description": "not here"}, "0.description"),
        ({"options": options(26)}, "0.options"),
        ({"options": options(1) * 2}, "0.options"),
        ({"options": options(1, description="")}, "0.options.0.description"),
        ({"options": [*options(1), {**options(2)[1], "required": True}]}, "0.options.1"),
        ({"options": options(1, type=12)}, "0.options.0.type"),
        ({"options": options(1, min_value=1)}, "0.options.0.min_value"),
        ({"options": options(1, type=4, max_value=2**60)}, "0.options.0.max_value"),
        ({"options": options(1, file_types=["image"])}, "0.options.0.file_types"),
        ({"options": options(1, type=11, file_types=["png"])}, "0.options.0.file_types"),
        ({"options": options(1, choices=choices(26))}, "0.options.0.choices"),
        ({"options": options(1, choices=choices(1) * 2)}, "0.options.0.choices"),
        ({"options": options(1, choices=choices(1, "x" * 101))}, "0.options.0.choices.0.value"),
        ({"options": options(1, choices=choices(1, 5))}, "0.options.0.choices.0.value"),
        ({"options": options(1, choices=[{"name": "", "value": "a"}])}, "0.options.0.choices.0.name"),
        ({"options": options(20, choices=choices(25, "a" * 40))}, "0"),
        ({"options": options(1, type=1, options=options(1, type=2, options=options(1, type=1)))}, "0.options.0.options.0"),
        ({"contexts": []}, "0.contexts"),
        ({"contexts": [99]}, "0.contexts.0"),
        ({"integration_types": [99]}, "0.integration_types.0"),
        ({"default_member_permissions": "all"}, "0.default_member_permissions"),
        ({"options": options(1, min_length=-7)}, "0.options.0.min_length"),
        ({"options": options(1, min_length=5, max_length=4)}, "0.options.0.max_length"),
        ({"options": options(1, type=7, channel_types=[99])}, "0.options.0.channel_types.0"),
        ({"options": options(1, choices=[{"name": "a"}])}, "0.options.0.choices.0.value"),
        ({"options": options(1, choices=choices(1), autocomplete=True)}, "0.options.0.choices"),
        ({"options": options(1, type=5, autocomplete=True)}, "0.options.0.autocomplete"),
        ({"options": "none"}, "0.options"),
    ],
)  # fmt: skip
async def test_a_command_of_the_wrong_form_is_refused_with_its_place(
    api: Api, change: Json, place: str
) -> None:
    answer = await api.publish(COMMAND | change)
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [place]
    assert api.sandbox.commands.scopes() == set()


async def test_counts_and_names_of_commands_are_held(api: Api) -> None:
    many = [COMMAND | {"name": f"c{n}"} for n in range(101)]
    assert told(await api.publish(*many)) == (400, 30032)
    assert told(await api.publish(COMMAND, COMMAND)) == (400, 50035)
    assert told(await api.publish("echo")) == (400, 50035)
    path = f"/applications/{api.sandbox.application_id}/commands"
    assert told(await api.call("PUT", path, {"name": "echo"})) == (400, 50035)
    assert told(await api.call("PUT", "/applications/5/commands", [])) == (403, 20012)
    place = f"/applications/{api.sandbox.application_id}/guilds/5/commands"
    assert told(await api.call("PUT", place, [])) == (403, 50001)


async def test_fifteen_context_menus_of_a_kind_are_the_most(api: Api) -> None:
    menus = [{"name": f"Menu {n}", "type": kind} for n in range(15) for kind in (2, 3)]
    assert (await api.publish(*menus))[0] == 200
    for kind in (2, 3):
        more = {"name": "One more", "type": kind}
        assert told(await api.publish(*menus, more)) == (400, 30032)
        path = f"/applications/{api.sandbox.application_id}/commands"
        assert told(await api.call("POST", path, more)) == (400, 30032)
    assert len(api.sandbox.commands.of(None)) == 30


async def test_a_command_is_kept_without_what_was_null(api: Api) -> None:
    option = {"type": 3, "name": "text", "description": "x"}
    nulls = {"choices": None, "min_length": None, "channel_types": None}
    _, found = await api.publish(
        {**COMMAND, "contexts": None, "default_member_permissions": 8, "options": [option | nulls]}
    )
    assert found[0]["options"] == [option]
    assert found[0]["default_member_permissions"] == "8"
    assert "contexts" not in found[0]


async def test_commands_are_added_replaced_and_listed(api: Api) -> None:
    path = f"/applications/{api.sandbox.application_id}/commands"
    status, first = await api.call("POST", path, COMMAND)
    assert status == 201
    status, second = await api.call("POST", path, COMMAND | {"description": "new"})
    assert (status, second["id"]) == (200, first["id"])
    assert [c["description"] for c in (await api.call("GET", path))[1]] == ["new"]


async def test_a_day_has_room_for_two_hundred_new_commands_of_a_place(api: Api) -> None:
    def some(first: int, last: int) -> list[Json]:
        return [COMMAND | {"name": f"e{n}"} for n in range(first, last)]

    for first in (0, 99):
        assert (await api.publish(*some(first, first + 100)))[0] == 200  # e99 was there
    assert (await api.publish())[0] == 200
    status, body = await api.publish(*some(0, 2))
    assert (status, body["code"]) == (429, 30034)
    assert 23 * 3600 < body["retry_after"] <= 24 * 3600
    assert (await api.publish(COMMAND))[0] == 200, "the last of them"
    assert (await api.publish(COMMAND | {"description": "new"}))[0] == 200, "it is there"
    path = f"/applications/{api.sandbox.application_id}/commands"
    assert told(await api.call("POST", path, some(0, 1)[0])) == (429, 30034)
    here = f"/applications/{api.sandbox.application_id}/guilds/{api.sandbox.guild.id}/commands"
    assert (await api.call("PUT", here, some(0, 2)))[0] == 200
    api.sandbox.advance(minutes=24 * 60)
    assert (await api.publish(*some(0, 2)))[0] == 200


async def test_one_command_is_read_changed_and_deleted(api: Api) -> None:
    path = f"/applications/{api.sandbox.application_id}/commands"
    _, first = await api.call("POST", path, COMMAND)
    one = f"{path}/{first['id']}"
    assert (await api.call("GET", one))[1]["name"] == "echo"
    status, changed = await api.call("PATCH", one, {"description": "new"})
    assert (status, changed["id"], changed["name"]) == (200, first["id"], "echo")
    assert told(await api.call("PATCH", one, {"description": ""})) == (400, 50035)
    assert await api.call("DELETE", one) == (204, None)
    assert told(await api.call("GET", one)) == (404, 10063)


async def test_a_change_that_is_refused_takes_no_command_away(api: Api) -> None:
    path = f"/applications/{api.sandbox.application_id}/commands"
    _, found = await api.publish(*(COMMAND | {"name": f"e{number}"} for number in range(100)))
    one = f"{path}/{found[0]['id']}"
    assert told(await api.call("PATCH", one, {"name": "Upper"})) == (400, 50035)
    assert (await api.call("GET", path))[1] == found
    await api.publish(*(COMMAND | {"name": f"f{number}"} for number in range(100)))
    _, found = await api.publish(COMMAND | {"name": "f0"})
    status, renamed = await api.call("PATCH", f"{path}/{found[0]['id']}", {"name": "g", "type": 3})
    assert (status, renamed["id"]) == (200, found[0]["id"]), "it is no new one of the day"
    assert [(each["name"], each["type"]) for each in api.sandbox.commands.of(None)] == [("g", 1)]


async def test_a_command_of_a_server_comes_before_one_that_is_everywhere(api: Api) -> None:
    guild_id = api.sandbox.guild.id
    path = f"/applications/{api.sandbox.application_id}/guilds/{guild_id}/commands"
    await api.publish(COMMAND, {"name": "echo", "type": 3}, COMMAND | {"name": "other"})
    await api.call("PUT", path, [COMMAND | {"description": "here"}])
    seen = [(c["name"], c["description"]) for c in api.sandbox.commands.seen(guild_id)]
    assert seen == [("echo", "here"), ("echo", ""), ("other", COMMAND["description"])]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "image is required"),
        ({"image": "a.png"}, "image: expected a file"),
        ({"image": File("a.txt", b"a")}, "image: expected a file of image"),
        ({"image": File("a.png", b"a"), "size": 1}, "there is no option size"),
        ({"image": File("a.png", b"a"), "seed": "1"}, "seed: '1' is of the wrong type"),
        ({"image": File("a.png", b"a"), "seed": True}, "seed: True is of the wrong type"),
        ({"image": File("a.png", b"a"), "seed": -1}, "seed: -1 is out of range"),
        ({"image": File("a.png", b"a"), "text": "x" * 11}, "text: is of the wrong length"),
        ({"image": File("a.png", b"a"), "style": "oil"}, "style: 'oil' is no choice"),
    ],
)
async def test_a_client_sends_only_what_a_command_takes(
    api: Api, mei: Member, given: Any, sentence: str
) -> None:
    seed = {"type": 4, "name": "seed", "description": "x", "min_value": 0}
    text = {"type": 3, "name": "text", "description": "x", "max_length": 10}
    style = {
        "type": 3,
        "name": "style",
        "description": "x",
        "choices": [{"name": "a", "value": "a"}],
    }
    await api.publish({**COMMAND, "options": [PICTURE_OPTION, seed, text, style]})
    with pytest.raises(ClientRefused, match=sentence):
        await mei.slash("echo", **given)


async def test_a_subcommand_is_found_by_its_path(api: Api, mei: Member) -> None:
    leaf = {"type": 1, "name": "a", "description": "x", "options": [PICTURE_OPTION]}
    await api.publish({**COMMAND, "options": [leaf]})
    handle = await mei.slash("echo a", image=File("a.png", sample_picture()))
    assert handle.metadata["name"] == "echo a"
    with pytest.raises(ClientRefused, match="there is no command echo b"):
        await mei.slash("echo b")
    with pytest.raises(ClientRefused, match="there is no command none"):
        await mei.slash("none")
