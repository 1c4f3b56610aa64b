"""Modals, and selects of people, roles and channels: checked, filled in, and sent."""

from copy import deepcopy
from typing import Any

import pytest

from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from tests.sandbox.bodies import (
    BOXES,
    CHANNELS,
    MODALS,
    RADIO,
    SELECT,
    TEXT_INPUT,
    UPLOAD,
    USERS,
    row,
)
from tests.sandbox.bodies import label as labelled
from tests.sandbox.conftest import Api, Json, asked, places, told
from tests.sandbox.test_as_discord import events

PICTURE = File("a.png", b"a")
ROLES: Json = {"type": 6, "custom_id": "role"}
ANYONE: Json = {"type": 7, "custom_id": "any", "min_values": 0, "max_values": 3}


def modal(*components: Json) -> Json:
    return {"title": "More", "custom_id": "m", "components": list(components)}


async def shown(api: Api, mei: Member, form: Json) -> InteractionHandle:
    """An interaction that was answered by this modal."""
    handle = await asked(api, mei)
    answer = await api.respond(handle, {"type": 9, "data": form})
    assert answer[0] == 204, answer
    return handle


async def filled(api: Api, mei: Member, form: Json, **values: Any) -> Json:
    """The data of the modal as it is sent."""
    handle = await shown(api, mei, form)
    log = events(api)
    await mei.submit(handle, **values)
    return log[-1]["d"]["data"]


LABELLED = "data.components.0.component"


@pytest.mark.parametrize(
    ("component", "place"),
    [
        ({**TEXT_INPUT, "style": 3}, f"{LABELLED}.style"),
        ({**TEXT_INPUT, "custom_id": "x" * 101}, f"{LABELLED}.custom_id"),
        ({**TEXT_INPUT, "placeholder": "x" * 101}, f"{LABELLED}.placeholder"),
        ({**TEXT_INPUT, "min_length": -1}, f"{LABELLED}.min_length"),
        ({**TEXT_INPUT, "max_length": 0}, f"{LABELLED}.max_length"),
        ({**TEXT_INPUT, "max_length": 4001}, f"{LABELLED}.max_length"),
        ({**TEXT_INPUT, "min_length": 9, "max_length": 8}, f"{LABELLED}.max_length"),
        ({**TEXT_INPUT, "value": "x" * 4001}, f"{LABELLED}.value"),
        ({**SELECT, "placeholder": "x" * 151}, f"{LABELLED}.placeholder"),
        ({**SELECT, "min_values": 0}, f"{LABELLED}.min_values"),
        ({**SELECT, "disabled": True}, f"{LABELLED}.disabled"),
        ({**SELECT, "max_values": 3}, f"{LABELLED}.options"),
        ({**SELECT, "options": [SELECT["options"][0]] * 2}, f"{LABELLED}.options.1.value"),
        ({**UPLOAD, "max_values": 11}, f"{LABELLED}.max_values"),
        ({**UPLOAD, "min_values": 0}, f"{LABELLED}.min_values"),
        ({**UPLOAD, "file_types": ["png"]}, f"{LABELLED}.file_types.0"),
        ({**UPLOAD, "file_types": [f".a{n}" for n in range(11)]}, f"{LABELLED}.file_types"),
        ({**RADIO, "options": RADIO["options"][:1]}, f"{LABELLED}.options"),
        ({**BOXES, "options": BOXES["options"] * 6}, f"{LABELLED}.options"),
        ({**USERS, "default_values": [{"id": "5", "type": "role"}]}, f"{LABELLED}.default_values.0.type"),
        ({**CHANNELS, "channel_types": [99]}, f"{LABELLED}.channel_types.0"),
        ({"type": 2, "style": 1, "label": "Go", "custom_id": "go"}, LABELLED),
        ({"type": 10, "content": "x"}, LABELLED),
    ],
)  # fmt: skip
async def test_a_field_of_the_wrong_form_is_refused_with_its_place(
    api: Api, mei: Member, component: Json, place: str
) -> None:
    body = {"type": 9, "data": modal(labelled(component))}
    handle = await asked(api, mei)
    answer = await api.respond(handle, body)
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [place]
    assert handle.modal is None
    assert (await api.respond(handle, {"type": 9, "data": MODALS[0]}))[0] == 204


