import json
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.discord.slash import build_commands, differing, digest, for_users, payload
from bot.endpoints.catalogue import Endpoint, load_endpoints
from bot.endpoints.showing import EVERYONE, ONLY_ME, SPOILER
from bot.jobs.request import FieldKind
from bot.sandbox.discord.rules import check_commands
from tests.endpoints import make_endpoint, make_field


async def run(_interaction: discord.Interaction[Any], _endpoint: Endpoint, _given: Any) -> None:
    """Nothing."""


@pytest.fixture
def tree() -> app_commands.CommandTree[Any]:
    return app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))


EVERY_KIND = make_endpoint(
    "every",
    make_field("seed", FieldKind.SEED, min=0, max=2**53 - 1),
    make_field("text", FieldKind.STRING),
    make_field("steps", FieldKind.INTEGER, min=1, max=50),
    make_field("scale", FieldKind.NUMBER, min=0.5),
    make_field("free", FieldKind.NUMBER),
    make_field("hd", FieldKind.BOOLEAN),
    make_field("style", FieldKind.STRING, choices=("anime", "photo")),
    make_field("image", FieldKind.IMAGE, required=True),
)


def test_whoever_installs_it_has_what_is_about_no_server_also_among_others(
    tree: app_commands.CommandTree[Any],
) -> None:
    group = [make_endpoint(name, group="art") for name in ("One", "Two")]
    age_restricted = make_endpoint("Night", nsfw=True)
    commands = payload(build_commands([EVERY_KIND, age_restricted, *group], run), tree)
    managed = {**commands[0], "name": "here", "default_member_permissions": 32}
    found = {
        each["name"]: (each["integration_types"], each["contexts"])
        for each in for_users([*commands, managed])
    }
    assert found == {
        "art": ([0, 1], [0, 1, 2]),
        "every": ([0, 1], [0, 1, 2]),
        "night": ([0, 1], [0]),
        "here": ([0], [0, 1]),
    }
    assert {str(each["integration_types"]) for each in commands} == {"[0]"}


def test_every_kind_becomes_an_option_with_its_limits(tree: app_commands.CommandTree[Any]) -> None:
    (command,) = payload(build_commands([EVERY_KIND], run), tree)
    told = {
        o["name"]: {k: v for k, v in o.items() if k not in {"name", "description", "required"}}
        for o in command["options"]
    }
    assert told == {
        "image": {"type": 11, "file_types": ["image"]},
        "seed": {"type": 4, "min_value": 0, "max_value": 2**53 - 1},
        "text": {"type": 3, "max_length": 6000},
        "steps": {"type": 4, "min_value": 1, "max_value": 50},
        "scale": {"type": 10, "min_value": 0.5},
        "free": {"type": 10},
        "hd": {"type": 5},
        "style": {
            "type": 3,
            "choices": [{"name": "anime", "value": "anime"}, {"name": "photo", "value": "photo"}],
        },
        "show": {
            "type": 3,
            "choices": [{"name": n, "value": n} for n in (EVERYONE, SPOILER, ONLY_ME)],
        },
    }
    assert command["options"][0]["name"] == "image"  # what is needed comes first
    assert (command["contexts"], command["integration_types"]) == ([0, 1], [0])
    check_commands([command])


def test_whole_numbers_may_be_choices_of_a_number(tree: app_commands.CommandTree[Any]) -> None:
    field = make_field("scale", FieldKind.NUMBER, choices=(1, 1.5))
    (command,) = payload(build_commands([make_endpoint("every", field)], run), tree)
    assert command["options"][0]["choices"] == [
        {"name": "1", "value": 1.0},
        {"name": "1.5", "value": 1.5},
    ]


def test_endpoints_of_a_group_are_its_subcommands(tree: app_commands.CommandTree[Any]) -> None:
    grouped = [make_endpoint(name, group="cny") for name in ("snake", "horse")]
    found = payload(build_commands([*grouped, make_endpoint("新年快乐")], run), tree)
    check_commands(found)
    assert [(c["name"], [o["name"] for o in c["options"]]) for c in found] == [
        ("cny", ["snake", "horse"]),
        ("新年快乐", ["show"]),
    ]


