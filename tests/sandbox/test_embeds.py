"""Embeds: kept, handed out and edited as Discord does, with the message's own files in them."""

from typing import Any

import pytest

from tests.sandbox.conftest import Api, Json
from tests.sandbox.test_as_discord import png


def unsigned(attachments: Any) -> list[Any]:
    """The attachments without what is signed anew each second."""
    plain = [
        {key: str(value).partition("?")[0] for key, value in each.items()} for each in attachments
    ]
    assert plain
    return plain


async def test_a_file_that_an_embed_shows_is_no_attachment(api: Api) -> None:
    embed = {"title": "a", "image": {"url": "attachment://a_b.png"}}
    _, body = await api.send({"embeds": [embed]}, files={"a b.png": png(), "c.txt": b"c"})
    assert [each["filename"] for each in body["attachments"]] == ["c.txt"]
    image = body["embeds"][0]["image"]
    assert image["url"].startswith(api.sandbox.url)
    assert (image["url"], image["width"], image["height"]) == (image["proxy_url"], 8, 4)
    async with api.session.get(image["url"]) as response:
        assert (response.status, response.content_type) == (200, "image/png")
    path = f"/channels/{body['channel_id']}/messages/{body['id']}"
    same = {"embeds": [{**embed, "image": image}]}
    _, again = await api.call("PATCH", path, same)
    assert unsigned(again["attachments"]) == unsigned(body["attachments"])
    _, plain = await api.call("PATCH", path, {"embeds": []})
    names = [each["filename"] for each in plain["attachments"]]
    assert names == ["a_b.png", "c.txt"], "it is one again"


async def test_an_embed_is_kept_as_discord_writes_it(api: Api) -> None:
    field = {"name": "a", "value": "b"}
    _, body = await api.send({"embeds": [{"title": "t", "url": None, "fields": [field], "x": 5}]})
    assert body["embeds"] == [
        {"type": "rich", "title": "t", "fields": [{**field, "inline": False}]}
    ]


@pytest.mark.parametrize(("key", "needed"), [("author", "name"), ("footer", "text")])
async def test_what_an_embed_shows_by_a_text_is_dropped_without_one(
    api: Api, key: str, needed: str
) -> None:
    icon = {"icon_url": "https://example.com/i.png"}
    wrong: list[Json] = [{}, icon, {needed: ""}, {**icon, needed: None}]
    embeds = [{"title": "t", key: each} for each in (*wrong, {**icon, needed: "a"})]
    _, body = await api.send({"embeds": embeds})
    assert [each.get(key, {}).get(needed) for each in body["embeds"]] == [None] * 4 + ["a"]
    assert [key in each for each in body["embeds"]] == [False] * 4 + [True]