@pytest.mark.parametrize(
    ("form", "place"),
    [
        (modal(*[labelled(TEXT_INPUT)] * 6), "data.components"),
        (modal(labelled(TEXT_INPUT), labelled(TEXT_INPUT)), "data.components.1.component.custom_id"),
        (modal({**labelled(TEXT_INPUT), "label": "x" * 46}), "data.components.0.label"),
        (modal({**labelled(TEXT_INPUT), "description": "x" * 101}), "data.components.0.description"),
        (modal(row(TEXT_INPUT)), "data.components.0.components.0.label"),
        (modal(row({"type": 2, "style": 1, "label": "Go", "custom_id": "go"})), "data.components.0.components.0"),
        (modal({"type": 10, "content": ""}), "data.components.0.content"),
        (modal({"type": 17, "components": []}), "data.components.0"),
    ],
)  # fmt: skip
async def test_a_modal_of_the_wrong_form_is_refused_with_its_place(
    api: Api, mei: Member, form: Json, place: str
) -> None:
    answer = await api.respond(await asked(api, mei), {"type": 9, "data": form})
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [place]


async def test_a_modal_is_submitted_in_discords_shape(api: Api, mei: Member) -> None:
    discord = api.sandbox
    form = modal(*map(labelled, (TEXT_INPUT, SELECT, USERS, CHANNELS, UPLOAD)))
    thread = discord.add_thread(discord.channel, "aside")
    data = await filled(
        api, mei, form, why="fun", pick=["a", "b"], who=[mei], where=thread, file=[PICTURE]
    )
    resolved = data["resolved"]
    (file_id,) = resolved["attachments"]
    values = [each["component"] for each in data["components"]]
    assert data["custom_id"] == "m"
    assert values == [
        {"type": 4, "id": 2, "custom_id": "why", "value": "fun"},
        {"type": 3, "id": 4, "custom_id": "pick", "values": ["a", "b"]},
        {"type": 5, "id": 6, "custom_id": "who", "values": [str(mei.id)]},
        {"type": 8, "id": 8, "custom_id": "where", "values": [str(thread.id)]},
        {"type": 19, "id": 10, "custom_id": "file", "values": [file_id]},
    ]
    assert [each["type"] for each in data["components"]] == [18] * 5
    assert set(resolved["users"]) == set(resolved["members"]) == {str(mei.id)}
    assert resolved["channels"][str(thread.id)]["name"] == "aside"
    assert "permissions" in resolved["channels"][str(thread.id)]
    assert resolved["attachments"][file_id]["filename"] == "a.png"


async def test_boxes_and_circles_are_submitted_as_what_was_chosen(api: Api, mei: Member) -> None:
    form = deepcopy(MODALS[1])
    data = await filled(api, mei, form, one="a", some=["a", "b"], yes=False)
    assert [each["component"].get("value", "-") for each in data["components"]] == ["a", "-", False]
    assert data["components"][1]["component"]["values"] == ["a", "b"]
    data = await filled(api, mei, form)
    found = [each["component"] for each in data["components"]]
    assert (found[0]["value"], found[1]["values"], found[2]["value"]) == ("b", ["b"], True)
    data = await filled(api, mei, form, one=None)
    assert data["components"][0]["component"]["value"] is None
    form["components"][0]["component"]["options"] = [
        {"label": "A", "value": "a"},
        {"label": "B", "value": "b"},
    ]
    data = await filled(api, mei, form)
    assert data["components"][0]["component"]["value"] is None


async def test_a_select_that_nobody_touches_is_submitted_as_it_was_shown(
    api: Api, mei: Member
) -> None:
    role = api.sandbox.add_role(api.sandbox.guild, "Artists")
    people = {**ANYONE, "default_values": [{"id": str(mei.id), "type": "user"}]}
    roles = {**ROLES, "default_values": [{"id": str(role.id), "type": "role"}]}
    form = modal(*map(labelled, (SELECT, {**people, "min_values": 1}, roles)))
    data = await filled(api, mei, form)
    values = [each["component"]["values"] for each in data["components"]]
    assert values == [["a"], [str(mei.id)], [str(role.id)]]
    assert set(data["resolved"]) == {"users", "members", "roles"}
    data = await filled(api, mei, modal(labelled({**people, "required": False})), any=[])
    assert data["components"][0]["component"]["values"] == []


