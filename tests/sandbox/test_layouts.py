"""Messages that are made of components: checked, kept, handed out and edited as Discord does."""

from typing import Any

import pytest

from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.refusals import Refusal
from tests.sandbox.bodies import BUTTON, LAYOUT, V2, row
from tests.sandbox.conftest import COMMAND, Api, Json, asked, places, told
from tests.sandbox.test_as_discord import png
from tests.sandbox.test_mentions import heard

TEXT: Json = {"type": 10, "content": "Read this"}
PICTURE: Json = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}


def layout(*components: Json, **more: Json) -> Json:
    return {"flags": V2, "components": list(components), **more}


def container(*components: Json) -> Json:
    return {"type": 17, "components": list(components)}


async def test_a_layout_is_kept_and_handed_out_as_discord_writes_it(api: Api) -> None:
    status, body = await api.send(LAYOUT, files={"a.png": png()})
    assert status == 200, body
    assert (body["flags"], body["content"], body["attachments"]) == (V2, "", [])
    text, box, select = body["components"]
    assert (text["type"], box["type"], select["type"]) == (10, 17, 1)
    first, second, gallery, line, file, buttons = box["components"]
    numbers = [each["id"] for each in (text, box, first, second, gallery, line, file, buttons)]
    assert len(set(numbers)) == len(numbers)
    assert (box["spoiler"], line["divider"], line["spacing"]) == (False, False, 2)
    outside = first["accessory"]
    assert (outside["media"]["url"], outside["spoiler"]) == ("https://example.com/a.png", True)
    assert "attachment_id" not in outside["media"]
    own = gallery["items"][1]
    assert (own["description"], own["spoiler"]) == (None, False)
    media = own["media"]
    assert (media["width"], media["height"], media["content_type"]) == (8, 4, "image/png")
    assert media["proxy_url"] == media["url"]
    assert media["attachment_id"] == media["id"]
    async with api.session.get(media["url"]) as response:
        assert response.status == 200
    assert (file["name"], file["size"], file["spoiler"]) == ("a.png", len(png()), True)
    assert file["file"]["url"].partition("?")[0] == media["url"].partition("?")[0]


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        (layout(TEXT, content="x"), "content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
        (layout(TEXT, embeds=[{"title": "x"}]), "embeds", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
        (layout(TEXT, sticker_ids=["5"]), "sticker_ids", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
        ({"components": [TEXT]}, "components.0", "UNION_TYPE_CHOICES"),
        ({"components": [container(TEXT)]}, "components.0", "UNION_TYPE_CHOICES"),
        (layout(BUTTON), "components.0", "UNION_TYPE_CHOICES"),
        (layout(container(container(TEXT))), "components.0.components.0", "UNION_TYPE_CHOICES"),
        (layout(container()), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (layout(*[TEXT] * 41), "components", "BASE_TYPE_MAX_LENGTH"),
        (layout(container(*[TEXT] * 20), container(*[TEXT] * 19)), "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
        (layout({**TEXT, "content": "x" * 2001}, {**TEXT, "content": "x" * 2000}), "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
        (layout({**TEXT, "content": ""}), "components.0.content", "BASE_TYPE_BAD_LENGTH"),
        (layout({"type": 9, "components": [TEXT]}), "components.0.accessory", "BASE_TYPE_REQUIRED"),
        (layout({"type": 9, "components": [TEXT] * 4, "accessory": BUTTON}), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (layout({"type": 9, "components": [row(BUTTON)], "accessory": BUTTON}), "components.0.components.0", "UNION_TYPE_CHOICES"),
        (layout({"type": 12, "items": []}), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
        (layout({"type": 12, "items": PICTURE["items"] * 11}), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
        (layout(PICTURE), "components.0.items.0.media.url", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
        (layout({"type": 13, "file": {"url": "attachment://b"}}), "components.0.file.url", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
        (layout({"type": 13, "file": {"url": "https://a.b/c"}}), "components.0.file.url", "URL_TYPE_INVALID_SCHEME"),
        (layout({"type": 14, "spacing": 3}), "components.0.spacing", "BASE_TYPE_CHOICES"),
        (layout(row(BUTTON), container(row(BUTTON))), "components.1.components.0.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ],
)  # fmt: skip
async def test_a_layout_of_the_wrong_form_is_refused_with_its_place(
    api: Api, body: Json, place: str, code: str
) -> None:
    answer = await api.send(body)
    assert told(answer) == (400, 50035)
    assert places(answer[1]["errors"]) == [place]
    assert code in str(answer[1]["errors"])


async def test_what_an_edit_may_make_of_a_message(api: Api) -> None:
    _, body = await api.send({"content": "words", "embeds": [{"title": "more"}]})
    path = f"/channels/{body['channel_id']}/messages/{body['id']}"

    async def edited(**change: Any) -> tuple[int, Json]:
        return await api.call("PATCH", path, change)

    answer = await edited(**layout(TEXT))
    assert places(answer[1]["errors"]) == ["content", "embeds"], "they have to be taken away"
    _, body = await edited(**layout(TEXT, content=None, embeds=[]))
    assert (body["flags"], body["content"], len(body["components"])) == (V2, "", 1)
    answer = await edited(flags=0, components=[TEXT])
    assert "UNION_TYPE_CHOICES" in str(answer[1]["errors"])
    _, body = await edited(components=[TEXT, TEXT])
    assert (body["flags"], len(body["components"])) == (V2, 2)
    assert places((await edited(content="x"))[1]["errors"]) == ["content"]
    assert (await edited(flags=0))[1]["flags"] == V2, "it never goes away"


async def test_files_of_a_layout_stay_unless_they_are_left_out(api: Api) -> None:
    _, body = await api.send(layout(PICTURE), files={"a.png": png()})
    path = f"/channels/{body['channel_id']}/messages/{body['id']}"
    url = body["components"][0]["items"][0]["media"]["url"]
    again = layout(TEXT, {"type": 12, "items": [{"media": {"url": url}}]})
    _, body = await api.call("PATCH", path, again)
    assert body["components"][1]["items"][0]["media"]["width"] == 8
    assert (await api.call("PATCH", path, layout(PICTURE)))[0] == 200
    answer = await api.call("PATCH", path, layout(PICTURE, attachments=[]))
    assert places(answer[1]["errors"]) == ["components.0.items.0.media.url"]
    fresh = layout(PICTURE, attachments=[{"id": 0}])
    status, body = await api.call("PATCH", path, fresh, files={"a.png": png(16, 16)})
    assert (status, body["components"][0]["items"][0]["media"]["width"]) == (200, 16)


async def test_a_text_in_a_component_mentions_as_far_as_it_may(api: Api, mei: Member) -> None:
    text = {**TEXT, "content": mei.mention}
    _, body = await api.send(layout(container(text), allowed_mentions={"parse": []}))
    assert body["mentions"] == []
    path = f"/channels/{body['channel_id']}/messages/{body['id']}"
    _, body = await api.call("PATCH", path, {"components": [text]})
    assert [user["id"] for user in body["mentions"]] == [str(mei.id)], "as edits do by default"


async def test_a_deferred_answer_becomes_a_layout_with_its_edit(api: Api, mei: Member) -> None:
    handle = await asked(api, mei)
    await api.respond(handle, {"type": 5, "data": {"flags": V2}})
    assert handle.message
    assert handle.message.flags == 128
    path = api.by_token(handle, "@original")
    status, body = await api.call("PATCH", path, layout(container(row(BUTTON))))
    assert (status, body["flags"]) == (200, V2)
    log: list[Json] = []
    api.sandbox.subscribe(lambda kind, what: log.append(what) if kind == "event" else None)
    await mei.press(handle.message, "go")
    assert log[-1]["d"]["data"]["id"] == BUTTON["id"]
    assert log[-1]["d"]["message"]["components"][0]["type"] == 17


async def test_another_bots_layout_is_seen_by_whom_it_mentions_and_in_a_menu(
    api: Api, mei: Member
) -> None:
    other = api.sandbox.another_bot("Other")
    found = heard(api)
    files = [File("a.png", png())]
    hidden = await api.sandbox.send_as(other, layout(PICTURE), files=files)
    text = {**TEXT, "content": f"{api.sandbox.bot_mention} look"}
    await api.sandbox.send_as(other, layout(text, PICTURE), files=files)
    assert [len(each["components"]) for each in found] == [0, 2]
    assert found[1]["components"][1]["items"][0]["media"]["content_type"] == "image/png"
    await api.publish(COMMAND, {"name": "Look", "type": 3})
    log: list[Json] = []
    api.sandbox.subscribe(lambda kind, what: log.append(what) if kind == "event" else None)
    await mei.use("Look", hidden)
    shown = log[-1]["d"]["data"]["resolved"]["messages"][str(hidden.id)]
    assert shown["components"][0]["items"][0]["media"]["width"] == 8
    with pytest.raises(Refusal):
        await api.sandbox.send_as(other, layout(PICTURE))
