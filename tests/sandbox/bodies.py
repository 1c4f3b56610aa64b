"""Bodies that Discord takes, with all that they may have, for each route that takes one."""

from typing import Any

Json = Any
ALL = {"users": [], "roles": [], "parse": ["everyone"], "replied_user": False}
EMBED: Json = {
    "title": "a title",
    "description": "words",
    "url": "https://example.com/a",
    "color": 0x1F7A6D,
    "timestamp": "2026-01-01T00:00:00+00:00",
    "author": {"name": "Mei", "url": "https://example.com", "icon_url": "https://example.com/i"},
    "footer": {"text": "below", "icon_url": "https://example.com/i"},
    "image": {"url": "https://example.com/i.png"},
    "thumbnail": {"url": "https://example.com/t.png"},
    "fields": [{"name": "Seed", "value": "20", "inline": True}],
}
BUTTON: Json = {
    "type": 2,
    "id": 7,
    "style": 1,
    "label": "Go",
    "custom_id": "go",
    "emoji": {"id": None, "name": "🔁"},
    "disabled": False,
}
LINK: Json = {"type": 2, "style": 5, "label": "Look", "url": "https://example.com"}
SELECT: Json = {
    "type": 3,
    "custom_id": "pick",
    "placeholder": "A mood",
    "min_values": 1,
    "max_values": 2,
    "options": [
        {"label": "A", "value": "a", "description": "first", "default": True},
        {"label": "B", "value": "b", "emoji": {"name": "🔁"}},
    ],
}
USERS: Json = {"type": 5, "custom_id": "who", "default_values": [{"id": "5", "type": "user"}]}
CHANNELS: Json = {"type": 8, "custom_id": "where", "channel_types": [0, 11]}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


MESSAGE: Json = {
    "content": "hello",
    "tts": False,
    "embeds": [EMBED],
    "flags": 0,
    "nonce": "abc",
    "enforce_nonce": False,
    "allowed_mentions": {"parse": ["everyone"], "users": ["5"], "roles": ["6"]},
    "components": [row(BUTTON, LINK), row(SELECT), row(USERS), row(CHANNELS)],
    "attachments": [],
}
V2 = 1 << 15
_SHOWN: Json = {"media": {"url": "https://example.com/a.png"}, "description": "a", "spoiler": True}
_TEXT: Json = {"type": 10, "content": "Read this"}
LAYOUT: Json = {
    "flags": V2,
    "components": [
        _TEXT,
        {
            "type": 17,
            "accent_color": 0x1F7A6D,
            "spoiler": False,
            "components": [
                {"type": 9, "components": [_TEXT] * 3, "accessory": {"type": 11, **_SHOWN}},
                {"type": 9, "components": [_TEXT], "accessory": {**BUTTON, "custom_id": "other"}},
                {"type": 12, "items": [_SHOWN, {"media": {"url": "attachment://a.png"}}]},
                {"type": 14, "divider": False, "spacing": 2},
                {"type": 13, "file": {"url": "attachment://a.png"}, "spoiler": True},
                row(BUTTON),
            ],
        },
        row(SELECT),
    ],
}
TEXT_INPUT: Json = {
    "type": 4,
    "custom_id": "why",
    "style": 1,
    "value": "fun",
    "placeholder": "Say why",
    "required": True,
    "min_length": 1,
    "max_length": 20,
}
_CHOSEN = [{"label": "A", "value": "a"}, {"label": "B", "value": "b", "default": True}]
UPLOAD: Json = {
    "type": 19,
    "custom_id": "file",
    "min_values": 1,
    "max_values": 2,
    "file_types": ["image"],
}
RADIO: Json = {"type": 21, "custom_id": "one", "options": _CHOSEN, "required": False}
BOXES: Json = {"type": 22, "custom_id": "some", "options": _CHOSEN, "max_values": 2}


def label(component: Json) -> Json:
    return {"type": 18, "label": "How", "description": "In a word", "component": component}


MODALS: list[Json] = [
    {"title": "More", "custom_id": "m", "components": [*map(label, inputs)]}
    for inputs in (
        (TEXT_INPUT, {**SELECT, "disabled": False}, USERS, CHANNELS, UPLOAD),
        (RADIO, BOXES, {"type": 23, "custom_id": "yes", "default": True}),
    )
] + [
    {
        "title": "More",
        "custom_id": "m",
        "components": [{"type": 10, "content": "Read"}, row({**TEXT_INPUT, "label": "Why?"})],
    }
]


def option(kind: int, **more: Json) -> Json:
    return {"type": kind, "name": f"o{kind}", "description": "x", **more}


_OPTIONS = [
    option(11, required=True, file_types=["image"]),
    option(3, min_length=0, max_length=20, name_localizations={"de": "ein"}),
    option(4, min_value=0, max_value=2**53 - 1, choices=[{"name": "one", "value": 1}]),
    option(10, min_value=0.5, autocomplete=True),
    option(7, channel_types=[0]),
    *map(option, (5, 6, 8, 9)),
]
COMMANDS: list[Json] = [
    {
        "name": "echo",
        "description": "Says it again",
        "type": 1,
        "nsfw": False,
        "dm_permission": True,
        "default_member_permissions": 8,
        "contexts": [0, 1],
        "integration_types": [0],
        "options": _OPTIONS,
    },
    {
        "name": "photo",
        "description": "Photos",
        "options": [option(2, options=[option(1, options=[option(5)])])],
    },
    {"name": "Look at it", "type": 3, "contexts": [0]},
]