async def test_a_text_between_is_submitted_by_its_number(api: Api, mei: Member) -> None:
    data = await filled(api, mei, MODALS[2], why="fun")
    text, old = data["components"]
    assert text == {"type": 10, "id": 1}
    assert old["components"] == [{"type": 4, "id": 3, "custom_id": "why", "value": "fun"}]
    assert (old["type"], old["id"]) == (1, 2)


@pytest.mark.parametrize(
    ("component", "value", "words"),
    [
        (TEXT_INPUT, "", "wrong length"),
        (TEXT_INPUT, "x" * 21, "wrong length"),
        (SELECT, [], "choose 1 to 2"),
        (SELECT, ["c"], "choose 1 to 2"),
        (USERS, ["5"], "there is nobody"),
        (USERS, ["x"], "x is no id"),
        (ROLES, ["5"], "there is no role"),
        (CHANNELS, ["5"], "there is no channel"),
        (UPLOAD, None, "give 1 to 2 files"),
        (UPLOAD, ["a"], "expected a file"),
        (UPLOAD, [File("a.txt", b"a")], "expected a file of image"),
        (RADIO, "c", "choose one of a, b"),
        (BOXES, ["c"], "choose 1 to 2"),
    ],
)
async def test_what_discords_client_would_not_submit_is_not_sent(
    api: Api, mei: Member, component: Json, value: Any, words: str
) -> None:
    handle = await shown(api, mei, modal(labelled(component)))
    with pytest.raises(ClientRefused, match=words):
        await mei.submit(handle, **{component["custom_id"]: value})
    assert handle.modal, "it is still there to be sent"
    with pytest.raises(ClientRefused, match="there is no other to fill in"):
        await mei.submit(handle, other="x")


async def test_a_modal_of_a_button_may_change_its_message(api: Api, mei: Member) -> None:
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
    _, body = await api.send({"content": "a", "components": [row(button)]})
    message = api.sandbox.message(int(body["id"]))
    handle = await mei.press(message, "Go")
    await api.respond(handle, {"type": 9, "data": modal(labelled(TEXT_INPUT))})
    submitted = await mei.submit(handle, why="b")
    again = await api.respond(submitted, {"type": 9, "data": modal(labelled(TEXT_INPUT))})
    assert told(again) == (400, 50035)
    assert (await api.respond(submitted, {"type": 7, "data": {"content": "b"}}))[0] == 204
    assert message.content == "b"


# -- selects under a message


async def test_people_roles_and_channels_are_chosen_and_resolved(api: Api, mei: Member) -> None:
    discord = api.sandbox
    role = discord.add_role(discord.guild, "Artists")
    rows = [row(each) for each in (USERS, ROLES, ANYONE, CHANNELS)]
    _, body = await api.send({"components": rows})
    assert [each["components"][0]["min_values"] for each in body["components"]] == [1, 1, 0, 1]
    message = discord.message(int(body["id"]))
    log = events(api)

    async def chosen(custom_id: str, *values: Any) -> tuple[list[str], Json]:
        await mei.choose(message, custom_id, *values)
        data = log[-1]["d"]["data"]
        return data["values"], data.get("resolved")

    values, resolved = await chosen("who", str(mei.id))
    assert (values, set(resolved)) == ([str(mei.id)], {"users", "members"})
    assert set(resolved["members"][str(mei.id)]) & {"user", "deaf", "mute"} == set()
    values, resolved = await chosen("role", role)
    assert resolved == {"roles": {str(role.id): role.payload()}}
    values, resolved = await chosen("any", role, mei)
    assert values == [str(role.id), str(mei.id)]
    assert set(resolved) == {"roles", "users", "members"}
    assert await chosen("any") == ([], None)
    values, resolved = await chosen("where", discord.channel)
    assert resolved["channels"][str(discord.channel.id)]["type"] == 0
    voice = discord.add_channel("voice", kind=2)
    with pytest.raises(ClientRefused, match="no channel of this kind"):
        await mei.choose(message, "where", voice)
    secret = discord.add_channel("secret")
    discord.deny(secret, "view_channel", of=discord.guild.everyone)
    with pytest.raises(ClientRefused, match="there is no channel"):
        await mei.choose(message, "where", secret)
    with pytest.raises(ClientRefused, match="choose 1 to 1"):
        await mei.choose(message, "who", mei, discord.owner)
