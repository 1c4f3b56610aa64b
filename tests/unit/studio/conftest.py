"""A client of the local service, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.files.outside import Outside
from bot.sandbox.studio.server import StudioSandbox
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from bot.studio.replies import StudioJob
from tests.samples.pictures import picture

KEY = "sandbox-key"


@pytest.fixture
async def service() -> AsyncIterator[StudioSandbox]:
    async with StudioSandbox() as sandbox:
        yield sandbox


@asynccontextmanager
async def client(url: str, **options: Any) -> AsyncIterator[InstantStudio]:
    given: dict[str, Any] = {"url": url, "key": SecretStr(KEY), "requests_per_second": 500.0}
    async with Outside.open() as way_out:
        yield InstantStudio(way_out, **(given | options))


@pytest.fixture
async def studio(service: StudioSandbox) -> AsyncIterator[InstantStudio]:
    async with client(service.url) as found:
        yield found


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    path = tmp_path / "me.png"
    path.write_bytes(picture())
    return Upload(field_id="load_image_22", filename="me.png", media_type="image/png", path=path)


async def submit(studio: InstantStudio, upload: Upload, seed: str = "20") -> StudioJob:
    return await studio.submit("PrOhEE", [("seed_56", seed)], [upload])
