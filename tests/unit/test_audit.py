"""`make audit` against a service of vulnerabilities on loopback."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

SCRIPT = Path(__file__).parents[1] / "audit.py"
FOUND = {"vulns": [{"id": "PYSEC-1", "details": "It leaks.", "affected": [
    {"package": {"name": "safe", "ecosystem": "PyPI"}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}]}]}  # fmt: skip


@pytest.fixture
async def service() -> AsyncIterator[BaseTestServer]:
    async def query(request: web.Request) -> web.Response:
        asked = await request.json()
        answers: dict[str, web.Response] = {
            "1.0": web.json_response(FOUND),
            "5.0": web.Response(status=500),
        }
        return answers.get(asked["version"]) or web.json_response({})

    app = web.Application()
    app.router.add_post("/query", query)
    async with TestServer(app) as server:
        yield server


async def audit(lock: Path, text: str, url: Any) -> tuple[int | None, str]:
    lock.write_text(text)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), lock.name, "--osv-url", str(url), cwd=lock.parent, stdout=-1
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode().strip()


async def test_a_known_vulnerability_fails(service: BaseTestServer, tmp_path: Path) -> None:
    assert await audit(tmp_path / "lock", "safe==1.0\n", service.make_url("/query")) == (
        1,
        "safe 1.0: PYSEC-1, mended in 1.1\nlock: 1 packages audited, 1 faults",
    )


async def test_none_known_is_fine(service: BaseTestServer, tmp_path: Path) -> None:
    assert await audit(tmp_path / "lock", "safe==1.1\n", service.make_url("/query")) == (
        0,
        "lock: 1 packages audited, 0 faults",
    )


@pytest.mark.parametrize("version", ["refused", "5.0"])
async def test_data_that_cannot_be_reached_is_said_to_be_so(
    service: BaseTestServer, tmp_path: Path, version: str
) -> None:
    url = "http://127.0.0.1:1/query" if version == "refused" else f"{service.make_url('/query')}"
    text = f"safe=={version.replace('refused', '1.0')}\n"
    assert await audit(tmp_path / "lock", text, url) == (
        0,
        f"lock: NOT AUDITED: {url} cannot be reached",
    )


async def test_a_lock_that_cannot_be_read_fails(service: BaseTestServer, tmp_path: Path) -> None:
    code, out = await audit(tmp_path / "lock", "safe>=1.0\n", service.make_url("/query"))
    assert (code, out.partition(": ")[2][:18]) == (1, "cannot be audited:")