def test_more_than_a_hundred_endpoints_fit_in_groups(tree: app_commands.CommandTree[Any]) -> None:
    many = [make_endpoint(f"e{n}", group=f"g{n // 25}") for n in range(500)]
    found = payload(build_commands(many, run), tree)
    check_commands(found)
    assert len(found) == 20


def test_a_group_counts_as_one_command_with_all_its_endpoints(
    tree: app_commands.CommandTree[Any], tmp_path: Path
) -> None:
    largest = load_endpoints(write_group(tmp_path, 55)).endpoints
    check_commands(payload(build_commands(largest, run), tree))
    path = write_group(tmp_path, 56)
    loaded = load_endpoints(path)
    check_commands(payload(build_commands(loaded.endpoints, run), tree))
    assert loaded.faults == (
        (
            f"{path}: [7]: group: expected at most 8,000 characters in the names, descriptions and"
            " choices of all endpoints of all, got 8,001"
        ),
    )


def write_group(folder: Path, length: int) -> Path:
    """Documents of one group that is as large as Discord takes where `length` is 55."""
    texts = {f"text{n}_1": {"description": "x" * 100, "choices": ["a", "b"]} for n in range(10)}
    each = {"endpointId": "b", "group": "all", "fieldIds": list(texts), "fields": texts}
    documents = [each | {"name": f"e{n}", "description": "d" * 40} for n in range(7)]
    last = {"endpointId": "b", "group": "all", "fieldIds": [], "name": "last"}
    path = folder / "all.json"
    path.write_text(json.dumps([*documents, last | {"description": "d" * length}]))
    return path


def test_the_digest_changes_with_the_commands_the_application_and_the_scope() -> None:
    digests = {
        digest([{"name": "a"}], 1, "everywhere"),
        digest([{"name": "b"}], 1, "everywhere"),
        digest([{"name": "a"}], 2, "everywhere"),
        digest([{"name": "a"}], 1, "server 5"),
    }
    assert len(digests) == 4
    assert digest([{"name": "a"}], 1, "everywhere") in digests


def as_found(command: Any) -> Any:
    """A command as Discord may show it: without what says nothing, and with what is its own."""
    own = {"id": "5", "version": "6", "application_id": "7", "name_localizations": None}
    shown = {key: value for key, value in command.items() if value not in (None, False, [])}
    options = [
        {key: value for key, value in o.items() if value is not False and key != "file_types"}
        for o in command["options"]
    ]
    return {**shown, "options": options, **own, "contexts": None, "integration_types": [0]}


def test_what_discord_shows_of_a_command_is_the_same(tree: app_commands.CommandTree[Any]) -> None:
    grouped = [make_endpoint("snake", group="cny"), make_endpoint("horse", group="cny")]
    wanted = payload(build_commands([EVERY_KIND, *grouped], run), tree)
    found = json.loads(json.dumps([as_found(each) for each in reversed(wanted)]))
    assert differing(wanted, found) == []
    assert differing(wanted, json.loads(json.dumps(wanted))) == []
    assert differing(wanted, []) == ["cny", "every"]
    assert differing([], found) == ["cny", "every"]


@pytest.mark.parametrize(
    "change",
    [
        {"description": "another"},
        {"nsfw": True},
        {"default_member_permissions": "0"},
        {"contexts": [0]},
        {"integration_types": [1]},
        {"options": []},
        {"options": [{"name": "more", "type": 3, "description": "x"}]},
    ],
)
def test_what_is_otherwise_at_discord_is_found(
    tree: app_commands.CommandTree[Any], change: dict[str, Any]
) -> None:
    wanted = payload(build_commands([EVERY_KIND], run), tree)
    assert differing(wanted, [as_found(wanted[0]) | change]) == ["every"]


@pytest.mark.parametrize(
    "change",
    [{"max_value": 9}, {"min_value": 1}, {"min_value": 0}, {"required": True}, {"type": 3}, {"choices": [{"name": "a", "value": "b"}]}, {"file_types": [".png"]}],
)  # fmt: skip
def test_what_is_otherwise_in_an_option_is_found(
    tree: app_commands.CommandTree[Any], change: dict[str, Any]
) -> None:
    wanted = payload(build_commands([EVERY_KIND], run), tree)
    found = as_found(wanted[0])
    found["options"][4] |= change
    assert differing(wanted, [found]) == ["every"]
