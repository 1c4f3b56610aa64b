"""Endpoint documents: whatever is in the file, it becomes commands that Discord takes, or faults."""

import json
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import app_commands
from hypothesis import event, given

from bot.discord.origins import request_of
from bot.discord.reply import draw
from bot.discord.slash import build_commands, digest, payload
from bot.endpoints.catalogue import Endpoint, Loaded, load_endpoints
from bot.endpoints.documents import FieldKeys
from bot.endpoints.offer import Offer, checked, offer_of
from bot.errors import Refused, SetupError
from bot.jobs.added import Rows
from bot.jobs.request import FieldKind
from bot.jobs.tables import columns, job_of
from bot.sandbox.discord.rules import check_commands, check_message
from tests.fuzz.strategies import bodies
from tests.jobs import make_job

REAL = [json.loads(p.read_bytes()) for p in Path("endpoints").glob("*.json")]
FULL = {
    "name": "Paint",
    "endpointId": "abc",
    "description": "Paints",
    "group": "art",
    "credits": 10,
    "fieldIds": ["strength_1", "data[x#2][style]", "size_3", "hd_4", "text_5", "seed_6", "text_7"],
    "fields": {
        "strength_1": {"kind": "number", "min": 0, "max": 1.5, "default": 1, "choices": [0.5, 1]},
        "data[x#2][style]": {"choices": ["anime", "photo"], "required": True, "name": "look"},
        "size_3": {"kind": "integer", "min": 1, "max": 4096, "default": 512},
        "hd_4": {"kind": "boolean", "default": True, "description": "Sharper"},
        "seed_6": {"kind": "seed", "choices": [1, 2, 3]},
    },
}
PARTS = [*FieldKind, *FieldKeys.model_fields, "a_1", "___1", "seed_" + "9" * 40, 2**53 + 1]


async def run(_interaction: discord.Interaction[Any], _endpoint: Endpoint, _given: Any) -> None:
    """Nothing."""


@pytest.fixture(scope="module")
def tree() -> app_commands.CommandTree[Any]:
    return app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))


def loaded(path: Path) -> Loaded | None:
    """What the file gives; None where it is told in lines what is wrong."""
    try:
        return load_endpoints(path)
    except SetupError as error:
        assert error.faults
        for fault in error.faults:
            assert fault.strip() == fault != "", "one line each"
            assert len(fault.splitlines()) == 1, "one line each"
            assert len(fault) < 1000
        return None


@given(body=bodies(*REAL, FULL, [*REAL, FULL], parts=PARTS))
def test_any_document_becomes_commands_that_discord_takes_or_faults(
    tmp_path: Path, tree: app_commands.CommandTree[Any], body: bytes
) -> None:
    path = tmp_path / "any.json"
    path.write_bytes(body)
    with suppress(Refused):
        for command, text in checked(body, "any.json", Offer()).documents.items():
            (again,) = offer_of([], Rows(documents={command: text})).endpoints
            assert again.qualified_name == command
    if found := loaded(path):
        event("it became commands")
        commands = payload(build_commands(found.endpoints, run), tree)
        sent = json.loads(json.dumps(commands, allow_nan=False))
        check_commands(sent)
        digest(commands, 1, "everywhere")
        assert all(len(warning) < 1000 for warning in found.warnings)
        for endpoint in found.endpoints:
            with suppress(Refused):
                request = request_of(endpoint, {}, lambda low, _high: low)
                job = make_job(request=request)
                assert job_of(SimpleNamespace(**columns(job), redraw=False, cancelled=False)) == job
                check_message({"content": draw(job).text}, [], limit_bytes=1)
